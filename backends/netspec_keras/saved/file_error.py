"""The error of a file that is no Keras model, or is damaged."""

from __future__ import annotations

from netspec.diagnostics import Error

NO_MODEL = "NS830"
TOO_LARGE = "NS831"
CODE_IN_MODEL = "NS832"
NO_STRUCTURE = "NS833"
WEIGHTS = "NS834"
"""Codes of problems with models of Keras (``netspec/diagnostics/codes/keras_models.py``)."""


class KerasFileError(Error):
    """A file that cannot be read as a Keras model: NS830, NS831 or NS834."""
