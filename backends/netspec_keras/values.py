"""Values: the tensors between the calls of layers."""

from __future__ import annotations

from dataclasses import dataclass, replace

from netspec.shapes import TensorType


@dataclass(frozen=True, slots=True)
class KerasTensor:
    """A tensor output by a layer."""

    number: int
    """Its number in the drafts."""
    type: TensorType
    """Its type without the batch axis."""
    masked: bool = False
    """Whether Keras passes a mask of positions along with it."""

    @property
    def rank(self) -> int:
        """Number of axes, without the batch."""
        return self.type.rank

    @property
    def shape(self) -> tuple[int, ...]:
        """Its sizes without the batch; some may depend on named dimensions."""
        return self.type.shape

    def with_mask(self, masked: bool) -> KerasTensor:
        """Returns the tensor with or without a mask."""
        return self if masked == self.masked else replace(self, masked=masked)
