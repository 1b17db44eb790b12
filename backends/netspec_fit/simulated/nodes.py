"""Tensors that functions compute of others, recorded in the graph of autograd."""

from __future__ import annotations

import math
from collections.abc import Iterable, Sequence
from typing import NamedTuple

from .run import Storage, current
from .tensors import Backward, Base, Node, Tensor, edge
from .types import SIZE, Shape
from .work import Unit, Work


class Product(NamedTuple):
    """The operations of a function that multiplies.

    Attributes:
        operations: those of the forward pass.
        unit: what computes.
        factors: inputs whose gradient is a product of as many operations, each with the other factor of it; where there
            are none, one function computes all gradients.
        backward: operations of that function.
    """

    operations: int
    unit: Unit = "product"
    factors: Sequence[tuple[Tensor, Tensor]] = ()
    backward: int = 0


def moved_bytes(tensors: Iterable[Tensor | None]) -> int:
    """Bytes of some tensors, each once: an expanded axis counts once, and a storage never more than it has."""
    by_storage: dict[int, list[int]] = {}
    seen: set[int] = set()
    for x in tensors:
        if x is None or id(x) in seen:
            continue
        seen.add(id(x))
        size = math.prod(n for n, step in zip(x.shape, x.stride, strict=True) if step) * SIZE[x.dtype]
        if not x.numel:
            size = 0
        held = by_storage.setdefault(id(x.storage), [0, x.storage.nbytes])
        held[0] += size
    return sum(min(size, most) for size, most in by_storage.values())


def needs_graph(*inputs: Tensor | None) -> bool:
    """Whether autograd records a function of these."""
    return current().grad and any(x is not None and x.requires_grad for x in inputs)


def record(
    out: Tensor,
    inputs: Sequence[Tensor | None],
    saved: Sequence[Tensor | None],
    backward: Backward,
    name: str,
    *,
    product: Product | None = None,
    reads: int | None = None,
) -> Tensor:
    """Records what computed a tensor, if an input needs a gradient; returns the tensor.

    Args:
        out: the tensor.
        inputs: what it is computed of.
        saved: what is kept for the backward pass.
        backward: the gradients of the inputs.
        name: of the function.
        product: the operations of a function that multiplies.
        reads: bytes that it reads, for a function that does not read all of its inputs.
    """
    run = current()
    if run.tally is not None and all(x is None or x.storage is not out.storage for x in inputs):
        moved = moved_bytes([*inputs, *saved, out]) if reads is None else reads + moved_bytes([out])
        operations, unit = (product.operations, product.unit) if product is not None else (0, "none")
        run.count_function(name, out.dtype, moved, operations, unit)
    if needs_graph(*inputs):
        node = Node(name, inputs, saved)
        node.backward = backward
        node.results.append((out.shape, out.dtype))
        if product is not None and run.tally is not None:
            node.parts = _backward_parts(product, out, inputs)
        out.node, out.output, out.requires_grad = node, 0, True
        viewed = inputs[0]
        if viewed is not None and viewed.storage is out.storage:
            out.view_of = viewed.view_of or Base(viewed.shape, viewed.stride, edge(viewed))
    return out


def rewrite(
    x: Tensor, others: Sequence[Tensor | None], saved: Sequence[Tensor | None], backward: Backward, name: str
) -> None:
    """Records a function that wrote over a tensor, if it or another input needs a gradient.

    Of a view, the gradient of the whole tensor that it is a view of is copied, its part is cloned, and the gradient of
    that is copied back (``CopySlices`` of PyTorch). Views of a part alone are recorded like other tensors.

    Args:
        x: the tensor.
        others: further inputs.
        saved: what is kept for the backward pass.
        backward: the gradients of the tensor and the further inputs.
        name: of the function.
    """
    if not needs_graph(x, *others):
        return
    node = Node(name, [x, *others], saved)
    base = x.view_of
    if base is None or math.prod(base.shape) != x.numel:
        node.backward = backward
        node.results.append((x.shape, x.dtype))
    else:
        node.edges[0] = base.edge
        shape, dtype, whole = x.shape, x.dtype, base

        def copy_slices(g: Tensor) -> list[Tensor | None]:
            copy = Tensor(whole.shape, dtype, whole.stride)
            ungraded(copy, [g], "Copy")
            gradients = backward(ungraded(Tensor(shape, dtype), [copy], "Clone"))
            for gradient in gradients[:1]:
                if gradient is not None:
                    ungraded(copy, [gradient], "Copy")
            return [copy, *gradients[1:]]

        node.backward = copy_slices
        node.results.append((base.shape, dtype))
        node = _view_again(node, base.shape, x)
    x.node, x.output, x.requires_grad = node, 0, True


