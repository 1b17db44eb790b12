"""The fonts of pictures: Fira Sans Condensed, which comes with the package, or fonts that the user names.

Text is measured with the font that is embedded, so that boxes fit their text on any machine. The widths of the bundled
font are a table (``docs/make_fonts.py`` writes it), so that no library is needed to measure.
"""

from __future__ import annotations

import json
from collections.abc import Generator, Mapping
from contextlib import contextmanager
from contextvars import ContextVar
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any, Final, TypeAlias
from unicodedata import combining, east_asian_width

FOLDER: Final = Path(__file__).parent / "fonts"
FAMILY: Final = "Fira Sans Condensed"
"""Name of the bundled font."""
STYLES: Final = ("Regular", "Medium", "Italic")
"""Its faces: of plain text, of bold text (medium is bold enough at the size of captions), and of italic text."""
POINTS_PER_INCH: Final = 72.0
ASCENT, DESCENT = 0.74, 0.22
"""How far letters extend above and below the baseline, in units of the font size."""

Ranges: TypeAlias = tuple[tuple[int, int], ...]
"""First and last code points of runs of characters."""


@dataclass(frozen=True, slots=True, eq=False)
class Typeface:
    """A font file, and the widths of its characters in thousandths of the font size."""

    family: str
    file: Path
    number: int
    """Its number in a collection (``.ttc``); 0 in any other file."""
    widths: Mapping[str, float]

    @property
    def is_bundled(self) -> bool:
        """Whether it comes with the package."""
        return self.file.parent == FOLDER


@dataclass(frozen=True, slots=True)
class Typefaces:
    """The fonts of a picture. The first face of a style that has a character draws it."""

    plain: tuple[Typeface, ...]
    bold: tuple[Typeface, ...]
    italic: tuple[Typeface, ...]
    bold_weight: int
    """Weight of the faces of bold text, 100 to 900."""

    @property
    def families(self) -> tuple[str, ...]:
        """Names of the families, the preferred ones first."""
        faces = (*self.plain, *self.bold, *self.italic)
        return tuple(dict.fromkeys(face.family for face in sorted(faces, key=self._rank)))

    def _rank(self, face: Typeface) -> int:
        return max(style.index(face) for style in (self.plain, self.bold, self.italic) if face in style)

    def of(self, bold: bool, italic: bool) -> tuple[Typeface, ...]:
        """The faces of a style."""
        return self.italic if italic else self.bold if bold else self.plain


@cache
def bundled() -> Typefaces:
    """The faces of Fira Sans Condensed."""
    plain, bold, italic = (
        Typeface(FAMILY, FOLDER / f"FiraSansCondensed-{style}.ttf", 0, _widths(_table()["widths"][style]))
        for style in STYLES
    )
    return Typefaces((plain,), (bold,), (italic,), bold_weight=500)


@cache
def character_groups() -> dict[str, Ranges]:
    """The groups of characters for which there is a WOFF2 file, with their code points."""
    return {name: tuple((a, b) for a, b in ranges) for name, ranges in _table()["groups"].items()}


def web_font(style: str, group: str) -> bytes:
    """The WOFF2 file of a face with a group of characters."""
    return (FOLDER / f"{style}-{group}.woff2").read_bytes()


_in_use: ContextVar[Typefaces | None] = ContextVar("typefaces", default=None)


def typefaces_in_use() -> Typefaces:
    """The fonts with which text is measured: the bundled ones, or those of :func:`use_typefaces`."""
    return _in_use.get() or bundled()


@contextmanager
def use_typefaces(typefaces: Typefaces | None) -> Generator[None]:
    """Measures text with these fonts; None stands for the bundled ones."""
    token = _in_use.set(typefaces)
    try:
        yield
    finally:
        _in_use.reset(token)


def text_width(text: str, size: float, bold: bool = False, italic: bool = False) -> float:
    """Width of a text, in the unit of the font size. For characters that no font has it is an upper bound."""
    faces = typefaces_in_use().of(bold, italic)
    first = faces[0].widths
    return sum([w if (w := first.get(c)) is not None else _width(c, faces) for c in text]) * size / 1000


def _width(character: str, faces: tuple[Typeface, ...]) -> float:
    """Width of a character that the first face lacks."""
    for face in faces[1:]:
        if character in face.widths:
            return face.widths[character]
    if combining(character):
        return 0
    return 1000 if east_asian_width(character) in ("W", "F") else 820


def split_by_face(text: str, faces: tuple[Typeface, ...]) -> list[tuple[str, Typeface | None]]:
    """The text in parts of one face each; None for characters that no face has."""
    out: list[tuple[str, Typeface | None]] = []
    for c in text:
        face = next((f for f in faces if c in f.widths), None)
        if out and out[-1][1] is face:
            out[-1] = (out[-1][0] + c, face)
        else:
            out.append((c, face))
    return out


@cache
def _table() -> dict[str, Any]:
    table: dict[str, Any] = json.loads((FOLDER / "widths.json").read_text(encoding="utf-8"))
    return table


def _widths(runs: list[tuple[int, list[int]]]) -> dict[str, float]:
    return {chr(first + i): w for first, widths in runs for i, w in enumerate(widths)}
