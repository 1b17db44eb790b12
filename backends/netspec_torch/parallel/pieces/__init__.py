"""What files with a plan need beside PyTorch, as text: a file contains those functions and classes that it uses.

They are real modules, so that they are linted and typed as such; nothing imports them.
"""

from __future__ import annotations

from functools import cache
from pathlib import Path

from ...library import names_used, pieces_in, without_comments


@cache
def pieces() -> dict[str, str]:
    """Returns the source of every class and function, by name."""
    return {name: without_comments(text) for name, text in pieces_in(Path(__file__).parent).items()}


def used_pieces(words: set[str]) -> dict[str, str]:
    """Returns the pieces that a text needs, each after those that it uses."""
    out: dict[str, str] = {}

    def visit(names: set[str]) -> None:
        for name in [name for name in pieces() if name in names and name not in out]:
            visit(names_used(pieces()[name]) - {name})
            out[name] = pieces()[name]

    visit(words)
    return out
