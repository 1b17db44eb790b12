"""Lists of sizes and positions as arguments: shapes, parts, ends and steps."""

from __future__ import annotations

from typing import Any

from ...limits import OUTPUTS, SIZE
from ...shapes.sizes import is_named
from ..argument import Validator
from .validators import integer, items, size


def _sizes(value: Any, window_rank: int) -> tuple[int, ...]:
    return tuple(-1 if type(v) in (int, float) and v == -1 else size(v, 1) for v in items(value))


def _sizes_with_one_open(value: Any, window_rank: int) -> tuple[int, ...]:
    sizes = _sizes(value, window_rank)
    if sizes.count(-1) > 1:
        raise ValueError("a list of sizes of which one may be -1")
    return sizes


def _parts(value: Any, window_rank: int) -> int | tuple[int, ...]:
    if isinstance(value, (list, tuple)):
        sizes = tuple(size(v, 1) for v in items(value))
        if not 0 < len(sizes) <= OUTPUTS:
            raise ValueError
        return sizes
    return integer(value, 1, OUTPUTS)


def _steps(least: int, words: str, *, nullable: bool = False, named: bool = False) -> Validator[Any]:
    """A number, or a list of one per axis named.

    With ``nullable`` an entry may be null, with ``named`` a size that depends on named dimensions.
    """

    def parse_item(value: Any) -> int | None:
        if nullable and value is None:
            return None
        return value if named and is_named(value) else integer(value, least)

    def parse(value: Any, window_rank: int) -> tuple[int | None, ...]:
        many = items(value) if isinstance(value, (list, tuple)) else (value,)
        parsed = tuple(parse_item(v) for v in many)
        if not parsed:
            raise ValueError
        return parsed

    item: dict[str, Any] = {"type": ["integer", "null"] if nullable else "integer"}
    return Validator(f"{words}, or a list of one per axis", {"anyOf": [item, {"type": "array", "items": item}]}, parse)


_SIZE = {"type": "integer", "minimum": 1}
_OPEN = {"type": "array", "items": {"anyOf": [_SIZE, {"const": -1}]}}
OPEN_SHAPE = Validator("a list of sizes of which one may be -1", _OPEN, _sizes_with_one_open)
KEPT_SHAPE = Validator("a list of sizes, with -1 for those to keep", _OPEN, _sizes)
PARTS = Validator(
    f"a number of equal parts, or a list of sizes, at most {OUTPUTS:,}",
    {
        "anyOf": [
            {**_SIZE, "maximum": OUTPUTS},
            {"type": "array", "items": _SIZE, "minItems": 1, "maxItems": OUTPUTS},
        ]
    },
    _parts,
)
ENDS = _steps(1 - SIZE, "an integer", nullable=True, named=True)
STEPS = _steps(1, "a positive integer")
SHIFTS = _steps(1 - SIZE, "an integer", named=True)
