"""The fonts that an SVG file embeds, as CSS.

Of the bundled font they are ready-made files for groups of characters, so that the same picture is the same text on
every machine, and two pictures in one document have the same fonts under one name. Of other fonts they are subsets.
"""

from __future__ import annotations

from base64 import b64encode
from bisect import bisect_right
from collections.abc import Iterable
from itertools import groupby

from netspec.diagnostics import clean

from .scene import Group, Shape, Text
from .typefaces import STYLES, Ranges, Typeface, bundled, character_groups, split_by_face, typefaces_in_use, web_font


def embedded_fonts(shapes: Iterable[Shape]) -> str:
    """The ``@font-face`` rules for the text of these shapes; empty if there is none."""
    characters: dict[int, set[str]] = {i: set() for i in range(len(STYLES))}
    _collect(shapes, characters)
    return "".join(rule for style, used in characters.items() for rule in _style_rules(style, used))


def _collect(shapes: Iterable[Shape], characters: dict[int, set[str]]) -> None:
    """Adds the characters of every style, by its number."""
    for shape in shapes:
        if isinstance(shape, Group):
            _collect(shape.children, characters)
        elif isinstance(shape, Text):
            characters[2 if shape.italic else 1 if shape.bold else 0].update(clean(shape.text))


def _style_rules(style: int, characters: set[str]) -> Iterable[str]:
    typefaces = typefaces_in_use()
    weight = f"font-weight:{typefaces.bold_weight};"
    descriptors = ("", weight, "font-style:italic;")[style]
    by_face: dict[Typeface | None, set[str]] = {}
    for part, face in split_by_face("".join(sorted(characters)), typefaces.of(style == 1, style == 2)):
        by_face.setdefault(face, set()).update(part)
    (bundled_face,) = bundled().of(style == 1, style == 2)
    for face, used in by_face.items():
        if face is bundled_face:
            for group, ranges in character_groups().items():
                if any(_contains(ranges, ord(c)) for c in used):
                    yield _rule(bundled().families[0], descriptors, "woff2", web_font(STYLES[style], group), ranges)
        elif face is not None:
            from .font_files import subset_as_woff

            yield _rule(face.family, descriptors, "woff", subset_as_woff(face, used), _ranges(used))


def _contains(ranges: Ranges, point: int) -> bool:
    i = bisect_right(ranges, point, key=lambda pair: pair[0]) - 1
    return i >= 0 and point <= ranges[i][1]


def _ranges(characters: set[str]) -> Ranges:
    runs = [[p for _, p in run] for _, run in groupby(enumerate(sorted(map(ord, characters))), lambda p: p[1] - p[0])]
    return tuple((run[0], run[-1]) for run in runs)


def _rule(family: str, descriptors: str, format_: str, font: bytes, ranges: Ranges) -> str:
    points = ",".join(f"U+{a:X}" if a == b else f"U+{a:X}-{b:X}" for a, b in ranges)
    return (
        f'@font-face{{font-family:"{family}";{descriptors}'
        f'src:url(data:font/{format_};base64,{b64encode(font).decode()}) format("{format_}");unicode-range:{points}}}\n'
    )
