"""Arithmetic on single values."""

from __future__ import annotations

from netspec.ops.activation import Activation
from netspec.ops.elementwise import Abs, Clamp, Exp, Log, Rescale, Sqrt, Square

from ..builder.site import Site
from ..builder.value_info import Value
from .base import Results, lower


@lower.rule(Abs, Sqrt, Exp, Log)
def same_name(op: Activation, site: Site) -> Results:
    """ONNX has them under the same name."""
    return site.result(type(op).__name__, site.inputs[0])


@lower.rule(Square)
def square(op: Square, site: Site) -> Results:
    """``x * x``."""
    x = site.inputs[0]
    return site.result("Mul", x, x)


@lower.rule(Clamp)
def clamp(op: Clamp, site: Site) -> Results:
    """``Clip``."""
    x = site.inputs[0]
    low = None if op.low is None else site.number("low", op.low, x)
    high = None if op.high is None else site.number("high", op.high, x)
    return site.result("Clip", x, low, high)


@lower.rule(Rescale)
def rescale(op: Rescale, site: Site) -> Results:
    """``x * factor + offset``, leaving out what changes nothing."""
    x = site.inputs[0]
    multiplies, adds = any(f != 1.0 for f in op.factor), any(o != 0.0 for o in op.offset)
    if not adds:
        return site.result("Mul", x, _numbers(site, "factor", op.factor, x))
    offset = _numbers(site, "offset", op.offset, x)
    return site.result(
        "Add", site.add("Mul", x, _numbers(site, "factor", op.factor, x), what="scaled") if multiplies else x, offset
    )


def _numbers(site: Site, what: str, numbers: tuple[float, ...], x: Value) -> Value:
    """One number, or one for each channel."""
    if len(numbers) == 1:
        return site.number(what, numbers[0], x)
    channel = site.input_types[0].channel
    assert channel is not None
    return site.number(what, numbers, x, (len(numbers), *(1,) * (x.rank - 1 - channel)))
