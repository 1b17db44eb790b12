"""The width of text, so that boxes fit their text on any machine, whatever fonts it has.

The widths are those of Helvetica. Arial, Arimo and Liberation Sans share them, and most machines have one of the four.
"""

from __future__ import annotations

from unicodedata import combining, east_asian_width

FAMILY = "Helvetica, Arial, Arimo, Liberation Sans, sans-serif"
"""The fonts of a picture, as a CSS ``font-family``."""

ASCENT, DESCENT = 0.74, 0.21
"""How far letters extend above and below the baseline, in units of the font size."""

_REGULAR = """
278 278 355 556 556 889 667 191 333 333 389 584 278 333 278 278 556 556 556 556 556 556 556 556 556 556 278 278 584 584
584 556 1015 667 667 722 722 667 611 778 722 278 500 667 556 833 722 778 667 778 722 667 611 722 667 944 667 667 611 278
278 278 469 556 333 556 556 500 556 556 278 556 556 222 222 500 222 833 556 556 556 556 333 500 278 556 500 722 500 500
500 334 260 334 584
278 333 556 556 556 556 260 556 333 737 370 556 584 333 737 552 400 549 333 333 333 576 537 278 333 333 365 556 834 834
834 611 667 667 667 667 667 667 1000 722 667 667 667 667 278 278 278 278 722 722 778 778 778 778 778 584 778 722 722 722
722 667 667 611 556 556 556 556 556 556 889 500 556 556 556 556 278 278 278 278 556 556 556 556 556 556 556 549 611 556
556 556 556 500 556 500
"""
_BOLD = """
278 333 474 556 556 889 722 238 333 333 389 584 278 333 278 278 556 556 556 556 556 556 556 556 556 556 333 333 584 584
584 611 975 722 722 722 722 667 611 778 722 278 556 722 611 833 722 778 667 778 722 667 611 722 667 944 667 667 611 333
278 333 584 556 333 556 611 556 611 556 333 611 611 278 278 556 278 889 611 611 611 611 389 556 333 611 556 778 556 556
500 389 280 389 584
278 333 556 556 556 556 280 556 333 737 370 556 584 333 737 552 400 549 333 333 333 576 556 278 333 333 365 556 834 834
834 611 722 722 722 722 722 722 1000 722 667 667 667 667 278 278 278 278 722 722 778 778 778 778 778 584 778 722 722 722
722 667 667 611 556 556 556 556 556 556 889 556 556 556 556 556 278 278 278 278 611 611 611 611 611 611 611 549 611 611
611 611 611 556 611 556
"""
_OTHER_CHARACTERS = {"–": 556, "—": 1000, "…": 1000, "•": 350, "‘": 250, "’": 250, "“": 420, "”": 420}


def _table(widths: str) -> dict[str, int]:
    """Widths of characters, in thousandths of the font size."""
    characters = [*range(32, 127), *range(160, 256)]
    return {**_OTHER_CHARACTERS, **{chr(c): int(w) for c, w in zip(characters, widths.split(), strict=True)}}


_TABLES = (_table(_REGULAR), _table(_BOLD))


def text_width(text: str, size: float, bold: bool = False) -> float:
    """Width of a text, in the unit of the font size. For characters missing from the table it is an upper bound."""
    table = _TABLES[bold]
    return sum([table.get(c) or _fallback_width(c) for c in text]) * size / 1000


def _fallback_width(character: str) -> int:
    if combining(character):
        return 0
    return 1000 if east_asian_width(character) in ("W", "F") else 820
