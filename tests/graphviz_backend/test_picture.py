from __future__ import annotations

import os
import re
import subprocess
import sys
from typing import Any, cast
from xml.etree import ElementTree

import pytest

import netspec
from netspec.backend import BackendError, Engine, Style
from netspec_graphviz import draw, graphviz_program
from netspec_graphviz.drawing import Drawing
from netspec_picture.scene import Rect, Scene, Text

from .support import Extent, covered, cut_off, groups, names, network, overlapping, texts, walk

ENGINES = [
    name for name, result in (("dot", graphviz_program.find_dot()), ("bundled", graphviz_program.find_pure())) if result
]
NETWORKS = ["lenet5", "resnet@50", "googlenet", "unet", "vit", "siamese", "seq2seq", "deeplabv3"]


@pytest.fixture(params=ENGINES)
def engine(request: pytest.FixtureRequest) -> Engine:
    """Each engine that is installed."""
    return cast(Engine, request.param)


def test_graphviz_is_installed() -> None:
    assert ENGINES


@pytest.mark.parametrize("spec", NETWORKS)
@pytest.mark.parametrize(
    "given",
    [
        {"depth": 1},
        {"depth": 2, "show": "params,macs,receptive_field"},
        {},
        {"direction": "right", "width_by": "macs", "depth": 2},
    ],
)
def test_no_text_overlaps_or_is_cut(spec: str, given: dict[str, Any], engine: Engine) -> None:
    scene = draw(network(spec), engine=engine, **given).scene
    assert overlapping(scene) == []
    assert cut_off(scene) == []
    assert covered(scene) == []


def test_the_checks_detect_errors() -> None:
    scene = draw(network("lenet5")).scene
    first = next(t for t in walk(scene.shapes) if isinstance(t, Text) and t.text == "c1")
    scene.shapes.append(Text(first.x + 2, first.y + 2, "over it", 10, "#000000"))
    scene.shapes.append(Text(scene.width - 5, 30, "out of the page", 10, "#000000"))
    assert ("c1", "over it") in overlapping(scene)
    assert ("over it", "c1") in covered(scene)
    assert "out of the page" in cut_off(scene)
    assert not Extent("", 0, 0, 1, 1).overlaps(Extent("", 1, 0, 2, 1))


def test_layers_have_name_operation_and_shape() -> None:
    result = texts(draw(network("vgg16")).scene)
    expected = {
        "138,357,544 parameters · 15.5 G MACs · 30.9 G FLOPs",
        "conv2d 64, 3×3, padding same",
        "64×224×224",
        "max_pool2d 2×2",
        "512×7×7",
        "convolution",
        "pooling, reduction",
    }
    assert expected - set(result) == set()


def test_every_layer_is_drawn_under_its_name() -> None:
    graph = network("unet")
    assert set(names(draw(graph).scene, "layer")) == {n.layer for n in graph.nodes}
    assert names(draw(graph).scene, "block")[:2] == ["down1", "down2"]


def test_a_closed_block_shows_its_operations() -> None:
    result = texts(draw(network("resnet@50"), depth=1).scene)
    assert "10 conv2d · 10 batch_norm · 6 relu · 3 add" in result
    assert "216 k params · 668 M MACs" in result
    assert "256×(H+3)//4×(W+3)//4" in result


def test_copies_are_drawn_once_with_their_number() -> None:
    result = texts(draw(network("vit"), depth=2).scene)
    assert "× 12" in result
    assert "equal copies, drawn once: shapes of one, costs of all" in result


def test_figures_on_request() -> None:
    result = texts(draw(network("lenet5"), show="params,macs,receptive_field").scene)
    assert "156 params · 118 k MACs" in result
    assert "field 5×5" in result


def test_costs_widen_and_shade() -> None:
    def widest(scene: Scene) -> float:
        boxes = [g for g in groups(scene.shapes) if g.kind == "box"]
        return max(s.width for box in boxes for s in walk(box.children) if isinstance(s, Rect))

    plain, wide = (widest(draw(network("vgg16"), width_by=figure).scene) for figure in (None, "macs"))
    assert wide > plain + 250
    shaded = draw(network("vgg16"), shade_by="params")
    assert "params, 0 to 103 M" in texts(shaded.scene)
    assert "#661a16" in shaded.svg()


