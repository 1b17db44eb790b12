from __future__ import annotations

import re

import pytest

from netspec_graphviz import draw
from netspec_picture.typefaces import STYLES, bundled, character_groups, text_width

from .support import network


@pytest.mark.parametrize(("number", "style"), list(enumerate(STYLES)))
def test_widths_are_those_of_the_font_files(number: int, style: str) -> None:
    """And every character of a file is in one group of the files for SVG."""
    ttlib = pytest.importorskip("fontTools.ttLib")
    faces = bundled()
    (face,) = (faces.plain, faces.bold, faces.italic)[number]
    font = ttlib.TTFont(face.file)
    assert font["name"].getDebugName(6) == f"FiraSansCondensed-{style}"
    assert font["head"].unitsPerEm == 1000
    assert not {"GPOS", "kern", "GSUB"} & set(font.keys())
    widths = {chr(c): font["hmtx"][name][0] for c, name in font.getBestCmap().items()}
    assert dict(face.widths) == widths
    assert len(widths) > 900
    grouped = [chr(c) for ranges in character_groups().values() for a, b in ranges for c in range(a, b + 1)]
    assert sorted(grouped) == sorted(widths)


def test_missing_characters_have_the_greatest_width() -> None:
    assert text_width("層", 10) == 10
    assert text_width("\U0001e900", 10) == 8.2
    assert text_width("e\u20d7", 10) == text_width("e", 10)
    assert text_width("αЖ", 10) == pytest.approx(text_width("α", 5) * 2 + text_width("Ж", 10))


def test_styles_have_widths_of_their_own() -> None:
    assert len({text_width("Kernel", 10, *style) for style in ((False, False), (True, False), (False, True))}) == 3


def test_an_svg_embeds_the_groups_of_characters_that_it_has() -> None:
    def faces(text: str) -> list[tuple[str, str]]:
        """Weight and characters of every embedded font."""
        return re.findall(r"@font-face\{[^}]*?(font-weight:500|font-style:italic)?;?src[^}]*range:([^}]*)\}", text)

    svg = draw(network("lenet5"), style="volumes").svg()
    assert [(weight, ranges[:9]) for weight, ranges in faces(svg)] == [
        ("", "U+20-7E,U"),
        ("font-weight:500", "U+20-7E,U"),
    ]
    assert len(svg) < 45_000
    assert svg.count("@font-face") == 2
