"""netspec: a compiler for neural-network architectures.

>>> import netspec
>>> graph = netspec.load("vgg16")
>>> netspec.analyze(graph).params
138357544
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from .api import analyze, build, draw, export, load, loads
    from .diagnostics import Diagnostic, Error, SpecError
    from .ir import Graph
    from .version import __version__

__all__ = [
    "Diagnostic", "Error", "Graph", "SpecError", "__version__", "analyze", "build", "draw", "export", "load", "loads",
]

_HOMES = {
    "Diagnostic": "diagnostics", "Error": "diagnostics", "SpecError": "diagnostics", "Graph": "ir",
    "__version__": "version",
    **dict.fromkeys(("analyze", "build", "draw", "export", "load", "loads"), "api"),
}


def __getattr__(name: str) -> Any:
    """Public names, loaded when first used: ``import netspec`` costs next to nothing."""
    home = _HOMES.get(name)
    if home is None:
        raise AttributeError(f"module 'netspec' has no attribute '{name}'")
    from importlib import import_module

    return getattr(import_module(f".{home}", __name__), name)
