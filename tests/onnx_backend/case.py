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


SINCE = {"scatter_add": 16, "rfft": 17, "irfft": 17, "grid_sample": 16, "roi_align": 16, "fold2d": 18}
"""The first operator set of operations that earlier ones lack."""

WITHOUT_KERNEL = {"roi_align": 22}
"""The first operator set of whose definition ONNX Runtime has no kernel for CPUs (1.32)."""


def opsets(op: str, *versions: int) -> list[int]:
    """These versions; the first one that has the operation in place of earlier ones."""
    return sorted({max(SINCE.get(op, 0), version) for version in versions})


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
