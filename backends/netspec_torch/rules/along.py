"""Rules for operations that run along an axis."""

from __future__ import annotations

from netspec.ops.along import Cumsum, Flip, Recurrence

from .lowered import Lowered, Site, batchless, expression, lower, numbered

batchless(Cumsum, Flip)


@lower.rule(Cumsum)
def cumsum(op: Cumsum, site: Site) -> Lowered:
    """``cumsum``."""
    return expression("{0}.cumsum({dim})", dim=site.axis(op.axis))


@lower.rule(Flip)
def flip(op: Flip, site: Site) -> Lowered:
    """``flip``."""
    text, holes = numbered("dim", tuple(site.axis(a) for a in op.axis))
    return expression(f"{{0}}.flip({text})", **holes)


@lower.rule(Recurrence)
def recurrence(op: Recurrence, site: Site) -> Lowered:
    """A function of the library."""
    return expression("recurrence({0}, {1}, {dim})", dim=site.axis(op.axis))
