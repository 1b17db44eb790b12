"""The rule for rotary position embedding."""

from __future__ import annotations

from netspec.ops.rotary import Rotary

from .lowered import Literal, Lowered, Site, batchless, expression, lower

batchless(Rotary)


@lower.rule(Rotary)
def rotary(op: Rotary, site: Site) -> Lowered:
    """Functions of the library: one rotates the pairs, the other computes the angles unless they are an input."""
    first, dims = op.turned(site.x)
    holes: dict[str, Literal] = {"heads": op.heads}
    if not op.angles:
        angles = "rotary_angles({0}, {dims}, {theta})"
        holes |= {"dims": dims, "theta": op.theta}
    elif site.xs[1].rank == 2:
        angles = f"{site.aligned(1, site.x.rank)}[..., None, :]"
    else:
        angles = f"{site.aligned(1, site.x.rank + 1)}.transpose(-3, -2)"
    text = f"rotary({site.whole(0)}, {{heads}}, {angles}"
    if first:
        text += ", first={first}"
        holes["first"] = first
    if op.pairs == "interleaved":
        text += ", interleaved=True"
    return expression(text + ")", **holes)
