"""Errors of nodes that cannot be imported, and their codes."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Literal, TypeAlias

from netspec.importing import CannotImportError
from netspec.shapes.sizes import Size

from .tensor_reader import FORMAT

Kind: TypeAlias = Literal[
    "malformed", "operator", "argument", "batch", "type", "shape", "control flow", "quantised", "constant"
]

CODES: dict[Kind, str] = {
    "malformed": "NS846",
    "operator": "NS841",
    "argument": "NS842",
    "batch": "NS843",
    "type": "NS844",
    "shape": "NS845",
    "control flow": "NS870",
    "quantised": "NS871",
    "constant": "NS874",
}
"""Diagnostic codes by the kind of problem."""

NO_SHAPES = "--opaque requires the shapes of its outputs, which the file does not declare"
HELPS: dict[str, str] = {
    CODES["malformed"]: FORMAT,
    CODES["shape"]: "export the model with fixed input sizes, so that its shapes are constants",
    CODES["quantised"]: "import the model before quantisation, or with only its weights quantised",
    CODES["constant"]: "export the model with smaller constants, or as inputs",
}
"""Default help by code."""


def shape_text(shape: Iterable[Size]) -> str:
    """A shape of the source for messages: ``[N, 4]``."""
    return f"[{', '.join(map(str, shape))}]"


def shapes_text(shapes: Iterable[Iterable[Size]]) -> str:
    """Several shapes for messages."""
    return " and ".join(map(shape_text, shapes))


def refused(kind: Kind, message: str, help: str | None = None) -> CannotImportError:
    """Returns the error of one node, which the reader records before it continues."""
    return CannotImportError(CODES[kind], message, help)
