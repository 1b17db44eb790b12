"""Rules for reductions."""

from __future__ import annotations

from netspec.ops.reduce import Max, Mean, Reduction, Sum

from .lowered import Lowered, Site, batchless, expression, lower, numbered

batchless(Reduction)


def over(method: str, op: Reduction, site: Site) -> Lowered:
    """A method over the reduced axes."""
    axes = tuple(site.axis(a) for a in op.reduced(site.x))
    if not axes:
        return expression("{0}")
    text, holes = numbered("dim", axes)
    dims = text if len(axes) == 1 else f"({text})"
    return expression(f"{{0}}.{method}({dims}{', keepdim=True' if op.keepdims else ''})", **holes)


@lower.rule(Mean)
def mean(op: Mean, site: Site) -> Lowered:
    """``mean``."""
    return over("mean", op, site)


@lower.rule(Sum)
def sum_(op: Sum, site: Site) -> Lowered:
    """``sum``."""
    if not op.reduced(site.x):
        return expression("{0}" if site.x.dtype == site.y.dtype else "{0}.long()")
    return over("sum", op, site)


@lower.rule(Max)
def max_(op: Max, site: Site) -> Lowered:
    """``amax``."""
    return over("amax", op, site)
