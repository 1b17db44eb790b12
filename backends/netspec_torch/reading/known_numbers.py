"""Numbers in a module's definition, none of which may be a multiple of the number of tracked examples."""

# Parts of torch have no types.
# pyright: reportUnknownMemberType=false, reportUnknownVariableType=false, reportUnknownArgumentType=false

from __future__ import annotations

from collections.abc import Iterator
from types import CodeType, FunctionType
from typing import Any

import torch
from torch import nn
from torch.utils import _pytree as pytree

from .attributes import attributes_of
from .state import SourceState


def known_numbers(module: nn.Module, state: SourceState, inputs: Any) -> set[int]:
    """Returns sizes of tensors and inputs, attributes of modules, and constants in the code of their classes.

    Otherwise, a tensor that is expanded to 23 positions (by ``expand(23, -1)`` or an attribute) could be mistaken for
    one that is expanded to a batch of 23 examples.
    """
    numbers = {n for tensor in state.tensors.values() for n in tensor.shape}
    for leaf in pytree.tree_leaves(inputs):
        if isinstance(leaf, torch.Tensor):
            numbers |= set(leaf.shape[1:])
    for part in module.modules():
        numbers |= set(_integers(list(attributes_of(part).values())))
    for cls in {type(part) for part in module.modules()}:
        if not cls.__module__.startswith("torch."):
            for function in vars(cls).values():
                if isinstance(function, FunctionType):
                    numbers |= set(_constants(function.__code__))
    return numbers


def _integers(value: Any) -> Iterator[int]:
    if type(value) is int:
        yield value
    elif isinstance(value, (list, tuple)):
        for item in value:
            yield from _integers(item)


def _constants(code: CodeType) -> Iterator[int]:
    for constant in code.co_consts:
        if isinstance(constant, CodeType):
            yield from _constants(constant)
        else:
            yield from _integers(constant)
