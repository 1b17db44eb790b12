"""Types of command-line arguments: numbers, ranges and lists. They raise ArgumentTypeError for an invalid text."""

from __future__ import annotations

import argparse
import json
from typing import Any

from ..diagnostics import clip
from ..shapes.types import DTYPES

__all__ = [
    "dpi",
    "example_input",
    "finite_float",
    "float_list",
    "float_to_1000",
    "integer_list",
    "json_object",
    "name_list",
    "non_negative_integer",
    "positive_float",
    "positive_integer",
    "seed",
]

MAX_NUMBERS = 10_000
"""Maximum length of a list of numbers."""


def integer_list(text: str) -> list[int]:
    """Parses ``3``, ``0,2,5`` or ``0-7``; duplicates are removed."""
    numbers: list[int] = []
    for part in text.split(","):
        first, dash, last = part.strip().partition("-")
        if not all(p.isascii() and p.isdigit() and len(p) < 10 for p in ([first, last] if dash else [first])):
            raise argparse.ArgumentTypeError(f"'{text}' is not a list of numbers such as 3 or 0,2,5-7")
        end = int(last) if dash else int(first)
        if not int(first) <= end < int(first) + MAX_NUMBERS or len(numbers) > MAX_NUMBERS:
            raise argparse.ArgumentTypeError(f"'{part}' is not a range of at most {MAX_NUMBERS:,} numbers")
        numbers += range(int(first), end + 1)
    return list(dict.fromkeys(numbers))


def name_list(text: str) -> list[str]:
    """Parses names separated by commas."""
    return [name.strip() for name in text.split(",") if name.strip()]


def float_list(text: str) -> list[float]:
    """Parses finite numbers separated by commas."""
    return [finite_float(part) for part in text.split(",")]


def finite_float(text: str) -> float:
    """Parses a finite number."""
    try:
        number = float(text)
    except ValueError:
        raise argparse.ArgumentTypeError(f"'{text}' is not a number") from None
    if not abs(number) < float("inf"):
        raise argparse.ArgumentTypeError(f"'{text}' is not a finite number")
    return number


def float_to_1000(text: str) -> float:
    """Parses a number from 0 to 1000."""
    number = finite_float(text)
    if not 0 <= number <= 1000:
        raise argparse.ArgumentTypeError(f"'{text}' is not a number from 0 to 1000")
    return number


def positive_float(text: str) -> float:
    """Parses a number greater than 0, up to 1000."""
    number = float_to_1000(text)
    if not number:
        raise argparse.ArgumentTypeError(f"'{text}' is not greater than 0")
    return number


def dpi(text: str) -> float:
    """Parses pixels per inch: a number from 10 to 2400."""
    number = finite_float(text)
    if not 10 <= number <= 2400:
        raise argparse.ArgumentTypeError(f"'{text}' is not a number of pixels per inch from 10 to 2400")
    return number


def non_negative_integer(text: str) -> int:
    """Parses an integer, 0 or more."""
    if not (text.isascii() and text.isdigit()) or int(text[:20]) >= 2**63:
        raise argparse.ArgumentTypeError(f"'{text}' is not an integer, 0 or more")
    return int(text)


def seed(text: str) -> int:
    """Parses a seed: an integer from 0 to 2**64 - 1."""
    if not (text.isascii() and text.isdigit()) or len(text) > 20 or int(text) >= 2**64:
        raise argparse.ArgumentTypeError(f"'{clip(text)}' is not a seed: an integer from 0 to 2**64 - 1")
    return int(text)


def example_input(text: str) -> tuple[str, tuple[int | str, ...], str | None]:
    """Parses an input such as ``3,224,224``, ``3,H,W`` or ``tokens=128:int64`` into optional name, shape and type."""
    name, equals, rest = text.rpartition("=")
    shape, colon, dtype = rest.partition(":")
    sizes = [part.strip() for part in shape.split(",") if part.strip()]
    is_size = all((s.isascii() and s.isdigit() and 0 < int(s[:20]) < 2**40) or s.isidentifier() for s in sizes)
    if not sizes or not is_size or bool(equals) != bool(name) or (colon and dtype not in DTYPES):
        message = f"'{clip(text)}' is not an input such as 3,224,224 or tokens=128:int64, without the batch"
        raise argparse.ArgumentTypeError(message)
    return name, tuple([int(s) if s.isdigit() else s for s in sizes]), dtype or None


def json_object(text: str) -> dict[str, Any]:
    """Parses arguments by name, in JSON."""
    try:
        value: Any = json.loads(text)
    except (ValueError, RecursionError) as error:
        raise argparse.ArgumentTypeError(f"it is not JSON: {error}") from None
    if not isinstance(value, dict):
        raise argparse.ArgumentTypeError(f"it must be a JSON object, of names and values; found {clip(text)}")
    return value  # pyright: ignore[reportUnknownVariableType] - of any JSON


def positive_integer(text: str) -> int:
    """Parses an integer from 1 to 1,000,000."""
    number = non_negative_integer(text)
    if not 0 < number <= 1_000_000:
        raise argparse.ArgumentTypeError(f"'{text}' is not an integer from 1 to 1,000,000")
    return number
