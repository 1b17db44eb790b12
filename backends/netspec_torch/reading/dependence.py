"""Finds weights and inputs on which no output depends; comparing outputs does not verify these."""

# Parts of torch have no types.
# pyright: reportUnknownMemberType=false, reportUnknownVariableType=false, reportUnknownArgumentType=false

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

import torch
from torch import nn
from torch.utils import _pytree as pytree

MOST = 4
"""Maximum number of names that are listed."""


def weights_without_effect(module: nn.Module, inputs: Sequence[torch.Tensor]) -> tuple[list[str], int]:
    """Returns the learned tensors on which no output depends, by gradients, and the number of learned tensors."""
    parameters = {name: p for name, p in module.named_parameters() if p.is_floating_point() and p.numel()}
    for parameter in parameters.values():
        parameter.requires_grad_()
    with torch.enable_grad():
        leaves = pytree.tree_leaves(module(*inputs))
        sums = [_weighted_sum(leaf) for leaf in leaves if isinstance(leaf, torch.Tensor) and leaf.requires_grad]
    if not sums or not parameters:
        return list(parameters), len(parameters)
    total = sum(sums[1:], sums[0])
    gradients = torch.autograd.grad(total, list(parameters.values()), allow_unused=True, materialize_grads=True)
    without = [name for name, gradient in zip(parameters, gradients, strict=True) if not bool(gradient.any())]
    return without, len(parameters)


def _weighted_sum(output: torch.Tensor) -> torch.Tensor:
    """Returns a number that depends on every element of an output."""
    generator = torch.Generator().manual_seed(0)
    return (output * torch.randn(output.shape, generator=generator, dtype=output.dtype)).sum()


def inputs_without_effect(
    names: Sequence[str], first: Any, second: Any, run: Callable[[Any], Sequence[torch.Tensor]]
) -> list[str]:
    """Returns the inputs that can be replaced without changing any output.

    Args:
        names: names of the inputs, in order.
        first: example inputs.
        second: other inputs of the same shapes.
        run: returns the outputs for inputs.
    """
    before, spec = pytree.tree_flatten(first)
    others = pytree.tree_leaves(second)
    places = [i for i, leaf in enumerate(before) if isinstance(leaf, torch.Tensor) and leaf.dim()]
    expected = run(first)
    without: list[str] = []
    for name, place in zip(names, places, strict=True):
        leaves = [others[i] if i == place else leaf for i, leaf in enumerate(before)]
        outputs = run(pytree.tree_unflatten(leaves, spec))
        if all(torch.equal(a, b) for a, b in zip(expected, outputs, strict=True)):
            without.append(name)
    return without


def listed(names: Sequence[str]) -> str:
    """Formats some of the names, and the number of the others."""
    more = f", and {len(names) - MOST} more" if len(names) > MOST else ""
    return f"{', '.join(names[:MOST])}{more}"
