"""Elementwise arithmetic."""

from __future__ import annotations

from netspec.ops.activation import Activation
from netspec.ops.elementwise import (
    Abs,
    Cast,
    Clamp,
    Cos,
    Erf,
    Exp,
    Log,
    Rescale,
    Sign,
    Sin,
    Sqrt,
    Square,
    StopGradient,
    Tan,
)

from ..builder.site import Site
from ..builder.value_info import ELEMENT, GraphValue
from .rule_table import Results, lower


@lower.rule(Abs, Sqrt, Exp, Log, Sin, Cos, Tan, Erf, Sign)
def same_name(op: Activation, site: Site) -> Results:
    """The ONNX operator of the same name."""
    return site.result(type(op).__name__, site.inputs[0])


@lower.rule(StopGradient)
def stop_gradient(op: StopGradient, site: Site) -> Results:
    """``Identity``."""
    return site.result("Identity", site.inputs[0])


@lower.rule(Square)
def square(op: Square, site: Site) -> Results:
    """``x * x``."""
    x = site.inputs[0]
    return site.result("Mul", x, x)


@lower.rule(Cast)
def cast(op: Cast, site: Site) -> Results:
    """``Cast``."""
    return site.result("Cast", site.inputs[0], to=ELEMENT[site.element(op.to)])


@lower.rule(Clamp)
def clamp(op: Clamp, site: Site) -> Results:
    """``Clip``."""
    x = site.inputs[0]
    low = None if op.low is None else site.constant("low", op.low, x)
    high = None if op.high is None else site.constant("high", op.high, x)
    return site.result("Clip", x, low, high)


@lower.rule(Rescale)
def rescale(op: Rescale, site: Site) -> Results:
    """``x * factor + offset``, without a factor of 1 or an offset of 0."""
    x = site.inputs[0]
    multiplies, adds = any(f != 1.0 for f in op.factor), any(o != 0.0 for o in op.offset)
    if not adds:
        return site.result("Mul", x, _per_channel(site, "factor", op.factor, x))
    offset = _per_channel(site, "offset", op.offset, x)
    return site.result(
        "Add",
        site.add("Mul", x, _per_channel(site, "factor", op.factor, x), name="scaled") if multiplies else x,
        offset,
    )


def _per_channel(site: Site, name: str, numbers: tuple[float, ...], x: GraphValue) -> GraphValue:
    """Returns a constant: one number, or one per channel."""
    if len(numbers) == 1:
        return site.constant(name, numbers[0], x)
    channel = site.input_types[0].channel
    assert channel is not None
    return site.constant(name, numbers, x, (len(numbers), *(1,) * (x.rank - 1 - channel)))
