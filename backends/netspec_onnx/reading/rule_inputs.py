"""The inputs of a node."""

from __future__ import annotations

from .errors import refused
from .values import SourceTensor


class Inputs(tuple[SourceTensor | None, ...]):
    """The inputs of a node; those at the end that it lacks are None."""

    __slots__ = ()

    def at(self, number: int) -> SourceTensor | None:
        """An input, None if it is not given."""
        return self[number] if number < len(self) else None

    def need(self, number: int) -> SourceTensor:
        """An input. Raises CannotImportError NS846 if it is not given."""
        value = self.at(number)
        if value is None:
            raise refused("malformed", f"input {number} is missing")
        return value
