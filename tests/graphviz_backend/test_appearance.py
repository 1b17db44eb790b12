"""Options of how a drawing looks: fonts, palettes, backgrounds and titles, and which styles and formats have them."""

from __future__ import annotations

import gc
import re
import shutil
from pathlib import Path
from typing import Any

import pytest

import netspec
from netspec.backend import BackendError
from netspec_graphviz import draw
from netspec_graphviz.kind_marks import SPACING, hatch_lines
from netspec_picture.paint import contrast, grey_of
from netspec_picture.scene import Line, Polygon, Rect, Text
from netspec_picture.typefaces import FOLDER, use_typefaces

from .chromium import browser
from .support import network, poppler, texts, walk

RECURRENT = "netspec: 1\ninput: {axes: [sequence, channels], shape: [9, 4]}\nlayers: {r: {lstm: 4}, p: {parameter: [4]}, sum: {add: [r, p]}}\n"


def other_font() -> Path:
    """DejaVu Sans, which Matplotlib includes: it has characters that the bundled font lacks."""
    matplotlib = pytest.importorskip("matplotlib")
    return Path(matplotlib.get_data_path()) / "fonts" / "ttf" / "DejaVuSans.ttf"


@pytest.mark.parametrize(
    ("given", "format_", "message", "help_"),
    [
        ({"style": "volumes", "shade_by": "macs"}, "svg", "the style volumes has no option 'shade_by'", "styles that have it: graph"),
        ({"style": "neurons", "depth": 1}, "svg", "the style neurons has no option 'depth'", "styles that have it: graph, volumes"),
        ({"dpi": 300}, "pdf", "a file of the format pdf has no option 'dpi'", "formats that have it: png"),
        ({"font": "x.ttf"}, "tex", "a file of the format tex has no option 'font'", "formats that have it: svg, png, pdf"),
        ({"title": "x"}, "html", "a file of the format html has no option 'title'", "formats that have it: svg, png, pdf, tex"),
        ({"style": "volumes"}, "dot", "a file of the format dot has no style volumes", "volumes are drawn as .svg, .png, .pdf or .tex"),
    ],
)  # fmt: skip
def test_options_that_a_style_or_a_format_lacks(
    given: dict[str, Any], format_: str, message: str, help_: str, tmp_path: Path
) -> None:
    with pytest.raises(BackendError) as error:
        draw(network("lenet5"), **given).save(tmp_path / f"net.{format_}")
    assert (error.value.code, error.value.message, error.value.help) == ("NS799", message, help_)
    assert not list(tmp_path.iterdir())


@pytest.mark.parametrize(
    ("given", "message"),
    [
        ({"background": "white"}, "background must be transparent or a colour such as #f5f8fb; found 'white'"),
        ({"background": "#909090"}, "text on the background #909090 would have a contrast of 2.3; the least is 4.5"),
        ({"dpi": 5}, "dpi must be a number from 10 to 2,400; found '5'"),
        ({"engine": "neato"}, "engine must be bundled or dot; found 'neato'"),
    ],
)
def test_values_that_an_option_does_not_accept(given: dict[str, Any], message: str) -> None:
    with pytest.raises(BackendError) as error:
        draw(network("lenet5"), **given)
    assert (error.value.code, error.value.message) == ("NS721", message)


def test_titles() -> None:
    plain, titled, bare = (draw(network("lenet5"), depth=0, title=title).scene for title in (None, "A → B", "none"))
    assert texts(plain)[0] == "lenet5"
    assert texts(titled)[:2] == ["A → B", texts(plain)[1]]
    assert texts(bare) == texts(plain)[2:]
    assert bare.height < plain.height - 30
    volumes = draw(network("lenet5"), style="volumes").scene
    titled = draw(network("lenet5"), style="volumes", title="A → B").scene
    assert texts(titled) == ["A → B", *texts(volumes)]


def test_svg_files_follow_the_reader_unless_a_ground_is_chosen(tmp_path: Path) -> None:
    graph = network("lenet5")
    file = tmp_path / "net.svg"
    draw(graph).save(file)
    with browser() as opened:

        def seen(dark: bool) -> tuple[str, bool]:
            """Colour of the title, and whether the embedded font is used."""
            page = opened.new_page(color_scheme="dark" if dark else "light")
            page.goto(file.as_uri())
            colour = page.evaluate("getComputedStyle(document.querySelector('.title text')).fill")
            loaded = page.evaluate("document.fonts.ready.then(f => [...f].filter(x => x.status == 'loaded').length)")
            page.close()
            return str(colour), loaded == 2

        assert seen(False) == ("rgb(20, 24, 29)", True)
        assert seen(True) == ("rgb(232, 237, 242)", True)
    for dark, paper in ((True, "#12161c"), (False, "#ffffff")):
        svg = draw(graph, dark=dark).svg()
        assert "prefers-color-scheme" not in svg
        assert f'fill="{paper}"' in svg.split("<rect")[1]
    assert "prefers-color-scheme" in file.read_text(encoding="utf-8")
    assert (
        'width="' not in draw(graph, style="volumes", background="transparent").svg().split("<desc>")[1].split("<g")[0]
    )
    for paper, ink in (("#f5f8fb", "#14181d"), ("#202830", "#e8edf2")):
        scene = draw(graph, background=paper).scene
        assert (scene.paper, next(s for s in walk(scene.shapes) if isinstance(s, Text)).fill) == (paper, ink)
        assert "prefers-color-scheme" not in draw(graph, background=paper).svg()


