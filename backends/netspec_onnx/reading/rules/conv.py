"""Convolutions."""

from __future__ import annotations

from typing import Any

from netspec.importing.batch import BatchAxis

from ..batch import with_batch_first
from ..errors import refused
from ..node import OnnxNode
from ..rule_table import Inputs, Result, rule
from ..site import Site
from ..values import Shape, SourceTensor
from .window_arguments import per_axis, window_padding


def _weights(r: Site, operation: str, w: SourceTensor, b: SourceTensor | None) -> dict[str, Any]:
    """Returns the draft fields that refer to the weights: initialisers, or computed values."""
    if w.is_known and (b is None or b.is_known):
        return {"weights": r.layer_weights(operation, {"weight": w, "bias": b})}
    weights = {"weight": r.number(w)} | ({} if b is None else {"bias": r.number(b)})
    if any(v is not None and v.is_batched for v in (w, b)):
        raise refused("argument", "weights that differ from example to example have no equivalent")
    return {"given_weights": weights}


def _arguments(node: OnnxNode, x: SourceTensor, shape: Shape, *, bias: bool) -> tuple[str, dict[str, Any]]:
    """The operation and the arguments of a convolution, by the shape of its weight."""
    rank = len(shape) - 2
    transposed = node.operator == "ConvTranspose"
    if rank not in (1, 2, 3):
        raise refused("operator", f"a {'transposed ' * transposed}convolution over {rank} axes has no equivalent")
    groups = node.attribute("group", 1)
    arguments: dict[str, Any] = {
        "filters": shape[1] * groups if transposed else shape[0],
        "kernel": list(shape[2:]),
        "stride": per_axis(node, "strides", rank),
        "padding": _transposed_padding(node, x, shape) if transposed else window_padding(node, x, rank),
        "dilation": per_axis(node, "dilations", rank),
        "groups": groups,
        "bias": bias,
    }
    output_padding = list(node.attribute("output_padding") or []) if transposed else []
    if any(output_padding):
        arguments["output_padding"] = output_padding
    return f"conv_transpose{rank}d" if transposed else f"conv{rank}d", arguments


def _transposed_padding(node: OnnxNode, x: SourceTensor, shape: Shape) -> Any:
    """The padding of a transposed convolution, also where the size of its output is given."""
    rank = len(shape) - 2
    strides, dilations = per_axis(node, "strides", rank), per_axis(node, "dilations", rank)
    if not node.attribute("output_shape") and node.attribute("auto_pad", "NOTSET") in ("NOTSET", "VALID", ""):
        return window_padding(node, x, rank)
    target = node.attribute("output_shape") or [n * s for n, s in zip(x.shape[2:], strides, strict=True)]
    output_padding = list(node.attribute("output_padding") or [0] * rank)
    padding: list[Any] = []
    for n, m, k, s, d, o in zip(
        x.shape[2:], target[-rank:], shape[2:], strides, dilations, output_padding, strict=True
    ):
        total = (n - 1) * s + o + (k - 1) * d + 1 - m
        first = total // 2 if node.attribute("auto_pad") != "SAME_LOWER" else total - total // 2
        padding.append([first, total - first])
    return [p[0] for p in padding] if all(p[0] == p[1] for p in padding) else padding


@rule("Conv", "ConvTranspose")
def conv(r: Site, node: OnnxNode, inputs: Inputs) -> Result:
    """``conv1d`` to ``conv3d``, and ``conv_transpose1d`` to ``conv_transpose3d``."""
    x, w, b = with_batch_first(r, inputs.need(0)), inputs.need(1), inputs.at(2)
    operation, arguments = _arguments(node, x, w.shape, bias=b is not None)
    (number,) = r.emit(operation, [r.number(x)], arguments, **_weights(r, "conv", w, b))
    return r.output_value(number, BatchAxis(0), x.shared)


def convolution_of_each(r: Site, node: OnnxNode, x: SourceTensor, w: SourceTensor) -> SourceTensor:
    """A convolution with another weight for each example, which a layer computes."""
    x, w = with_batch_first(r, x), with_batch_first(r, w)
    operation, arguments = _arguments(node, x, w.item_shape, bias=False)
    (number,) = r.emit(operation, [r.number(x)], arguments, given_weights={"weight": r.number(w)})
    return r.output_value(number, BatchAxis(0), x.shared and w.shared)
