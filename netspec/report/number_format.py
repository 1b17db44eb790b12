"""Formats numbers for human readers."""

from __future__ import annotations

LEAST_PERCENTAGE = 0.1
"""Smaller percentages are shown as less than this number."""
UNITS = ("k", "M", "G", "T", "P")
_LARGE = 10**300
"""Larger numbers may exceed the range of float."""


def short_number(n: int) -> str:
    """Returns three significant digits and a metric prefix: ``1.79 k``, ``15.5 G``; small numbers in full."""
    if n < 1000:
        return str(n)
    if n >= _LARGE:
        from decimal import Decimal  # such numbers are rare

        return f"{Decimal(n):.2e}"
    value, power = float(n), 0
    while value >= 999.5 and power < len(UNITS):
        value /= 1000
        power += 1
    digits = 2 if value < 9.995 else 1 if value < 99.95 else 0
    return f"{value:,.{digits}f} {UNITS[power - 1]}"


def figure_text(n: float) -> str:
    """Returns a count with separators: ``1,792``; a float is a percentage and has one decimal: ``12.5``."""
    if isinstance(n, float):
        return f"{n:.1f}" if n >= LEAST_PERCENTAGE or not n else f"<{LEAST_PERCENTAGE}"
    return f"{n:,}"


def memory_size(n: int) -> str:
    """Returns bytes in binary units: ``527.8 MiB``."""
    if n >= _LARGE:
        return f"{short_number(n)} bytes"
    value = float(n)
    if n < 1024:
        return f"{n} bytes"
    for unit in ("KiB", "MiB", "GiB"):
        value /= 1024
        if value < 1024:
            return f"{value:.1f} {unit}"
    return f"{value / 1024:,.1f} TiB"
