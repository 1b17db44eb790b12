"""Rules for tensors that belong to the network itself."""

from __future__ import annotations

from netspec.ops.learned import ChannelScale, Stored

from .lowered import Default, Lowered, Site, batchless, expression, lower, module

batchless(Stored, ChannelScale)


@lower.rule(Stored)
def stored(op: Stored, site: Site) -> Lowered:
    """The attribute itself."""
    return expression("{self}")


@lower.rule(ChannelScale)
def channel_scale(op: ChannelScale, site: Site) -> Lowered:
    """A class of the library."""
    after = site.x.rank - op.axis - 1
    return module("ChannelScale", channels=site.x.shape[op.axis], trailing=Default(after, 0))
