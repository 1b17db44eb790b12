"""Rules for operations that join tensors."""

from __future__ import annotations

from functools import reduce

from netspec.ops.merge import Add, Average, Concat, Divide, Matmul, Maximum, Merge, Multiply, Subtract

from .lowered import Lowered, Site, batchless, expression, lower, overwriting

batchless(Merge, Concat, Matmul)

LONGEST_SUM = 1000
"""Terms with signs between them. Python cannot read an expression of some thousands of signs."""
DEEPEST_NESTING = 50
"""Calls within calls. Python cannot read more than about a hundred."""


def joined(site: Site, sign: str) -> str:
    """All inputs with an operator between them, broadcast from the right."""
    return f" {sign} ".join(site.aligned(i, site.y.rank) for i in range(len(site.xs)))


@lower.rule(Add)
def add(op: Add, site: Site) -> Lowered:
    """A sum; in place of its first input where possible, as in residual blocks written by hand."""
    if len(site.xs) > LONGEST_SUM:
        first, *rest = (site.aligned(i, site.y.rank) for i in range(len(site.xs)))
        return expression(f"sum(({', '.join(rest)}), {first})")
    if site.inplace and len(site.xs) > 1 and site.x.shape == site.y.shape and site.batch[0] == site.lead:
        return overwriting(f"{{0}} += {' + '.join(site.aligned(i, site.y.rank) for i in range(1, len(site.xs)))}")
    return expression(joined(site, "+"))


@lower.rule(Subtract)
def subtract(op: Subtract, site: Site) -> Lowered:
    """A difference."""
    return expression(joined(site, "-"))


@lower.rule(Multiply)
def multiply(op: Multiply, site: Site) -> Lowered:
    """A product."""
    return expression(joined(site, "*"))


@lower.rule(Divide)
def divide(op: Divide, site: Site) -> Lowered:
    """A quotient."""
    return expression(joined(site, "/"))


@lower.rule(Maximum)
def maximum(op: Maximum, site: Site) -> Lowered:
    """``torch.maximum``, of two at a time: from the left, or pair by pair where that would be too deep a nesting."""
    each = [site.aligned(i, site.y.rank) for i in range(len(site.xs))]
    while len(each) > DEEPEST_NESTING:
        each = [larger(*each[i : i + 2]) for i in range(0, len(each), 2)]
    return expression(reduce(larger, each))


def larger(first: str, second: str = "") -> str:
    """The elementwise maximum of two expressions, or the first alone."""
    return f"torch.maximum({first}, {second})" if second else first


@lower.rule(Average)
def average(op: Average, site: Site) -> Lowered:
    """A sum, divided."""
    if len(site.xs) == 1:
        return expression("{0}")
    return expression(f"({joined(site, '+')}) / {len(site.xs)}")


@lower.rule(Concat)
def concat(op: Concat, site: Site) -> Lowered:
    """``torch.cat``."""
    if len(site.xs) == 1:
        return expression("{0}")
    lead = site.lead
    each = [site.whole(i) if lead == "N" or site.batch[i] == lead else f"{{{i}}}[None]" for i in range(len(site.xs))]
    dim = op.axis if lead == "0" else op.axis + 1
    return expression(f"torch.cat(({', '.join(each)}), dim={{dim}})", dim=dim)


@lower.rule(Matmul)
def matmul(op: Matmul, site: Site) -> Lowered:
    """A matrix product."""
    return expression(joined(site, "@"))
