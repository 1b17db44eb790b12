"""Figures that fit a given width: nothing overlaps, no text is too small, and messages where nothing fits."""

from __future__ import annotations

import json
import re
from pathlib import Path

import pytest

import netspec
from netspec.backend import BackendError
from netspec_graphviz import draw
from netspec_graphviz.drawing import Drawing
from netspec_graphviz.figure.penalties import Penalties
from netspec_picture.scene import Polygon, Rect, Text

from ..cli_support import ran
from ..figures.geometry import faults, smallest_text
from .support import groups, network, walk

INCH = 72.0


def figure(spec: str, width: str, **options: str) -> Drawing:
    return draw(network(spec), width=width, **options)  # type: ignore[arg-type]  # options of one type


@pytest.mark.parametrize(
    ("spec", "width", "size"),
    [
        ("resnet@50", "page", (6.5, 9.0)),
        ("resnet@50", "column", (3.3, 9.0)),
        ("resnet@50", "slide", (13.3, 7.5)),
        ("yolov3", "page", (6.5, 9.0)),
        ("vit", "5in", (5.0, 9.0)),
        ("gpt2", "column", (3.3, 9.0)),
    ],
)
def test_a_figure_fits_and_nothing_overlaps(spec: str, width: str, size: tuple[float, float]) -> None:
    drawing = figure(spec, width)
    scene = drawing.scene
    assert scene.width <= size[0] * INCH + 0.01
    assert scene.height <= size[1] * INCH + 0.01
    assert smallest_text(scene) >= 6.0
    assert [str(fault) for fault in faults(scene)] == []
    summary = drawing.summary
    assert summary is not None
    assert summary.smallest_text == pytest.approx(smallest_text(scene))


@pytest.mark.parametrize(
    ("spec", "inset"),
    [("graphcast", "Step"), ("bamba", "Mamba2"), ("dcn", "DeformConv"), ("stylegan2", "Styled"), ("rwkv", "Attention")],
)
def test_wide_blocks_fit_into_a_column(spec: str, inset: str) -> None:
    """Boxes side by side would be wider than 3.3 in, however little they said."""
    drawing = figure(spec, "column")
    assert [str(fault) for fault in faults(drawing.scene)] == []
    assert smallest_text(drawing.scene) >= 6.0
    composition = drawing.composition
    assert composition is not None
    assert inset in [each.inset.title for each in composition.insets]
    assert not any("inside" in text for text in composition.left_out)


def test_the_largest_blocks_are_not_shown_where_nothing_else_fits() -> None:
    """Whatever else fits is shown."""
    drawing = figure("hrnet", "column")
    assert drawing.composition is not None
    assert drawing.composition.left_out[0] == "the inside of Module"
    assert [each.inset.title for each in drawing.composition.insets] == ["Bottleneck"]


def test_height_and_smallest_text() -> None:
    """In a lower figure, the trunk is cut into parts."""
    low, high = figure("resnet@18", "page", height="2in"), figure("resnet@18", "page")
    assert low.scene.height <= 2 * INCH < high.scene.height
    assert low.composition is not None
    assert high.composition is not None
    assert len(low.composition.overview.parts) > len(high.composition.overview.parts)
    assert smallest_text(figure("vgg16", "page", min_text="8pt").scene) == 8.0


def test_what_does_not_fit_names_the_least_width() -> None:
    with pytest.raises(BackendError) as error:
        _ = figure("vgg16", "0.5in").scene
    assert error.value.code == "NS725"
    assert error.value.message == "no figure with text of at least 6 pt fits into 0.5 in × 9 in"
    least = re.fullmatch(
        r"the least width that fits is ([\d.]+) in; smaller text may fit, too: --min-text", error.value.help or ""
    )
    assert least is not None
    assert figure("vgg16", f"{least[1]}in").scene.width <= float(least[1]) * INCH


@pytest.mark.parametrize(
    ("spec", "options", "way_out"),
    [
        ("vgg16", {"width": "3in", "height": "0.8in"}, r"no width fits; 4\.5 in × [\d.]+ in does"),
        ("vgg16", {"width": "0.5in", "height": "0.5in"}, r"[\d.]+ in × [\d.]+ in fits"),
    ],
)
def test_where_no_width_fits_both_sizes_are_named(spec: str, options: dict[str, str], way_out: str) -> None:
    with pytest.raises(BackendError) as error:
        _ = figure(spec, **options).scene
    assert error.value.code == "NS725"
    assert re.fullmatch(way_out, error.value.help or "")
    width, height = re.findall(r"[\d.]+ in", error.value.help or "")
    assert figure(spec, width, height=height).scene.height <= float(height[:-3]) * INCH


def test_where_nothing_fits_the_way_out_is_a_drawing_of_any_size() -> None:
    """An input whose name, in the smallest text allowed, is longer than the greatest width."""
    name = "x" * 1000
    graph = netspec.loads(f"netspec: 1\nname: long\ninputs: {{{name}: [4]}}\nlayers: [{{dense: 3}}]\n")
    with pytest.raises(BackendError) as error:
        _ = draw(graph, width="page", min_text="24pt").scene
    assert (error.value.code, error.value.message, error.value.help) == (
        "NS725",
        "no figure with text of at least 24 pt fits into 6.5 in × 9 in",
        "leave out --width: the drawing then has the size that it needs, and --depth closes blocks",
    )


