"""Types of arguments of ``netspec see``. Each raises ArgumentTypeError for an invalid text."""

from __future__ import annotations

import argparse
import re

from netspec.cli.argument_types import finite_float, name_list, non_negative_integer
from netspec.cli.size_arguments import parse_size
from netspec.diagnostics import clip

METHODS = ("saliency", "integrated", "grad-cam", "rollout")
"""Methods of ``netspec see gradients``."""


def methods(text: str) -> list[str]:
    """Methods separated by commas."""
    named = name_list(text)
    for word in named:
        if word not in METHODS:
            raise argparse.ArgumentTypeError(f"there is no method '{word}'; available methods: {', '.join(METHODS)}")
    return named


def direction(text: str) -> list[tuple[int, float]]:
    """Filters with their weights: ``3,7:-0.5``; a filter without one has weight 1."""
    out: list[tuple[int, float]] = []
    for part in text.split(","):
        number, colon, weight = part.strip().partition(":")
        if not (number.isascii() and number.isdigit() and len(number) < 10):
            raise argparse.ArgumentTypeError(f"'{clip(text)}' is not a direction such as 3,7:-0.5")
        out.append((int(number), finite_float(weight) if colon else 1.0))
    return out


def share(text: str) -> float:
    """A number from 0 up to, but not including, 1."""
    number = finite_float(text)
    if not 0 <= number < 1:
        raise argparse.ArgumentTypeError(f"'{clip(text)}' is not a number from 0 to less than 1")
    return number


def grid(text: str) -> tuple[int, int, int | None, int | None]:
    """Rows, columns, axis and the number of tokens before the grid, of ``0:14x14+1``."""
    match = re.fullmatch(r"(?:(\d)\s*:)?\s*(\d{1,5})\s*[x×]\s*(\d{1,5})\s*(?:\+\s*(\d{1,5}))?", text.strip(), re.ASCII)
    if match is None or not int(match[2]) or not int(match[3]):
        raise argparse.ArgumentTypeError(f"'{clip(text)}' is not a grid such as 14x14, 0:14x14 or 14x14+1")
    axis, rows, columns, first = (None if part is None else int(part) for part in match.groups())
    assert rows is not None
    assert columns is not None
    return rows, columns, axis, first


def position_or_size(text: str) -> tuple[int, int] | tuple[str, int]:
    """A position, ``3,5``, or the size of a named dimension, ``H=64``."""
    return parse_size(text) if "=" in text else _position(text)


def _position(text: str) -> tuple[int, int]:
    numbers = [non_negative_integer(part) for part in text.split(",")]
    if len(numbers) != 2:
        raise argparse.ArgumentTypeError(f"'{clip(text)}' is not a position: a row and a column, such as 3,5")
    return numbers[0], numbers[1]
