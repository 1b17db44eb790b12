"""Rules for arithmetic on single values."""

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
from netspec.shapes.types import INTEGERS

from .lowered import Lowered, Site, batchless, expression, lower

batchless(Cast)


@lower.rule(Abs)
def absolute(op: Abs, site: Site) -> Lowered:
    """``abs``."""
    return expression("{0}.abs()")


@lower.rule(Square)
def square(op: Square, site: Site) -> Lowered:
    """``square``."""
    return expression("{0}.square()")


@lower.rule(Sqrt)
def sqrt(op: Sqrt, site: Site) -> Lowered:
    """``sqrt``."""
    return expression("{0}.sqrt()")


@lower.rule(Exp)
def exp(op: Exp, site: Site) -> Lowered:
    """``exp``."""
    return expression("{0}.exp()")


@lower.rule(Log)
def log(op: Log, site: Site) -> Lowered:
    """``log``."""
    return expression("{0}.log()")


@lower.rule(Cast)
def cast(op: Cast, site: Site) -> Lowered:
    """``to``."""
    return expression(f"{{0}}.to(torch.{op.to})")


@lower.rule(Sin, Cos, Tan, Erf, Sign)
def same_name(op: Activation, site: Site) -> Lowered:
    """The method of the same name."""
    return expression(f"{{0}}.{op.name}()")


@lower.rule(StopGradient)
def stop_gradient(op: StopGradient, site: Site) -> Lowered:
    """``detach``."""
    return expression("{0}.detach()")


@lower.rule(Clamp)
def clamp(op: Clamp, site: Site) -> Lowered:
    """``clamp``."""
    bounds = {"min": op.low, "max": op.high}
    holes = {name: _number(value, site) for name, value in bounds.items() if value is not None}
    return expression(f"{{0}}.clamp({', '.join(f'{name}={{{name}}}' for name in holes)})", **holes)


@lower.rule(Rescale)
def rescale(op: Rescale, site: Site) -> Lowered:
    """Arithmetic with numbers for all values, or with a small tensor of numbers per channel."""
    channel = site.x.channel
    after = site.x.rank - (channel if channel is not None else 0) - 1

    def term(name: str, values: tuple[float, ...]) -> tuple[str, float | tuple[float, ...]]:
        if len(values) == 1:
            return f"{{{name}}}", _number(values[0], site)
        return f"per_channel({{0}}, {{{name}}}, {after})", values

    text, holes = "{0}", {}
    factor, holes["factor"] = term("factor", op.factor)
    offset, holes["offset"] = term("offset", op.offset)
    if op.factor != (1.0,) or op.offset == (0.0,):
        text += f" * {factor}"
    else:
        del holes["factor"]
    if op.offset != (0.0,):
        text += f" + {offset}"
    else:
        del holes["offset"]
    return expression(text, **holes)


def _number(value: float, site: Site) -> float:
    """Converts a number to an integer for integer inputs, which preserves the type."""
    return int(value) if site.x.dtype in INTEGERS else value
