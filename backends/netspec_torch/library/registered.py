"""What calls of functions from other packages need. The text of what a network uses is copied into its file."""

# The text is copied: docstrings and names are those of a network's file, not of this package. torch is typed in part.
# mypy: disable-error-code="no-untyped-call, no-any-return"
# pyright: reportUnknownMemberType=false, reportUnknownVariableType=false, reportUnknownArgumentType=false
# pyright: reportPrivateUsage=false

from __future__ import annotations

from typing import Any

import torch
from torch import Tensor, nn


class OwnWeights(nn.Module):
    """The weights of a function that is defined elsewhere."""

    def __init__(
        self,
        parameters: tuple[tuple[str, tuple[int, ...]], ...],
        buffers: tuple[tuple[str, tuple[int, ...]], ...] = (),
    ) -> None:
        super().__init__()
        for name, shape in parameters:
            self.register_parameter(name, nn.Parameter(torch.empty(shape)))
        for name, shape in buffers:
            self.register_buffer(name, torch.zeros(shape))


@torch.fx.wrap
def checked(result: Any, name: str, *expected: Any) -> Any:
    """The result of a function that is defined elsewhere.

    Raises ValueError unless it is what the network says: for each output, its shape
    after the batch axis and the type of its elements.
    """
    tensors = result if isinstance(result, tuple) else (result,)
    kinds = list(zip(expected[::2], expected[1::2], strict=True))
    if len(tensors) != len(kinds) or not all(isinstance(t, Tensor) for t in tensors):
        found = ", ".join(type(t).__name__ for t in tensors)
        raise ValueError(f"'{name}' must return {len(kinds)} tensors; found {found}")
    for tensor, (shape, dtype) in zip(tensors, kinds, strict=True):
        sizes = tuple(tensor.shape[1:])
        fits = len(sizes) == len(shape) and all(
            n is None or n == size for n, size in zip(shape, sizes, strict=True)
        )
        if not fits or tensor.dtype != dtype:
            wanted = ", ".join("any" if n is None else str(n) for n in shape)
            raise ValueError(
                f"'{name}' must return (N, {wanted}) of {dtype}; "
                f"found {tuple(tensor.shape)} of {tensor.dtype}"
            )
    return result
