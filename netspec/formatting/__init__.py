"""The style of specs: parses a text with its comments, arranges it and prints it; also used to write new specs."""

from __future__ import annotations

from .format_text import REPORT_IT, format_text
from .spec_printer import spec_text

__all__ = ["REPORT_IT", "format_text", "spec_text"]
