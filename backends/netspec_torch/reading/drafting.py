"""Builds the draft of a network during the walk over its source; independent of values."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any, Unpack

from netspec.importing import CannotImportError, DraftNetwork, ModuleCall
from netspec.importing.draft import DraftFields, Shape
from netspec.importing.problems import ARGUMENT, BATCH, ELEMENT_TYPE
from netspec.shapes.sizes import Size

from .state import SourceState
from .values import ProgramTensor


class Drafting:
    """Adds layers to a draft network.

    Args:
        name: name of the network.
        state: the tensors of the source.
        examples: number of examples in the tracked batch.
    """

    def __init__(self, name: str, state: SourceState, examples: int) -> None:
        self.network = DraftNetwork(name)
        self.state = state
        self.examples = examples
        self.calls: tuple[ModuleCall, ...] = ()
        """The calls of modules that contain the current node."""
        self.origin = ""
        """The current node, for messages."""

    def add(
        self,
        operation: str,
        inputs: Sequence[int],
        shapes: Sequence[Shape],
        arguments: Mapping[str, Any],
        **details: Unpack[DraftFields],
    ) -> list[int]:
        """Appends a draft of the current module; returns the numbers of its outputs."""
        details["origin"] = self.origin
        details.setdefault("calls", self.calls)
        return self.network.add(operation, inputs, shapes, arguments, **details)

    def tensor(
        self, operation: str, out: ProgramTensor, arguments: Mapping[str, Any], **details: Unpack[DraftFields]
    ) -> ProgramTensor:
        """Appends a ``parameter`` or ``buffer`` with shape and type of ``out``."""
        (number,) = self.add(operation, [], [out.plain], arguments, **details)
        return out.placed_as(number)

    def shape_text(self, shape: Shape) -> str:
        """Formats a shape of the source: ``[batch, 4]``, whatever the number of examples in the tracked batch."""
        return f"[{', '.join(map(self._size_text, shape))}]"

    def _size_text(self, size: Size) -> str:
        if type(size) is not int or size % self.examples or not size:
            return str(size)
        return "batch" if size == self.examples else f"{size // self.examples}*batch"

    def note(self, text: str) -> None:
        """Records, once, that something was imported in a different form."""
        if text not in self.network.notes:
            self.network.notes.append(text)


class UnknownInputError(Exception):
    """Raised if an input depends on something that cannot be imported and has already been reported."""


class BetweenExamplesError(CannotImportError):
    """Raised for computations between the examples of a batch, such as the similarities of a contrastive loss.

    Outputs that depend on them are omitted if others remain.
    """


def along_batch(reason: str) -> CannotImportError:
    """Returns the error for an operation along the batch axis."""
    return CannotImportError(BATCH, reason)


def unsupported(reason: str, help: str | None = None) -> CannotImportError:
    """Returns the error for an argument without equivalent in the language."""
    return CannotImportError(ARGUMENT, reason, help=help)


def wrong_types(reason: str) -> CannotImportError:
    """Returns the error for element types that the language, or its operation, does not support."""
    return CannotImportError(ELEMENT_TYPE, reason)
