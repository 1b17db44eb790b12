"""Backends: they take a graph and write it for another program. Ours use the same interface as third-party ones."""

from .lowering import Lowering, Missing, Unsupported
from .protocol import Backend, BackendError, Need, Target
from .registry import GROUP, by_ending, find, install_command, missing_libraries, names, require

__all__ = [
    "GROUP", "Backend", "BackendError", "Lowering", "Missing", "Need", "Target", "Unsupported",
    "by_ending", "find", "install_command", "missing_libraries", "names", "require",
]
