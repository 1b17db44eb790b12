from __future__ import annotations

import re
from pathlib import Path

import pytest

from netspec_graphviz.picture.text_width import text_width

NAMED = {
    "space": " ",
    "zero": "0",
    "parenleft": "(",
    "underscore": "_",
    "multiply": "×",
    "endash": "–",
    "ellipsis": "…",
}


def afm(name: str) -> dict[str, int]:
    """Adobe's widths of Helvetica, which Matplotlib includes."""
    matplotlib = pytest.importorskip("matplotlib")
    text = (Path(matplotlib.get_data_path()) / "fonts" / "afm" / f"{name}.afm").read_text(encoding="latin-1")
    return {n: int(w) for w, n in re.findall(r"WX (\d+) ; N (\w+)", text)}


@pytest.mark.parametrize(("font", "bold"), [("phvr8a", False), ("phvb8a", True)])
def test_widths_are_those_of_helvetica(font: str, bold: bool) -> None:
    widths = afm(font)
    characters = {n: n for n in widths if len(n) == 1} | NAMED
    result = {n: text_width(c, 1000, bold) for n, c in characters.items()}
    assert len(result) > 58
    assert result == {n: widths[n] for n in characters}


def test_missing_characters_have_the_greatest_width() -> None:
    assert text_width("層", 10) == 10
    assert text_width("e\u0301", 10) == text_width("e", 10)
