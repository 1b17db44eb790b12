"""The error of a source that cannot be imported, with everything that is in the way."""

from __future__ import annotations

from collections.abc import Iterable

from ..diagnostics import Diagnostic, Error, clip
from .problems import Problem, grouped

_PLACES = 4
"""How many places a note lists."""


class ImportRefused(Error):  # noqa: N818 - the name that users read: an import is refused
    """A source that cannot be imported. Its diagnostics, and ``problems``, are one for each kind of problem.

    Args:
        problems: what is in the way; those of one kind are put together.
        source: the file, or ``package.module:callable``.
    """

    problems: tuple[Problem, ...]

    def __init__(self, problems: Iterable[Problem], source: str | None = None) -> None:
        self.problems = grouped(problems)
        Exception.__init__(self, self.problems, source)
        self._hold([_diagnostic(problem, source) for problem in self.problems])


def _diagnostic(problem: Problem, source: str | None) -> Diagnostic:
    times = f" ({problem.count} times)" if problem.count > 1 else ""
    what = f"{clip(problem.operation)}: " if problem.operation else ""
    places = [clip(place) for place in problem.places if place]
    more = f", and {len(places) - _PLACES:,} more" if len(places) > _PLACES else ""
    notes = [f"{', '.join(places[:_PLACES])}{more}"] if places else []
    return Diagnostic(
        problem.code, f"{what}{problem.reason}{times}", help=problem.help, notes=tuple(notes), file=source
    )
