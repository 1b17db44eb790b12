"""What a network of the zoo is compared with."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any, NamedTuple

from torch import Tensor, nn

Renaming = Callable[[str], "str | None"]
"""The name of a tensor in the other module by its name in ours; None if only ours has it."""


def same_name(name: str) -> str | None:
    """The name itself."""
    return name


def call(module: nn.Module, inputs: Mapping[str, Tensor]) -> Any:
    """The module's outputs, with the inputs in order."""
    return module(*inputs.values())


def leave(inputs: dict[str, Tensor]) -> None:
    """Change nothing."""


class Case(NamedTuple):
    """A network of the zoo at some size, and a module of another package."""

    reference: str
    """As :func:`tests.zoo.support.loaded` takes it: ``convmixer@768_32 H=56 W=56``."""
    module: Callable[[], nn.Module]
    """Makes the other module."""
    run: Callable[[nn.Module, Mapping[str, Tensor]], Any] = call
    """Its outputs for inputs by our names."""
    names: Renaming = same_name
    unused: tuple[str, ...] = ()
    """Parts of the names of tensors that the other module has and ours needs not."""
    published: Callable[[], nn.Module] | None = None
    """Makes the other module at its published size, where parameters depend on the size; for their count alone."""
    limit: float = 1e-9
    """Greatest difference allowed in double precision, relative to the greatest value of an output. More where the
    other module computes something in single precision, or ours has constants of single precision."""
    counts_macs: bool = True
    """Whether PyTorch's counter sees all of the other module's multiply-accumulates."""

    prepare: Callable[[dict[str, Tensor]], None] = leave
    """Changes random inputs by name to such as both modules take."""

    @property
    def name(self) -> str:
        """``network@variant``, without the settings."""
        return self.reference.partition(" ")[0]

    @property
    def network(self) -> str:
        """The name of the network alone."""
        return self.reference.partition(" ")[0].partition("@")[0]
