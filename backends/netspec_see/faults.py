"""What goes wrong when one looks at a network, as diagnostics ``NS8xx``."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import NoReturn

from netspec.backend import Need, install_command, missing_libraries
from netspec.diagnostics import Error, clip, did_you_mean

LISTED = 12
"""Names in a list of what there is; the rest are counted."""


def fail(code: str, message: str, help: str | None = None, notes: Sequence[str] = ()) -> NoReturn:
    """Raises an Error."""
    raise Error(code, message, help, notes=notes)


def listed(names: Iterable[object]) -> str:
    """Names in a row, the first of many: ``a, b, c and 9 more``."""
    every = [clip(n) for n in names]
    shown = ", ".join(every[:LISTED])
    return shown if len(every) <= LISTED else f"{shown} and {len(every) - LISTED} more"


def nearest_or_all(word: str, known: Sequence[str], what: str) -> str:
    """Help for an unknown name: the nearest one, or what there is."""
    return did_you_mean(word, known) or f"{what}: {listed(known)}"


NEEDS = (
    Need("PIL", "Pillow", "pillow"), Need("matplotlib", "Matplotlib", "matplotlib"), Need("captum", "Captum", "captum"),
)
"""Libraries besides those of the PyTorch backend."""


def require_libraries() -> None:
    """Checks that the libraries are installed. Raises Error NS810, which says what to install."""
    missing = missing_libraries(NEEDS)
    if missing:
        fail("NS810", f"looking at networks needs {install_command(missing)}")
