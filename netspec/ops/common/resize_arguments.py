"""Arguments of operations that change sizes: amounts to add or remove, sizes, scales, and the mode of interpolation."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, Literal, TypeAlias, TypeVar

from ...limits import SIZE
from ...shapes.sizes import is_named
from ..argument import Validator
from .validators import POSITIVE, integer, items, one_of, optional, size

T = TypeVar("T")
Amount: TypeAlias = "tuple[tuple[int, int], ...]"


def _amount(value: Any, window_rank: int) -> Amount:
    return _pairs(value, lambda v: size(v, 0))


def _signed_amount(value: Any, window_rank: int) -> Amount:
    return _pairs(value, lambda v: v if is_named(v) else integer(v, 1 - SIZE))


def _pairs(value: Any, number: Callable[[Any], int]) -> Amount:
    if not isinstance(value, (list, tuple)):
        n = number(value)
        return ((n, n),)
    entries = items(value)
    if entries and all(isinstance(entry, (list, tuple)) for entry in entries):
        pairs = [tuple(number(v) for v in items(entry)) for entry in entries]
    else:
        pairs = [tuple(number(v) for v in entries)]
    if not pairs or any(len(pair) != 2 for pair in pairs):
        raise ValueError
    return tuple((before, after) for before, after in pairs)


def _per_axis(validator: Validator[T]) -> Validator[tuple[T, ...] | None]:
    def parse(value: Any, window_rank: int) -> tuple[T, ...]:
        many = items(value) if isinstance(value, (list, tuple)) else (value,)
        parsed = tuple(validator.parse(v, window_rank) for v in many)
        if not parsed:
            raise ValueError
        return parsed

    many = {"type": "array", "items": validator.schema, "minItems": 1}
    description = f"{validator.description}, or a list of one per axis"
    return optional(Validator(description, {"anyOf": [validator.schema, many]}, parse))


def _amounts(number: dict[str, Any], parse: Callable[[Any, int], Amount]) -> Validator[Amount]:
    pair = {"type": "array", "items": number, "minItems": 2, "maxItems": 2}
    schema = {"anyOf": [number, pair, {"type": "array", "items": pair, "minItems": 1}]}
    return Validator("a number, [before, after], or a list of such pairs, one per axis", schema, parse)


AMOUNT = _amounts({"type": "integer", "minimum": 0}, _amount)
SIGNED_AMOUNT = _amounts({"type": "integer"}, _signed_amount)
SIZES = _per_axis(Validator("a positive integer", {"type": "integer", "minimum": 1}, lambda v, rank: size(v, 1)))
SCALES = _per_axis(POSITIVE)
Mode: TypeAlias = Literal["nearest", "linear", "bilinear", "trilinear", "bicubic"]
MODE: Validator[Mode] = one_of("nearest", "linear", "bilinear", "trilinear", "bicubic")
