"""Tensors stored in the network itself."""

from __future__ import annotations

from netspec.ops.learned import Buffer, ChannelScale, Parameter, Stored

from ..builder.helpers import append_axes
from ..builder.site import Site
from .rule_table import Results, lower


@lower.rule(Parameter, Buffer)
def stored(op: Stored, site: Site) -> Results:
    """The initialiser itself, under the layer's name; without a batch axis, or with one of 1."""
    return site.weight("")._replace(batched=op.batch_axis)


@lower.rule(ChannelScale)
def channel_scale(op: ChannelScale, site: Site) -> Results:
    """``Mul`` along the channel axis."""
    x = site.inputs[0]
    return site.result("Mul", x, append_axes(site, site.weight("weight"), x.rank - 1 - op.axis, "gain"))
