"""Rules for tensors that belong to the network itself."""

from __future__ import annotations

from netspec.ops.learned import ChannelScale, SpectralNorm, Stored, WeightNorm
from netspec.ops.weight import ZEROS
from netspec.shapes.sizes import is_named

from .initial_values import computed
from .lowered import Default, Lowered, Site, applied, batchless, expression, lower, module

batchless(Stored, ChannelScale, WeightNorm, SpectralNorm)


@lower.rule(Stored)
def stored(op: Stored, site: Site) -> Lowered:
    """The attribute; a table whose size is only known at run time is computed."""
    if not any(map(is_named, site.y.shape)):
        return expression("{self}")
    init = op.init.by_name[0][1] if op.init.by_name else ZEROS
    if init.kind == "formula":
        from .formulas import constant  # few networks have formulas

        return Lowered(
            None,
            constant(init.args[0], (1, *site.y.shape) if op.batch_axis else site.y.shape, site.y.dtype, computed=True),
        )
    return computed(init, (1, *site.y.shape) if op.batch_axis else site.y.shape, site.y.dtype)


@lower.rule(ChannelScale)
def channel_scale(op: ChannelScale, site: Site) -> Lowered:
    """A class of the library."""
    after = site.x.rank - op.axis - 1
    return module("ChannelScale", channels=site.x.shape[op.axis], trailing=Default(after, 0))


@lower.rule(WeightNorm)
def weight_norm(op: WeightNorm, site: Site) -> Lowered:
    """A function of the direction and the lengths."""
    others = tuple(site.axis(a) for a in range(site.x.rank) if a != op.axis)
    return module("WeightNorm", dim=others)


@lower.rule(SpectralNorm)
def spectral_norm(op: SpectralNorm, site: Site) -> Lowered:
    """A function of the weight and its singular vectors."""
    call = "{self}({0}[0])[None]" if site.batch[0] == "1" else "{self}({0})"
    return applied(call, "SpectralNorm", dim=op.axis, steps=op.steps, eps=op.eps)