def test_recurrent_layers_are_hatched_and_learned_tensors_dotted() -> None:
    shapes = list(walk(draw(netspec.loads(RECURRENT, name="net")).scene.shapes))
    (box,) = [s for s in shapes[:-12] if isinstance(s, Rect) and s.fill == "#8882c2"]
    lines = [s for s in shapes if isinstance(s, Line) and s.stroke.width == 0.6]
    inside = [
        s for s in lines if box.x - 0.01 <= s.points[0][0] <= box.x + box.width and s.points[0][1] <= box.y + box.height
    ]
    assert len(inside) >= (box.width + box.height) / SPACING - 4
    assert any(isinstance(s, Rect) and s.stroke is not None and s.stroke.dashes == (0.9, 1.8) for s in shapes)


def test_hatching_stays_in_its_area_and_continues_in_the_next() -> None:
    left, right = ((0, 1), (10, 1), (10, 20), (0, 20)), ((10, 1), (30, 1), (30, 20), (10, 20))
    ends = [b for a, b in hatch_lines(left) if b[0] == 10 and a != b]
    assert len(ends) == 3
    assert set(ends) <= {line[0] for line in hatch_lines(right)}
    for a, b in hatch_lines(((3, 1), (9, 4), (5, 11))):
        assert 3 <= a[0] <= b[0] <= 9
        assert 1 <= b[1] <= a[1] <= 11


def test_the_palette_grey_has_no_colour_and_keeps_lightness() -> None:
    scene = draw(network("siamese"), depth=1, palette="grey", shade_by="macs").scene
    colours = [scene.paper]
    for shape in walk(scene.shapes):
        colours += [
            c for c in (getattr(shape, "fill", None), getattr(getattr(shape, "stroke", None), "colour", None)) if c
        ]
    assert len(set(colours)) > 5
    assert all(c[1:3] == c[3:5] == c[5:7] for c in colours)
    drawing = draw(network("resnet@18"), depth=2, palette="grey", background="transparent")
    named = {*re.findall("#[0-9a-f]{6}", drawing.dot), *re.findall("--kind-[a-z]+:(#[0-9a-f]{6})", drawing.page())}
    assert "bgcolor=transparent" in drawing.dot
    assert len(named) > 10
    assert all(c[1:3] == c[3:5] == c[5:7] for c in named)
    assert grey_of("#67aad8") == "#a3a3a3"
    assert contrast(grey_of("#b23a08"), "#b23a08") < 1.02


def test_a_palette_of_the_user(tmp_path: Path) -> None:
    file = tmp_path / "palette.yaml"
    file.write_text("conv: '#FFCC00'\nhatched: [conv]\n", encoding="utf-8")
    scene = draw(network("lenet5"), style="volumes", palette=file).scene
    fills = [s.fill for s in walk(scene.shapes) if isinstance(s, Polygon | Rect)]
    assert "#ffcc00" in fills
    assert "#67aad8" not in fills
    assert "#f4d88f" in fills
    assert "#ffcc00" in draw(network("lenet5"), palette=file).dot


@pytest.mark.parametrize(
    ("text", "message", "help_"),
    [
        ("[1]", "it must be a mapping of kinds to colours", None),
        ("a: [", "line 2: this is not YAML: did not find expected node content", None),
        ("konv: '#aabbcc'", "line 1: there is no kind 'konv'", "did you mean 'conv'?"),
        ("conv: #aabbcc", "line 1: there is no colour", "a colour is quoted: '#67aad8' (# begins a comment of YAML)"),
        ("pool: '#aabbcc'\nconv: '#335577'", "line 2: text on #335577 would have a contrast of 2.2; the least is 4.5", "a lighter colour"),
        ("hatched: [conv, recurent]", "line 1: there is no kind 'recurent'", "did you mean 'recurrent'?"),
        ("conv: '#8882c2'", "recurrent, which is hatched, has the colour of conv", "another colour for one of them"),
    ],
)  # fmt: skip
def test_files_that_are_not_palettes(text: str, message: str, help_: str | None, tmp_path: Path) -> None:
    file = tmp_path / "palette.yaml"
    file.write_text(text, encoding="utf-8")
    with pytest.raises(BackendError) as error:
        draw(network("lenet5"), style="volumes", palette=file).svg()
    expected = ("NS796", f"'{file}' is not a palette: {message}", help_)
    assert (error.value.code, error.value.message, error.value.help) == expected


