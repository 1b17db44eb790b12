"""Quantised numbers: stored ones are converted to floating point, and everything else is rejected."""

from __future__ import annotations

import numpy as np

from netspec.weights.numpy_types import Array

from ..errors import refused
from ..node import OnnxNode
from ..rule_table import Inputs, Result, rule
from ..site import Site
from ..values import SourceTensor


def _along(scale: Array, axis: int, rank: int) -> Array:
    """Reshapes scales to broadcast along an axis."""
    return (
        scale.reshape([-1 if k == axis % max(rank, 1) else 1 for k in range(rank)])
        if scale.size > 1
        else scale.reshape(-1)[:1].reshape([1] * rank)
    )


@rule("DequantizeLinear")
def dequantise(r: Site, node: OnnxNode, inputs: Inputs) -> Result:
    """Converts stored integers to the numbers that they represent."""
    x, scale, zero = inputs.need(0), inputs.need(1), inputs.at(2)
    if not x.is_known or x.known is None or not scale.is_known or scale.known is None:
        raise refused("quantised", "quantised activations have no equivalent")
    if node.attribute("block_size", 0):
        raise refused("quantised", "weights quantised in blocks have no equivalent")
    axis = int(node.attribute("axis", 1))
    numbers = x.known.astype(np.float32)
    if zero is not None and zero.known is not None:
        numbers = numbers - _along(zero.known.astype(np.float32), axis, x.rank)
    numbers = (numbers * _along(scale.known.astype(np.float32), axis, x.rank)).astype(np.float32)
    learned = x.learned or (node.inputs[0] if numbers.size > 1 else "")
    return SourceTensor(x.shape, "float32", known=numbers, learned=learned)


@rule("QuantizeLinear", "DynamicQuantizeLinear")
def quantise(r: Site, node: OnnxNode, inputs: Inputs) -> Result:
    """Converts stored numbers to quantised integers."""
    x, scale, zero = inputs.need(0), inputs.at(1), inputs.at(2)
    if node.operator != "QuantizeLinear" or not x.is_known or x.known is None or scale is None or scale.known is None:
        raise refused("quantised", "quantised activations have no equivalent")
    axis = int(node.attribute("axis", 1))
    kind = zero.dtype if zero is not None else "uint8"
    low, high = (-128, 127) if kind == "int8" else (0, 255)
    offset: Array | float = 0.0
    if zero is not None and zero.known is not None:
        offset = _along(zero.known.astype(np.float32), axis, x.rank)
        low, high = r.integer_range(node.inputs[2])
    rounded = np.rint(x.known / _along(scale.known, axis, x.rank)) + offset
    return SourceTensor(x.shape, "int32", known=np.clip(rounded, low, high).astype(np.int32), learned=x.learned)
