"""What the stages of a pipeline need. The text is copied into users' files."""

# The text is copied: docstrings and names are those of a network's file, not of this package.

from __future__ import annotations

from torch import nn


def remove(model: nn.Module, *names: str) -> None:
    """Removes submodules and parameters by their full names."""
    for name in names:
        owner, _, last = name.rpartition(".")
        delattr(model.get_submodule(owner), last)
