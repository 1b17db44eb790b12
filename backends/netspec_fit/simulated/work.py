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


class Work(NamedTuple):
    """What a function does.

    Attributes:
        unit: what computes.
        operations: those of its matrix products and convolutions.
        nbytes: bytes that it reads and writes.
    """

    unit: Unit
    operations: int
    nbytes: int


class FunctionCall(NamedTuple):
    """A function that ran.

    Attributes:
        phase: ``forward`` or ``backward``.
        place: the module that it belongs to.
        name: the function; functions that compute its gradients have the same name.
        dtype: the type that it computes in.
        work: what it does.
    """

    phase: str
    place: str
    name: str
    dtype: str
    work: Work


class Tally:
    """The functions of a run, each with the number of its equal calls."""

    def __init__(self) -> None:
        self.calls: Counter[FunctionCall] = Counter()
        """The number of calls of each function."""
        self.count = 0
        """Number of functions so far."""
        self.trained_bytes = 0
        """Bytes of the weights that are trained, set when the run is over."""

    def clear(self) -> None:
        """Forgets all functions."""
        self.calls.clear()
        self.count = self.trained_bytes = 0

    def add(self, call: FunctionCall) -> None:
        """Counts a function that moves or computes anything."""
        if call.work.nbytes or call.work.operations:
            self.calls[call] += 1
            self.count += 1


class OrderedTally(Tally):
    """A tally that also lists the calls in their order."""

    def __init__(self) -> None:
        super().__init__()
        self.ordered: list[FunctionCall] = []

    def add(self, call: FunctionCall) -> None:
        """Counts and lists a function that moves or computes anything."""
        before = self.count
        super().add(call)
        if self.count > before:
            self.ordered.append(call)
