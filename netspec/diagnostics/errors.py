"""The errors that netspec raises for problems that a user can correct.

Each is an :class:`Error`, which holds diagnostics; its text is what the command line prints. Programming errors are
ordinary Python exceptions.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from dataclasses import replace
from typing import Any, TypeAlias

from .diagnostic import Diagnostic, Sources
from .location import Location, unpack
from .render import render

Help: TypeAlias = str | Callable[[], str | None] | None
"""How to correct a problem: a text, or a function called when the problem is listed."""


class Error(Exception):
    """Base class of all errors that a user can correct.

    ``str()`` returns the text that the command line prints.

    Args:
        code: diagnostic code, such as ``NS704``; ``netspec explain CODE`` describes each.
        message: one line that describes the problem.
        help: how to correct it, if known; a function is called only for a problem that is listed.
        notes: further lines.
        file: the file concerned, if any.
    """

    sources: Sources
    """Texts that the locations of the diagnostics refer to."""
    hidden: int
    """Number of diagnostics beyond the limit, which are not listed."""

    def __init__(
        self, code: str, message: str, help: Help = None, *, notes: Iterable[str] = (), file: str | None = None
    ) -> None:
        super().__init__(code, message)
        self._hold([Diagnostic(code, message, notes=tuple(notes), file=file)], help=help)

    def _hold(
        self,
        diagnostics: Iterable[Diagnostic],
        sources: Sources | None = None,
        hidden: int = 0,
        help: Help = None,
    ) -> None:
        """Set the attributes; ``help`` belongs to the only diagnostic."""
        self._diagnostics = tuple(diagnostics)
        self._help = help
        self.sources = sources if sources is not None else Sources()
        self.hidden = hidden

    @property
    def diagnostics(self) -> tuple[Diagnostic, ...]:
        """The problems, at least one."""
        if self._help is not None:
            help = self._help if isinstance(self._help, str) else self._help()
            self._help = None
            self._diagnostics = (replace(self._diagnostics[0], help=help),)
        return self._diagnostics

    @property
    def code(self) -> str:
        """Code of the first diagnostic."""
        return self._diagnostics[0].code

    @property
    def message(self) -> str:
        """Message of the first diagnostic."""
        return self._diagnostics[0].message

    @property
    def help(self) -> str | None:
        """Help of the first diagnostic, if it has any."""
        return self.diagnostics[0].help

    def find_help(self) -> str | None:
        """Returns the help; for use as the ``help`` of another error."""
        return self.help

    def __reduce__(self) -> tuple[Any, ...]:
        _ = self.diagnostics  # with its help: a function cannot be pickled
        return _restore, (type(self), self.args, self.__dict__)

    def __str__(self) -> str:
        return "\n\n".join(render(d, self.sources) for d in self.diagnostics)


def _restore(cls: type[Error], args: tuple[Any, ...], attributes: dict[str, Any]) -> Error:
    """Restores an error from another process, without calling the constructor, which differs between subclasses."""
    error = cls.__new__(cls)
    error.args = args
    error.__dict__.update(attributes)
    return error


class SpecError(Error):
    """An invalid spec, with all its problems.

    Args:
        diagnostics: the problems, at least one.
        sources: texts that their locations refer to.
        hidden: number of problems beyond the limit.
    """

    def __init__(self, diagnostics: Sequence[Diagnostic], sources: Sources | None = None, hidden: int = 0) -> None:
        Exception.__init__(self, diagnostics, sources, hidden)
        self._hold(diagnostics, sources, hidden)


class LocatedError(Error):
    """One problem at a location of a spec's text; whoever reads the spec collects them into a :class:`SpecError`.

    Args:
        code: diagnostic code.
        message: one line: what is wrong.
        location: packed location (see :func:`~netspec.diagnostics.location.pack`); None if there is none.
        help: how to correct it, if known; a function is called only for a problem that is listed.
        notes: further lines.
        label: text beneath the caret.
    """

    def __init__(
        self,
        code: str,
        message: str,
        location: int | None = None,
        *,
        help: Help = None,
        notes: Iterable[str] = (),
        label: str | None = None,
    ) -> None:
        Exception.__init__(self, code, message, location)
        at = unpack(location) if location is not None else None
        self._hold([Diagnostic(code, message, at, label, notes=tuple(notes))], help=help)

    def with_help(self, help: Help) -> LocatedError:
        """Returns the same problem with another help."""
        error = LocatedError(self.code, self.message)
        error._hold(self._diagnostics, help=help)
        return error

    @property
    def location(self) -> Location | None:
        """Where it is."""
        return self._diagnostics[0].location

    @property
    def diagnostic(self) -> Diagnostic:
        """The problem."""
        return self.diagnostics[0]
