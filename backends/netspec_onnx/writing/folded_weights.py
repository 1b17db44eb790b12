"""The weights of a layer with a folded batch normalisation.

With s = gain / sqrt(variance + eps) for each filter: weight' = s * weight, bias' = s * (bias - mean) + shift.
"""

from __future__ import annotations

import math
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor

import numpy as np

from netspec.ir import Parameter
from netspec.weights.numpy_types import Array
from netspec.weights.weight_source import WeightSource

from ..builder.initialiser import Fold, Initialiser


def folded_pieces(
    tensor: Initialiser, fold: Fold, source: WeightSource, pool: ThreadPoolExecutor | None
) -> Iterator[Array]:
    """Yields the folded weight in pieces, or the folded bias."""
    scale = 1 / np.sqrt(_in_double(source, fold.variance) + fold.eps)
    if fold.gain is not None:
        scale *= _in_double(source, fold.gain)
    if tensor.is_bias:
        yield _folded_bias(fold, scale, source).astype(np.float32)
        return
    assert tensor.parameter is not None
    row_scales = _row_scales(tensor.shape, fold, scale).astype(np.float32)
    row_size = math.prod(tensor.shape[fold.axis + 1 :])
    start = 0
    for piece in source.pieces(tensor.parameter, pool):
        first, last = start // row_size, (start + piece.size - 1) // row_size
        factors = np.repeat(row_scales[first : last + 1], row_size)[start - first * row_size :][: piece.size]
        yield piece * factors
        start += piece.size


def _row_scales(shape: tuple[int, ...], fold: Fold, scale: Array) -> Array:
    """The scale of each row of consecutive elements that belong to one filter."""
    if fold.axis == 0:
        return scale
    # A transposed convolution: (channels, filters / groups, *kernel), with channels ordered by group.
    by_group = scale.reshape(fold.groups, shape[1])
    return np.repeat(by_group, shape[0] // fold.groups, axis=0).reshape(-1)


def _folded_bias(fold: Fold, scale: Array, source: WeightSource) -> Array:
    bias = -_in_double(source, fold.mean)
    if fold.bias is not None:
        bias += _in_double(source, fold.bias)
    bias *= scale
    if fold.shift is not None:
        bias += _in_double(source, fold.shift)
    return bias


def _in_double(source: WeightSource, parameter: Parameter) -> Array:
    return source.values(parameter).astype(np.float64)
