"""What stands in the way outside of a spec, such as a file or a missing library: told in one line, without a place."""

from __future__ import annotations

from collections.abc import Generator
from contextlib import contextmanager

from .diagnostics import Diagnostic, SpecError


class Obstacle(Exception):  # noqa: N818 - of the user's, not of the program's
    """Something a user can put right.

    Args:
        code: diagnostic code, ``NS7xx``.
        message: what is wrong.
        help: a way out, where there is one.
    """

    def __init__(self, code: str, message: str, help: str | None = None) -> None:
        super().__init__(message)
        self.code = code
        self.message = message
        self.help = help


@contextmanager
def diagnosed() -> Generator[None]:
    """An obstacle that is met within is raised as a SpecError."""
    try:
        yield
    except Obstacle as error:
        raise SpecError([Diagnostic(error.code, error.message, help=error.help)]) from None
