"""Values of an exported program during the walk: their counterparts in the draft, and their batch position."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace
from typing import Any

import torch

from netspec.importing.batch import BatchAxis, without_batch
from netspec.importing.draft import Shape

DTYPES = {
    torch.float32: "float32",
    torch.float16: "float16",
    torch.bfloat16: "bfloat16",
    torch.float64: "float64",
    torch.int64: "int64",
    torch.int32: "int32",
    torch.bool: "bool",
}
"""The element types that the language supports."""


@dataclass(frozen=True, slots=True, eq=False)
class ProgramTensor:
    """A tensor of the exported program."""

    shape: Shape
    """Shape in the source, including the batch."""
    dtype: torch.dtype
    number: int | None = None
    """Number of the value in the draft. Constants and tensors of the state dict have None until they become layers."""
    batch: BatchAxis | None = None
    """Position of the batch; None if the value is equal for all examples."""
    is_single: bool = False
    """Whether the batch axis has size 1, so that the value is equal for all examples."""
    known: torch.Tensor | None = None
    """Its values in double precision, if they depend on no input and no learned weight."""
    tensor_name: str | None = None
    """Name in the state dict."""
    is_unknown: bool = False
    """Whether it depends on something that cannot be imported."""

    @property
    def plain(self) -> Shape:
        """The shape in the draft, without the batch."""
        return without_batch(self.shape, self.batch)

    @property
    def is_batched(self) -> bool:
        """Whether it differs between examples."""
        return self.batch is not None and not self.is_single

    @property
    def is_constant(self) -> bool:
        """Whether its values are known and it is neither a layer yet nor a tensor of the state dict."""
        return self.known is not None and self.number is None and self.tensor_name is None

    @property
    def rank(self) -> int:
        """Number of axes, including the batch."""
        return len(self.shape)

    def placed_as(self, number: int, **changes: Any) -> ProgramTensor:
        """Returns the value as result of a layer, with a number and other changes."""
        return replace(self, number=number, known=None, tensor_name=None, **changes)


@dataclass(frozen=True, slots=True)
class TensorMeta:
    """Metadata of an output in the exported program."""

    shape: Shape
    dtype: torch.dtype


@dataclass(frozen=True, slots=True)
class OperatorCall:
    """One node of the exported program, as seen by the rule of its operation."""

    name: str
    """Name with overload: ``add.Tensor``."""
    outputs: tuple[TensorMeta | None, ...]
    """Metadata of the outputs; None for an output that is not a tensor."""
    read_outputs: frozenset[int] = frozenset()
    """Indices of the outputs that are used."""

    @property
    def base(self) -> str:
        """The name without its overload: ``add``."""
        return self.name.split(".")[0]

    @property
    def shape(self) -> Shape:
        """Shape of its first output, including the batch."""
        assert self.outputs[0] is not None
        return self.outputs[0].shape

    @property
    def dtype(self) -> torch.dtype:
        """Element type of its first output."""
        assert self.outputs[0] is not None
        return self.outputs[0].dtype

    def resulting_in(self, shape: Shape) -> OperatorCall:
        """Returns the call with a single output of another shape."""
        return OperatorCall(self.name, (TensorMeta(shape, self.dtype),))


class LazyOutputs:
    """Several results, each computed on first access."""

    def __init__(self, make: Callable[[int], ProgramTensor], count: int) -> None:
        self._make = make
        self._cache: dict[int, ProgramTensor] = {}
        self.count = count

    def __getitem__(self, index: int) -> ProgramTensor:
        index %= self.count
        if index not in self._cache:
            self._cache[index] = self._make(index)
        return self._cache[index]

    def __iter__(self) -> Any:
        return (self[i] for i in range(self.count))

    def __len__(self) -> int:
        return self.count
