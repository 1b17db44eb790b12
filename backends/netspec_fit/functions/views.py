"""Views, copies, splitting and concatenation."""

from __future__ import annotations

import math
from collections.abc import Callable, Iterator, Mapping, Sequence
from typing import Any

from ..simulated.errors import MissingRuleError
from ..simulated.nodes import make, needs_graph
from ..simulated.tensors import Backward, BackwardOfMany, Node, Tensor, result_type
from ..simulated.types import Shape, broadcast_shape, channels_last_stride, contiguous_stride
from .arguments import sizes_of, unpacked


def _viewed(x: Tensor, shape: Sequence[int], stride: Sequence[int], name: str, backward: Backward) -> Tensor:
    return make(shape, x.dtype, [x], backward, name, stride=stride, storage=x.storage)


def _backward_of_full_size(x: Tensor) -> Backward:
    """Returns a backward pass that allocates a tensor of the input's size, such as zeros around a gradient."""
    shape, dtype = x.shape, x.dtype
    return lambda g: [Tensor(shape, dtype)]


def view(x: Tensor, *sizes: Any) -> Tensor:
    """``Tensor.view``."""
    shape, old = sizes_of(x, sizes), x.shape
    stride = x.stride_as(shape)
    if stride is None:
        raise MissingRuleError("Tensor.view of a tensor with such strides")
    return _viewed(x, shape, stride, "View", lambda g: [reshape(g, old)])


def reshape(x: Tensor, *sizes: Any) -> Tensor:
    """``Tensor.reshape``: a view if possible, else a copy."""
    shape = sizes_of(x, sizes)
    if x.stride_as(shape) is not None:
        return view(x, shape)
    return view(clone(x, contiguous_stride(x.shape)), shape)


def view_as(x: Tensor, other: Tensor) -> Tensor:
    """``Tensor.view_as``."""
    return view(x, other.shape)


def clone(x: Tensor, stride: Shape | None = None) -> Tensor:
    """``Tensor.clone``; preserves the strides of a dense tensor."""
    stride = stride or (x.stride if x.is_dense else contiguous_stride(x.shape))
    return make(x.shape, x.dtype, [x], lambda g: [g], "Clone", stride=stride)


def contiguous(x: Tensor) -> Tensor:
    """``Tensor.contiguous``."""
    return x if x.is_contiguous else clone(x, contiguous_stride(x.shape))


def flatten(x: Tensor, start_dim: int = 0, end_dim: int = -1) -> Tensor:
    """``Tensor.flatten``."""
    if x.ndim == 0:
        return reshape(x, 1)
    a, b = x.axis(start_dim), x.axis(end_dim)
    return x if a == b else reshape(x, (*x.shape[:a], math.prod(x.shape[a : b + 1]), *x.shape[b + 1 :]))


def unflatten(x: Tensor, dim: int, sizes: Sequence[int]) -> Tensor:
    """``Tensor.unflatten``."""
    dim = x.axis(dim)
    rest = x.shape[dim] // max(math.prod(n for n in sizes if n != -1), 1)
    return view(x, (*x.shape[:dim], *(rest if n == -1 else n for n in sizes), *x.shape[dim + 1 :]))


def permute(x: Tensor, *order: Any) -> Tensor:
    """``Tensor.permute``."""
    axes = [x.axis(d) for d in unpacked(order)]
    back = sorted(range(len(axes)), key=axes.__getitem__)
    shape, stride = [x.shape[d] for d in axes], [x.stride[d] for d in axes]
    return _viewed(x, shape, stride, "Permute", lambda g: [permute(g, back)])


def transpose(x: Tensor, dim0: int, dim1: int) -> Tensor:
    """``Tensor.transpose``."""
    order = list(range(x.ndim))
    a, b = x.axis(dim0), x.axis(dim1)
    order[a], order[b] = order[b], order[a]
    return permute(x, order)


def matrix_transpose(x: Tensor) -> Tensor:
    """``Tensor.mT``, and ``Tensor.T`` of a matrix."""
    return transpose(x, -2, -1)


def movedim(x: Tensor, source: int | Sequence[int], destination: int | Sequence[int]) -> Tensor:
    """``Tensor.movedim``."""
    sources, destinations = (
        [x.axis(d) for d in ((dims,) if isinstance(dims, int) else dims)] for dims in (source, destination)
    )
    order: dict[int, int] = dict(zip(destinations, sources, strict=True))
    rest = iter(d for d in range(x.ndim) if d not in sources)
    return permute(x, [order[d] if d in order else next(rest) for d in range(x.ndim)])


def unsqueeze(x: Tensor, dim: int) -> Tensor:
    """``Tensor.unsqueeze``."""
    dim %= x.ndim + 1
    step = x.shape[dim] * x.stride[dim] if dim < x.ndim else 1
    shape, stride = (*x.shape[:dim], 1, *x.shape[dim:]), (*x.stride[:dim], step, *x.stride[dim:])
    return _viewed(x, shape, stride, "Unsqueeze", lambda g: [squeeze(g, dim)])


