"""Kinds of items in bodies and of lines in texts."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, Literal


@dataclass(frozen=True)
class Head:
    """The kind of an item or line."""

    kind: Literal["layer", "activation", "use", "group", "table"]
    """``activation`` is an activation that forms its own item and has no arguments."""
    operation: str = ""
    """The operation, for a layer."""
    block: Any = None
    """The :class:`~.block_texts.Block`, for a use."""

    @property
    def is_use(self) -> bool:
        """Whether the item is a use of a block."""
        return self.kind == "use"

    @property
    def word(self) -> str:
        """A single word that describes the item."""
        return self.block.name.lower() if self.is_use else self.operation or self.kind


ACTIVATION = Head("activation")
GROUP = Head("group")
TABLE = Head("table")


def layer_head(operation: str) -> Head:
    """Returns the kind of a layer with this operation."""
    return Head("layer", operation)


def use_head(block: Any) -> Head:
    """Returns the kind of a use of a :class:`~.block_texts.Block`."""
    return Head("use", block=block)