def _view_again(node: Node, whole: Shape, x: Tensor) -> Node:
    """The view of a tensor that was written over."""
    view = Node("View", [], [])
    view.edges.append((node, 0))
    view.backward = lambda g: [Tensor(whole, g.dtype, storage=g.storage if g.is_dense else None)]
    view.results.append((x.shape, x.dtype))
    return view


def _backward_parts(product: Product, out: Tensor, inputs: Sequence[Tensor | None]) -> list[Work]:
    """The functions that compute the gradients of a product: one for each factor, a sum for a convolution's bias."""
    if not product.factors:
        return [Work(product.unit, product.backward, 0)]
    parts = [
        Work(product.unit, product.operations, moved_bytes([x, other, out]))
        for x, other in product.factors
        if x.requires_grad
    ]
    factors = {id(x) for x, _ in product.factors}
    for x in inputs:
        if product.unit == "convolution" and x is not None and x.requires_grad and id(x) not in factors:
            parts.append(Work("none", 0, moved_bytes([x, out])))
    return parts


def ungraded(out: Tensor, inputs: Sequence[Tensor], name: str) -> Tensor:
    """A result through which no gradient flows, which a function computed of others; returns it."""
    run = current()
    if run.tally is not None:
        run.count_function(name, out.dtype, moved_bytes([*inputs, out]))
    return out


def count_in_place(written: Tensor, others: Sequence[Tensor | None], name: str) -> None:
    """Counts a function that reads a tensor and writes over it."""
    run = current()
    if run.tally is not None:
        run.count_function(name, written.dtype, moved_bytes([written]) + moved_bytes([written, *others]))


def make(
    shape: Iterable[int],
    dtype: str,
    inputs: Sequence[Tensor | None],
    backward: Backward,
    name: str,
    *,
    saved: Sequence[Tensor | None] = (),
    stride: Iterable[int] | None = None,
    storage: Storage | None = None,
    product: Product | None = None,
    reads: int | None = None,
) -> Tensor:
    """A tensor that a function computes of others.

    Args:
        shape: its sizes.
        dtype: its type.
        inputs: what it is computed of; gradients go there.
        backward: the gradients of the inputs.
        name: the name of the function, for messages.
        saved: what is kept for the backward pass.
        stride: its strides; contiguous by default.
        storage: for a view, the storage of the tensor that it is a view of; by default a new one.
        product: the operations of a function that multiplies.
        reads: bytes that it reads, for a function that does not read all of its inputs.
    """
    out = Tensor(shape, dtype, stride, storage)
    return record(out, inputs, saved, backward, name, product=product, reads=reads)


def fresh(*inputs: Tensor | None) -> Backward:
    """A backward pass that makes a tensor of its own for each input that needs a gradient."""
    likes = [None if x is None or not x.requires_grad else (x.shape, x.dtype) for x in inputs]
    return lambda g: [None if like is None else Tensor(*like) for like in likes]


def fresh_for_each(*inputs: Tensor | None) -> Backward:
    """The same, whether an input needs its gradient or not: composite functions in C++ do not ask."""
    likes = [None if x is None else (x.shape, x.dtype) for x in inputs]
    return lambda g: [None if like is None else Tensor(*like) for like in likes]
