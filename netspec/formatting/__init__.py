"""The style of specs: a text is read with its comments, arranged and printed; the same style writes new specs."""

from __future__ import annotations

from .format_text import REPORT_IT, format_text
from .spec_printer import spec_text

__all__ = ["REPORT_IT", "format_text", "spec_text"]