def test_palettes_that_are_missing(tmp_path: Path) -> None:
    with pytest.raises(BackendError) as error:
        draw(network("lenet5"), style="volumes", palette="gray").svg()
    assert (error.value.code, error.value.message, error.value.help) == (
        "NS721",
        "there is no palette 'gray'",
        "did you mean 'grey'?",
    )
    with pytest.raises(BackendError) as error:
        draw(network("lenet5"), style="volumes", palette="x" * 5000).svg()  # no file can have this name
    assert (error.value.code, error.value.message) == ("NS721", f"there is no palette '{'x' * 59}…'")
    with pytest.raises(BackendError) as error:
        draw(network("lenet5"), style="volumes", palette=tmp_path / "none.yaml").svg()
    assert (
        error.value.message
        == f"'{tmp_path / 'none.yaml'}' is not a palette: it cannot be read: no such file or directory"
    )


def test_another_font_has_its_own_widths_and_is_embedded() -> None:
    font = other_font()
    graph = netspec.loads("netspec: 1\nname: '∇ ✓ net'\ninput: [4]\nlayers: {a: {dense: 4}}\n")
    drawing = draw(graph, style="volumes", font=font)
    plain = draw(graph, style="volumes", title="x").scene
    title = next(s for s in walk(drawing.scene.shapes) if isinstance(s, Text))
    ttlib = pytest.importorskip("fontTools.ttLib")
    with ttlib.TTFont(font) as file:
        units = sum(file["hmtx"][file.getBestCmap()[ord(c)]][0] for c in title.text)
    with use_typefaces(drawing._typefaces):  # pyright: ignore[reportPrivateUsage]  # as while it is drawn
        assert title.width == pytest.approx(units / 2048 * title.size)
    assert drawing.scene.width > plain.width
    svg = drawing.svg()
    assert re.findall(r'font-family="([^"]*)">', svg) == [
        "'DejaVu Sans', 'Fira Sans Condensed', 'Fira Sans', 'Roboto Condensed', 'Arial Narrow', sans-serif"
    ]
    assert "font/woff;base64" in svg
    assert "font/woff2" not in svg
    assert len(svg) < 40_000
    assert svg == draw(graph, style="volumes", font=[font]).svg()
    assert b"MPDFAA+DejaVuSans" in drawing.pdf()
    assert drawing.png().startswith(b"\x89PNG")


def test_a_pdf_has_words_from_right_to_left_in_their_visual_order(tmp_path: Path) -> None:
    file = tmp_path / "net.pdf"
    draw(network("lenet5"), depth=0, title="שלום LeNet", font=other_font()).save(file)
    text = poppler("pdftotext", str(file), "-")  # which reverses words from right to left again
    assert "שלום" in text
    assert "LeNet" in text


@pytest.mark.filterwarnings("ignore::pytest.PytestUnraisableExceptionWarning")  # fpdf2 leaves an invalid font open
@pytest.mark.parametrize("form", ["svg", "pdf"])
def test_fonts_whose_outlines_cannot_be_read(form: str, tmp_path: Path) -> None:
    """They are read when they are embedded."""
    pytest.importorskip("fontTools")
    broken = tmp_path / "broken.ttf"
    data = (FOLDER / "FiraSansCondensed-Regular.ttf").read_bytes()
    length = data.index(b"glyf") + 12
    broken.write_bytes(data[:length] + bytes(4) + data[length + 4 :])
    with pytest.raises(BackendError) as error:
        draw(network("lenet5"), style="volumes", font=broken).save(tmp_path / f"net.{form}")
    assert error.value.message == f"cannot use the font '{broken}': its tables cannot be read (TTLibError)"
    gc.collect()


def test_fonts_that_cannot_be_used(tmp_path: Path) -> None:
    def message(*files: Path) -> str:
        with pytest.raises(BackendError) as error:
            draw(network("lenet5"), style="volumes", font=files).svg()
        assert error.value.code == "NS797"
        return error.value.message

    bad, locked = tmp_path / "bad.ttf", tmp_path / "locked.ttf"
    bad.write_bytes(b"\0\1\0\0" + b"\xff" * 400)
    ttlib = pytest.importorskip("fontTools.ttLib")
    with ttlib.TTFont(FOLDER / "FiraSansCondensed-Regular.ttf") as font:
        font["OS/2"].fsType = 2
        font.save(locked)
    shutil.copy(locked, tmp_path / "font.bin")
    assert message(tmp_path / "none.ttf") == f"cannot use the font '{tmp_path / 'none.ttf'}': no such file or directory"
    assert (
        message(tmp_path / "font.bin")
        == f"cannot use the font '{tmp_path / 'font.bin'}': it is not a TrueType or OpenType file"
    )
    assert message(locked) == f"cannot use the font '{locked}': its licence does not allow to embed it"
    assert message(bad).startswith(f"cannot use the font '{bad}': ")
    assert message(bad, bad, bad, bad) == "there are fonts of plain, bold and italic text; found 4 files"
