"""Tensors stored in the network itself."""

from __future__ import annotations

from netspec.ops.learned import Buffer, ChannelScale, Parameter, SpectralNorm, Stored, WeightNorm
from netspec.shapes.sizes import is_named

from ..builder.common_nodes import add_reduction, add_reshape, add_transpose, append_axes
from ..builder.site import Site
from .dimension_buffers import computed_table
from .rule_table import Results, lower


@lower.rule(Parameter, Buffer)
def stored(op: Stored, site: Site) -> Results:
    """The initialiser under the layer's name, without a batch axis, or with one of size 1.

    A table whose shape depends on named dimensions is computed.
    """
    if any(map(is_named, op.shape)):
        return computed_table(op, site)
    return site.weight("")._replace(batched=op.batch_axis)


@lower.rule(ChannelScale)
def channel_scale(op: ChannelScale, site: Site) -> Results:
    """``Mul`` along the channel axis."""
    x = site.inputs[0]
    return site.result("Mul", x, append_axes(site, site.weight("weight"), x.rank - 1 - op.axis, "gain"))


@lower.rule(WeightNorm)
def weight_norm(op: WeightNorm, site: Site) -> Results:
    """The direction divided by its norm, times the lengths."""
    x = site.inputs[0]
    axes = [a for a in range(x.rank) if a != op.axis]
    norm = add_reduction(site, "ReduceL2", x, axes, True, "norm") if axes else site.add("Abs", x, name="norm")
    return site.result("Mul", site.add("Div", x, norm, name="direction"), site.weight("original0"))


@lower.rule(SpectralNorm)
def spectral_norm(op: SpectralNorm, site: Site) -> Results:
    """The weight divided by its largest singular value, which is computed from the stored vectors."""
    x = site.inputs[0]
    order = [op.axis, *(a for a in range(x.rank) if a != op.axis)]
    rows = x if op.axis == 0 else add_transpose(site, x, order, "rows")
    n, values = x.item_shape[op.axis], site.weight("0._v").item_shape[0]
    matrix = add_reshape(site, rows, (n, values), "matrix")
    product = site.add("MatMul", matrix, site.weight("0._v"), name="product", item_shape=(n,))
    value = site.add("MatMul", product, site.weight("0._u"), name="singular_value", item_shape=())
    return site.result("Div", x, value)
