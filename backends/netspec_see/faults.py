"""What goes wrong when one looks at a network, as diagnostics ``NS8xx``."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from importlib.util import find_spec
from typing import NoReturn

from netspec.diagnostics import Diagnostic, SpecError, clip, did_you_mean

LISTED = 12
"""Names in a list of what there is; the rest are counted."""


def fail(code: str, message: str, help: str | None = None, notes: Sequence[str] = ()) -> NoReturn:
    """Raises SpecError with one diagnostic."""
    raise SpecError([Diagnostic(code, message, help=help, notes=tuple(notes))])


def listed(names: Iterable[object]) -> str:
    """Names in a row, the first of many: ``a, b, c and 9 more``."""
    every = [clip(n) for n in names]
    shown = ", ".join(every[:LISTED])
    return shown if len(every) <= LISTED else f"{shown} and {len(every) - LISTED} more"


def nearest_or_all(word: str, known: Sequence[str], what: str) -> str:
    """Help for an unknown name: the nearest one, or what there is."""
    return did_you_mean(word, known) or f"{what}: {listed(known)}"


NEEDED = (("PIL", "Pillow"), ("matplotlib", "matplotlib"), ("captum", "Captum"))
"""Modules of the extra ``see``, and the names that people know them by."""


def require_extra() -> None:
    """Nothing, where the libraries of the extra are here. Raises SpecError NS810, which names the first that is not."""
    for module, product in NEEDED:
        if find_spec(module) is None:
            fail("NS810", f"looking at networks needs {product}: pip install 'netspec-compiler[see]'")
