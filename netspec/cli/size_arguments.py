"""Sizes of named dimensions on the command line: ``--at H=256``, or several, ``--at n=2048,8192``."""

from __future__ import annotations

import argparse
from collections.abc import Sequence

from ..diagnostics import Error, clip

__all__ = ["parse_size", "parse_sizes", "size_points"]

MAX_SIZES = 1_000
"""Maximum length of a list of sizes."""


def parse_size(text: str) -> tuple[str, int]:
    """Parses a name and its size. Raises ArgumentTypeError."""
    name, equals, number = text.partition("=")
    if not equals or not name.strip() or not _is_size(number):
        raise argparse.ArgumentTypeError(f"'{clip(text)}' is not NAME=SIZE, such as H=256")
    return name.strip(), int(number)


def parse_sizes(text: str) -> tuple[str, tuple[int, ...]]:
    """Parses a name and its sizes. Raises ArgumentTypeError."""
    name, equals, numbers = text.partition("=")
    sizes = numbers.split(",")
    if not equals or not name.strip() or not all(map(_is_size, sizes)):
        message = f"'{clip(text)}' is not NAME=SIZE or NAME=SIZE,SIZE, such as H=256 or n=2048,8192"
        raise argparse.ArgumentTypeError(message + ("; every name has its own --at" if "=" in numbers else ""))
    if len(sizes) > MAX_SIZES:
        raise argparse.ArgumentTypeError(f"'{clip(name)}' has {len(sizes):,} sizes; the limit is {MAX_SIZES:,}")
    return name.strip(), tuple(map(int, sizes))


def _is_size(text: str) -> bool:
    text = text.strip()
    return text.isascii() and text.isdigit() and len(text) < 20


def size_points(sizes_by_name: Sequence[tuple[str, tuple[int, ...]]]) -> list[dict[str, int]]:
    """Returns the points at which to check a network: the first size of each list, then the second, and so on.

    A name with a single size has it at every point. Without names there is one point without sizes.

    Raises:
        Error: NS229, two lists differ in length.
    """
    lists = dict(sizes_by_name)
    several = {name: sizes for name, sizes in lists.items() if len(sizes) > 1}
    count = max(map(len, several.values()), default=1)
    for name, sizes in several.items():
        if len(sizes) != count:
            longest = next(other for other in several if len(several[other]) == count)
            raise Error(
                "NS229",
                f"lists of sizes go in pairs: '{clip(name)}' has {len(sizes)} sizes, and '{clip(longest)}' has {count}",
                "give both the same number of sizes, or one of them a single size",
                file=f"--at {clip(name)}={','.join(map(str, sizes[:8]))}{',…' if len(sizes) > 8 else ''}",
            )
    return [{name: sizes[min(i, len(sizes) - 1)] for name, sizes in lists.items()} for i in range(count)]
