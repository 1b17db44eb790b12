"""Rules for reductions."""

from __future__ import annotations

from netspec.ops.reduce import Max, Mean, Min, Prod, Reduction, Sum, Var

from .lowered import Literal, Lowered, Site, batchless, expression, lower, numbered

batchless(Reduction)


def reduction_method(method: str, op: Reduction, site: Site) -> Lowered:
    """Calls a method over the reduced axes."""
    axes = tuple(site.axis(a) for a in op.reduced(site.x))
    if not axes:
        return expression("{0}")
    text, holes = numbered("dim", axes)
    dims = text if len(axes) == 1 else f"({text})"
    return expression(f"{{0}}.{method}({dims}{', keepdim=True' if op.keepdims else ''})", **holes)


@lower.rule(Mean)
def mean(op: Mean, site: Site) -> Lowered:
    """``mean``."""
    return reduction_method("mean", op, site)


@lower.rule(Sum)
def sum_(op: Sum, site: Site) -> Lowered:
    """``sum``."""
    if not op.reduced(site.x):
        return expression("{0}" if site.x.dtype == site.y.dtype else "{0}.long()")
    return reduction_method("sum", op, site)


@lower.rule(Max)
def max_(op: Max, site: Site) -> Lowered:
    """``amax``."""
    return reduction_method("amax", op, site)


@lower.rule(Min)
def min_(op: Min, site: Site) -> Lowered:
    """``amin``."""
    return reduction_method("amin", op, site)


@lower.rule(Prod)
def prod(op: Prod, site: Site) -> Lowered:
    """``prod``, which supports one axis at a time."""
    axes = [site.axis(a) for a in op.reduced(site.x)]
    if not axes:
        return expression("{0}" if site.x.dtype == site.y.dtype else "{0}.long()")
    text, holes = "{0}", dict[str, Literal]()
    for number, axis in enumerate(sorted(axes, reverse=True)):
        text += f".prod({{dim{number}}}{', keepdim=True' if op.keepdims else ''})"
        holes[f"dim{number}"] = axis
    return expression(text, **holes)


@lower.rule(Var)
def var(op: Var, site: Site) -> Lowered:
    """``var``."""
    axes = tuple(site.axis(a) for a in op.reduced(site.x))
    if not axes:
        return expression("{0} * 0")
    text, holes = numbered("dim", axes)
    dims = text if len(axes) == 1 else f"({text})"
    more = "" if op.correction == 1 else f", correction={op.correction}"
    return expression(f"{{0}}.var({dims}{more}{', keepdim=True' if op.keepdims else ''})", **holes)
