"""Modules that run at each position of an axis, or for the positions that choose them."""

# The text is copied: docstrings and names are those of a network's file, not of this package.

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from functools import partial
from typing import Any

import torch
from torch import Tensor, nn


def loop(
    step: Callable[..., Tensor | tuple[Tensor, ...]],
    inputs: Sequence[Tensor],
    axes: Sequence[int | None],
    states: Mapping[int, int],
    places: Sequence[int | None],
) -> Any:
    """The results of a module at each position of an axis, each after the one before.

    ``axes`` is where the inputs have the axis, and ``places`` where the results get
    it; of states, the last is returned. Input ``i`` in ``states`` is the result
    ``states[i]`` of the position before.
    """
    given = list(inputs)
    size = next(x.shape[a] for x, a in zip(inputs, axes) if a is not None)
    results: list[tuple[Tensor, ...]] = []
    for position in range(size):
        here = [x if a is None else x.select(a, position) for x, a in zip(given, axes)]
        result = step(*here)
        results.append(result if isinstance(result, tuple) else (result,))
        for i, k in states.items():
            given[i] = results[-1][k]
    out: list[Tensor] = []
    for k, a in enumerate(places):
        values = [result[k] for result in results]
        out.append(values[-1] if a is None else torch.stack(values, a))
    return tuple(out) if len(out) > 1 else out[0]


def stacked(copies: Sequence[nn.Module]) -> nn.Module:
    """A module whose weights are those of several, with a leading axis."""
    first = copies[0]
    for name, tensor in [*first.named_parameters(), *first.named_buffers()]:
        path, _, last = name.rpartition(".")
        owner = first.get_submodule(path)
        if isinstance(tensor, nn.Parameter):
            values = torch.stack([copy.get_parameter(name) for copy in copies]).detach()
            setattr(owner, last, nn.Parameter(values, tensor.requires_grad))
        else:
            setattr(
                owner, last, torch.stack([copy.get_buffer(name) for copy in copies])
            )
    return first


def unstacked(module: nn.Module, count: int) -> list[Callable[..., Any]]:
    """A module with stacked weights as functions, one for each position of these."""
    tensors = {**dict(module.named_parameters()), **dict(module.named_buffers())}
    return [
        partial(
            torch.func.functional_call,
            module,
            {name: t[i] for name, t in tensors.items()},
        )
        for i in range(count)
    ]


def route(
    experts: Iterable[Callable[..., Any]],
    x: Tensor,
    index: Tensor,
    shares: Tensor | None = None,
) -> Tensor:
    """The results of the modules that each position chooses, times its shares, added.

    Modules see the tokens that choose them, ``(1, tokens, channels)``.
    """
    modules = list(experts)
    tokens, choices = x.flatten(0, -2), index.flatten(0, -2)
    if not torch.compiler.is_compiling() and choices.numel():
        least, greatest = int(choices.min()), int(choices.max())
        if least < 0 or greatest >= len(modules):
            wrong = least if least < 0 else greatest
            raise IndexError(f"there is no expert {wrong}: there are {len(modules)}")
    out: Tensor | None = None
    for number, expert in enumerate(modules):
        token, choice = torch.where(choices == number)
        y = expert(tokens[token][None])[0]
        if shares is not None:
            y = y * shares.flatten(0, -2)[token, choice, None].to(y.dtype)
        before = y.new_zeros(tokens.shape[0], y.shape[-1]) if out is None else out
        out = before.index_add(0, token, y)
    assert out is not None
    return out.reshape(*x.shape[:-1], out.shape[-1])
