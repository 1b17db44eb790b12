"""Convolutions."""

from __future__ import annotations

from typing import Any

from netspec.importing.batch import BatchAxis

from ..batch import with_batch_first
from ..errors import refused
from ..node import OnnxNode
from ..rule_table import Inputs, Result, rule
from ..site import Site
from ..values import SourceTensor
from .windows import per_axis, window_padding


def _weights(r: Site, operation: str, w: SourceTensor, b: SourceTensor | None) -> dict[str, Any]:
    """The details of a draft that say where its weights are: initialisers, or values that layers compute."""
    if w.is_known and (b is None or b.is_known):
        return {"weights": r.layer_weights(operation, {"weight": w, "bias": b})}
    weights = {"weight": r.number(w)} | ({} if b is None else {"bias": r.number(b)})
    if any(v is not None and v.is_batched for v in (w, b)):
        raise refused("argument", "weights that differ from example to example have no equivalent")
    return {"given_weights": weights}


@rule("Conv")
def conv(r: Site, node: OnnxNode, inputs: Inputs) -> Result:
    """``conv1d`` to ``conv3d``."""
    x, w, b = with_batch_first(r, inputs.need(0)), inputs.need(1), inputs.at(2)
    rank = w.rank - 2
    if rank not in (1, 2, 3):
        raise refused("operator", f"a convolution over {rank} axes has no equivalent")
    arguments: dict[str, Any] = {
        "filters": w.shape[0],
        "kernel": list(w.shape[2:]),
        "stride": per_axis(node, "strides", rank),
        "padding": window_padding(node, x, rank),
        "dilation": per_axis(node, "dilations", rank),
        "groups": node.attribute("group", 1),
        "bias": b is not None,
    }
    (number,) = r.emit(f"conv{rank}d", [r.number(x)], arguments, **_weights(r, "conv", w, b))
    return r.output_value(number, BatchAxis(0), x.shared)


@rule("ConvTranspose")
def conv_transpose(r: Site, node: OnnxNode, inputs: Inputs) -> Result:
    """``conv_transpose1d`` to ``conv_transpose3d``."""
    x, w, b = with_batch_first(r, inputs.need(0)), inputs.need(1), inputs.at(2)
    rank = w.rank - 2
    if rank not in (1, 2, 3):
        raise refused("operator", f"a transposed convolution over {rank} axes has no equivalent")
    strides, dilations = per_axis(node, "strides", rank), per_axis(node, "dilations", rank)
    output_padding = list(node.attribute("output_padding") or [0] * rank)
    padding: Any
    if node.attribute("output_shape") or node.attribute("auto_pad", "NOTSET") not in ("NOTSET", "VALID", ""):
        target = node.attribute("output_shape") or [n * s for n, s in zip(x.shape[2:], strides, strict=True)]
        padding = []
        for n, m, k, s, d, o in zip(
            x.shape[2:], target[-rank:], w.shape[2:], strides, dilations, output_padding, strict=True
        ):
            total = (n - 1) * s + o + (k - 1) * d + 1 - m
            first = total // 2 if node.attribute("auto_pad") != "SAME_LOWER" else total - total // 2
            padding.append([first, total - first])
        if all(p[0] == p[1] for p in padding):
            padding = [p[0] for p in padding]
    else:
        padding = window_padding(node, x, rank)
    arguments: dict[str, Any] = {
        "filters": w.shape[1] * node.attribute("group", 1),
        "kernel": list(w.shape[2:]),
        "stride": strides,
        "padding": padding,
        "dilation": dilations,
        "groups": node.attribute("group", 1),
        "bias": b is not None,
    }
    if any(output_padding):
        arguments["output_padding"] = output_padding
    (number,) = r.emit(f"conv_transpose{rank}d", [r.number(x)], arguments, **_weights(r, "conv", w, b))
    return r.output_value(number, BatchAxis(0), x.shared)
