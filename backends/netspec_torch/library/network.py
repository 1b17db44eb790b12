"""What every network may need. The text of what a network uses is copied into its file."""

# The text is copied: docstrings and names are those of a network's file, not of this package. torch is typed in part.
# mypy: disable-error-code="no-untyped-call, no-any-return"
# pyright: reportUnknownMemberType=false, reportUnknownVariableType=false, reportUnknownArgumentType=false
# pyright: reportPrivateUsage=false

from __future__ import annotations

from collections.abc import Callable
from typing import Any, Self

import torch
from torch import Tensor, nn


@torch.fx.wrap
def check_shape(x: Tensor, name: str, shape: tuple[int | None, ...]) -> None:
    """Raises ValueError unless an input has that shape after the batch axis."""
    if len(x.shape) != len(shape) + 1 or any(
        n is not None and n != size for n, size in zip(shape, x.shape[1:], strict=True)
    ):
        sizes = ", ".join("any" if n is None else str(n) for n in shape)
        raise ValueError(f"input '{name}' must be (N, {sizes}); found {tuple(x.shape)}")


@torch.fx.wrap
def check_sizes(legal: bool, rule: str, /, **sizes: int) -> None:
    """Raises ValueError unless the sizes of the inputs follow a rule."""
    if not legal:
        found = ", ".join(f"{name} = {size}" for name, size in sizes.items())
        raise ValueError(f"{rule}; found {found}")


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


def attach(
    module: nn.Module,
    path: str,
    value: nn.Module | Tensor | None,
    persistent: bool = True,
) -> None:
    """Adds a submodule or tensor of the network below a layer that does not use it.

    The layer sees nothing of it, even if it has an attribute of that name: a linear
    layer without a bias stays without, with a parameter of the network called "bias".
    """
    first, _, rest = path.partition(".")
    if rest:
        if first not in module._modules:
            attach(module, first, nn.Module())
        inner = module._modules[first]
        assert inner is not None
        attach(inner, rest, value, persistent)
        return
    for kind in (module._parameters, module._buffers, module._modules):
        if first in kind:
            module.__dict__[first] = kind.pop(first)
    if isinstance(value, nn.Parameter):
        module._parameters[first] = value
    elif isinstance(value, Tensor):
        add_buffer(module, first, value, persistent)
    else:
        module._modules[first] = value


def attached(module: nn.Module, path: str) -> Any:
    """A submodule or tensor that was attached below a layer."""
    first, _, rest = path.partition(".")
    found = member(module, first)
    return attached(found, rest) if rest else found


class TrainingModule(nn.Module):
    """A module that may have a submodule or tensor called ``training``."""

    def train(self, mode: bool = True) -> Self:
        self.__dict__["training"] = mode
        for child in self.children():
            child.train(mode)
        return self


def place(model: nn.Module, name: str) -> tuple[nn.Module | None, dict[str, Any], str]:
    """The module that holds a tensor of that name, its dict there, and the key."""
    *path, last = name.split(".")
    module: nn.Module | None = model
    for part in path:
        module = module._modules.get(part) if module is not None else None
    if module is None:
        return None, {}, last
    held = module._parameters if last in module._parameters else module._buffers
    return module, held, last


class TiedModule(nn.Module):
    """A module that has some tensors under two names.

    They stay one wherever it is moved; its state dict has them under the owner's name.
    """

    def __init__(self, *modules: Any) -> None:
        super().__init__(*modules)
        self._owners: dict[str, str] = {}

    def _tie(self, name: str, owner: str) -> None:
        """Makes a parameter or buffer the one that has another name."""
        self._owners[name] = owner
        self._join({name: owner})

    def _tied(self) -> dict[str, str]:
        """What is tied, and has not been replaced since, with its owner."""
        tied: dict[str, str] = {}
        for name, owner in self._owners.items():
            _, held, key = place(self, name)
            _, theirs, other = place(self, owner)
            if held.get(key) is not None and held[key] is theirs.get(other):
                tied[name] = owner
        return tied

    def _join(self, tied: dict[str, str]) -> None:
        for name, owner in tied.items():
            module, held, key = place(self, name)
            _, theirs, other = place(self, owner)
            held[key] = theirs[other]
            if isinstance(module, nn.RNNBase):  # it keeps a list of them
                setattr(module, key, theirs[other])

    def _apply(self, fn: Callable[[Tensor], Tensor], recurse: bool = True) -> Self:
        tied = self._tied()
        super()._apply(fn, recurse)
        self._join(tied)
        return self

    def state_dict(self, *args: Any, prefix: str = "", **kwargs: Any) -> Any:
        state = super().state_dict(*args, prefix=prefix, **kwargs)
        for name in self._tied():
            state.pop(prefix + name, None)
        return state

    def load_state_dict(self, *args: Any, **kwargs: Any) -> Any:
        tied = self._tied()
        keys = super().load_state_dict(*args, **kwargs)
        self._join(tied)
        return keys

    def _load_from_state_dict(
        self, state_dict: dict[str, Any], prefix: str, *args: Any, **kwargs: Any
    ) -> None:
        for name, owner in self._tied().items():
            if prefix + owner in state_dict:
                state_dict.setdefault(prefix + name, state_dict[prefix + owner])
        super()._load_from_state_dict(state_dict, prefix, *args, **kwargs)


class SharedConstants(nn.Module):
    """A module whose equal constants are one tensor, wherever it is moved."""

    def _share(self, *names: str) -> None:
        """Makes all buffers of these names one tensor; ``*`` is any part of a name."""
        patterns = [name.split(".") for name in names]
        shared: Tensor | None = None
        for path, module in self.named_modules():
            for key, buffer in module._buffers.items():
                parts = f"{path}.{key}".split(".") if path else [key]
                if any(
                    len(parts) == len(pattern)
                    and all(b in ("*", a) for a, b in zip(parts, pattern, strict=True))
                    for pattern in patterns
                ):
                    shared = buffer if shared is None else shared
                    module._buffers[key] = shared

    def _apply(self, fn: Callable[[Tensor], Tensor], recurse: bool = True) -> Self:
        moved: dict[int, tuple[Tensor, Tensor]] = {}

        def once(tensor: Tensor) -> Tensor:
            if isinstance(tensor, nn.Parameter):
                return fn(tensor)
            if id(tensor) not in moved:
                moved[id(tensor)] = tensor, fn(tensor)
            return moved[id(tensor)][1]

        return super()._apply(once, recurse)
