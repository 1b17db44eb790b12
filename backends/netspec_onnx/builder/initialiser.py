"""Initialisers: tensors whose numbers are streamed when the file is written."""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from netspec.ir import Parameter


@dataclass(frozen=True, slots=True)
class Fold:
    """A batch normalisation that is folded into the weights of the layer before it."""

    gain: Parameter | None
    shift: Parameter | None
    mean: Parameter
    variance: Parameter
    eps: float
    bias: Parameter | None = None
    """The bias of the layer before the normalisation."""
    axis: int = 0
    """The axis of the weight that runs along the filters."""
    groups: int = 1
    """The groups of a transposed convolution, whose axis 1 holds the filters of one group."""


@dataclass(frozen=True, slots=True)
class Initialiser:
    """A tensor whose numbers are streamed when the file is written."""

    name: str
    shape: tuple[int, ...]
    dtype: str
    parameter: Parameter | None
    """The source of the numbers; None for a bias that only exists because of folding."""
    fold: Fold | None = None
    is_bias: bool = False

    @property
    def elements(self) -> int:
        """Number of elements."""
        return math.prod(self.shape)
