"""Normalisation."""

from __future__ import annotations

import math
from typing import Any

import numpy as np

from netspec.shapes.sizes import is_named

from ..batch import item_axis, join, off_axes, with_batch_first
from ..constant_folding import bounded
from ..errors import refused
from ..node import OnnxNode
from ..rule_table import Inputs, Result, rule
from ..site import Site
from ..values import SourceTensor


def _known(*values: SourceTensor | None) -> bool:
    return all(v is None or v.is_known for v in values)


@rule("BatchNormalization")
def batch_norm(r: Site, node: OnnxNode, inputs: Inputs) -> Result:
    """``batch_norm`` with running statistics."""
    x = r.placed(inputs.need(0))
    scale, bias, mean, variance = (inputs.need(k) for k in range(1, 5))
    if not _known(scale, bias, mean, variance):
        raise refused("argument", "statistics or weights that are computed have no equivalent")
    if node.attribute("training_mode", 0):
        raise refused("argument", "training_mode: 1, which uses the statistics of the batch, has no equivalent")
    weights = {"weight": scale, "bias": bias, "running_mean": mean, "running_var": variance}
    names = r.layer_weights("norm", weights)
    is_frozen = scale.learned in r.buffers
    if not is_frozen:
        prefix = names["weight"].removesuffix(".weight")
        names["num_batches_tracked"] = f"{prefix}.num_batches_tracked"
        r.weights[names["num_batches_tracked"]] = np.zeros((), np.int64)
    axis = item_axis(off_axes(r, x, [1]), 1)
    arguments: dict[str, Any] = {"eps": node.attribute("epsilon", 1e-5), "axis": axis}
    momentum = round(1 - float(node.attribute("momentum", 0.9)), 6)
    if is_frozen:
        arguments["frozen"] = True
    elif momentum not in (0.1, 0.0):
        arguments["momentum"] = momentum
    return [r.unary("batch_norm", off_axes(r, x, [1]), arguments, weights=names)] + [None] * 4


@rule("InstanceNormalization")
def instance_norm(r: Site, node: OnnxNode, inputs: Inputs) -> Result:
    """``instance_norm`` with gain and offset, unless these are 1 and 0."""
    x, scale, bias = with_batch_first(r, inputs.need(0)), inputs.need(1), inputs.need(2)
    if not _known(scale, bias):
        raise refused("argument", "weights that are computed have no equivalent")
    return _affine(r, "instance_norm", x, {"eps": node.attribute("epsilon", 1e-5), "axis": 0}, scale, bias)


def _affine(
    r: Site, operation: str, x: SourceTensor, arguments: dict[str, Any], scale: SourceTensor, bias: SourceTensor
) -> SourceTensor:
    """A normalisation with gain and offset per channel, unless these are 1 and 0."""
    assert scale.known is not None
    assert bias.known is not None
    if (scale.known == 1).all() and (bias.known == 0).all():
        return r.unary(operation, x, {**arguments, "affine": False})
    names = r.layer_weights("norm", {"weight": scale, "bias": bias})
    return r.unary(operation, x, {**arguments, "affine": True}, weights=names)


@rule("GroupNormalization")
def group_norm(r: Site, node: OnnxNode, inputs: Inputs) -> Result:
    """``group_norm``; before operator set 21, gains are per group."""
    x, scale, bias = with_batch_first(r, inputs.need(0)), inputs.need(1), inputs.need(2)
    groups = int(node.attribute("num_groups", 1))
    channels = x.shape[1]
    if not _known(scale, bias) or is_named(channels):
        raise refused("argument", "weights that are computed have no equivalent")
    each: list[SourceTensor] = []
    for value in (scale, bias):
        assert value.known is not None
        known = value.known.reshape(-1)
        if known.size == groups:
            known = np.repeat(known, bounded(channels) // groups)
        each.append(SourceTensor((known.size,), "float32", known=known, learned=value.learned))
    arguments = {"groups": groups, "eps": node.attribute("epsilon", 1e-5), "axis": 0}
    return _affine(r, "group_norm", x, arguments, each[0], each[1])


@rule("LayerNormalization", "RMSNormalization", "SimplifiedLayerNormalization")
def layer_norm(r: Site, node: OnnxNode, inputs: Inputs) -> Result:
    """``layer_norm`` and ``rms_norm`` over the last axes."""
    x, scale, bias = inputs.need(0), inputs.need(1), inputs.at(2)
    operation = "layer_norm" if node.operator == "LayerNormalization" else "rms_norm"
    dims = range(int(node.attribute("axis", -1)) % x.rank, x.rank)
    x = off_axes(r, x, dims)
    axes = [item_axis(x, d) for d in dims]
    arguments: dict[str, Any] = {"eps": node.attribute("epsilon", 1e-5), "axis": axes}
    shape = tuple(x.shape[d] for d in dims)
    if not _known(scale, bias) or any(map(is_named, shape)):
        out = r.unary(operation, x, {**arguments, "affine": False})
        out = join(r, "multiply", [out, scale])
        return [out if bias is None else join(r, "add", [out, bias]), None, None]
    if scale.is_constant and np.all(scale.known == 1) and (bias is None or _is_zero(bias)):
        return [r.unary(operation, x, {**arguments, "affine": False}), None, None]
    weights = {"weight": _in_shape(scale, shape), "bias": None if bias is None else _in_shape(bias, shape)}
    if operation == "layer_norm" and bias is None:
        arguments["bias"] = False
    return [r.unary(operation, x, arguments, weights=r.layer_weights("norm", weights)), None, None]


def _is_zero(value: SourceTensor) -> bool:
    return value.is_constant and value.known is not None and not bool(value.known.any())


def _in_shape(value: SourceTensor, shape: tuple[int, ...]) -> SourceTensor:
    assert value.known is not None
    bounded(math.prod(shape))
    known = np.broadcast_to(value.known, shape)
    return SourceTensor(shape, "float32", known=known, learned=value.learned)


@rule("LRN")
def local_response_norm(r: Site, node: OnnxNode, inputs: Inputs) -> Result:
    """``local_response_norm`` over the channels."""
    arguments = {
        "size": node.attribute("size", 1),
        "alpha": node.attribute("alpha", 1e-4),
        "beta": node.attribute("beta", 0.75),
        "k": node.attribute("bias", 1.0),
        "axis": 0,
    }
    return r.unary("local_response_norm", with_batch_first(r, inputs.need(0)), arguments)


@rule("LpNormalization")
def lp_normalization(r: Site, node: OnnxNode, inputs: Inputs) -> Result:
    """``l2_normalize``."""
    if node.attribute("p", 2) != 2:
        raise refused("argument", "only p: 2 has an equivalent")
    axis = int(node.attribute("axis", -1))
    x = off_axes(r, inputs.need(0), [axis])
    return r.unary("l2_normalize", x, {"axis": item_axis(x, axis)})
