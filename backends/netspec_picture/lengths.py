"""Lengths that a user gives: ``3.3in``, ``84mm``, ``6pt``, or a number of points."""

from __future__ import annotations

import re
from typing import Final

from netspec.backend import BackendError
from netspec.diagnostics import clip

POINTS: Final = {"in": 72.0, "cm": 72 / 2.54, "mm": 72 / 25.4, "pt": 1.0}
"""Points of each unit."""
NAMED_WIDTHS: Final = {"page": (6.5, 9.0), "column": (3.3, 9.0), "slide": (13.3, 7.5)}
"""Widths with a name, and the heights that go with them, in inches."""
_LENGTH = re.compile(r"\s*(\d{1,6}(?:\.\d{1,6})?)\s*(in|cm|mm|pt)?\s*")


def parse_length(name: str, value: object, least: float, most: float, names: str = "") -> float:
    """A length in points.

    Args:
        name: the option, for messages.
        value: a text with a unit, or a number of points.
        least: the smallest allowed length, in points.
        most: the greatest allowed one.
        names: other values that the option accepts, for messages.

    Raises:
        BackendError: NS721, it is not a length, or out of range.
    """
    if isinstance(value, int | float) and not isinstance(value, bool):
        points = float(value)
    else:
        match = _LENGTH.fullmatch(value) if isinstance(value, str) else None
        if match is None:
            raise BackendError("NS721", f"{name} must be {names}a length such as 3.3in or 84mm; found '{clip(value)}'")
        points = float(match[1]) * POINTS[match[2] or "pt"]
    if not least <= points <= most:
        bounds = f"{inches(least)} to {inches(most)}"
        raise BackendError("NS721", f"{name} must be from {bounds}; found '{clip(value)}'", "units: in, cm, mm, pt")
    return points


def inches(points: float) -> str:
    """A length in inches, or in points below half an inch."""
    return f"{points / 72:.3g} in" if points >= 36 else f"{points:.3g} pt"
