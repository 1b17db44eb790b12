"""The inputs of a graph: their shapes, with names for dynamic sizes, and their batch axes."""

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
    """Shape in the source, including the batch."""
    dtype: str
    batch: BatchAxis | None


class DeclaredInput(NamedTuple):
    """An input as declared in the file; dynamic sizes are strings."""

    name: str
    shape: tuple[int | str, ...]
    element: int
