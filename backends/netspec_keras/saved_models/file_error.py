"""Errors of files that are not Keras models, or damaged, with default help texts."""

from __future__ import annotations

from collections.abc import Mapping

from netspec.diagnostics import Error
from netspec.importing.problems import INVALID_SOURCE

NO_MODEL = "NS830"
TOO_LARGE = "NS831"
CODE_IN_MODEL = "NS832"
NO_STRUCTURE = "NS833"
WEIGHTS = "NS834"
"""Codes of problems with models of Keras (``netspec/diagnostics/codes/keras_models.py``)."""


SAVE_AGAIN = "save the model again with `model.save('model.keras')`, or copy the file again"
NO_SHAPES = "--opaque requires the shapes of its outputs, which the file states where other layers read them"
HELPS: Mapping[str, str] = {
    NO_MODEL: SAVE_AGAIN,
    WEIGHTS: SAVE_AGAIN,
    INVALID_SOURCE: SAVE_AGAIN,
    CODE_IN_MODEL: "replace it with layers or functions of `keras.ops`, and save the model again",
}
"""Default help by code."""


class KerasFileError(Error):
    """A file that cannot be read as a Keras model: NS830, NS831 or NS834."""

    def __init__(self, code: str, message: str, help: str | None = None, *, file: str) -> None:
        super().__init__(code, message, help or HELPS.get(code), file=file)
