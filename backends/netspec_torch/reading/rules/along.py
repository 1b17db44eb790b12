"""Operations along an axis."""

from __future__ import annotations

from typing import Any

from ..reader import ProgramReader
from ..values import OperatorCall, ProgramTensor
from .registry import rule


@rule("cumsum")
def cumsum(reader: ProgramReader, call: OperatorCall, x: ProgramTensor, dim: int, **_: Any) -> ProgramTensor:
    """The sums up to each position."""
    from dataclasses import replace

    x = reader.placed(x)
    return reader.result("cumsum", [x], replace(x, dtype=call.dtype), {"axis": reader.axis(x, dim)})


@rule("flip")
def flip(reader: ProgramReader, call: OperatorCall, x: ProgramTensor, dims: Any) -> ProgramTensor:
    """Reverses axes."""
    x = reader.placed(x)
    return reader.unary("flip", x, {"axis": [reader.axis(x, d) for d in dims]})


@rule("roll")
def roll(reader: ProgramReader, call: OperatorCall, x: ProgramTensor, shifts: Any, dims: Any = ()) -> ProgramTensor:
    """Rotates axes."""
    x = reader.placed(x)
    return reader.unary("roll", x, {"shift": list(shifts), "axis": [reader.axis(x, d) for d in dims]})