def squeeze(x: Tensor, *dim: Any) -> Tensor:
    """``Tensor.squeeze``."""
    dims = unpacked(dim) if dim else range(x.ndim)
    gone = {x.axis(d) for d in dims if x.shape[d] == 1}
    axes, old = [d for d in range(x.ndim) if d not in gone], x.shape
    shape, stride = [x.shape[d] for d in axes], [x.stride[d] for d in axes]
    return _viewed(x, shape, stride, "Squeeze", lambda g: [reshape(g, old)])


def expand(x: Tensor, *sizes: Any) -> Tensor:
    """``Tensor.expand``."""
    target: Shape = unpacked(sizes)
    leading, old = len(target) - x.ndim, x.shape
    shape = [x.shape[d - leading] if n == -1 else n for d, n in enumerate(target)]
    stride = [0 if d < leading or x.shape[d - leading] != n else x.stride[d - leading] for d, n in enumerate(shape)]
    return _viewed(x, shape, stride, "Expand", lambda g: [g if g.shape == old else Tensor(old, g.dtype)])


def expand_as(x: Tensor, other: Tensor) -> Tensor:
    """``Tensor.expand_as``."""
    return expand(x, *other.shape)


def slice_axis(x: Tensor, dim: int, start: int, stop: int, step: int) -> Tensor:
    """``x[start:stop:step]`` along an axis."""
    shape, stride = list(x.shape), list(x.stride)
    shape[dim] = max(0, -(-(stop - start) // step))
    stride[dim] *= step
    return _viewed(x, shape, stride, "Slice", _backward_of_full_size(x))


def narrow(x: Tensor, dim: int, start: int, length: int) -> Tensor:
    """``Tensor.narrow``."""
    dim = x.axis(dim)
    return slice_axis(x, dim, start, start + length, 1)


def select(x: Tensor, dim: int, index: int) -> Tensor:
    """``Tensor.select``."""
    dim = x.axis(dim)
    shape, stride = x.shape[:dim] + x.shape[dim + 1 :], x.stride[:dim] + x.stride[dim + 1 :]
    return _viewed(x, shape, stride, "Select", _backward_of_full_size(x))


def unfold(x: Tensor, dimension: int, size: int, step: int) -> Tensor:
    """``Tensor.unfold``."""
    d = x.axis(dimension)
    windows = (x.shape[d] - size) // step + 1
    shape = (*x.shape[:d], windows, *x.shape[d + 1 :], size)
    stride = (*x.stride[:d], x.stride[d] * step, *x.stride[d + 1 :], x.stride[d])
    return _viewed(x, shape, stride, "Unfold", _backward_of_full_size(x))


def _parts(
    x: Tensor, pieces: Sequence[tuple[Sequence[int], Sequence[int]]], name: str, backward: BackwardOfMany
) -> list[Tensor]:
    """Returns several views of a tensor, given by shapes and strides, as created by one function."""
    node = None
    if needs_graph(x):
        node = Node(name, [x], [])
        node.backward_of_many = backward
    out: list[Tensor] = []
    for number, (shape, stride) in enumerate(pieces):
        part = Tensor(shape, x.dtype, stride, x.storage)
        if node is not None:
            node.results.append((part.shape, part.dtype))
            part.node, part.output, part.requires_grad = node, number, True
        out.append(part)
    return out


def _joined_backward(x: Tensor, shapes: Sequence[Sequence[int]]) -> BackwardOfMany:
    """Returns a backward pass that joins the gradients of parts, with zeros for parts without a gradient."""
    whole, dtype = x.shape, x.dtype

    def backward(received: Mapping[int, Tensor]) -> list[Tensor]:
        zeros = [Tensor(shape, dtype) for number, shape in enumerate(shapes) if number not in received]
        joined = Tensor(whole, dtype)
        del zeros  # they occupy memory until the gradients are joined
        return [joined]

    return backward


def split(x: Tensor, split_size: int | Sequence[int], dim: int = 0) -> tuple[Tensor, ...]:
    """``Tensor.split``; its backward pass joins all gradients, with zeros for parts without one."""
    dim = x.axis(dim)
    size = x.shape[dim]
    if isinstance(split_size, int):
        lengths = [min(split_size, size - start) for start in range(0, size, max(split_size, 1))] or [0]
    else:
        lengths = list(split_size)
    pieces = [((*x.shape[:dim], n, *x.shape[dim + 1 :]), x.stride) for n in lengths]
    return tuple(_parts(x, pieces, "Split", _joined_backward(x, [shape for shape, _ in pieces])))


def chunk(x: Tensor, chunks: int, dim: int = 0) -> tuple[Tensor, ...]:
    """``Tensor.chunk``."""
    return split(x, -(-x.shape[dim] // chunks), dim)


def unbind(x: Tensor, dim: int = 0) -> tuple[Tensor, ...]:
    """``Tensor.unbind``; its backward pass stacks the gradients."""
    dim = x.axis(dim)
    count = x.shape[dim]
    shape, stride = x.shape[:dim] + x.shape[dim + 1 :], x.stride[:dim] + x.stride[dim + 1 :]
    return tuple(_parts(x, [(shape, stride)] * count, "Unbind", _joined_backward(x, [shape] * count)))


def cat(tensors: Sequence[Tensor], dim: int = 0) -> Tensor:
    """``torch.cat``."""
    first = tensors[0]
    dim = first.axis(dim)
    lengths = [t.shape[dim] for t in tensors]

    def backward(g: Tensor) -> list[Tensor]:
        out, start = list[Tensor](), 0
        for n in lengths:
            out.append(narrow(g, dim, start, n))
            start += n
        return out

    shape = (*first.shape[:dim], sum(lengths), *first.shape[dim + 1 :])
    return make(shape, result_type(*tensors), list(tensors), backward, "Cat", stride=_channels_last(tensors, shape))


def _channels_last(tensors: Sequence[Tensor], shape: Sequence[int]) -> Shape | None:
    """Returns channels-last strides for the concatenation of images that are all channels last, else None."""
    if len(shape) not in (4, 5) or not all(t.is_channels_last for t in tensors):
        return None
    return channels_last_stride(shape)


def stack(tensors: Sequence[Tensor], dim: int = 0) -> Tensor:
    """``torch.stack``."""
    return cat([unsqueeze(t, dim) for t in tensors], dim)


def repeat_interleave(x: Tensor, repeats: int, dim: int) -> Tensor:
    """``Tensor.repeat_interleave`` by a number: copies an expanded view."""
    dim = x.axis(dim)
    wide = expand(unsqueeze(x, dim + 1), *(-1,) * (dim + 1), repeats, *(-1,) * (x.ndim - dim - 1))
    return flatten(clone(wide, contiguous_stride(wide.shape)), dim, dim + 1)


def repeat(x: Tensor, *sizes: Any) -> Tensor:
    """``Tensor.repeat``."""
    times = unpacked(sizes)
    leading = len(times) - x.ndim
    shape = [n * (x.shape[d - leading] if d >= leading else 1) for d, n in enumerate(times)]
    return make(shape, x.dtype, [x], _backward_of_full_size(x), "Repeat")


def rearranging_copy(name: str) -> Callable[..., Tensor]:
    """A function whose result and gradient are rearranged copies: ``roll``, ``flip``."""

    def run(x: Tensor, *_: Any, **__: Any) -> Tensor:
        return make(x.shape, x.dtype, [x], _backward_of_full_size(x), name)

    return run


def iterate_first_axis(x: Tensor) -> Iterator[Tensor]:
    """Iterates over the first axis of a tensor with ``unbind``."""
    return iter(unbind(x))


def detach(x: Tensor) -> Tensor:
    """``Tensor.detach``."""
    return x.alias()


def broadcast_tensors(*tensors: Tensor) -> tuple[Tensor, ...]:
    """``torch.broadcast_tensors``."""
    shape = broadcast_shape(*(t.shape for t in tensors))
    return tuple(expand(t, *shape) for t in tensors)


def meshgrid(*tensors: Tensor, indexing: str = "ij") -> tuple[Tensor, ...]:
    """``torch.meshgrid``: views."""
    shape = [t.shape[0] for t in tensors]
    axes = len(tensors)
    return tuple(expand(view(t, *(-1 if d == i else 1 for d in range(axes))), *shape) for i, t in enumerate(tensors))


METHODS: dict[str, Callable[..., Any]] = {
    "view": view, "reshape": reshape, "view_as": view_as, "clone": clone, "contiguous": contiguous, "flatten": flatten,
    "unflatten": unflatten, "permute": permute, "transpose": transpose, "movedim": movedim, "unsqueeze": unsqueeze,
    "squeeze": squeeze, "expand": expand, "expand_as": expand_as, "narrow": narrow, "select": select, "unfold": unfold,
    "split": split, "chunk": chunk, "unbind": unbind, "repeat_interleave": repeat_interleave, "repeat": repeat,
    "roll": rearranging_copy("Roll"), "flip": rearranging_copy("Flip"), "detach": detach,
}  # fmt: skip
FUNCTIONS: dict[str, Callable[..., Any]] = {
    "torch.cat": cat, "torch.stack": stack, "torch.broadcast_tensors": broadcast_tensors, "torch.meshgrid": meshgrid,
    "torch.flip": rearranging_copy("Flip"), "torch.roll": rearranging_copy("Roll"),
}  # fmt: skip
