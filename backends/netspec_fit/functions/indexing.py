"""Indexing, and functions with index tensors."""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence
from typing import Any

from ..simulated.errors import MissingRuleError
from ..simulated.nodes import fresh, make, moved_bytes, ungraded
from ..simulated.tensors import Tensor
from ..simulated.types import SIZE, broadcast_shape
from .views import select, slice_axis, unsqueeze


def get_item(x: Tensor, key: Any) -> Tensor:
    """``x[key]``: views for numbers, slices and None; a copy for tensors of indices."""
    keys: Any = key if isinstance(key, tuple) else (key,)  # pyright: ignore[reportUnknownVariableType] - of any type
    if any(k is Ellipsis for k in keys):
        place = next(i for i, k in enumerate(keys) if k is Ellipsis)
        count = sum(k is not None and k is not Ellipsis for k in keys)
        keys = keys[:place] + (slice(None),) * (x.ndim - count) + keys[place + 1 :]
    axis = 0
    indices: list[tuple[int, Tensor]] = []
    for k in keys:
        if k is None:
            x = unsqueeze(x, axis)
            axis += 1
        elif isinstance(k, int):
            x = select(x, axis, k)
        elif isinstance(k, slice):
            start, stop, step = k.indices(x.shape[axis])
            if (start, stop, step) != (0, x.shape[axis], 1):
                x = slice_axis(x, axis, start, stop, step)
            axis += 1
        elif isinstance(k, Tensor):
            indices.append((axis, k))
            axis += 1
        else:
            raise MissingRuleError(f"an index of type {type(k).__name__}")
    return _indexed(x, indices) if indices else x


def _indexed(x: Tensor, indices: Sequence[tuple[int, Tensor]]) -> Tensor:
    """``aten::index`` with tensors at adjacent axes."""
    first = indices[0][0]
    old, dtype = x.shape, x.dtype
    tensors = [t for _, t in indices]
    if any(t.dtype == "bool" for t in tensors):
        raise MissingRuleError("an index by truth values, whose result has as many elements as are true")
    shape = (*x.shape[:first], *broadcast_shape(*(t.shape for t in tensors)), *x.shape[indices[-1][0] + 1 :])
    return make(
        shape, x.dtype, [x], lambda g: [Tensor(old, dtype)], "Index", saved=tensors, reads=_read(shape, x, *tensors)
    )


def _read(shape: Sequence[int], x: Tensor, *indices: Tensor) -> int:
    """Returns the bytes that an index operation reads: the selected elements, and the indices."""
    return math.prod(shape) * SIZE[x.dtype] + moved_bytes(indices)


def embedding(index: Tensor, weight: Tensor, **_: Any) -> Tensor:
    """``F.embedding``: saves the indices; its gradient has the size of the whole table."""
    shape, dtype = weight.shape, weight.dtype
    out = (*index.shape, weight.shape[1])
    read = _read(out, weight, index)
    return make(out, dtype, [weight], lambda g: [Tensor(shape, dtype)], "Embedding", saved=[index], reads=read)


def gather(x: Tensor, dim: int, index: Tensor) -> Tensor:
    """``Tensor.gather``."""
    return make(index.shape, x.dtype, [x], fresh(x), "Gather", saved=[x, index], reads=_read(index.shape, x, index))


def scatter(x: Tensor, dim: int, index: Tensor, src: Any) -> Tensor:
    """``Tensor.scatter`` of a tensor or a number."""
    if not isinstance(src, Tensor):
        return make(x.shape, x.dtype, [x], fresh(x), "Scatter", saved=[index])
    return make(x.shape, x.dtype, [x, src], fresh(x, src), "Scatter", saved=[index])


def scatter_add(x: Tensor, dim: int, index: Tensor, src: Tensor) -> Tensor:
    """``Tensor.scatter_add``."""
    shape, dtype = src.shape, src.dtype
    return make(x.shape, x.dtype, [x, src], lambda g: [g, Tensor(shape, dtype)], "ScatterAdd", saved=[index])


def index_add(x: Tensor, dim: int, index: Tensor, source: Tensor, **_: Any) -> Tensor:
    """``Tensor.index_add``."""
    shape, dtype = source.shape, source.dtype
    return make(x.shape, x.dtype, [x, source], lambda g: [g, Tensor(shape, dtype)], "IndexAdd", saved=[index])


def index_select(x: Tensor, dim: int, index: Tensor) -> Tensor:
    """``Tensor.index_select``."""
    shape = list(x.shape)
    shape[dim] = index.numel
    return make(shape, x.dtype, [x], fresh(x), "IndexSelect", saved=[index], reads=_read(shape, x, index))


def index_put(x: Tensor, indices: Sequence[Tensor], values: Tensor) -> Tensor:
    """``Tensor.index_put``."""
    shape, dtype = values.shape, values.dtype
    needed = x.requires_grad
    old = x.shape, x.dtype

    def backward(g: Tensor) -> list[Tensor | None]:
        return [Tensor(*old) if needed else None, Tensor(shape, dtype)]

    return make(x.shape, x.dtype, [x, values], backward, "IndexPut", saved=list(indices))


def one_hot(index: Tensor, num_classes: int) -> Tensor:
    """``F.one_hot``; its result has integer type."""
    return ungraded(Tensor((*index.shape, num_classes), "int64"), [index], "OneHot")


METHODS: dict[str, Callable[..., Any]] = {
    "gather": gather, "scatter": scatter, "scatter_add": scatter_add, "index_add": index_add,
    "index_select": index_select, "index_put": index_put,
}  # fmt: skip
FUNCTIONS: dict[str, Callable[..., Any]] = {"F.embedding": embedding, "torch.gather": gather, "F.one_hot": one_hot}
