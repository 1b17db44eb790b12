"""What stands in the way outside of a spec, such as a file or a missing library: told in one line, without a place."""

from __future__ import annotations

from collections.abc import Generator, Sequence
from contextlib import contextmanager

from .model import Diagnostic, Sources
from .render import render


class SpecError(Exception):
    """A spec that does not hold, with everything that is wrong with it.

    ``str()`` of it is the text that ``netspec check`` prints.
    """

    def __init__(self, diagnostics: Sequence[Diagnostic], sources: Sources | None = None, hidden: int = 0) -> None:
        super().__init__(diagnostics)
        self.diagnostics = tuple(diagnostics)
        self.sources = sources or Sources()
        self.hidden = hidden
        """Diagnostics beyond the limit, counted only."""

    def __str__(self) -> str:
        return "\n\n".join(render(d, self.sources) for d in self.diagnostics)


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
