"""Rules for operations that choose, order and move elements."""

from __future__ import annotations

from netspec.ops.choice import Argmax, Argmin, Extremum, OneHot, ScatterAdd, Sort, TakeAlong, TopK
from netspec.shapes.sizes import is_same

from .lowered import Expr, Lowered, Site, batchless, expression, lower

batchless(TopK, Sort, Extremum, OneHot)


@lower.rule(TopK)
def top_k(op: TopK, site: Site) -> Lowered:
    """``topk``, or a function of the library if the mask is used."""
    holes = {"k": op.k, "dim": site.axis(op.axis)}
    if len(site.used) == 3 and site.used[2]:
        return Lowered(None, Expr("top_k({0}, {k}, {dim})", holes))
    return Lowered(None, Expr("{0}.topk({k}, dim={dim})", holes), returns=2)


@lower.rule(Sort)
def sort(op: Sort, site: Site) -> Lowered:
    """``sort``, stable."""
    descending = ", descending=True" if op.descending else ""
    return expression(f"{{0}}.sort(dim={{dim}}{descending}, stable=True)", dim=site.axis(op.axis))


@lower.rule(Argmax)
def argmax(op: Argmax, site: Site) -> Lowered:
    """``argmax``."""
    return position("argmax", op, site)


@lower.rule(Argmin)
def argmin(op: Argmin, site: Site) -> Lowered:
    """``argmin``."""
    return position("argmin", op, site)


def position(method: str, op: Extremum, site: Site) -> Lowered:
    """Calls a method along the axis."""
    return expression(f"{{0}}.{method}({{dim}}{', keepdim=True' if op.keepdims else ''})", dim=site.axis(op.axis))


@lower.rule(OneHot)
def one_hot(op: OneHot, site: Site) -> Lowered:
    """``F.one_hot``, converted to float."""
    return expression(f"F.one_hot({long(0, site)}, {{classes}}).float()", classes=op.classes)


@lower.rule(TakeAlong)
def take_along(op: TakeAlong, site: Site) -> Lowered:
    """``gather``; a function of the library if input and index are broadcast.

    PyTorch's ``take_along_dim`` would read arbitrary memory for an index that is too large.
    """
    sizes = zip(site.xs[0].shape, site.xs[1].shape, strict=True)
    same = all(a == op.axis or is_same(n, m) for a, (n, m) in enumerate(sizes))
    call = "{0}.gather({dim}, INDEX)" if same and site.batch[0] == site.batch[1] else "take_along({0}, INDEX, {dim})"
    return expression(call.replace("INDEX", long(1, site)), dim=site.axis(op.axis))


@lower.rule(ScatterAdd)
def scatter_add(op: ScatterAdd, site: Site) -> Lowered:
    """A function of the library."""
    call = f"scatter_add({{0}}, {long(1, site)}, {{dim}}, {{size}})"
    return expression(call, dim=site.axis(op.axis), size=op.size)


def long(number: int, site: Site) -> str:
    """An input as int64, the only type of indices that PyTorch's functions accept."""
    return f"{{{number}}}" if site.xs[number].dtype == "int64" else f"{{{number}}}.long()"
