from __future__ import annotations

import shutil
import subprocess
from pathlib import Path

import pytest

from netspec.backend import BackendError
from netspec_graphviz import draw
from netspec_picture.scene import Line, Rect, Scene, Shape, Stroke, Text
from netspec_picture.tikz import to_tikz

from .support import network

NAME = r"50 % \LaTeX{} & $x_1$ #2 ~ ^ --- α → 3×3 « é »"


def test_text_is_escaped_and_characters_come_from_mathematical_fonts() -> None:
    text = to_tikz(Scene(100, 50, "#ffffff", "", "", [Text(1, 2, NAME, 10, "#14181d", italic=True, anchor="end")]))
    escaped = (
        r"50 \% \textbackslash{}LaTeX\{\} \& \$x\_1\$ \#2 \textasciitilde{} \textasciicircum{} -{}-{}- α → 3×3 « é »"
    )
    (node,) = [line for line in text.splitlines() if line.startswith(r"\node")]
    assert node.startswith(r"\node[end, text=c14181d, font=\italicface\size{10}] at (1,2) {\fit{")
    assert node.endswith(f"}}{{{escaped}}}}};")
    assert r"\DeclareUnicodeCharacter{03B1}{\ensuremath{\alpha}}" in text
    assert r"\definecolor{c14181d}{HTML}{14181D}" in text
    assert "{é}};" in to_tikz(Scene(9, 9, "#ffffff", "", "", [Text(1, 2, "e\u0301", 10, "#14181d")]))


def test_lines_and_areas() -> None:
    shapes: list[Shape] = [
        Rect(0, 0, 4, 5, "#67aad880", Stroke("#000000", 0.5), 2),
        Line(((0, 0), (9, 9.5)), Stroke("#b23a08", 1, (2, 1))),
    ]
    lines = to_tikz(Scene(20_000, 50, "#ffffff00", "", "", shapes)).splitlines()
    assert r"\path[use as bounding box] (0,0) rectangle (14000,35);" in lines
    assert (
        r"\path[rounded corners=1.4bp, fill=c67aad8, fill opacity=0.50, draw=c000000, line width=0.35bp] "
        "(0,0) rectangle (2.8,3.5);"
    ) in lines
    assert (
        r"\path[draw=cb23a08, line width=0.7bp, line cap=butt, dash pattern=on 1.4bp off 0.7bp] (0,0) -- (6.3,6.65);"
    ) in lines


def test_a_character_that_pdflatex_lacks() -> None:
    with pytest.raises(BackendError) as error:
        draw(network("lenet5"), style="volumes", title="卷积").tikz()
    assert (error.value.code, error.value.message, error.value.help) == (
        "NS798",
        "no font of the drawing has '卷' (U+5377), and TeX needs one",
        "-o FILE.pdf or -o FILE.svg",
    )


def test_pdflatex_compiles_it(tmp_path: Path) -> None:
    if shutil.which("pdflatex") is None:
        pytest.skip("pdflatex is not installed (Debian: apt install texlive-latex-extra texlive-fonts-recommended)")
    drawing = draw(network("unet"), style="volumes", title=NAME)
    drawing.save(tmp_path / "net.tex")
    subprocess.run(
        ["pdflatex", "-interaction=nonstopmode", "-halt-on-error", "net.tex"],
        cwd=tmp_path, capture_output=True, check=True,
    )  # fmt: skip
    assert (tmp_path / "net.pdf").read_bytes().startswith(b"%PDF")
    log = (tmp_path / "net.log").read_text(encoding="latin-1")
    assert "Missing character" not in log
    assert "Font Warning" not in log
