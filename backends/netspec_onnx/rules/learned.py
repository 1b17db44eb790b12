"""Tensors that belong to the network itself."""

from __future__ import annotations

from netspec.ops.learned import Buffer, ChannelScale, Parameter, Stored

from ..builder.site import Site
from .activation import along
from .base import Results, lower


@lower.rule(Parameter, Buffer)
def stored(op: Stored, site: Site) -> Results:
    """The initialiser itself, under the layer's name; it has no batch axis, or one of 1."""
    return site.weight("")._replace(lead=op.batch_axis)


@lower.rule(ChannelScale)
def channel_scale(op: ChannelScale, site: Site) -> Results:
    """``Mul`` along the channel axis."""
    x = site.inputs[0]
    return site.result("Mul", x, along(site, site.weight("weight"), x.rank - 1 - op.axis, "gain"))
