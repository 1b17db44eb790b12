"""The work of functions: bytes moved, and operations.

A function reads each input once and writes each result once; caching between functions is ignored. Views move nothing.
Only operations of matrix products and convolutions are counted, two per multiply-accumulate; other functions are
limited by the bytes that they move.
"""

from __future__ import annotations

from collections import Counter
from typing import Literal, NamedTuple, TypeAlias

Unit: TypeAlias = Literal["none", "product", "convolution"]
"""The kind of computation. By PyTorch's defaults, ``float32`` convolutions may use TF32, but products must not."""


class Work(NamedTuple):
    """The work of a function.

    Attributes:
        unit: the kind of computation.
        operations: operations of its matrix products and convolutions.
        nbytes: bytes read and written.
    """

    unit: Unit
    operations: int
    nbytes: int


class FunctionCall(NamedTuple):
    """A function call.

    Attributes:
        phase: ``forward`` or ``backward``.
        place: name of the module that called it.
        name: name of the function; the functions that compute its gradients have the same name.
        dtype: the type in which it computes.
        work: its work.
    """

    phase: str
    place: str
    name: str
    dtype: str
    work: Work


class Tally:
    """Counts the function calls of a run; equal calls are counted together."""

    def __init__(self) -> None:
        self.calls: Counter[FunctionCall] = Counter()
        """The number of equal calls."""
        self.count = 0
        """Number of functions so far."""
        self.trained_bytes = 0
        """Bytes of the trained weights, set after the run."""

    def clear(self) -> None:
        """Resets all counts."""
        self.calls.clear()
        self.count = self.trained_bytes = 0

    def add(self, call: FunctionCall) -> None:
        """Counts a call, unless it neither moves nor computes anything."""
        if call.work.nbytes or call.work.operations:
            self.calls[call] += 1
            self.count += 1


class OrderedTally(Tally):
    """A tally that also records the order of the calls."""

    def __init__(self) -> None:
        super().__init__()
        self.ordered: list[FunctionCall] = []

    def add(self, call: FunctionCall) -> None:
        """Counts and records a call, unless it neither moves nor computes anything."""
        before = self.count
        super().add(call)
        if self.count > before:
            self.ordered.append(call)
