"""What functions do beyond holding memory: bytes that they move, and operations.

A function reads each of its inputs once and writes each of its results once; nothing stays in a cache from one function
to the next. Views move nothing. Operations are those of matrix products and convolutions, two for each
multiply-accumulate; those of other functions are not counted, since their bytes take longer.
"""

from __future__ import annotations

from collections import Counter
from typing import Literal, NamedTuple, TypeAlias

Unit: TypeAlias = Literal["none", "product", "convolution"]
"""What computes: convolutions of ``float32`` may use TF32 by PyTorch's defaults, products may not."""


class Kernel(NamedTuple):
    """A function that ran.

    Attributes:
        phase: ``forward`` or ``backward``.
        place: the module that it belongs to.
        name: the function; of its gradient too.
        dtype: the type that it computes in.
        unit: what computes.
        operations: of its products.
        nbytes: read and written.
    """

    phase: str
    place: str
    name: str
    dtype: str
    unit: Unit
    operations: int
    nbytes: int


class BackwardPart(NamedTuple):
    """One of the functions that compute a node's gradients: what is known of it in the forward pass.

    Attributes:
        unit: what computes.
        operations: of its products.
        nbytes: read and written; 0 where the backward pass tells.
    """

    unit: Unit
    operations: int
    nbytes: int


class Tally:
    """The functions of a run, each with the number of times that it ran alike."""

    def __init__(self) -> None:
        self.kernels: Counter[Kernel] = Counter()
        self.count = 0
        """Number of functions so far."""
        self.trained_bytes = 0
        """Bytes of the weights that are trained, set when the run is over."""

    def add(self, kernel: Kernel) -> None:
        """Counts a function that moves or computes anything."""
        if kernel.nbytes or kernel.operations:
            self.kernels[kernel] += 1
            self.count += 1
