"""A network from outside as a graph and a spec. Knows no framework: arrays are NumPy's.

A reader (in a backend) walks its source once and writes a :class:`DraftNetwork`: a flat list of netspec's operations
with the shapes and weights that the source has. Passes turn what the source wrote out into the operation that it means,
:func:`~.assemble.assemble` makes a graph of it, whose types netspec infers itself, and blocks are found in that.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from .draft import Draft, DraftInput, DraftNetwork, ModuleCall
from .problems import CannotImportError, ImportDiagnostic
from .readers import ExampleInputs, GivenInput, Request, SourceReader
from .refused import ImportRefused
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
    """A public name that needs NumPy, imported when it is first used."""
    if name not in ("Import", "Proof", "import_source"):
        raise AttributeError(f"module '{__name__}' has no attribute '{name}'")
    from . import result

    return getattr(result, name)
