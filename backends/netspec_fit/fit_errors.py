"""Problems of ``netspec fit``, reported as diagnostics NS82x."""

from __future__ import annotations

from collections.abc import Sequence
from typing import NoReturn

from netspec.diagnostics import Error


def fail(code: str, message: str, help: str | None = None, notes: Sequence[str] = ()) -> NoReturn:
    """Raises an Error with one diagnostic."""
    raise Error(code, message, help, notes=notes)
