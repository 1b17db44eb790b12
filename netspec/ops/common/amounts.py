"""Arguments of operations that change sizes: amounts to add or remove, sizes, scales, and the mode of interpolation."""

from __future__ import annotations

from typing import Any, Literal, TypeAlias, TypeVar

from ..argument import Validator
from .validators import COUNT, POSITIVE, integer, items, one_of, optional

T = TypeVar("T")
Amount: TypeAlias = "tuple[tuple[int, int], ...]"


def _amount(value: Any, rank: int) -> Amount:
    if not isinstance(value, (list, tuple)):
        n = integer(value, 0)
        return ((n, n),)
    given = items(value)
    if given and all(isinstance(entry, (list, tuple)) for entry in given):
        pairs = [tuple(integer(v, 0) for v in items(entry)) for entry in given]
    else:
        pairs = [tuple(integer(v, 0) for v in given)]
    if not pairs or any(len(pair) != 2 for pair in pairs):
        raise ValueError
    return tuple((before, after) for before, after in pairs)


def _per_axis(validator: Validator[T]) -> Validator[tuple[T, ...] | None]:
    def parse(value: Any, rank: int) -> tuple[T, ...]:
        many = items(value) if isinstance(value, (list, tuple)) else (value,)
        parsed = tuple(validator.parse(v, rank) for v in many)
        if not parsed:
            raise ValueError
        return parsed

    many = {"type": "array", "items": validator.schema, "minItems": 1}
    description = f"{validator.description}, or a list of one per axis"
    return optional(Validator(description, {"anyOf": [validator.schema, many]}, parse))


_N = {"type": "integer", "minimum": 0}
_PAIR = {"type": "array", "items": _N, "minItems": 2, "maxItems": 2}
AMOUNT = Validator(
    "a number, [before, after], or a list of such pairs, one per axis",
    {"anyOf": [_N, _PAIR, {"type": "array", "items": _PAIR, "minItems": 1}]},
    _amount,
)
SIZES = _per_axis(COUNT)
SCALES = _per_axis(POSITIVE)
Mode: TypeAlias = Literal["nearest", "linear", "bilinear", "trilinear", "bicubic"]
MODE: Validator[Mode] = one_of("nearest", "linear", "bilinear", "trilinear", "bicubic")
