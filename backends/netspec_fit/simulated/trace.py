"""Memory in use over a run."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Literal, NamedTuple, TypeAlias

Kind: TypeAlias = Literal["weights", "buffers", "inputs", "gradients", "activations"]

MAX_SAMPLES = 8192
"""Samples that are kept: of more, the larger one of each pair of neighbours."""


class Sample(NamedTuple):
    """Memory in use after a storage was created: bytes by kind, the pass, and the layer that ran."""

    phase: str
    place: str
    kinds: Mapping[Kind, int]
    total: int


class Trace:
    """Samples of a run in order, at most :data:`MAX_SAMPLES` of them; the largest is always among them."""

    def __init__(self) -> None:
        self.samples: list[Sample] = []
        self._every = 1
        self._skipped: list[Sample] = []

    def add(self, phase: str, place: str, kinds: Mapping[Kind, int], total: int) -> None:
        """Adds a sample."""
        self._skipped.append(Sample(phase, place, kinds, total))
        if len(self._skipped) == self._every:
            self.flush()
        if len(self.samples) >= MAX_SAMPLES:
            pairs = zip(self.samples[::2], self.samples[1::2], strict=True)
            self.samples = [max(pair, key=lambda sample: sample.total) for pair in pairs]
            self._every *= 2

    def flush(self) -> None:
        """Takes the largest of the samples that were not taken yet."""
        if self._skipped:
            self.samples.append(max(self._skipped, key=lambda sample: sample.total))
            self._skipped = []
