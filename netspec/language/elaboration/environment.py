"""Where expressions look up names: columns and counters, parameters, then tensors of the scope."""

from __future__ import annotations

from typing import Any

from ...shapes.types import TensorType
from .names import Entry, Level, UnknownReferenceError, View


class LayerEnvironment:
    """Names in reach of the layer that an expression stands on."""

    __slots__ = ("cells", "incoming", "level", "types")

    def __init__(self, level: Level, cells: dict[str, Any], types: list[TensorType],
                 incoming: Entry | None = None) -> None:
        self.level = level
        self.cells = cells
        """Columns of the tables around it, ``row`` and ``index``."""
        self.types = types
        self.incoming = incoming

    def lookup(self, name: str) -> Any:
        """The value of a name. Raises KeyError, and FailedInputError for a tensor that failed."""
        if name in self.cells:
            return self.cells[name]
        if name in self.level.params:
            return self.level.params[name]
        if name == "incoming" and self.incoming is not None:
            return View(self.incoming, self.types, name)
        try:
            return View(self.level.find(name), self.types, name)
        except UnknownReferenceError:
            raise KeyError(name) from None

    def known(self) -> list[str]:
        """Names that could be meant."""
        level: Level | None = self.level
        out = [*self.cells, *self.level.params]
        while level is not None:
            out += [*level.names, *level.inputs, "input"]
            level = level.parent
        return out
