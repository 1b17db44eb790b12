"""Changes weights so that different networks give different outputs: no weight keeps its initial constant."""

# Parts of torch have no types.
# pyright: reportUnknownMemberType=false, reportUnknownVariableType=false, reportUnknownArgumentType=false

from __future__ import annotations

import math
from collections.abc import Callable
from typing import Any

import torch
from torch import nn

SMALL = 0.3
"""Gain of a matrix below which it is scaled to 1; several such layers would suppress the input."""


def perturb(module: nn.Module, run: Callable[[], object], seed: int = 0) -> None:
    """Changes the weights of a module so that no values are equal by chance.

    Gains, biases and everything that is constant or tiny after initialisation get random values of typical magnitude.
    Running statistics are set to those of each layer's inputs.

    Args:
        module: in ``eval`` mode; modified.
        run: runs it once.
        seed: seed of the random numbers.
    """
    generator = torch.Generator().manual_seed(seed)
    with torch.no_grad():
        for parameter in module.parameters():
            _perturb_parameter(parameter, generator)
        for name, buffer in module.named_buffers():
            if name.rpartition(".")[2] in ("weight", "bias") and buffer.dim() == 1:  # a frozen batch norm
                _perturb_parameter(buffer, generator)
    hooks = [
        part.register_forward_pre_hook(_set_statistics)
        for part in module.modules()
        if getattr(part, "running_mean", None) is not None and getattr(part, "running_var", None) is not None
    ]
    try:
        with torch.no_grad():
            run()
    finally:
        for hook in hooks:
            hook.remove()


def _perturb_parameter(tensor: torch.Tensor, generator: torch.Generator) -> None:
    if not tensor.is_floating_point() or not tensor.numel():
        return
    flat = tensor.reshape(-1)
    if tensor.dim() <= 1 or (bool(flat[0] == flat[-1]) and bool((flat == flat[0]).all())):
        noise = torch.randn(tensor.shape, generator=generator).to(tensor.dtype)
        small = float(flat.abs().max()) < 1e-2 and float(flat.abs().max()) > 0
        tensor.copy_(0.5 + 0.1 * noise) if small else tensor.add_(0.1 * noise)
    elif (gain := float(tensor.std()) * math.sqrt(tensor.numel() / tensor.shape[0])) < SMALL:
        tensor.mul_(1 / gain)


def _set_statistics(part: nn.Module, inputs: tuple[Any, ...]) -> None:
    """Sets running statistics close to those of a layer's input."""
    x: torch.Tensor = inputs[0]
    mean: torch.Tensor = part.running_mean  # type: ignore[assignment]  # a module's buffer
    var: torch.Tensor = part.running_var  # type: ignore[assignment]  # a module's buffer
    dims = [axis for axis in range(x.dim()) if axis != 1]
    if x.dim() < 2 or x.shape[1] != mean.shape[0]:
        return
    mean.copy_(x.mean(dims))
    actual = x.var(dims, correction=0)
    var.copy_(actual * 1.1 + 0.01 * actual.mean())
