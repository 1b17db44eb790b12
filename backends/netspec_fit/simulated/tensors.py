"""A tensor without values, its strides, and the graph of autograd: what computed it."""

from __future__ import annotations

import math
from collections.abc import Callable, Iterable, Mapping, Sequence
from typing import NamedTuple, TypeAlias

from .run import Region, Storage, current
from .types import HALVES, RANK, SIZE, Shape, channels_last_stride, contiguous_stride, is_floating
from .work import Work

Gradients: TypeAlias = "Sequence[Tensor | None]"
Backward: TypeAlias = "Callable[[Tensor], Gradients]"
"""From the gradient of a result to those of the inputs: new tensors, views of it, or itself."""
BackwardOfMany: TypeAlias = "Callable[[Mapping[int, Tensor]], Gradients]"
"""The same from the gradients of several results, by number; those of results that are not used are absent."""
Edge: TypeAlias = "tuple[Node | Accumulate, int]"


class Tensor:
    """A tensor without values.

    Args:
        shape: its sizes.
        dtype: the type of its elements, as ``torch`` spells it.
        stride: its strides; by default those of a contiguous tensor.
        storage: where it lives; by default in a new storage of its own size.
    """

    __slots__ = (
        "__weakref__", "accumulate", "dtype", "grad", "is_parameter", "node", "output", "requires_grad", "shape",
        "storage", "stride", "view_of",
    )  # fmt: skip

    def __init__(
        self,
        shape: Iterable[int],
        dtype: str = "float32",
        stride: Iterable[int] | None = None,
        storage: Storage | None = None,
    ) -> None:
        self.shape: Shape = tuple(shape)
        self.dtype = dtype
        self.stride: Shape = contiguous_stride(self.shape) if stride is None else tuple(stride)
        self.storage = Storage(math.prod(self.shape) * SIZE[dtype]) if storage is None else storage
        self.node: Node | None = None
        """What computed it, if autograd recorded that."""
        self.output = 0
        """Which of the node's results it is."""
        self.requires_grad = False
        self.is_parameter = False
        self.grad: Tensor | None = None
        self.accumulate: Accumulate | None = None
        self.view_of: Base | None = None
        """Of a view that autograd recorded, the tensor that it is a view of, however many views are between."""

    @property
    def ndim(self) -> int:
        """Number of axes."""
        return len(self.shape)

    @property
    def numel(self) -> int:
        """Number of elements."""
        return math.prod(self.shape)

    def alias(self) -> Tensor:
        """The same storage as a tensor that autograd knows nothing of."""
        return Tensor(self.shape, self.dtype, self.stride, self.storage)

    def axis(self, axis: int) -> int:
        """An axis counted from the front."""
        return axis % max(self.ndim, 1)

    @property
    def is_contiguous(self) -> bool:
        """Whether it lies in memory in the order of its axes."""
        step = 1
        for size, stride in zip(reversed(self.shape), reversed(self.stride), strict=True):
            if size != 1 and stride != step:
                return False
            step *= size
        return True

    @property
    def is_dense(self) -> bool:
        """Whether it lies in memory without gaps and overlaps, in any order of its axes."""
        step = 1
        for stride, size in sorted((k, n) for n, k in zip(self.shape, self.stride, strict=True) if n != 1):
            if stride != step:
                return False
            step *= size
        return True

    @property
    def is_channels_last(self) -> bool:
        """Whether an image lies in memory with its channels last, and not as well in the usual order."""
        return self.ndim in (4, 5) and not self.is_contiguous and self.stride == channels_last_stride(self.shape)

    def stride_as(self, shape: Sequence[int]) -> Shape | None:
        """The strides of a view of that shape; None if there is no such view (``computeStride`` of ATen)."""
        if self.numel == 0:
            return contiguous_stride(shape)
        out, place = [0] * len(shape), len(shape) - 1
        base: int | None = None
        total, seen = 1, 1
        for d in range(self.ndim - 1, -1, -1):
            if base is None:
                base = self.stride[d]
            total *= self.shape[d]
            if d == 0 or (self.shape[d - 1] != 1 and self.stride[d - 1] != total * base):
                while place >= 0 and (seen < total or shape[place] == 1):
                    out[place] = seen * base
                    seen *= shape[place]
                    place -= 1
                if seen != total:
                    return None
                base, total, seen = None, 1, 1
        if self.ndim == 0:
            return (1,) * len(shape)
        return tuple(out) if place == -1 else None


