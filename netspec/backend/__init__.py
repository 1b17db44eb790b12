"""Backends: they take a graph and write it for another program. Ours use the same interface as third-party ones."""

from .errors import BackendError, UnsupportedError
from .lowering import Lowering
from .protocol import Backend, Need, Target
from .registry import GROUP, by_ending, find, install_command, missing_libraries, names, require

__all__ = [
    "GROUP", "Backend", "BackendError", "Lowering", "Need", "Target", "UnsupportedError",
    "by_ending", "find", "install_command", "missing_libraries", "names", "require",
]
