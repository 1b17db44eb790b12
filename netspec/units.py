"""Parses and formats memory sizes: GB is 1,000 MB, GiB 1,024 MiB."""

from __future__ import annotations

import re
from typing import Final

__all__ = ["parse_size", "scaled", "size_text"]

BYTES: Final[dict[str, int]] = {
    "B": 1, "kB": 10**3, "KB": 10**3, "MB": 10**6, "GB": 10**9, "TB": 10**12,
    "KiB": 2**10, "MiB": 2**20, "GiB": 2**30, "TiB": 2**40,
}  # fmt: skip
_SIZE = re.compile(r"\s*(\d{1,15})(?:\.(\d{1,9}))?\s*([A-Za-z]+)\s*\Z", re.ASCII)


def parse_size(text: str) -> int | None:
    """Returns the number of bytes in ``24GB`` or ``1.5 GiB``; None if it is not a size."""
    match = _SIZE.match(text)
    if match is None or match[3] not in BYTES:
        return None
    whole, decimals, unit = match[1], match[2] or "", BYTES[match[3]]
    return int(int(whole + decimals) * unit // 10 ** len(decimals))


def size_text(size: float) -> str:
    """Returns a size with at least three digits: ``4.38 GB``, ``172 MB``."""
    if size < 1000:
        return f"{size:.0f} B"
    return scaled(size, ("kB", "MB", "GB", "TB"))


def scaled(number: float, units: tuple[str, ...]) -> str:
    """Returns a number of at least 1000 with three digits and the first suitable of units in steps of 1000."""
    for unit in units:
        number /= 1000
        if number < 999.5 or unit == units[-1]:
            digits = 2 if number < 9.995 else 1 if number < 99.95 else 0
            return f"{number:,.{digits}f} {unit}"
    raise ValueError("no unit is given")
