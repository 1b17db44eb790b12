"""Creates the results of functions and records them in the autograd graph."""

from __future__ import annotations

import math
from collections.abc import Iterable, Sequence
from typing import NamedTuple

from .run import Storage, current
from .tensors import Backward, Base, Node, Tensor, edge
from .types import SIZE, Shape
from .work import Unit, Work


class Product(NamedTuple):
    """The work of a function that multiplies.

    Attributes:
        operations: operations of the forward pass.
        unit: the kind of computation.
        factors: inputs whose gradient is a product of the same size, each with the other factor of that product; if
            empty, one function computes all gradients.
        backward: operations of that function.
    """

    operations: int
    unit: Unit = "product"
    factors: Sequence[tuple[Tensor, Tensor]] = ()
    backward: int = 0


def moved_bytes(tensors: Iterable[Tensor | None]) -> int:
    """Returns the bytes of several tensors, each counted once; expanded axes count once, too."""
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
    """Whether autograd records a function of these inputs."""
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
    """Records the function that computed a tensor, if an input needs a gradient; returns the tensor.

    Args:
        out: the tensor.
        inputs: the inputs of the function.
        saved: tensors saved for the backward pass.
        backward: returns the gradients of the inputs.
        name: name of the function.
        product: the work of a function that multiplies.
        reads: bytes read, for a function that does not read all of its inputs.
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
    """Records an in-place function, if the tensor or another input needs a gradient.

    For a view, the gradient of the base tensor is copied, the view's part is cloned, and its gradient is copied back
    (PyTorch's ``CopySlices``). Partial views alone are recorded like other tensors.

    Args:
        x: the tensor.
        others: further inputs.
        saved: tensors saved for the backward pass.
        backward: returns the gradients of the tensor and the further inputs.
        name: name of the function.
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
    """Returns a view node for a tensor that was overwritten."""
    view = Node("View", [], [])
    view.edges.append((node, 0))
    view.backward = lambda g: [Tensor(whole, g.dtype, storage=g.storage if g.is_dense else None)]
    view.results.append((x.shape, x.dtype))
    return view


def _backward_parts(product: Product, out: Tensor, inputs: Sequence[Tensor | None]) -> list[Work]:
    """Returns the functions that compute a product's gradients: one per factor, and a sum for a bias."""
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
    """Counts a function without gradient and returns its result."""
    run = current()
    if run.tally is not None:
        run.count_function(name, out.dtype, moved_bytes([*inputs, out]))
    return out


def count_in_place(written: Tensor, others: Sequence[Tensor | None], name: str) -> None:
    """Counts a function that reads and overwrites a tensor."""
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
    """Creates the result of a function and records the function.

    Args:
        shape: sizes of the result.
        dtype: type of the result.
        inputs: the inputs, which receive gradients.
        backward: returns the gradients of the inputs.
        name: name of the function, for messages.
        saved: tensors saved for the backward pass.
        stride: strides of the result; contiguous by default.
        storage: for a view, the storage of its base; by default a new one.
        product: the work of a function that multiplies.
        reads: bytes read, for a function that does not read all of its inputs.
    """
    out = Tensor(shape, dtype, stride, storage)
    return record(out, inputs, saved, backward, name, product=product, reads=reads)


def fresh(*inputs: Tensor | None) -> Backward:
    """Returns a backward pass that allocates a tensor for each input that needs a gradient."""
    likes = [None if x is None or not x.requires_grad else (x.shape, x.dtype) for x in inputs]
    return lambda g: [None if like is None else Tensor(*like) for like in likes]


def fresh_for_each(*inputs: Tensor | None) -> Backward:
    """Like :func:`fresh`, but also for inputs without gradient, because composite C++ functions do not check."""
    likes = [None if x is None else (x.shape, x.dtype) for x in inputs]
    return lambda g: [None if like is None else Tensor(*like) for like in likes]
