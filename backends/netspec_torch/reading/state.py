"""The tensors of a source: the state dict of a module, its other buffers, and aliases."""

# Parts of torch have no types.
# pyright: reportUnknownMemberType=false

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

import torch


@dataclass(eq=False, slots=True)
class SourceState:
    """The tensors of a module or of an exported program."""

    tensors: Mapping[str, torch.Tensor]
    """The state dict."""
    trainable: frozenset[str]
    """Names of its trained parameters; others are frozen parameters or buffers."""
    parameters: frozenset[str]
    """Names of its parameters."""
    aliases: Mapping[str, tuple[str, ...]] = field(default_factory=dict[str, tuple[str, ...]])
    """For each tensor with several names, all its names in the order of the state dict."""
    users: dict[str, str] = field(default_factory=dict[str, str])
    """The name under which each tensor with several names was first used, by the first of its names."""

    left_out: Mapping[str, str] = field(default_factory=dict[str, str])
    """For each parameter that the state dict omits because of an alias, the name in the state dict."""

    _addresses: dict[tuple[int, tuple[int, ...]], str] = field(default_factory=dict[Any, str])

    def name_of(self, tensor: torch.Tensor) -> str | None:
        """Returns the name of the parameter with which a tensor shares memory, or None."""
        if not self._addresses:
            for name in self.parameters:
                self._addresses[_address(self.tensors[name])] = name
        return self._addresses.get(_address(tensor)) if tensor.numel() and not tensor.is_meta else None

    @classmethod
    def of_module(cls, module: torch.nn.Module) -> SourceState:
        """Returns the tensors of a module.

        Parameters that its ``state_dict`` omits are added, unless they are aliases.
        """
        tensors: dict[str, torch.Tensor] = dict(module.state_dict(keep_vars=True))
        names = {id(tensor): name for name, tensor in reversed(tensors.items())}
        every = dict(module.named_parameters(remove_duplicate=False))
        left_out: dict[str, str] = {}
        for name, tensor in every.items():
            if names.setdefault(id(tensor), name) == name:
                tensors.setdefault(name, tensor)
            elif name not in tensors:
                left_out[name] = names[id(tensor)]
        parameters = {name: tensor for name, tensor in every.items() if name not in left_out}
        trainable = frozenset(name for name, tensor in parameters.items() if tensor.requires_grad)
        return cls(tensors, trainable, frozenset(parameters), _aliases(parameters), left_out=left_out)

    @classmethod
    def of_program(cls, program: torch.export.ExportedProgram) -> SourceState:
        """Returns the tensors of an exported program without a module."""
        names = set(program.graph_signature.parameters)
        state: dict[str, Any] = dict(program.state_dict)
        parameters = {name: tensor for name, tensor in state.items() if name in names}
        trainable = frozenset(name for name, tensor in parameters.items() if tensor.requires_grad)
        return cls(state, trainable, frozenset(parameters), _aliases(parameters))

    def name_for(self, name: str, path: str, local: str) -> str:
        """Returns the name of a tensor with several names: the one in the module that uses it first."""
        names = self.aliases.get(name)
        if names is None:
            return name
        candidate = f"{path}.{local}" if path else local
        return self.users.setdefault(names[0], candidate if candidate in names else name)


def _aliases(parameters: Mapping[str, torch.Tensor]) -> dict[str, tuple[str, ...]]:
    by_tensor: dict[int, list[str]] = {}
    for name, tensor in parameters.items():
        by_tensor.setdefault(id(tensor), []).append(name)
    return {name: tuple(names) for names in by_tensor.values() if len(names) > 1 for name in names}


def _address(tensor: torch.Tensor) -> tuple[int, tuple[int, ...]]:
    return tensor.data_ptr(), tuple(tensor.shape)
