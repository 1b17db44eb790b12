"""Rules for operations that join tensors."""

from __future__ import annotations

from functools import reduce

from netspec.ops.merge import Add, Average, Concat, Divide, Matmul, Maximum, Merge, Multiply, Stack, Subtract

from .lowered import Lowered, Site, batchless, expression, lower, overwriting

batchless(Merge, Concat, Matmul, Stack)

LONGEST = 1000
"""Maximum number of terms in one expression; Python cannot parse expressions of several thousand terms."""
DEEPEST_NESTING = 50
"""Maximum nesting depth of calls; Python can parse about a hundred."""


def terms(site: Site) -> list[str]:
    """Returns all inputs, aligned for broadcasting."""
    return [site.aligned(i, site.y.rank) for i in range(len(site.xs))]


def joined(site: Site, sign: str) -> str:
    """Returns all inputs joined by an operator."""
    return f" {sign} ".join(terms(site))


def long_sum(site: Site) -> str:
    """Returns the sum of all inputs, as a call of ``sum`` if there are too many for one expression."""
    if len(site.xs) <= LONGEST:
        return joined(site, "+")
    first, *rest = terms(site)
    return f"sum(({', '.join(rest)}), {first})"


@lower.rule(Add)
def add(op: Add, site: Site) -> Lowered:
    """A sum; in place if possible, as in hand-written residual blocks."""
    if site.inplace and 1 < len(site.xs) <= LONGEST and site.x.shape == site.y.shape and site.batch[0] == site.lead:
        return overwriting(f"{{0}} += {' + '.join(terms(site)[1:])}")
    return expression(long_sum(site))


@lower.rule(Subtract)
def subtract(op: Subtract, site: Site) -> Lowered:
    """A difference."""
    return expression(joined(site, "-"))


@lower.rule(Multiply)
def multiply(op: Multiply, site: Site) -> Lowered:
    """A product; of many inputs, a product of partial products."""
    each = terms(site)
    while len(each) > LONGEST:
        groups = [each[i : i + LONGEST] for i in range(0, len(each), LONGEST)]
        each = [f"({' * '.join(group)})" if len(group) > 1 else group[0] for group in groups]
    return expression(" * ".join(each))


@lower.rule(Divide)
def divide(op: Divide, site: Site) -> Lowered:
    """A quotient."""
    return expression(joined(site, "/"))


@lower.rule(Maximum)
def maximum(op: Maximum, site: Site) -> Lowered:
    """``torch.maximum`` of two at a time, from the left; pairwise if the nesting would be too deep."""
    each = terms(site)
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
    total = long_sum(site)
    return expression(f"{total if total.startswith('sum(') else f'({total})'} / {len(site.xs)}")


@lower.rule(Concat)
def concat(op: Concat, site: Site) -> Lowered:
    """``torch.cat``."""
    if len(site.xs) == 1:
        return expression("{0}")
    lead = site.lead
    each = [site.whole(i) if lead == "N" or site.batch[i] == lead else f"{{{i}}}[None]" for i in range(len(site.xs))]
    dim = op.axis if lead == "0" else op.axis + 1
    return expression(f"torch.cat(({', '.join(each)}), dim={{dim}})", dim=dim)


@lower.rule(Stack)
def stack(op: Stack, site: Site) -> Lowered:
    """``torch.stack``."""
    lead = site.lead
    each = [site.whole(i) if lead == "N" or site.batch[i] == lead else f"{{{i}}}[None]" for i in range(len(site.xs))]
    tensors = ", ".join(each) + ("," if len(each) == 1 else "")
    return expression(f"torch.stack(({tensors}), dim={{dim}})", dim=op.axis if lead == "0" else op.axis + 1)


@lower.rule(Matmul)
def matmul(op: Matmul, site: Site) -> Lowered:
    """A matrix product."""
    return expression(joined(site, "@"))
