"""What every network may need. The text of what a network uses is copied into its file."""

# The text is copied: docstrings and names are those of a network's file, not of this package. torch is typed in part.
# mypy: disable-error-code="no-untyped-call, no-any-return"
# pyright: reportUnknownMemberType=false, reportUnknownVariableType=false, reportUnknownArgumentType=false
# pyright: reportPrivateUsage=false

from __future__ import annotations

from typing import Any, Self

import torch
from torch import Tensor, nn


@torch.fx.wrap
def check_shape(x: Tensor, name: str, shape: tuple[int | None, ...]) -> None:
    """Raises ValueError unless an input has that shape after the batch axis."""
    if len(x.shape) != len(shape) + 1 or any(
        n not in (None, found) for n, found in zip(shape, x.shape[1:], strict=True)
    ):
        wanted = ", ".join("any" if n is None else str(n) for n in shape)
        raise ValueError(
            f"input '{name}' must be (N, {wanted}); found {tuple(x.shape)}"
        )


def member(module: nn.Module, name: str) -> Any:
    """A submodule or tensor whose name is that of an attribute of ``nn.Module``."""
    for kind in (module._modules, module._parameters, module._buffers):
        if name in kind:
            return kind[name]
    raise AttributeError(name)


def add_buffer(
    module: nn.Module, name: str, tensor: Tensor, persistent: bool = True
) -> None:
    """A buffer whose name is that of an attribute of ``nn.Module``."""
    module._buffers[name] = tensor
    if not persistent:
        module._non_persistent_buffers_set.add(name)


class TrainingModule(nn.Module):
    """A module that may have a submodule or tensor called ``training``."""

    def train(self, mode: bool = True) -> Self:
        self.__dict__["training"] = mode
        for child in self.children():
            child.train(mode)
        return self


def tie(model: nn.Module, name: str, owner: str) -> None:
    """Makes two parameters one, which the state dict has under its owner's name."""
    path, _, last = name.rpartition(".")
    owner_path, _, owner_last = owner.rpartition(".")
    module, other = model.get_submodule(path), model.get_submodule(owner_path)
    if owner_last in other._parameters:
        module._parameters[last] = other._parameters[owner_last]
        if isinstance(module, nn.RNNBase):  # it keeps a list of them
            setattr(module, last, other._parameters[owner_last])
    else:
        module._buffers[last] = other._buffers[owner_last]
    model._register_state_dict_hook(_Untied(name))
    model._register_load_state_dict_pre_hook(_Tied(name, owner))


class _Untied:
    """Leaves a tied parameter out of a state dict."""

    def __init__(self, name: str) -> None:
        self.name = name

    def __call__(
        self, module: nn.Module, state: dict[str, Tensor], prefix: str, *_: Any
    ) -> None:
        state.pop(prefix + self.name, None)


class _Tied:
    """Gives a tied parameter what its owner is given."""

    def __init__(self, name: str, owner: str) -> None:
        self.name = name
        self.owner = owner

    def __call__(self, state: dict[str, Tensor], prefix: str, *_: Any) -> None:
        if prefix + self.owner in state:
            state.setdefault(prefix + self.name, state[prefix + self.owner])
