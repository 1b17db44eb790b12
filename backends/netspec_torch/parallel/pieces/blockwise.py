"""Networks that are divided while they are created. The text is copied into users' files."""

# The text is copied: docstrings and names are those of a network's file, not of this package.

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import torch
from torch import nn


def create_blockwise(
    build: Callable[[], nn.Module],
    classes: tuple[type[nn.Module], ...],
    divide: Callable[[nn.Module], None] | None,
    device: torch.device,
    own: range | None = None,
) -> nn.Module:
    """Builds a network on a device, and divides each block as soon as it is created.

    So no device holds all blocks. Blocks whose number is not among ``own`` are emptied:
    other devices have them.
    """
    created = 0
    inits = {cls: cls.__init__ for cls in classes}

    def init(block: nn.Module, *args: Any, **kwargs: Any) -> None:
        nonlocal created
        inits[type(block)](block, *args, **kwargs)
        if own is not None and created not in own:
            block.to("meta")
        elif divide is not None:
            divide(block)
        created += 1

    try:
        for cls in classes:
            cls.__init__ = init  # type: ignore[method-assign, assignment]  # for a while
        with device:
            return build()
    finally:
        for cls in classes:
            cls.__init__ = inits[cls]  # type: ignore[method-assign]  # its own again
