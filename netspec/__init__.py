"""netspec: a compiler for neural-network architectures.

>>> import netspec
>>> graph = netspec.load("vgg16")
>>> netspec.analyze(graph).params
138357544
"""

from __future__ import annotations

TYPE_CHECKING = False  # as type checkers know it; importing typing takes longer than the rest of this module
if TYPE_CHECKING:
    from typing import Any

    from .analysis import Analysis
    from .api import (
        ParameterValue,
        analyze,
        build,
        draw,
        export,
        load,
        loads,
    )
    from .backend import BackendError, Drawing
    from .diagnostics import Diagnostic, Error, SpecError
    from .exploration import Exploration, explore
    from .files import FileError
    from .forecasts import memory, roofline
    from .importing import Import, ImportDiagnostic, ImportRefused, Proof
    from .importing.models import from_keras, from_onnx, from_torch
    from .ir import Graph
    from .ops.registered import register
    from .version import __version__

__all__ = [
    "Analysis",
    "BackendError",
    "Diagnostic",
    "Drawing",
    "Error",
    "Exploration",
    "FileError",
    "Graph",
    "Import",
    "ImportDiagnostic",
    "ImportRefused",
    "ParameterValue",
    "Proof",
    "SpecError",
    "__version__",
    "analyze",
    "build",
    "draw",
    "explore",
    "export",
    "from_keras",
    "from_onnx",
    "from_torch",
    "load",
    "loads",
    "memory",
    "register",
    "roofline",
]

_MODULES = {
    **dict.fromkeys(("ParameterValue", "analyze", "build", "draw", "export", "load", "loads"), "api"),
    **dict.fromkeys(("memory", "roofline"), "forecasts"),
    **dict.fromkeys(("from_keras", "from_onnx", "from_torch"), "importing.models"),
    **dict.fromkeys(("Import", "ImportRefused", "ImportDiagnostic", "Proof"), "importing"),
    **dict.fromkeys(("Diagnostic", "Error", "SpecError"), "diagnostics"),
    **dict.fromkeys(("BackendError", "Drawing"), "backend"),
    **dict.fromkeys(("Exploration", "explore"), "exploration"),
    "Analysis": "analysis",
    "FileError": "files",
    "Graph": "ir",
    "register": "ops.registered",
    "__version__": "version",
}


def __getattr__(name: str) -> Any:
    """Imports a public name on first use: ``import netspec`` itself imports nothing else."""
    module = _MODULES.get(name)
    if module is None:
        raise AttributeError(f"module 'netspec' has no attribute '{name}'")
    from importlib import import_module

    return getattr(import_module(f".{module}", __name__), name)


def __dir__() -> list[str]:
    """Returns the public names."""
    return [*__all__, "__all__", "__doc__", "__file__", "__name__", "__path__"]
