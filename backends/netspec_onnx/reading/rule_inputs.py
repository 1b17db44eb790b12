"""The inputs of a node."""

from __future__ import annotations

from .errors import refused
from .values import SourceTensor


class Inputs(tuple[SourceTensor | None, ...]):
    """The inputs of a node; missing trailing inputs are None."""

    __slots__ = ()

    def at(self, number: int) -> SourceTensor | None:
        """Returns an input, or None if it is missing."""
        return self[number] if number < len(self) else None

    def need(self, number: int) -> SourceTensor:
        """Returns an input. Raises CannotImportError NS846 if it is missing."""
        value = self.at(number)
        if value is None:
            raise refused("malformed", f"input {number} is missing")
        return value
