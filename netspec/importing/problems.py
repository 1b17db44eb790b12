"""What cannot be imported: collected over the whole source, and reported at once."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
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
TOO_LARGE = "NS874"
INPUTS = "NS879"
"""Codes of problems, which the catalogue of diagnostics explains (``netspec/diagnostics/codes/importing.py``)."""

MAY_BE_OPAQUE = frozenset({NO_EQUIVALENT, ARGUMENT})
"""Problems of an operation that the spec can declare instead, if the shapes of its outputs are known."""
OPAQUE = "--opaque (in Python: opaque=True) declares it as an operation of which only the shapes are known"
_BUG = "this is a bug of the importer: please report the network"
HELPS: Mapping[str, str] = {
    BATCH: "the batch must be the first axis of every input, and each example must be computed by itself",
    ELEMENT_TYPE: "use float32, float16, bfloat16, float64, int64, int32 or bool",
    INPUTS: "give shapes that the source accepts, without the batch: --input 3,224,224 or --input ids=128:int64",
    OTHER_SHAPE: _BUG,
    UNKNOWN_WEIGHT: _BUG,
}
"""What to do about a problem of each code, unless the problem itself or its reader says something else."""


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
    """What the user can do; empty for what :data:`HELPS` says."""
    opaque: bool = False
    """Whether a draft of which only the shapes are known stands in for the operation, so that --opaque accepts it."""

    @classmethod
    def of_error(
        cls,
        error: Error,
        operation: str,
        place: str,
        helps: Mapping[str, str] | None = None,
        *,
        opaque: bool = False,
        no_shapes: str = "",
    ) -> Problem:
        """The problem that an error of one node is.

        Args:
            error: what a rule raised.
            operation: as the source calls it.
            place: where it occurs.
            helps: what to do by code, for a reader's own kind of source.
            opaque: whether a draft stands in for the operation.
            no_shapes: what to do if none does, because the shapes of the outputs are unknown.
        """
        may_be_opaque = error.code in MAY_BE_OPAQUE
        remedy = error.help or (helps or {}).get(error.code, no_shapes if may_be_opaque and not opaque else "")
        return cls(error.code, operation, error.message, (place,), remedy, opaque and may_be_opaque)

    @property
    def help(self) -> str | None:
        """What to do, in one sentence."""
        helps = [self.remedy or HELPS.get(self.code, ""), OPAQUE if self.opaque else ""]
        return "; ".join(filter(None, helps)) or None

    @property
    def count(self) -> int:
        """How often it occurs."""
        return len(self.places)


def grouped(problems: Iterable[Problem]) -> tuple[Problem, ...]:
    """Problems of one kind as one with all their places, in the order in which they first occur."""
    groups: dict[Problem, Problem] = {}
    for problem in problems:
        key = replace(problem, places=())
        before = groups.get(key)
        groups[key] = problem if before is None else replace(before, places=before.places + problem.places)
    return tuple(groups.values())


class CannotImportError(Error):
    """Raised by a rule for one node of the source; the reader records it and goes on, so that all are reported."""
