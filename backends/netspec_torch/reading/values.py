"""Values of an exported program while it is walked: what each is in the draft, and where its batch is."""

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
"""The element types of the language."""


@dataclass(frozen=True, slots=True, eq=False)
class ProgramTensor:
    """A tensor of the exported program."""

    shape: Shape
    """With the batch, as in the source."""
    dtype: torch.dtype
    number: int | None = None
    """Number of the value in the draft; None for constants and tensors of the state dict until something reads
    them, which makes them layers."""
    batch: BatchAxis | None = None
    """Where the batch is; None for what is the same for all examples."""
    is_single: bool = False
    """Whether the batch axis has size 1: the tensor is the same for all examples."""
    known: torch.Tensor | None = None
    """Its numbers, where they follow from no input and no learned weight; in double precision."""
    tensor_name: str | None = None
    """Name in the state dict."""
    is_unknown: bool = False
    """Whether it follows from something that cannot be imported."""

    @property
    def plain(self) -> Shape:
        """The shape without the batch, as in the draft."""
        return without_batch(self.shape, self.batch)

    @property
    def is_batched(self) -> bool:
        """Whether it differs between examples."""
        return self.batch is not None and not self.is_single

    @property
    def is_constant(self) -> bool:
        """Whether its numbers are known and it is neither placed yet nor a tensor of the state dict."""
        return self.known is not None and self.number is None and self.tensor_name is None

    @property
    def rank(self) -> int:
        """Number of axes, the batch included."""
        return len(self.shape)

    def placed_as(self, number: int, **changes: Any) -> ProgramTensor:
        """The result of a layer: the value of that number, with other attributes changed."""
        return replace(self, number=number, known=None, tensor_name=None, **changes)


@dataclass(frozen=True, slots=True)
class TensorMeta:
    """What the exported program says of an output."""

    shape: Shape
    dtype: torch.dtype


@dataclass(frozen=True, slots=True)
class Call:
    """One node of the exported program, as the rule of its operation sees it."""

    name: str
    """With its overload: ``add.Tensor``."""
    outputs: tuple[TensorMeta | None, ...]
    """None for an output that is not a tensor."""
    read_outputs: frozenset[int] = frozenset()
    """Which of several outputs something reads."""

    @property
    def base(self) -> str:
        """The name without its overload: ``add``."""
        return self.name.split(".")[0]

    @property
    def shape(self) -> Shape:
        """Shape of its first output, with the batch."""
        assert self.outputs[0] is not None
        return self.outputs[0].shape

    @property
    def dtype(self) -> torch.dtype:
        """Type of the elements of its first output."""
        assert self.outputs[0] is not None
        return self.outputs[0].dtype

    def resulting_in(self, shape: Shape) -> Call:
        """The same with one output of another shape."""
        return Call(self.name, (TensorMeta(shape, self.dtype),))


class LazyOutputs:
    """Several results, each computed when it is first read."""

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
