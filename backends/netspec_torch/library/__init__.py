"""Classes and functions missing from torch.nn, as text: a network's file contains those that it uses.

They are real modules, so that they are linted, typed and tested as such; nothing imports them to run a network.
"""

from __future__ import annotations

import ast
import re
from functools import cache
from pathlib import Path

FOLDER = Path(__file__).parent


@cache
def pieces() -> dict[str, str]:
    """Returns the source of every class and function, by name."""
    return pieces_in(FOLDER)


def pieces_in(folder: Path) -> dict[str, str]:
    """Returns the source of every class and function in a folder, by name."""
    out: dict[str, str] = {}
    for file in sorted(folder.glob("*.py")):
        if file.name == "__init__.py":
            continue
        text = file.read_text(encoding="utf-8").rstrip("\n")
        for piece in re.split(r"\n\n\n(?=class |def |@)", text)[1:]:
            match = re.search(r"^(?:class|def) (\w+)", piece, re.M)
            assert match is not None
            out[match[1]] = piece.rstrip()
    return out


@cache
def names() -> frozenset[str]:
    """Returns the names of all classes and functions, for all numbers of axes."""
    out: set[str] = set()
    for name in pieces():
        out |= {name, *(name.replace("2d", f"{n}d") for n in (1, 3))}
    return frozenset(out)


def needed_pieces(words: set[str]) -> dict[str, str]:
    """Returns the pieces that a text needs, each after those that it uses."""
    pieces: dict[str, str] = {}

    def visit(words: set[str] | frozenset[str]) -> None:
        for name in sorted(words & names()):
            piece = None if name in pieces else _piece(name)
            if piece is not None:
                pieces[name] = ""
                visit(needs(name))
                del pieces[name]
                pieces[name] = piece

    visit(words)
    return pieces


@cache
def needs(name: str) -> frozenset[str]:
    """Returns the names that a piece uses."""
    return frozenset(names_used(_piece(name) or ""))


def names_used(text: str) -> set[str]:
    """Returns the names in a text, without comments and strings."""
    return {node.id for node in ast.walk(ast.parse(text)) if isinstance(node, ast.Name)}


@cache
def _piece(name: str) -> str | None:
    """Returns a piece, for any number of axes, without comments for type checkers."""
    everything = pieces()
    if name in everything:
        return without_comments(everything[name])
    for n in (1, 3):
        other = name.replace(f"{n}d", "2d")
        if other in everything and other != name:
            return without_comments(everything[other].replace("2d", f"{n}d"))
    return None


def without_comments(text: str) -> str:
    """Removes comments for type checkers."""
    return re.sub(r"  # (type: ignore|pyright: ignore|noqa)[^\n]*", "", text)
