"""PDF and PNG files as a publisher accepts them, read back by the programs of Poppler and by Pillow."""

from __future__ import annotations

import io
import re
import time
from pathlib import Path

import pytest
from PIL import Image

import netspec
from netspec.backend import BackendError
from netspec_graphviz import draw
from netspec_picture.scene import Text

from .support import network, poppler, walk

GREEK = "netspec: 1\nname: 'Сеть Ω → été'\ninput: [4]\nlayers: {a: {dense: 4}, b: {dense: 2}}\n"
CHINESE = "netspec: 1\nname: 卷积\ninput: [4]\nlayers: {a: {dense: 4}}\n"


def test_a_pdf_embeds_subsets_of_its_fonts_and_its_text_can_be_selected(tmp_path: Path) -> None:
    file = tmp_path / "net.pdf"
    graph = netspec.loads(GREEK)
    drawing = draw(graph, background="transparent")
    drawing.save(file)
    assert len(file.read_bytes()) < 40_000
    fonts = [line.split() for line in poppler("pdffonts", str(file)).splitlines()[2:]]
    assert [(f[0], f[-5:-2]) for f in fonts] == [
        ("MPDFAA+FiraSansCondensedMedium", ["yes", "yes", "yes"]),
        ("MPDFAA+FiraSansCondensed", ["yes", "yes", "yes"]),
    ]
    text = poppler("pdftotext", "-layout", str(file), "-")
    assert {"Сеть", "Ω", "→", "été", "dense"} <= set(text.split())
    size = re.search(r"Page size:\s+([\d.]+) x ([\d.]+) pts", poppler("pdfinfo", str(file)))
    assert size is not None
    assert [float(n) for n in size.groups()] == pytest.approx([drawing.scene.width, drawing.scene.height], abs=0.01)


def test_text_ends_where_it_was_measured_to_end(tmp_path: Path) -> None:
    file = tmp_path / "net.pdf"
    drawing = draw(network("resnet@50"), depth=2, show="params,macs,receptive_field")
    drawing.save(file)
    pattern = r'<word xMin="[\d.]+" yMin="([\d.]+)" xMax="([\d.]+)" yMax="([\d.]+)">(.*?)</word>'
    words = re.findall(pattern, poppler("pdftotext", "-bbox", str(file), "-"))
    ends = [(t.left + t.width, t.y, t.text.split()[-1]) for t in walk(drawing.scene.shapes) if isinstance(t, Text)]
    differences = [
        abs(float(right) - end)
        for end, y, last in ends
        for top, right, bottom, word in words
        if word == last and float(top) - 1 <= y <= float(bottom) + 1 and abs(float(right) - end) < 3
    ]
    assert len(differences) > 80
    assert max(differences) < 0.02


def test_the_same_spec_gives_the_same_pdf_and_png_at_any_time() -> None:
    def both() -> tuple[bytes, bytes]:
        drawing = draw(network("unet"), style="volumes")
        return drawing.pdf(), drawing.png()

    first = both()
    time.sleep(1.1)  # dates in fonts and documents are written in seconds
    assert both() == first
    assert b"(D:20000101000000" in first[0]


def test_a_long_pdf_fits_on_the_largest_page() -> None:
    graph = netspec.loads(
        "netspec: 1\ninput: [4]\nlayers: {a: {layers: {b: {dense: 4}, c: tanh}, repeat: 300}}", name="long"
    )
    drawing = draw(graph, opened=[f"a.{i}" for i in range(300)], direction="right")
    boxes = re.findall(rb"/MediaBox \[0 0 ([\d.]+) ([\d.]+)\]", drawing.pdf())
    assert len(boxes) == 1
    assert max(map(float, boxes[0])) <= 14_400


def test_a_png_states_its_resolution_and_has_the_text_of_the_svg_in_its_boxes(tmp_path: Path) -> None:
    drawing = draw(network("lenet5"), style="volumes", dpi=300)
    path = tmp_path / "net.png"
    drawing.save(path)
    with Image.open(path) as picture:
        assert picture.info["dpi"] == pytest.approx((300, 300), abs=0.1)
        assert picture.size == pytest.approx((drawing.scene.width * 300 / 72, drawing.scene.height * 300 / 72), abs=1)
        assert picture.convert("RGB").getpixel((0, 0)) == (255, 255, 255)
    clear = Image.open(io.BytesIO(draw(network("lenet5"), style="volumes", background="transparent").png()))
    assert clear.convert("RGBA").getpixel((0, 0)) == (0, 0, 0, 0)


def test_a_character_that_no_font_has_is_reported_unless_the_reader_may_have_one() -> None:
    drawing = draw(netspec.loads(CHINESE))
    assert "卷积" in drawing.svg()
    for render, format_ in ((drawing.pdf, "PDF"), (drawing.png, "PNG")):
        with pytest.raises(BackendError) as error:
            render()
        assert (error.value.code, error.value.message, error.value.help) == (
            "NS798",
            f"no font of the drawing has '卷' (U+5377), and {format_} needs one",
            "--font FILE names a font that has it; -o FILE.svg leaves it to the fonts of the reader",
        )
