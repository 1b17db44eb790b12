"""Numbers of a layer that a batch normalisation folds into.

With s = gain / sqrt(variance + eps), filter by filter: weight' = s * weight, bias' = s * (bias - mean) + shift.
"""

from __future__ import annotations

import math
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor

import numpy as np

from netspec.ir import Parameter
from netspec.weights.numpy_types import Array
from netspec.weights.weight_source import WeightSource

from ..builder.emitter import Fold, Initialiser


def folded(tensor: Initialiser, fold: Fold, source: WeightSource, pool: ThreadPoolExecutor | None) -> Iterator[Array]:
    """The folded weight in pieces, or the folded bias."""
    scale = _wide(source, fold.variance)
    scale = 1 / np.sqrt(scale + fold.eps)
    if fold.gain is not None:
        scale *= _wide(source, fold.gain)
    if tensor.is_bias:
        yield _bias(fold, scale, source).astype(np.float32)
        return
    assert tensor.parameter is not None
    rows = _rows(tensor.shape, fold, scale).astype(np.float32)
    inner = math.prod(tensor.shape[fold.axis + 1 :])
    start = 0
    for piece in source.pieces(tensor.parameter, pool):
        first, last = start // inner, (start + piece.size - 1) // inner
        factors = np.repeat(rows[first : last + 1], inner)[start - first * inner :][: piece.size]
        yield piece * factors
        start += piece.size


def _rows(shape: tuple[int, ...], fold: Fold, scale: Array) -> Array:
    """The scale of each row of elements that belong to one filter."""
    if fold.axis == 0:
        return scale
    # A transposed convolution: (channels, filters / groups, *kernel), channels group by group.
    by_group = scale.reshape(fold.groups, shape[1])
    return np.repeat(by_group, shape[0] // fold.groups, axis=0).reshape(-1)


def _bias(fold: Fold, scale: Array, source: WeightSource) -> Array:
    bias = -_wide(source, fold.mean)
    if fold.bias is not None:
        bias += _wide(source, fold.bias)
    bias *= scale
    if fold.shift is not None:
        bias += _wide(source, fold.shift)
    return bias


def _wide(source: WeightSource, parameter: Parameter) -> Array:
    return source.values(parameter).astype(np.float64)
