"""The fonts that an SVG file embeds, as CSS: of each face that its text has, the groups of characters that it has.

They are ready-made files, so that the same picture is the same text on every machine, and two pictures in one document
have the same fonts under one name.
"""

from __future__ import annotations

from base64 import b64encode
from bisect import bisect_right
from collections.abc import Iterable

from .scene import Group, Shape, Text
from .typefaces import FAMILY, STYLES, Ranges, character_groups, web_font

_DESCRIPTORS = {"Regular": "", "Medium": "font-weight:500;", "Italic": "font-style:italic;"}


def embedded_fonts(shapes: Iterable[Shape]) -> str:
    """The ``@font-face`` rules for the text of these shapes; empty if there is none."""
    characters: dict[str, set[int]] = {style: set() for style in STYLES}
    _collect(shapes, characters)
    return "".join(
        _rule(style, group, ranges)
        for style, points in characters.items()
        for group, ranges in character_groups().items()
        if any(_contains(ranges, point) for point in points)
    )


def _collect(shapes: Iterable[Shape], characters: dict[str, set[int]]) -> None:
    for shape in shapes:
        if isinstance(shape, Group):
            _collect(shape.children, characters)
        elif isinstance(shape, Text):
            style = "Italic" if shape.italic else "Medium" if shape.bold else "Regular"
            characters[style].update(map(ord, shape.text))


def _contains(ranges: Ranges, point: int) -> bool:
    i = bisect_right(ranges, point, key=lambda pair: pair[0]) - 1
    return i >= 0 and point <= ranges[i][1]


def _rule(style: str, group: str, ranges: Ranges) -> str:
    data = b64encode(web_font(style, group)).decode()
    points = ",".join(f"U+{a:X}" if a == b else f"U+{a:X}-{b:X}" for a, b in ranges)
    return (
        f'@font-face{{font-family:"{FAMILY}";{_DESCRIPTORS[style]}'
        f'src:url(data:font/woff2;base64,{data}) format("woff2");unicode-range:{points}}}\n'
    )
