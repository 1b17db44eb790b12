"""Files: bounded reading of pipes and devices, atomic writes, and cleanup before a signal ends the process."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from .atomic_write import replace_file, require_room
    from .errors import FileError, FileReadError, FileWriteError, os_reason
    from .input_files import read_input
    from .interrupts import undo_on_signal
    from .streams import is_standard_output, is_stream, open_regular
    from .temporary_folders import temporary_folder

__all__ = [
    "FileError",
    "FileReadError",
    "FileWriteError",
    "is_standard_output",
    "is_stream",
    "open_regular",
    "os_reason",
    "read_input",
    "replace_file",
    "require_room",
    "temporary_folder",
    "undo_on_signal",
]

_MODULES = {
    "atomic_write": ("replace_file", "require_room"),
    "errors": ("FileError", "FileReadError", "FileWriteError", "os_reason"),
    "input_files": ("read_input",),
    "interrupts": ("undo_on_signal",),
    "streams": ("is_standard_output", "is_stream", "open_regular"),
    "temporary_folders": ("temporary_folder",),
}


def __getattr__(name: str) -> Any:
    """Imports a public name on first use: a check needs few of these modules."""
    module = next((module for module, names in _MODULES.items() if name in names), None)
    if module is None:
        raise AttributeError(f"module '{__name__}' has no attribute '{name}'")
    from importlib import import_module

    return getattr(import_module(f".{module}", __name__), name)