class Base(NamedTuple):
    """What is known of the tensor that another one is a view of.

    Attributes:
        shape: its sizes.
        stride: its strides.
        edge: where its gradient goes.
    """

    shape: Shape
    stride: Shape
    edge: Edge | None


class Node:
    """A function that autograd recorded."""

    __slots__ = (
        "backward",
        "backward_of_many",
        "edges",
        "name",
        "number",
        "parts",
        "place",
        "position",
        "region",
        "results",
        "saved",
    )

    def __init__(self, name: str, inputs: Iterable[Tensor | None], saved: Iterable[Tensor | None]) -> None:
        run = current()
        self.name = name
        self.edges = [None if x is None else edge(x) for x in inputs]
        self.saved: list[Tensor | None] | None = [None if t is None else t.alias() for t in saved]
        self.backward: Backward | None = None
        self.backward_of_many: BackwardOfMany | None = None
        self.number = next(run.numbers)
        self.place = run.meter.place
        self.results: list[tuple[Shape, str]] = []
        """Shape and type of each result."""
        self.parts: list[Work] | None = None
        """The work of each function that computes its gradients, where the forward pass knows it; bytes are 0 where the
        backward pass counts them."""
        self.region: Region | None = None
        self.position = 0
        """Its position among the nodes of a checkpointed block."""
        if run.region is not None:
            run.region.add_node(self)

    def restore(self) -> None:
        """Makes again what it keeps, if it belongs to a checkpointed block."""
        if self.region is not None and self.saved is None:
            self.saved = self.region.pop_saved(self.position)


class Accumulate:
    """The end of an edge at a parameter."""

    __slots__ = ("number", "of")

    def __init__(self, of: Tensor) -> None:
        self.of = of
        self.number = math.inf


def edge(x: Tensor) -> Edge | None:
    """Where the gradient of a tensor goes; None if it has none."""
    if not x.requires_grad:
        return None
    if x.node is not None:
        return x.node, x.output
    if x.accumulate is None:
        x.accumulate = Accumulate(x)
    return x.accumulate, 0


def elementwise_stride(x: Tensor) -> Shape | None:
    """The strides of what an elementwise function makes of a tensor: the same order of axes, without gaps."""
    if x.is_dense:
        return x.stride
    if any(stride == 0 and size > 1 for stride, size in zip(x.stride, x.shape, strict=True)):
        return None
    out, step = [0] * x.ndim, 1
    for d in sorted(range(x.ndim), key=lambda d: (x.stride[d], -d)):
        out[d] = step
        step *= x.shape[d]
    return tuple(out)


def result_type(*values: object) -> str:
    """The type of arithmetic with tensors and numbers (PyTorch's type promotion)."""
    tensors = [v for v in values if isinstance(v, Tensor)]
    axes = [t for t in tensors if t.ndim]
    top = max(axes or tensors, key=lambda t: RANK[t.dtype]).dtype
    if axes:  # a tensor without axes raises the kind of the result alone
        for t in tensors:
            if not t.ndim and is_floating(t.dtype) and not is_floating(top):
                top = t.dtype
    if top in HALVES and any(t.dtype in HALVES and t.dtype != top for t in axes):
        return "float32"
    if not is_floating(top) and any(isinstance(v, float) for v in values):
        return "float32"
    if top == "bool" and any(type(v) is int for v in values):
        return "int64"
    return top


def float32_cast_needed(x: Tensor) -> bool:
    """Whether autocast computes with it in single precision where a function needs that."""
    return current().autocast is not None and x.dtype in HALVES
