"""The error for a source that cannot be imported, with all its problems."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import replace
from typing import cast

from ..diagnostics import Error, clip
from .problems import ImportDiagnostic

_PLACES = 4
"""Maximum number of places in a note."""


class ImportRefused(Error):  # noqa: N818 - the name that users read: an import is refused
    """A source cannot be imported. The error has one diagnostic for each kind of problem.

    Args:
        problems: the problems; those that differ only in their places are merged.
        source: the file, or ``package.module:callable``.
    """

    def __init__(self, problems: Iterable[ImportDiagnostic], source: str | None = None) -> None:
        merged = _merge(problems, source)
        Exception.__init__(self, merged, source)
        self._hold(merged)

    @property
    def diagnostics(self) -> tuple[ImportDiagnostic, ...]:
        """The problems, at least one, in the order in which they first occur."""
        return cast("tuple[ImportDiagnostic, ...]", super().diagnostics)


def _merge(problems: Iterable[ImportDiagnostic], source: str | None) -> list[ImportDiagnostic]:
    """Merges diagnostics that differ only in their places: the message counts them, and a note lists some."""
    places: dict[ImportDiagnostic, list[str]] = {}
    counts: dict[ImportDiagnostic, int] = {}
    for problem in problems:
        kind = replace(problem, places=())
        places.setdefault(kind, []).extend(problem.places)
        counts[kind] = counts.get(kind, 0) + 1
    return [
        replace(
            kind,
            message=f"{kind.message} ({counts[kind]} times)" if counts[kind] > 1 else kind.message,
            notes=_note(places[kind]),
            places=tuple(places[kind]),
            file=source,
        )
        for kind in counts
    ]


def _note(places: list[str]) -> tuple[str, ...]:
    if not places:
        return ()
    more = f", and {len(places) - _PLACES:,} more" if len(places) > _PLACES else ""
    return (f"{', '.join(clip(place) for place in places[:_PLACES])}{more}",)
