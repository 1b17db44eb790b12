"""Tensors that functions compute of others, recorded in the graph of autograd."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from .run import Storage, current
from .tensors import Backward, Node, Tensor


def needs_graph(*inputs: Tensor | None) -> bool:
    """Whether autograd records a function of these."""
    return current().grad and any(x is not None and x.requires_grad for x in inputs)


def record(
    out: Tensor, inputs: Sequence[Tensor | None], saved: Sequence[Tensor | None], backward: Backward, name: str
) -> Tensor:
    """Records what computed a tensor, if an input needs a gradient; returns the tensor."""
    if needs_graph(*inputs):
        node = Node(name, inputs, saved)
        node.backward = backward
        node.results.append((out.shape, out.dtype))
        out.node, out.output, out.requires_grad = node, 0, True
    return out


def make(
    shape: Iterable[int],
    dtype: str,
    inputs: Sequence[Tensor | None],
    saved: Sequence[Tensor | None],
    backward: Backward,
    name: str,
    stride: Iterable[int] | None = None,
    storage: Storage | None = None,
) -> Tensor:
    """A tensor that a function computes of others.

    Args:
        shape: its sizes.
        dtype: its type.
        inputs: what it is computed of; gradients go there.
        saved: what is kept for the backward pass.
        backward: the gradients of the inputs.
        name: of the function, for messages.
        stride: its strides; contiguous by default.
        storage: of a view, the storage that it is a view of.
    """
    return record(Tensor(shape, dtype, stride, storage), inputs, saved, backward, name)


def fresh(*inputs: Tensor | None) -> Backward:
    """A backward pass that makes a tensor of its own for each input that needs a gradient."""
    likes = [None if x is None or not x.requires_grad else (x.shape, x.dtype) for x in inputs]
    return lambda g: [None if like is None else Tensor(*like) for like in likes]


def fresh_for_each(*inputs: Tensor | None) -> Backward:
    """The same, whether an input needs its gradient or not: composite functions in C++ do not ask."""
    likes = [None if x is None else (x.shape, x.dtype) for x in inputs]
    return lambda g: [None if like is None else Tensor(*like) for like in likes]