def test_dark_and_right() -> None:
    light, dark = draw(network("lenet5")), draw(network("lenet5"), dark=True)
    assert light.scene.paper == "#ffffff"
    assert dark.scene.paper == "#12161c"
    right = draw(network("lenet5"), direction="right").scene
    assert right.width > right.height
    assert light.scene.height > light.scene.width


def test_edges_run_in_the_direction_of_the_graph() -> None:
    # The input is read both beside a block and within it: ranked block by block, its edge would run upwards.
    from netspec_graphviz.diagram import build_diagram
    from netspec_graphviz.graph.box_contents import box_contents
    from netspec_graphviz.graph.box_placement import place_boxes
    from netspec_graphviz.options import Options

    chosen = Options(depth=2)
    diagram = build_diagram(netspec.analyze(network("deeplabv3")), chosen)
    layout = place_boxes(diagram, box_contents(diagram, chosen), chosen)
    assert all(layout.boxes[e.tail][1] < layout.boxes[e.head][1] for e in diagram.edges)


SPEC = """
netspec: 1
name: '<b>&"x"</b> \\l <script>alert(1)</script>'
input: [4]
layers:
  a: {dense: 4, doc: '<img src=x onerror=alert(1)>'}
  b:
    layers: {c: {dense: 4}}
    doc: ']]> <i>"'
"""


@pytest.mark.parametrize("style", ["graph", "volumes"])
def test_text_of_a_spec_is_never_markup(style: Style) -> None:
    drawing = draw(netspec.loads(SPEC), style=style)
    root = ElementTree.fromstring(drawing.svg())
    kinds = {element.tag.rpartition("}")[2] for element in root.iter()}
    assert kinds <= {"svg", "title", "desc", "style", "rect", "g", "text", "path", "polygon", "polyline", "circle"}
    assert not {"alert", "src=x"} & set(re.findall("alert|src=x", root[2].text or ""))
    assert root[0].text == '<b>&"x"</b> \\l <script>alert(1)</script>'
    assert drawing.png().startswith(b"\x89PNG")
    assert drawing.pdf().startswith(b"%PDF")
    assert graphviz_program.run_graphviz(drawing.dot, "svg").count(b"<script") == 0


@pytest.mark.parametrize("style", ["graph", "volumes"])
def test_the_output_is_deterministic(style: str) -> None:
    code = (
        "import netspec, sys; d = netspec.draw(netspec.load('googlenet'), depth=2, style=sys.argv[1]);"
        "sys.stdout.buffer.write(d.svg().encode() + d.dot.encode() + d.pdf())"
    )
    result = {
        subprocess.run(
            [sys.executable, "-c", code, style],
            env={**os.environ, "PYTHONHASHSEED": seed, "PYTHONPATH": os.pathsep.join(sys.path)},
            capture_output=True,
            check=True,
        ).stdout
        for seed in ("1", "2")
    }
    assert len(result) == 1
    assert b"<svg" in result.pop()


def test_notebooks_show_it() -> None:
    drawing = netspec.draw("lenet5")
    assert isinstance(drawing, Drawing)
    assert drawing._repr_svg_() == drawing.svg()  # pyright: ignore[reportPrivateUsage]  # what notebooks call


def test_without_graphviz_the_error_says_what_to_install(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(graphviz_program, "find_pure", lambda: None)
    monkeypatch.setattr(graphviz_program, "find_dot", lambda: None)
    with pytest.raises(BackendError) as error:
        draw(network("lenet5")).svg()
    assert error.value.code == "NS723"
    assert error.value.message == ("this drawing needs graphviz-pure: pip install graphviz-pure")


def test_the_engine_is_bundled_unless_another_one_is_chosen(monkeypatch: pytest.MonkeyPatch) -> None:
    expected = draw(network("lenet5")).svg()
    monkeypatch.setattr(graphviz_program, "find_dot", lambda: sys.executable)
    assert draw(network("lenet5")).svg() == expected
    with pytest.raises(BackendError) as error:
        draw(network("lenet5"), engine="dot").svg()
    assert error.value.message.startswith(f"'{sys.executable}' failed: ")
