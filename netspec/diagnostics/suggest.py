"""Suggestions for a misspelled word."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from itertools import islice
from typing import TypeAlias

from .. import limits
from .sanitize import clip

FindHelp: TypeAlias = Callable[[], str | None]
"""Returns a help text when the problem is shown."""

_MOST = 2000
"""Maximum number of known words to consider."""
_FEW = 200
"""Maximum number of known words that are all compared letter by letter."""
_BEST = 30
"""Number of words to compare letter by letter if there are more: those with the most letter pairs in common."""


def nearest(word: str, known: Iterable[str]) -> str | None:
    """Returns the known word nearest to another; None if none is near."""
    if len(word) > limits.NAME:
        return None
    candidates = list(islice(filter(None, known), _MOST))
    folded = {k.lower().replace("-", "_"): k for k in candidates}
    same = folded.get(word.lower().replace("-", "_"))
    if same is not None:
        return same
    from difflib import get_close_matches  # needed only for a problem

    if len(candidates) > _FEW:  # comparing words letter by letter takes up to a millisecond for each of them
        pairs = {word[i : i + 2] for i in range(len(word))}
        candidates.sort(key=lambda k: _shared(pairs, k) / (len(word) + len(k)), reverse=True)
        del candidates[_BEST:]
    near = get_close_matches(word, candidates, n=1, cutoff=0.6)
    return near[0] if near else None


def _shared(pairs: set[str], word: str) -> int:
    """Counts the letter pairs of a word that are in ``pairs``."""
    return sum([word[i : i + 2] in pairs for i in range(len(word))])


def did_you_mean(word: str, known: Iterable[str]) -> str | None:
    """Returns help that names the nearest known word."""
    near = nearest(word, known)
    return f"did you mean '{clip(near)}'?" if near is not None else None


def suggestion(
    word: str, known: Iterable[str] | Callable[[], Iterable[str]], otherwise: str | FindHelp | None = None
) -> FindHelp:
    """Returns a function that finds help for an unknown word: the nearest known one, or another help."""

    def find() -> str | None:
        near = did_you_mean(word, known() if callable(known) else known)
        return near or (otherwise() if callable(otherwise) else otherwise)

    return find
