"""Samples of the memory in use over a run."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Literal, NamedTuple, TypeAlias

Kind: TypeAlias = Literal["weights", "buffers", "inputs", "gradients", "activations"]

MAX_SAMPLES = 8192
"""Maximum number of samples; beyond it, adjacent samples are merged by keeping the larger one."""


class Sample(NamedTuple):
    """Memory in use after a storage was created: bytes by kind, the pass, and the current layer."""

    phase: str
    place: str
    kinds: Mapping[Kind, int]
    total: int


class Trace:
    """The samples of a run in order, at most :data:`MAX_SAMPLES`. The largest one is always included."""

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
        """Adds the largest of the pending samples."""
        if self._skipped:
            self.samples.append(max(self._skipped, key=lambda sample: sample.total))
            self._skipped = []
