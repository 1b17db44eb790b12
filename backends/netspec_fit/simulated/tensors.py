"""Tensors without values, and the autograd graph that records how they were computed."""

from __future__ import annotations

import math
from collections.abc import Callable, Iterable, Mapping, Sequence
from typing import NamedTuple, TypeAlias

from .run import CheckpointedRun, Storage, current
from .types import HALVES, RANK, SIZE, Shape, channels_last_stride, contiguous_stride, is_floating
from .work import Work

Gradients: TypeAlias = "Sequence[Tensor | None]"
Backward: TypeAlias = "Callable[[Tensor], Gradients]"
"""Maps the gradient of a result to those of the inputs: new tensors, views of it, or the gradient itself."""
BackwardOfMany: TypeAlias = "Callable[[Mapping[int, Tensor]], Gradients]"
"""The same for functions with several results; gradients are given by result number, without unused results."""
Edge: TypeAlias = "tuple[Node | Accumulate, int]"


class Tensor:
    """A tensor without values.

    Args:
        shape: its sizes.
        dtype: type of its elements, under PyTorch's name.
        stride: its strides; contiguous by default.
        storage: its storage; by default a new one of its size.
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
        """The node that computed it, if autograd recorded one."""
        self.output = 0
        """The index of the result of that node."""
        self.requires_grad = False
        self.is_parameter = False
        self.grad: Tensor | None = None
        self.accumulate: Accumulate | None = None
        self.view_of: Base | None = None
        """For a view recorded by autograd, its base tensor; intermediate views are skipped."""

    @property
    def ndim(self) -> int:
        """Number of axes."""
        return len(self.shape)

    @property
    def numel(self) -> int:
        """Number of elements."""
        return math.prod(self.shape)

    def alias(self) -> Tensor:
        """Returns a detached tensor with the same storage."""
        return Tensor(self.shape, self.dtype, self.stride, self.storage)

    def axis(self, axis: int) -> int:
        """Converts a negative axis to a non-negative one."""
        return axis % max(self.ndim, 1)

    @property
    def is_contiguous(self) -> bool:
        """Whether its elements are in memory in the order of its axes."""
        step = 1
        for size, stride in zip(reversed(self.shape), reversed(self.stride), strict=True):
            if size != 1 and stride != step:
                return False
            step *= size
        return True

    @property
    def is_dense(self) -> bool:
        """Whether it occupies memory without gaps and overlaps, for any order of its axes."""
        step = 1
        for stride, size in sorted((k, n) for n, k in zip(self.shape, self.stride, strict=True) if n != 1):
            if stride != step:
                return False
            step *= size
        return True

    @property
    def is_channels_last(self) -> bool:
        """Whether it is an image in channels-last but not in contiguous format."""
        return self.ndim in (4, 5) and not self.is_contiguous and self.stride == channels_last_stride(self.shape)

    def stride_as(self, shape: Sequence[int]) -> Shape | None:
        """Returns the strides of a view of that shape, or None if a copy is needed (``computeStride`` of ATen)."""
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
    """The base tensor of a view.

    Attributes:
        shape: its sizes.
        stride: its strides.
        edge: the node or parameter that receives its gradient.
    """

    shape: Shape
    stride: Shape
    edge: Edge | None


class Node:
    """A function recorded by autograd."""

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
        """The work of each function that computes its gradients, if known in the forward pass; bytes are 0 if the
        backward pass counts them.
        """
        self.region: CheckpointedRun | None = None
        self.position = 0
        """Its position among the nodes of a checkpointed block."""
        if run.region is not None:
            run.region.add_node(self)

    def restore(self) -> None:
        """Recomputes its saved tensors, if it belongs to a checkpointed block."""
        if self.region is not None and self.saved is None:
            self.saved = self.region.pop_saved(self.position)


class Accumulate:
    """The edge to a parameter, which accumulates gradients."""

    __slots__ = ("number", "of")

    def __init__(self, of: Tensor) -> None:
        self.of = of
        self.number = math.inf


def edge(x: Tensor) -> Edge | None:
    """Returns the destination of a tensor's gradient; None if it needs no gradient."""
    if not x.requires_grad:
        return None
    if x.node is not None:
        return x.node, x.output
    if x.accumulate is None:
        x.accumulate = Accumulate(x)
    return x.accumulate, 0


def elementwise_stride(x: Tensor) -> Shape | None:
    """Returns the strides of an elementwise function's result: the same order of axes, without gaps."""
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
    """Returns the result type of arithmetic with tensors and numbers (PyTorch's type promotion)."""
    tensors = [v for v in values if isinstance(v, Tensor)]
    axes = [t for t in tensors if t.ndim]
    top = max(axes or tensors, key=lambda t: RANK[t.dtype]).dtype
    if axes:  # a zero-dimensional tensor only affects the category of the result type
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
    """Whether autocast casts the tensor to single precision for functions that require it."""
    return current().autocast is not None and x.dtype in HALVES
