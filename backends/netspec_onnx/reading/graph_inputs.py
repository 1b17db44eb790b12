"""The inputs of a graph: their shapes, with names for sizes that are open, and where the batch is."""

from __future__ import annotations

from dataclasses import dataclass
from typing import NamedTuple

from netspec.importing.batch import BatchAxis

from .values import Shape


@dataclass(frozen=True, slots=True)
class GraphInput:
    """An input of the network."""

    name: str
    shape: Shape
    """In the source, with the batch."""
    dtype: str
    batch: BatchAxis | None


class DeclaredInput(NamedTuple):
    """An input as the file declares it; a text stands for an open size."""

    name: str
    shape: tuple[int | str, ...]
    element: int
