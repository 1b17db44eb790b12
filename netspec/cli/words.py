"""What a word of the command line means: numbers, ranges, lists. Each raises ArgumentTypeError for what it is not."""

from __future__ import annotations

import argparse

MOST = 10_000
"""Numbers that one list may stand for."""


def numbers(text: str) -> list[int]:
    """``3``, ``0,2,5``, ``0-7``. Raises ArgumentTypeError."""
    out: list[int] = []
    for part in text.split(","):
        first, dash, last = part.strip().partition("-")
        if not all(p.isascii() and p.isdigit() and len(p) < 10 for p in ([first, last] if dash else [first])):
            raise argparse.ArgumentTypeError(f"'{text}' is no list of numbers like 3 or 0,2,5-7")
        end = int(last) if dash else int(first)
        if not int(first) <= end < int(first) + MOST or len(out) > MOST:
            raise argparse.ArgumentTypeError(f"'{part}' is no range of at most {MOST:,} numbers")
        out += range(int(first), end + 1)
    return list(dict.fromkeys(out))


def names(text: str) -> list[str]:
    """Names between commas."""
    return [w.strip() for w in text.split(",") if w.strip()]


def floats(text: str) -> list[float]:
    """Finite numbers between commas."""
    return [finite(part) for part in text.split(",")]


def finite(text: str) -> float:
    """A finite number."""
    try:
        number = float(text)
    except ValueError:
        raise argparse.ArgumentTypeError(f"'{text}' is no number") from None
    if not abs(number) < float("inf"):
        raise argparse.ArgumentTypeError(f"'{text}' is no finite number")
    return number


def extent(text: str) -> float:
    """A number from 0 to 1000."""
    number = finite(text)
    if not 0 <= number <= 1000:
        raise argparse.ArgumentTypeError(f"'{text}' is no number from 0 to 1000")
    return number


def above(text: str) -> float:
    """A number above 0, up to 1000."""
    number = extent(text)
    if not number:
        raise argparse.ArgumentTypeError(f"'{text}' is not above 0")
    return number


def whole(text: str) -> int:
    """A whole number, 0 or more."""
    if not (text.isascii() and text.isdigit()) or int(text[:20]) >= 2**63:
        raise argparse.ArgumentTypeError(f"'{text}' is no whole number, 0 or more")
    return int(text)


def positive(text: str) -> int:
    """A whole number from 1 to 1,000,000."""
    number = whole(text)
    if not 0 < number <= 1_000_000:
        raise argparse.ArgumentTypeError(f"'{text}' is no whole number from 1 to 1,000,000")
    return number
