"""Operations along an axis."""

from __future__ import annotations

from typing import Any

from ..reader import Reader
from ..values import Call, Value
from .registry import rule


@rule("cumsum")
def cumsum(reader: Reader, call: Call, x: Value, dim: int, **_: Any) -> Value:
    """The sums up to each position."""
    from dataclasses import replace

    x = reader.placed(x)
    return reader.result("cumsum", [x], replace(x, dtype=call.dtype), {"axis": reader.axis(x, dim)})


@rule("flip")
def flip(reader: Reader, call: Call, x: Value, dims: Any) -> Value:
    """The positions of axes in the opposite order."""
    x = reader.placed(x)
    return reader.unary("flip", x, {"axis": [reader.axis(x, d) for d in dims]})


@rule("roll")
def roll(reader: Reader, call: Call, x: Value, shifts: Any, dims: Any = ()) -> Value:
    """Positions shifted along axes, from the end to the beginning."""
    x = reader.placed(x)
    return reader.unary("roll", x, {"shift": list(shifts), "axis": [reader.axis(x, d) for d in dims]})
