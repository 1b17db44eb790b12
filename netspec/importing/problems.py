"""What cannot be imported: collected over the whole source, and reported at once."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from ..diagnostics import Diagnostic, Error, clip

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
class ImportDiagnostic(Diagnostic):
    """A :class:`Diagnostic` on a network that is imported, with the places in its source where the problem occurs."""

    operation: str = ""
    """As the source calls it: ``aten.fft_rfft``, ``Loop``."""
    places: tuple[str, ...] = ()
    """Modules, nodes or lines of the source, in order; empty for a problem of the source as a whole."""
    opaque: bool = False
    """Whether a draft of which only the shapes are known stands in for the operation, so that --opaque accepts it."""

    @classmethod
    def of(
        cls, code: str, operation: str, reason: str, place: str = "", help: str | None = None, *, opaque: bool = False
    ) -> ImportDiagnostic:
        """The diagnostic of one operation.

        Args:
            code: of the catalogue of diagnostics.
            operation: as the source calls it; empty if the problem is not one of an operation.
            reason: what is wrong.
            place: where it occurs; empty if it concerns the source as a whole.
            help: what to do; by default what :data:`HELPS` says.
            opaque: whether a draft stands in for the operation.
        """
        message = f"{clip(operation)}: {reason}" if operation else reason
        help = "; ".join(filter(None, (help or HELPS.get(code), OPAQUE if opaque else ""))) or None
        places = (place,) if place else ()
        return cls(code, message, help=help, operation=operation, places=places, opaque=opaque)

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
    ) -> ImportDiagnostic:
        """The diagnostic of an error that a rule raised for one node.

        Args:
            error: what the rule raised.
            operation: as the source calls it.
            place: where it occurs.
            helps: what to do by code, for a reader's own kind of source.
            opaque: whether a draft stands in for the operation.
            no_shapes: what to do if none does, because the shapes of the outputs are unknown.
        """
        may_be_opaque = error.code in MAY_BE_OPAQUE
        help = error.help or (helps or {}).get(error.code, no_shapes if may_be_opaque and not opaque else "")
        return cls.of(error.code, operation, error.message, place, help, opaque=opaque and may_be_opaque)


class CannotImportError(Error):
    """Raised by a rule for one node of the source; the reader records it and goes on, so that all are reported."""
