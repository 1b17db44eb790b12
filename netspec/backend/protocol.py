"""The interface of a backend."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Any, NamedTuple, Protocol

from ..ir import Graph, Node


class Target(NamedTuple):
    """A kind of file that a backend writes."""

    ending: str
    """With its dot: ``.onnx``."""
    what: str
    """What it is, for lists: "PyTorch source"."""
    weighted: bool = False
    """Whether it holds weights: the backend's ``export`` then takes ``source`` and ``progress`` too."""


class Need(NamedTuple):
    """A library that a backend works with."""

    module: str
    """The name it is imported by."""
    product: str
    """The name people know it by."""
    packages: str
    """What ``pip install`` is given to install it: names of distributions, separated by spaces."""


class Backend(Protocol):
    """What every backend has. Its module imports its framework only inside :meth:`export` and what that calls."""

    @property
    def name(self) -> str:
        """The name that ``--to`` takes."""
        ...

    @property
    def targets(self) -> tuple[Target, ...]:
        """The files it writes, by ending."""
        ...

    @property
    def needs(self) -> tuple[Need, ...]:
        """Libraries without which it cannot write."""
        ...

    def unsupported(self, graph: Graph) -> list[Node]:
        """Nodes whose operation it has no rule for; asked before anything is written."""
        ...

    def export(self, graph: Graph, path: Path, options: Mapping[str, Any]) -> None:
        """Writes the graph to a file of one of its endings; an old file stays whole until the new one is.

        ``options`` are the backend's own; for a target that holds weights also ``source`` (see
        :mod:`netspec.weights.weight_source`) and ``progress`` (told bytes written and bytes in all, or None).
        """
        ...
