"""A row of the conformance table."""

# Rows take functions of one to five tensors:
# pyright: reportUnknownLambdaType=false, reportUnknownArgumentType=false

from __future__ import annotations

from collections.abc import Callable
from typing import Any, NamedTuple

from torch import Tensor

from .support import Input

Weights = dict[str, Tensor]


class Case(NamedTuple):
    """An operation over some inputs."""

    op: str
    args: dict[str, Any]
    inputs: tuple[Input, ...]
    reference: Callable[..., Any]
    """Computes the expected outputs from the weights by name and the inputs with their batch axis."""


def case(
    op: str, shape: tuple[int, ...], reference: Callable[[Tensor], Tensor | tuple[Tensor, ...]], /, **args: Any
) -> Case:
    """A row for an operation without weights on one input."""
    return Case(op, args, (Input(shape),), lambda w, x: reference(x))


def weighted(op: str, shape: tuple[int, ...], reference: Callable[[Weights, Tensor], Tensor], /, **args: Any) -> Case:
    """A row for an operation with weights on one input."""
    return Case(op, args, (Input(shape),), reference)


def several(op: str, shapes: list[tuple[int, ...]], reference: Callable[..., Any], /, **args: Any) -> Case:
    """A row for an operation without weights on several inputs; a vector has no name, so that it meets any axis."""
    inputs = tuple(Input(s, named=len(s) > 1) for s in shapes)
    return Case(op, args, inputs, lambda w, *xs: reference(*xs))
