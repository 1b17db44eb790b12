"""The draft of a network while its source is walked, before there are values to read."""

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
    """Where layers are added.

    Args:
        name: of the network.
        state: the tensors of the source.
        examples: the number of examples in the batch that is followed.
    """

    def __init__(self, name: str, state: SourceState, examples: int) -> None:
        self.network = DraftNetwork(name)
        self.state = state
        self.examples = examples
        self.calls: tuple[ModuleCall, ...] = ()
        """The module calls around the node that is read."""
        self.origin = ""
        """What is read, for messages."""

    def add(
        self,
        operation: str,
        inputs: Sequence[int],
        shapes: Sequence[Shape],
        arguments: Mapping[str, Any],
        **details: Unpack[DraftFields],
    ) -> list[int]:
        """Append a draft of the module that is read; returns the numbers of its outputs."""
        details["origin"] = self.origin
        details.setdefault("calls", self.calls)
        return self.network.add(operation, inputs, shapes, arguments, **details)

    def tensor(
        self, operation: str, out: ProgramTensor, arguments: Mapping[str, Any], **details: Unpack[DraftFields]
    ) -> ProgramTensor:
        """Append a ``parameter`` or ``buffer``, whose value is like ``out``."""
        (number,) = self.add(operation, [], [out.plain], arguments, **details)
        return out.placed_as(number)

    def shape_text(self, shape: Shape) -> str:
        """A shape of the source for messages: ``[batch, 4]``, whatever number of examples is followed."""
        return f"[{', '.join(map(self._size_text, shape))}]"

    def _size_text(self, size: Size) -> str:
        if type(size) is not int or size % self.examples or not size:
            return str(size)
        return "batch" if size == self.examples else f"{size // self.examples}*batch"

    def note(self, text: str) -> None:
        """Note, once, that something was read in another way than it is written."""
        if text not in self.network.notes:
            self.network.notes.append(text)


class UnknownInputError(Exception):
    """Raised where an input follows from something that cannot be imported, which has been reported."""


class BetweenExamplesError(CannotImportError):
    """Raised for what is computed between the examples of a batch, as the similarities of a contrastive loss are.

    Outputs that depend on it are left out, if others remain.
    """


def along_batch(reason: str) -> CannotImportError:
    """The error of an operation that works along the batch axis."""
    return CannotImportError(BATCH, reason)


def unsupported(reason: str, help: str | None = None) -> CannotImportError:
    """The error of an argument that the language has no equivalent of."""
    return CannotImportError(ARGUMENT, reason, help=help)


def wrong_types(reason: str) -> CannotImportError:
    """The error of element types that the language, or its operation, does not have."""
    return CannotImportError(ELEMENT_TYPE, reason)
