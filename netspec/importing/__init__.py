"""Imports networks as graphs and specs. Independent of frameworks: arrays are NumPy arrays.

A reader (in a backend) walks its source once and writes a :class:`DraftNetwork`: a flat list of netspec's operations
with the shapes and weights of the source. Passes replace decomposed operations by the original ones,
:func:`~.assemble.assemble` converts the result to a graph, whose types netspec infers itself, and blocks are found in
that graph.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from .draft import Draft, DraftInput, DraftNetwork, ModuleCall
from .import_refused import ImportRefused
from .problems import CannotImportError, ImportDiagnostic
from .readers import ExampleInputs, GivenInput, Request, SourceReader
from .source import Comparison, ImportSource

if TYPE_CHECKING:
    from .result import Import, Proof, import_source

__all__ = [
    "CannotImportError",
    "Comparison",
    "Draft",
    "DraftInput",
    "DraftNetwork",
    "ExampleInputs",
    "GivenInput",
    "Import",
    "ImportDiagnostic",
    "ImportRefused",
    "ImportSource",
    "ModuleCall",
    "Proof",
    "Request",
    "SourceReader",
    "import_source",
]


def __getattr__(name: str) -> Any:
    """Imports a public name that needs NumPy on first access."""
    if name not in ("Import", "Proof", "import_source"):
        raise AttributeError(f"module '{__name__}' has no attribute '{name}'")
    from . import result

    return getattr(result, name)
