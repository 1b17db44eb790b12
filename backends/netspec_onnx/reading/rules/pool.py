"""Pooling."""

from __future__ import annotations

from typing import Any

from netspec.importing.batch import BatchAxis

from ..batch import with_batch_first
from ..errors import refused
from ..node import OnnxNode
from ..rule_table import Inputs, Result, rule
from ..site import Site
from ..values import SourceTensor
from .window_arguments import per_axis, window_padding


def _pool(r: Site, node: OnnxNode, x: SourceTensor, operation: str, more: dict[str, Any]) -> SourceTensor:
    size = list(node.attribute("kernel_shape") or [])
    rank = len(size)
    if rank not in (1, 2, 3) or rank != x.rank - 2:
        raise refused("operator", f"pooling over {rank} axes of a tensor with {x.rank} axes has no equivalent")
    x = with_batch_first(r, x)
    arguments: dict[str, Any] = {
        "size": size,
        "stride": per_axis(node, "strides", rank),
        "padding": window_padding(node, x, rank),
        "ceil_mode": bool(node.attribute("ceil_mode", 0)),
        **more,
    }
    if arguments["stride"] == size:
        del arguments["stride"]
    (number,) = r.emit(f"{operation}{rank}d", [r.number(x)], arguments)
    return r.output_value(number, BatchAxis(0), x.shared)


@rule("MaxPool")
def max_pool(r: Site, node: OnnxNode, inputs: Inputs) -> Result:
    """``max_pool1d`` to ``max_pool3d``; the positions of the maxima are not supported."""
    x = inputs.need(0)
    dilation = {"dilation": per_axis(node, "dilations", max(x.rank - 2, 0))}
    return [_pool(r, node, x, "max_pool", dilation), None]


@rule("AveragePool")
def average_pool(r: Site, node: OnnxNode, inputs: Inputs) -> Result:
    """``avg_pool1d`` to ``avg_pool3d``."""
    x = inputs.need(0)
    if any(d != 1 for d in per_axis(node, "dilations", max(x.rank - 2, 0))):
        raise refused("argument", "dilations of average pooling have no equivalent")
    return _pool(r, node, x, "avg_pool", {"count_include_pad": bool(node.attribute("count_include_pad", 0))})


@rule("LpPool")
def lp_pool(r: Site, node: OnnxNode, inputs: Inputs) -> Result:
    """``lp_pool2d``."""
    return _pool(r, node, inputs.need(0), "lp_pool", {"p": float(node.attribute("p", 2))})


@rule("GlobalAveragePool", "GlobalMaxPool")
def global_pool(r: Site, node: OnnxNode, inputs: Inputs) -> Result:
    """``global_avg_pool`` and ``global_max_pool`` for images, ``mean`` and ``max`` for other tensors."""
    x = with_batch_first(r, inputs.need(0))
    mean = node.operator == "GlobalAveragePool"
    arguments: dict[str, Any] = {"keepdims": True}
    operation = "global_avg_pool" if mean else "global_max_pool"
    if len(x.item_shape) not in (3, 4) or r.types[r.number(x)].channel != 0:
        operation, arguments["axis"] = "mean" if mean else "max", list(range(1, len(x.item_shape)))
    (number,) = r.emit(operation, [r.number(x)], arguments)
    return r.output_value(number, BatchAxis(0), x.shared)
