"""Rules for operations that randomly drop values in training.

Rates are often computed, such as 0.1 * 3 / 8. They are written with twelve digits (0.0375), which is more precision
than a probability needs.
"""

from __future__ import annotations

from netspec.ops.regularise import Dropout, DropPath, SpatialDropout

from .lowered import Lowered, Site, applied, batchless, lower, module

batchless(Dropout)


def rate(op: Dropout | SpatialDropout | DropPath) -> float:
    """The rate, rounded for the text."""
    return float(f"{op.rate:.12g}")


@lower.rule(Dropout)
def dropout(op: Dropout, site: Site) -> Lowered:
    """``nn.Dropout``."""
    return module("nn.Dropout", p=rate(op))


@lower.rule(SpatialDropout)
def spatial_dropout(op: SpatialDropout, site: Site) -> Lowered:
    """``nn.DropoutNd``; if the channels are on another axis, ``nn.Dropout`` of a mask with a single position."""
    rank = site.x.rank
    if rank == 1:
        return module("nn.Dropout", p=rate(op))
    if op.axis == 0 and rank <= 4:
        return module(f"nn.Dropout{rank - 1}d", p=rate(op))
    position = ", ".join([":"] + [":" if a == op.axis else ":1" for a in range(rank)])
    return applied(f"{{0}} * {{self}}(torch.ones_like({{0}}[{position}]))", "nn.Dropout", p=rate(op))


@lower.rule(DropPath)
def drop_path(op: DropPath, site: Site) -> Lowered:
    """A class of the library."""
    return module("DropPath", p=rate(op))
