"""Cleans and shortens user text for messages."""

from __future__ import annotations

from .. import limits

HIDDEN = frozenset(("Cc", "Cf", "Cs", "Zl", "Zp"))
"""Unicode categories of characters that are invisible, end a line, or control a terminal."""


def is_hidden(character: str) -> bool:
    """Whether a character is invisible, ends a line, or controls a terminal."""
    if character.isprintable():
        return False
    from unicodedata import category  # such characters are rare

    return category(character) in HIDDEN


def clean(text: object) -> str:
    """Replaces every hidden character by U+FFFD: control, format and surrogate characters, line ends."""
    text = str(text)
    return text if text.isprintable() else "".join("\ufffd" if is_hidden(c) else c for c in text)


def clip(text: object, most: int = limits.CLIP) -> str:
    """Returns a user's text for a message: cleaned, and no longer than ``most`` characters."""
    text = str(text)
    cut = text[: most + 1]
    return clean(text) if len(cut) <= most else clean(cut[: most - 1]) + "…"