@pytest.mark.parametrize("style", ["graph", "volumes"])
@pytest.mark.parametrize("title", ["Figure 1", "A title that is longer than the column is wide " * 2, "x" * 200])
def test_a_title_is_above_the_figure_in_as_many_lines_as_it_needs(style: str, title: str) -> None:
    plain, titled = figure("lenet", "column", style=style).scene, figure("lenet", "column", style=style, title=title)
    assert faults(titled.scene) == []
    assert titled.scene.width <= 3.3 * INCH
    lines = [s.text for s in walk(titled.scene.shapes) if isinstance(s, Text) and s.bold and s.size > 7.5]
    assert "".join(lines).replace(" ", "") == title.replace(" ", "")
    assert titled.scene.height > plain.height + 7.5 * len(lines)
    assert figure("lenet", "column", style=style, title="none").scene == plain


def test_arrows_end_at_the_sheets_behind_a_box() -> None:
    """The angles of rotary embeddings enter all copies of a layer from the right."""
    drawing = figure("llama@llama3_8b", "column")
    assert faults(drawing.scene) == []
    sheets = [s for group in groups(drawing.scene.shapes) if group.name == "layers" for s in group.children]
    right = max(s.x + s.width for s in sheets if isinstance(s, Rect))
    (arrow,) = [g for g in groups(drawing.scene.shapes) if g.title == "angles to layers"]
    assert min(x for s in arrow.children if isinstance(s, Polygon) for x, _ in s.points) == pytest.approx(right)


def test_names_of_inputs_stand_beside_the_arrows() -> None:
    """Query, key and value enter attention at points of their own, from left to right."""
    edges = {g.title: g for g in groups(figure("llama", "page").scene.shapes) if g.kind == "edge"}
    arrows = {"q": "q to attend", "k": "k to attend", "v": "v_proj to attend"}
    tips: list[float] = []
    for name, title in arrows.items():
        (text,) = [s for s in edges[title].children if isinstance(s, Text)]
        (head,) = [s for s in edges[title].children if isinstance(s, Polygon)]
        tip = max(head.points, key=lambda point: point[1])
        assert text.text == name
        assert 0 < text.left - tip[0] < 3
        assert 0 < tip[1] - text.y < 3
        tips.append(tip[0])
    assert tips == sorted(tips)


@pytest.mark.parametrize(
    ("options", "code", "message"),
    [
        (
            {"width": "wide"},
            "NS721",
            "width must be page, column, slide or a length such as 3.3in or 84mm; found 'wide'",
        ),
        ({"width": "0.1in"}, "NS721", "width must be from 0.5 in to 100 in; found '0.1in'"),
        ({"width": "page", "min_text": "60pt"}, "NS721", "min_text must be from 3 pt to 24 pt; found '60pt'"),
        ({"height": "9in"}, "NS721", "height has no meaning without a width"),
        *(
            ({"width": "page", name: value}, "NS726", f"a figure of a given width has no option {name}")
            for name, value in (
                ("depth", 1),
                ("opened", "a"),
                ("show", "params"),
                ("direction", "right"),
                ("engine", "dot"),
                ("shade_by", "macs"),
                ("width_by", "macs"),
            )
        ),
        ({"width": "page", "style": "neurons"}, "NS799", "the style neurons has no option 'width'"),
    ],
)
def test_options_that_do_not_go_together(options: dict[str, str], code: str, message: str) -> None:
    with pytest.raises(BackendError) as error:
        draw(network("lenet"), **options)  # type: ignore[arg-type]  # invalid on purpose
    assert (error.value.code, error.value.message) == (code, message)


def test_a_format_without_a_size_is_refused(tmp_path: Path) -> None:
    with pytest.raises(BackendError, match=r"a figure of a given width is not written as \.dot") as error:
        figure("lenet", "page").save(tmp_path / "f.dot")
    assert error.value.code == "NS726"


def test_the_command_says_what_is_left_out(tmp_path: Path) -> None:
    path = tmp_path / "f.svg"
    result = ran("draw", "resnet@50", "-o", str(path), "--width", "page")
    assert result.out.splitlines()[1:] == [
        "6.42 × 2.98 in, text of 6.6 pt and more",
        "to fit: no names of layers in blocks",
    ]
    result = ran("draw", "resnet@50", "-o", str(path), "--width", "page", "--json")
    report = json.loads(result.out)
    assert report.pop("bytes") == path.stat().st_size
    assert report == {
        "file": str(path),
        "width_in": 6.416,
        "height_in": 2.982,
        "smallest_text_pt": 6.6,
        "left_out": ["no names of layers in blocks"],
    }


def test_the_documented_penalties_are_those_in_use() -> None:
    text = (Path(__file__).parents[2] / "docs" / "drawings.md").read_text(encoding="utf-8")
    table = re.findall(r"^\| [^|]+ \| ([−\d., ]+) \|$", text.partition("<!-- penalties -->")[2], re.MULTILINE)
    numbers = [[float(n.replace("−", "-")) for n in cell.split(", ")] for cell in table[:16]]
    p = Penalties
    assert numbers == [
        [p.arguments[3], p.arguments[2], p.arguments[1]],
        [p.no_names, p.no_names_in_insets],
        [p.no_shapes],
        [p.no_params],
        [p.point_of_text],
        [p.part],
        [p.segments_as_note],
        [p.lines[2], p.lines[3]],
        [p.ladders],
        [p.folded],
        [p.inserted],
        [p.closed],
        [p.no_table],
        [p.not_shown],
        [70 * p.height],
        [p.enlargement],
    ]
