"""Evaluates operators on constants that move, select, join or reduce numbers."""

from __future__ import annotations

import math
from collections.abc import Sequence
from typing import Any

import numpy as np

from netspec.ops.argument import as_list
from netspec.shapes.sizes import is_named
from netspec.weights.numpy_types import Array

from . import limits
from .constant_folding import ELEMENTWISE, Compute, bounded, broadcast_all, integer_positions, settled
from .errors import refused
from .node import OnnxNode
from .opsets import operand
from .values import resolved


def evaluate(node: OnnxNode, arrays: Sequence[Array | None]) -> list[Array] | None:
    """Returns the outputs of a node with known inputs, or None if its operator is not supported.

    Raises:
        CannotImportError: NS846, the inputs do not fit; NS874, an output has too many numbers.
    """
    compute = ELEMENTWISE.get(node.operator)
    present = tuple(a for a in arrays if a is not None)
    if compute is not None:
        if node.operator not in ("Clip", "Cast"):
            present = broadcast_all(present)
    else:
        compute = MOVING.get(node.operator)
        if compute is None:
            return None
    try:
        out = compute(node, *(arrays if any(a is None for a in arrays) else present))
    except (IndexError, ValueError, TypeError, KeyError, AttributeError) as error:
        raise refused("malformed", f"its inputs are invalid: {' '.join(str(error).split())[:120]}") from None
    return [settled(a) for a in as_list(out)]


def integers(node: OnnxNode, name: str, arrays: Sequence[Array | None]) -> list[Any] | None:
    """Returns integers given as an attribute or a known input, or None."""
    if name in node.attributes:
        return as_list(node.attributes[name])
    position = operand(node.operator, name, node.opset)
    if position is None or position >= len(arrays) or (array := arrays[position]) is None:
        return None
    return [n if is_named(n) else int(n) for n in array.reshape(-1)]


def _slice(node: OnnxNode, *arrays: Array | None) -> Any:
    x = _first(arrays)
    starts, ends = integers(node, "starts", arrays) or [], integers(node, "ends", arrays) or []
    axes = integers(node, "axes", arrays) or list(range(len(starts)))
    steps = integers(node, "steps", arrays) or [1] * len(starts)
    index = [slice(None)] * x.ndim
    for axis, start, end, step in zip(axes, starts, ends, steps, strict=True):
        index[axis] = slice(int(start), int(end) if not (step < 0 and end < -x.shape[axis]) else None, int(step))
    return x[tuple(index)]


def _first(arrays: Sequence[Array | None]) -> Array:
    if not arrays or arrays[0] is None:
        raise refused("malformed", "it has no inputs")
    return arrays[0]


def _gather(node: OnnxNode, x: Array, index: Array) -> Any:
    axis = int(node.attribute("axis", 0)) % max(x.ndim, 1)
    bounded(index.size * math.prod(x.shape[:axis] + x.shape[axis + 1 :]))
    return np.take(x, integer_positions(index), axis=axis)


def _unsqueeze(node: OnnxNode, *arrays: Array | None) -> Any:
    x, axes = _first(arrays), integers(node, "axes", arrays) or []
    return np.expand_dims(x, tuple(axes))


def _squeeze(node: OnnxNode, *arrays: Array | None) -> Any:
    x, axes = _first(arrays), integers(node, "axes", arrays)
    return np.squeeze(x, None if axes is None else tuple(axes))


def _reshape(node: OnnxNode, x: Array, shape: Array) -> Any:
    target = [int(n) for n in shape.reshape(-1)]
    if not node.attribute("allowzero", 0):
        target = [x.shape[k] if n == 0 else n for k, n in enumerate(target)]
    return x.reshape(tuple(int(n) for n in resolved(target, x.size)))


def _concat(node: OnnxNode, *arrays: Array) -> Any:
    bounded(sum(a.size for a in arrays))
    if any(a.dtype == object for a in arrays):
        arrays = tuple(a.astype(object) for a in arrays)
    return np.concatenate(arrays, axis=int(node.attribute("axis", 0)))


