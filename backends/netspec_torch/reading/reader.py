"""The interface that rules write to: the draft of a network, with tensors of the source as layers where needed."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace
from typing import Any, Unpack

from netspec.importing.batch import BatchAxis
from netspec.importing.draft import DraftFields, Shape
from netspec.shapes.sizes import is_same

from .drafting import BetweenExamplesError, Drafting, UnknownInputError, along_batch, unsupported, wrong_types
from .state import SourceState
from .stored_constants import Tables
from .tensor_layers import is_one, one_example, place_constant, place_tensor
from .values import ProgramTensor

__all__ = [
    "BetweenExamplesError",
    "ProgramReader",
    "UnknownInputError",
    "along_batch",
    "is_one",
    "moved",
    "same_batch",
    "unsupported",
    "wrong_types",
]


class ProgramReader(Drafting):
    """The draft of a network during the walk over its source.

    Args:
        name: name of the network.
        state: the tensors of the source.
        examples: number of examples in the tracked batch.
    """

    def __init__(self, name: str, state: SourceState, examples: int) -> None:
        super().__init__(name, state, examples)
        self.stored: dict[str, ProgramTensor] = {}
        """Tensors of the state dict that have become layers, by name."""
        self.tables = Tables()
        """Constants that are stored with the weights."""

    # -- drafts ------------------------------------------------------------------------------------------------------
    def emit(
        self,
        operation: str,
        inputs: Sequence[ProgramTensor],
        shapes: Sequence[Shape],
        arguments: Mapping[str, Any] | None = None,
        layers: Mapping[str, ProgramTensor] | None = None,
        **details: Unpack[DraftFields],
    ) -> list[int]:
        """Appends a draft; returns the numbers of its outputs.

        Args:
            operation: name of the operation.
            inputs: its inputs; constants among them become layers.
            shapes: shapes of its outputs, without the batch.
            arguments: arguments of the operation.
            layers: arguments that name layers: ``mask``, ``index``.
            details: further fields of the draft.
        """
        numbers = [self.number(v) for v in inputs]
        values = {**(arguments or {}), **{name: self.number(v) for name, v in (layers or {}).items()}}
        learned = [name for name in details.get("weights", {}).values() if name in self.state.parameters]
        details["frozen"] = bool(learned) and self.state.trainable.isdisjoint(learned)
        return self.add(operation, numbers, shapes, values, **details)

    def result(
        self,
        operation: str,
        inputs: Sequence[ProgramTensor],
        out: ProgramTensor,
        arguments: Mapping[str, Any] | None = None,
        **details: Unpack[DraftFields],
    ) -> ProgramTensor:
        """Appends a draft with one output, which has the shape, type and batch of ``out``."""
        (number,) = self.emit(operation, inputs, [out.plain], arguments, **details)
        return out.placed_as(number)

    def unary(
        self,
        operation: str,
        x: ProgramTensor,
        arguments: Mapping[str, Any] | None = None,
        **details: Unpack[DraftFields],
    ) -> ProgramTensor:
        """Appends an operation that preserves the shape."""
        x = self.placed(x)
        return self.result(operation, [x], x, arguments, **details)

    # -- placing -----------------------------------------------------------------------------------------------------
    def number(self, value: ProgramTensor) -> int:
        """Returns the number of a value in the draft."""
        placed = self.placed(value).number
        assert placed is not None
        return placed

    def placed(self, value: ProgramTensor) -> ProgramTensor:
        """Returns the value as one in the draft; constants and tensors of the state dict become layers."""
        if value.is_unknown:
            raise UnknownInputError
        if value.number is not None:
            return value
        if value.tensor_name is not None:
            if value.tensor_name not in self.stored:
                self.stored[value.tensor_name] = place_tensor(self, value)
            return self.stored[value.tensor_name]
        assert value.known is not None
        return place_constant(self, self.tables, value)

    # -- axes --------------------------------------------------------------------------------------------------------
    def one_example(self, value: ProgramTensor, rank: int, batch: BatchAxis) -> ProgramTensor:
        """Reduces a constant that is equal for all examples to one of them; see :func:`.tensor_layers.one_example`."""
        return one_example(self, self.tables, value, rank, batch)

    def axis(self, value: ProgramTensor, dim: int) -> int:
        """Returns the index in the draft of an axis of the source. Raises CannotImportError for the batch axis."""
        dim = dim % value.rank if value.rank else 0
        if value.batch is None:
            return dim
        if dim == value.batch.axis:
            raise along_batch("it operates along the batch axis")
        return dim - 1 if dim > value.batch.axis and value.batch.alone else dim

    def has_batch_first(self, value: ProgramTensor) -> bool:
        """Whether the first axis is the batch only."""
        return value.batch is not None and value.batch.axis == 0 and value.batch.alone


def same_batch(a: BatchAxis | None, b: BatchAxis | None) -> bool:
    """Whether the batch is at the same position."""
    if a is None or b is None:
        return a is b
    return a.axis == b.axis and is_same(a.outer, b.outer) and is_same(a.inner, b.inner)


def moved(value: ProgramTensor, by: int) -> BatchAxis | None:
    """Returns the position of the batch after ``by`` axes have been inserted before it."""
    return value.batch and replace(value.batch, axis=value.batch.axis + by)
