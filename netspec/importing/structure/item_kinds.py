"""What the items of a body are, and the lines of a text."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, Literal


@dataclass(frozen=True)
class Head:
    """The kind of an item or a line."""

    kind: Literal["layer", "activation", "use", "group", "table"]
    """``activation`` for one without arguments that is a layer by itself."""
    operation: str = ""
    """The operation of a layer."""
    block: Any = None
    """The :class:`~.blocks.Block` of a use: its text consists of lines, which have heads."""

    @property
    def is_use(self) -> bool:
        """Whether it is a use of a block."""
        return self.kind == "use"

    @property
    def word(self) -> str:
        """One word for it."""
        return self.block.name.lower() if self.is_use else self.operation or self.kind


ACTIVATION = Head("activation")
GROUP = Head("group")
TABLE = Head("table")


def layer_head(operation: str) -> Head:
    """A layer with that operation."""
    return Head("layer", operation)


def use_head(block: Any) -> Head:
    """A use of a :class:`~.blocks.Block`."""
    return Head("use", block=block)
