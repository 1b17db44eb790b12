"""What cannot be imported: collected over the whole source, and reported at once."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, replace

from ..diagnostics.errors import Error

EXPORT_FAILED = "NS840"
NO_EQUIVALENT = "NS841"
ARGUMENT = "NS842"
BATCH = "NS843"
ELEMENT_TYPE = "NS844"
DATA_DEPENDENT = "NS845"
INVALID_SOURCE = "NS846"
OTHER_SHAPE = "NS847"
UNKNOWN_WEIGHT = "NS848"
OTHER_OUTPUTS = "NS849"
"""Codes of problems, which the catalogue of diagnostics explains (``netspec/diagnostics/codes/importing.py``)."""


@dataclass(frozen=True, slots=True)
class Problem:
    """One kind of thing that cannot be imported, with the places where it occurs."""

    code: str
    """Of the catalogue of diagnostics."""
    operation: str
    """As the source calls it: ``aten.fft_rfft``, ``Loop``."""
    reason: str
    places: tuple[str, ...]
    """Where it occurs in the source, in order."""
    remedy: str = ""
    """What the user can do."""

    @property
    def count(self) -> int:
        """How often it occurs."""
        return len(self.places)


def grouped(problems: Iterable[Problem]) -> tuple[Problem, ...]:
    """Problems of one kind as one with all their places, in the order in which they first occur."""
    groups: dict[tuple[str, str, str], Problem] = {}
    for problem in problems:
        key = (problem.code, problem.operation, problem.reason)
        before = groups.get(key)
        groups[key] = problem if before is None else replace(before, places=before.places + problem.places)
    return tuple(groups.values())


class CannotImportError(Error):
    """Raised by a rule for one node of the source; the reader records it and goes on, so that all are reported."""
