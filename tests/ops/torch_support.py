"""What PyTorch says of a module: shapes, state, and which input elements its outputs depend on."""

from __future__ import annotations

import math
from copy import deepcopy

import numpy as np
import numpy.typing as npt
import torch
from torch import nn

from netspec.ops.weight import Init

from .support import BuiltOp

torch.set_num_threads(1)


def depends(module: nn.Module, *shapes: tuple[int, ...], number: int = 0) -> npt.NDArray[np.bool_]:
    """Where the Jacobian of an example at random inputs is not zero: (*output shape, *input shape)."""
    draw = torch.Generator().manual_seed(0)
    inputs = [torch.rand(1, *s, dtype=torch.float64, generator=draw) + 0.5 for s in shapes]
    module = deepcopy(module).double().eval()

    def with_batch(x: torch.Tensor) -> torch.Tensor:
        out = module(*(x.unsqueeze(0) if i == number else other for i, other in enumerate(inputs)))
        assert isinstance(out, torch.Tensor)
        return out.squeeze(0)

    jacobian = torch.autograd.functional.jacobian(with_batch, inputs[number].squeeze(0))  # type: ignore[no-untyped-call]  # torch has no type for it
    assert isinstance(jacobian, torch.Tensor)
    nonzero: npt.NDArray[np.bool_] = jacobian.ne(0).numpy()
    return nonzero


def assert_same_state(built: BuiltOp, module: nn.Module) -> None:
    """The same tensors: names in order, shapes, types, which are trained, and how they begin."""
    state = module.state_dict()
    assert {w.name: w.shape for w in built.weights} == {k: tuple(v.shape) for k, v in state.items()}
    assert [w.name for w in built.weights] == list(state)
    assert {w.name: f"torch.{w.dtype}" for w in built.weights} == {k: str(v.dtype) for k, v in state.items()}
    assert {w.name for w in built.weights if w.trainable} == {k for k, _ in module.named_parameters()}
    assert {w.name for w in built.weights if w.buffer} == {k for k, _ in module.named_buffers()}
    for w in built.weights:
        assert_begins(w.init, state[w.name])


def assert_begins(init: Init, value: torch.Tensor) -> None:
    """A tensor fresh from PyTorch has that distribution: the constant, the bound, or the deviation."""
    if init.kind in ("zeros", "ones", "constant"):
        (expected,) = init.args or ({"zeros": 0.0, "ones": 1.0}[init.kind],)
        assert value.eq(expected).all()
    elif init.kind == "uniform":
        (bound,) = init.args
        assert value.abs().max() <= bound
        assert value.numel() < 20 or value.abs().max() > 0.8 * bound
    else:
        assert init.kind == "normal"
        (deviation,) = init.args
        assert abs(value.std().item() - deviation) < 5 * deviation / math.sqrt(2 * value.numel())
