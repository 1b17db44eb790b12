"""Backends turn a graph into files or modules. Ours use the same interface as those of other packages."""

from .errors import BackendError, UnsupportedError
from .lowering import Lowering
from .protocol import (
    Backend,
    CostColumn,
    Direction,
    Drawing,
    DrawingBackend,
    ModuleBackend,
    Need,
    Progress,
    Style,
    Target,
    Verification,
    VerifyingBackend,
)
from .registry import GROUP, by_extension, find, find_program, install_command, missing_libraries, names, require

__all__ = [
    "GROUP",
    "Backend",
    "BackendError",
    "CostColumn",
    "Direction",
    "Drawing",
    "DrawingBackend",
    "Lowering",
    "ModuleBackend",
    "Need",
    "Progress",
    "Style",
    "Target",
    "UnsupportedError",
    "Verification",
    "VerifyingBackend",
    "by_extension",
    "find",
    "find_program",
    "install_command",
    "missing_libraries",
    "names",
    "require",
]
