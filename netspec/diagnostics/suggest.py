"""Suggestions for a misspelled word."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from typing import TypeAlias

from .. import limits
from .sanitize import clip

FindHelp: TypeAlias = Callable[[], str | None]
"""Finds a help once it is shown."""


def nearest(word: str, known: Iterable[str]) -> str | None:
    """The known word nearest to another; None if none is near."""
    if len(word) > limits.NAME:
        return None
    candidates = [k for k in known if k]
    folded = {k.lower().replace("-", "_"): k for k in candidates}
    same = folded.get(word.lower().replace("-", "_"))
    if same is not None:
        return same
    from difflib import get_close_matches  # only where something is wrong

    near = get_close_matches(word, candidates[:2000], n=1, cutoff=0.6)
    return near[0] if near else None


def did_you_mean(word: str, known: Iterable[str]) -> str | None:
    """The help that names the nearest known word."""
    near = nearest(word, known)
    return f"did you mean '{clip(near)}'?" if near is not None else None


def suggestion(
    word: str, known: Iterable[str] | Callable[[], Iterable[str]], otherwise: str | FindHelp | None = None
) -> FindHelp:
    """A function that finds the help for an unknown word: the nearest known one, or another help."""

    def find() -> str | None:
        near = did_you_mean(word, known() if callable(known) else known)
        return near or (otherwise() if callable(otherwise) else otherwise)

    return find