def _split(node: OnnxNode, *arrays: Array | None) -> Any:
    x, axis = _first(arrays), int(node.attribute("axis", 0))
    parts, count = integers(node, "split", arrays), len(node.outputs)
    if parts is None:
        size = -(-x.shape[axis] // count)
        parts = [size] * count
    return [np.asarray(a) for a in np.split(x, np.cumsum([int(n) for n in parts])[:-1], axis=axis)]


def _constant_of_shape(node: OnnxNode, shape: Array) -> Any:
    value = node.attribute("value")
    fill = np.zeros(1, np.float32) if value is None else np.asarray(value).reshape(-1)
    sizes = [int(n) for n in shape.reshape(-1)]
    bounded(math.prod(sizes))
    return np.full(sizes, fill[0])


def _expand(node: OnnxNode, x: Array, shape: Array) -> Any:
    target = np.broadcast_shapes(x.shape, tuple(int(n) for n in shape.reshape(-1)))
    bounded(math.prod(target))
    return np.broadcast_to(x, target)


def _range(node: OnnxNode, start: Array, limit: Array, step: Array) -> Any:
    first, last, by = (a.reshape(-1)[0] for a in (start, limit, step))
    if not by:
        raise refused("malformed", "the step of a range is 0")
    count = bounded(max(math.ceil((last - first) / by), 0))
    return (first + np.arange(count) * by).astype(start.dtype if start.dtype != object else np.int64)


def _tile(node: OnnxNode, x: Array, repeats: Array) -> Any:
    times = [int(n) for n in repeats.reshape(-1)]
    bounded(x.size * math.prod(times))
    return np.tile(x, times)


def _same(node: OnnxNode, x: Array, *rest: Array | None) -> Any:
    return x


def _flatten(node: OnnxNode, x: Array) -> Any:
    return x.reshape(math.prod(x.shape[: node.attribute("axis", 1)]), -1)


def _non_zero(node: OnnxNode, x: Array) -> Any:
    return np.array(np.nonzero(x), np.int64)


def _reduce(function: Any) -> Compute:
    def compute(node: OnnxNode, *arrays: Array | None) -> Any:
        x, axes = _first(arrays), integers(node, "axes", arrays)
        if not axes and node.attribute("noop_with_empty_axes", 0):
            return x
        return function(x, axis=tuple(axes) if axes else None, keepdims=bool(node.attribute("keepdims", 1)))

    return compute


def _cumsum(node: OnnxNode, x: Array, axis: Array) -> Any:
    if node.attribute("exclusive", 0) or node.attribute("reverse", 0):
        raise refused("argument", "exclusive and reverse have no equivalent")
    return np.cumsum(x, axis=int(axis.reshape(-1)[0]))


def _trilu(node: OnnxNode, x: Array, k: Array | None = None) -> Any:
    diagonal = 0 if k is None else int(k.reshape(-1)[0])
    return np.triu(x, diagonal) if node.attribute("upper", 1) else np.tril(x, diagonal)


def _arg(function: Any) -> Compute:
    def compute(node: OnnxNode, x: Array) -> Any:
        return function(x, axis=int(node.attribute("axis", 0)), keepdims=bool(node.attribute("keepdims", 1)))

    return compute


def _scatter_nd(node: OnnxNode, x: Array, index: Array, updates: Array) -> Any:
    if node.attribute("reduction", "none") != "none":
        raise refused("argument", "a reduction has no equivalent")
    out = np.array(x)
    out[tuple(np.moveaxis(integer_positions(index), -1, 0))] = updates
    return out


def _transpose(node: OnnxNode, x: Array) -> Any:
    return np.transpose(x, node.attribute("perm"))


def _matmul(node: OnnxNode, a: Array, b: Array) -> Any:
    columns = b.shape[-1] if b.ndim > 1 else 1
    bounded(a.size // max(a.shape[-1], 1) * columns)
    if a.size * columns > limits.MULTIPLIED:
        raise refused("constant", f"a product of constants would take {a.size * columns:,} multiplications")
    return a @ b


def constant(node: OnnxNode) -> Array:
    """Returns the value of a ``Constant``. Raises CannotImportError NS844 for strings and sparse tensors."""
    for name, dtype in (
        ("value", None),
        ("value_float", np.float32),
        ("value_floats", np.float32),
        ("value_int", np.int64),
        ("value_ints", np.int64),
    ):
        if name in node.attributes:
            return np.asarray(node.attributes[name], dtype)
    raise refused("type", "a constant of strings, or a sparse one, has no equivalent")


MOVING: dict[str, Compute] = {
    "Identity": _same,
    "Dropout": _same,
    "Constant": constant,
    "Concat": _concat,
    "ConstantOfShape": _constant_of_shape,
    "CumSum": _cumsum,
    "Expand": _expand,
    "Flatten": _flatten,
    "Gather": _gather,
    "MatMul": _matmul,
    "NonZero": _non_zero,
    "Range": _range,
    "ReduceMax": _reduce(np.max),
    "ReduceMean": _reduce(np.mean),
    "ReduceMin": _reduce(np.min),
    "ReduceProd": _reduce(np.prod),
    "ReduceSum": _reduce(np.sum),
    "ArgMax": _arg(np.argmax),
    "ArgMin": _arg(np.argmin),
    "Reshape": _reshape,
    "ScatterND": _scatter_nd,
    "Slice": _slice,
    "Split": _split,
    "Squeeze": _squeeze,
    "Tile": _tile,
    "Transpose": _transpose,
    "Trilu": _trilu,
    "Unsqueeze": _unsqueeze,
}
"""Operators whose inputs must be known element by element."""
