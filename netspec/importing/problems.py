"""Problems that prevent an import, collected over the whole source and reported at once."""

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
"""Codes of problems, described in the catalogue of diagnostics (``netspec/diagnostics/codes/importing.py``)."""

MAY_BE_OPAQUE = frozenset({NO_EQUIVALENT, ARGUMENT})
"""Problems with operations that the spec can declare instead, if their output shapes are known."""
OPAQUE = "--opaque (in Python: opaque=True) declares it as an operation of which only the shapes are known"
_BUG = "this is a bug of the importer: please report the network"
HELPS: Mapping[str, str] = {
    BATCH: "the batch must be the first axis of every input, and each example must be computed by itself",
    ELEMENT_TYPE: "use float32, float16, bfloat16, float64, int64, int32 or bool",
    INPUTS: "give shapes that the source accepts, without the batch: --input 3,224,224 or --input ids=128:int64",
    OTHER_SHAPE: _BUG,
    UNKNOWN_WEIGHT: _BUG,
}
"""Default help for each code; a problem or its reader may provide another one."""


@dataclass(frozen=True, slots=True)
class ImportDiagnostic(Diagnostic):
    """A :class:`Diagnostic` about an imported network, with the places in its source at which the problem occurs."""

    operation: str = ""
    """The source's name of the operation: ``aten.fft_rfft``, ``Loop``."""
    places: tuple[str, ...] = ()
    """Modules, nodes or lines of the source, in order; empty for a problem of the source as a whole."""
    opaque: bool = False
    """Whether an opaque draft replaces the operation, so that --opaque accepts it."""

    @classmethod
    def of(
        cls, code: str, operation: str, reason: str, place: str = "", help: str | None = None, *, opaque: bool = False
    ) -> ImportDiagnostic:
        """Returns the diagnostic of one operation.

        Args:
            code: code in the catalogue of diagnostics.
            operation: the source's name; empty if the problem does not concern an operation.
            reason: what is wrong.
            place: where it occurs; empty if it concerns the source as a whole.
            help: a way out; by default that in :data:`HELPS`.
            opaque: whether an opaque draft replaces the operation.
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
        """Returns the diagnostic of an error that a rule raised for one node.

        Args:
            error: the error.
            operation: the source's name.
            place: where it occurs.
            helps: help by code, specific to a reader's kind of source.
            opaque: whether an opaque draft replaces the operation.
            no_shapes: help if none does, because the shapes of the outputs are unknown.
        """
        may_be_opaque = error.code in MAY_BE_OPAQUE
        help = error.help or (helps or {}).get(error.code, no_shapes if may_be_opaque and not opaque else "")
        return cls.of(error.code, operation, error.message, place, help, opaque=opaque and may_be_opaque)


class CannotImportError(Error):
    """Raised by a rule for one node of the source; the reader records it and continues, so that all are reported."""
