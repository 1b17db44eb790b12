"""What cannot be imported from an ONNX file: the codes, and errors of single nodes."""

from __future__ import annotations

from typing import Literal, TypeAlias

from netspec.importing import CannotImportError

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
"""Diagnostic codes by what is wrong with a node."""


def refused(kind: Kind, message: str, help: str | None = None) -> CannotImportError:
    """The error of one node, which the reader records before it goes on."""
    return CannotImportError(CODES[kind], message, help)
