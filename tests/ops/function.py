"""PyTorch's functions as modules, so that one table of cases can hold both."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
import torch
from torch import nn

from .support import BuiltOp, dependence
from .torch_support import depends

torch.set_num_threads(1)

Tensors = torch.Tensor | tuple[torch.Tensor, ...] | list[torch.Tensor]


class Function(nn.Module):
    """A function of tensors with a batch axis; of several results, the one of that number."""

    def __init__(self, function: Callable[..., Tensors], output: int = 0) -> None:
        super().__init__()
        self.function = function
        self.output = output

    def forward(self, *inputs: torch.Tensor) -> torch.Tensor:
        out = self.function(*inputs)
        return out if isinstance(out, torch.Tensor) else out[self.output]


def results(function: Callable[..., Tensors], built: BuiltOp) -> list[tuple[int, ...]]:
    """Shapes of the results for two examples, without the batch axis."""
    out = function(*(torch.rand(2, *x.shape) for x in built.inputs))
    tensors = [out] if isinstance(out, torch.Tensor) else list(out)
    assert all(t.shape[0] == 2 for t in tensors)
    return [tuple(t.shape[1:]) for t in tensors]


def assert_reads(function: Callable[..., Tensors], built: BuiltOp, *, exact: bool = True) -> None:
    """Every output reads of every input what PyTorch's does: all that, and nothing more where it is ``exact``."""
    for k in range(len(built.outputs)):
        for i in range(len(built.inputs)):
            expected = dependence(built, k, i)
            actual = depends(Function(function, k), *(x.shape for x in built.inputs), number=i)
            assert not (actual & ~expected).any()
            if exact:
                assert np.array_equal(expected, actual)
