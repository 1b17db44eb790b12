"""Rules for arithmetic on single values."""

from __future__ import annotations

from netspec.ops.elementwise import Abs, Clamp, Exp, Log, Rescale, Sqrt, Square

from .lowered import Lowered, Site, expression, lower


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


@lower.rule(Clamp)
def clamp(op: Clamp, site: Site) -> Lowered:
    """``clamp``."""
    given = {"min": op.low, "max": op.high}
    holes = {name: value for name, value in given.items() if value is not None}
    return expression(f"{{0}}.clamp({', '.join(f'{name}={{{name}}}' for name in holes)})", **holes)


@lower.rule(Rescale)
def rescale(op: Rescale, site: Site) -> Lowered:
    """Numbers for all values, or a small tensor with one per channel."""
    channel = site.x.channel
    after = site.x.rank - (channel if channel is not None else 0) - 1

    def term(name: str, values: tuple[float, ...]) -> tuple[str, float | tuple[float, ...]]:
        if len(values) == 1:
            return f"{{{name}}}", values[0]
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
