"""Characters that not every output can show, and what stands for them where it cannot."""

from __future__ import annotations

import codecs
from functools import lru_cache
from typing import NamedTuple

FALLBACKS = {
    "─": "-",
    "━": "=",
    "×": "x",
    "÷": "/",
    "±": "+-",
    "·": ".",
    "•": "*",
    "→": "->",
    "–": "-",
    "—": "-",
    "−": "-",
    "…": "...",
    "‘": "'",
    "’": "'",
    "“": "'",
    "”": "'",
    "\ufffd": "?",
}
"""ASCII for the symbols that netspec prints; other characters are written as escapes: ``\\u5c42``.

None contains a double quote, which would end a quoted text.
"""
_TRANSLATION = str.maketrans(FALLBACKS)
TEXT_ERRORS = "netspec.text"
"""Name of the codec error handler for texts: a symbol becomes its fallback, another character an escape."""
JSON_ERRORS = "netspec.json"
"""Name of the codec error handler for JSON: every character becomes JSON's escape."""


class CharacterSet(NamedTuple):
    """What an output can show: the characters of its encoding, and symbols beyond ASCII if it draws them."""

    encoding: str = "utf-8"
    symbols: bool = True

    @property
    def ellipsis(self) -> str:
        """The mark of a text that was cut."""
        return self.fit("…")

    def fit(self, text: str) -> str:
        """The text with fallbacks and escapes for what cannot be shown."""
        if text.isascii():
            return text
        if not self.symbols:
            text = text.translate(_TRANSLATION)
        return text.encode(self.encoding, TEXT_ERRORS).decode(self.encoding)

    def fit_json(self, text: str) -> str:
        """JSON, which stays the same data, with escapes for what the encoding lacks."""
        return text.encode(self.encoding, JSON_ERRORS).decode(self.encoding)


UNICODE = CharacterSet()
"""Every character."""


def display_width(text: str) -> int:
    """Number of terminal columns that a text occupies."""
    return len(text) if text.isascii() else sum(map(character_width, text))


@lru_cache(maxsize=1024)
def character_width(character: str) -> int:
    """Number of terminal columns that a character occupies: 0, 1 or 2."""
    from unicodedata import combining, east_asian_width  # not needed where all is ASCII

    return 2 if east_asian_width(character) in "WF" else 0 if combining(character) else 1


def _escape(character: str) -> str:
    """``\\u5c42`` or ``\\U0001f600``, as in Python and in quoted scalars of YAML."""
    number = ord(character)
    return f"\\u{number:04x}" if number < 0x10000 else f"\\U{number:08x}"


def _json_escape(character: str) -> str:
    """``\\u5c42``, with a pair of surrogates beyond the basic plane."""
    units = character.encode("utf-16-be", "surrogatepass")
    return "".join(f"\\u{units[i]:02x}{units[i + 1]:02x}" for i in range(0, len(units), 2))


def _text_fallback(error: UnicodeError) -> tuple[str, int]:
    if not isinstance(error, UnicodeEncodeError):
        raise error
    lost = error.object[error.start : error.end]
    return "".join(FALLBACKS.get(c) or _escape(c) for c in lost), error.end


def _json_fallback(error: UnicodeError) -> tuple[str, int]:
    if not isinstance(error, UnicodeEncodeError):
        raise error
    return "".join(map(_json_escape, error.object[error.start : error.end])), error.end


codecs.register_error(TEXT_ERRORS, _text_fallback)
codecs.register_error(JSON_ERRORS, _json_fallback)
