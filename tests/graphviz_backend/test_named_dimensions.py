"""Drawings of networks with named dimensions: names in labels, geometry at the defaults."""

from __future__ import annotations

import json
import re
from typing import Any

import pytest

import netspec
from netspec.ir import Graph
from netspec_graphviz.page.page_data import page_data
from netspec_graphviz.page.spec_lines import SpecLines

SPEC = """
netspec: 1
name: any
dims: {H: {default: 12, min: 4}, W: 8}
input: [1, H, W]
layers:
  conv: {conv2d: 2, kernel: 3, stride: 2, padding: 1, activation: relu}
  shuffle: {reshape: [2, $(conv.shape.1 * conv.shape.2)]}
  mean: {mean: 1}
  fc: {dense: 3}
"""
IMAGES = SPEC.replace(
    "  shuffle: {reshape: [2, $(conv.shape.1 * conv.shape.2)]}\n  mean: {mean: 1}\n", "  gap: global_avg_pool\n"
)


def pair(spec: str) -> tuple[Graph, Graph]:
    """The network with names, and the same with numbers."""
    return netspec.loads(spec), netspec.loads(spec, sizes={"H": 12, "W": 8})


def volumes(graph: Graph) -> list[str]:
    """The texts of a drawing in volumes."""
    return re.findall(r">([^<>]+)</text>", netspec.draw(graph, style="volumes").svg())


def test_volumes_have_the_sizes_of_the_defaults() -> None:
    named, fixed = (volumes(graph) for graph in pair(IMAGES))
    assert named == fixed
    assert {"12×8", "2@6×4", "sizes at H = 12, W = 8"} <= set(named)


def test_units_and_connections_are_those_of_the_defaults() -> None:
    named, fixed = (netspec.draw(graph, style="neurons").svg() for graph in pair(IMAGES))
    counts = [[svg.count(f"<{shape}") for shape in ("circle", "path", "line", "polyline")] for svg in (named, fixed)]
    assert counts[0] == counts[1]
    assert counts[0][0] == 12 * 8 + 2 * 6 * 4 + 2 + 3


def test_labels_have_the_names() -> None:
    texts = re.findall(r">([^<>]+)</text>", netspec.draw(netspec.loads(SPEC)).svg())
    assert {"1×H×W", "2×(H+1)//2×(W+1)//2", "2×((H+1)//2)*((W+1)//2)"} <= set(texts)
    assert any(text.endswith("FLOPs at H = 12, W = 8") for text in texts)
    units = re.findall(r">([^<>]+)</text>", netspec.draw(netspec.loads(IMAGES), style="neurons").svg())
    assert {"1×H×W units", "2×(H+1)//2×(W+1)//2 units"} <= set(units)


@pytest.mark.parametrize("style", ["graph", "volumes", "neurons"])
@pytest.mark.parametrize("format_", ["svg", "pdf", "dot"])
def test_every_format(style: Any, format_: str) -> None:
    drawing = netspec.draw(netspec.loads(IMAGES), style=style)
    assert getattr(drawing, format_) if format_ == "dot" else getattr(drawing, format_)()


def data(graph: Graph) -> dict[str, Any]:
    """The data of a page."""
    from netspec.analysis.network_figures import analyze

    result: dict[str, Any] = json.loads(json.dumps(page_data(analyze(graph), SpecLines((), ()))))
    return result


def test_the_page_has_numbers_and_names() -> None:
    named, fixed = (data(graph) for graph in pair(SPEC))
    conv = next(item for item in named["items"] if item["name"] == "conv")
    assert (conv["shape"], conv["sizes"]) == ([2, 6, 4], ["2", "(H+1)//2", "(W+1)//2"])
    assert [
        "height",
        "floor((n + before + after − window) / stride) + 1",
        "floor((H + 1 + 1 − 3) / 2) + 1 = (H + 1)//2 = 6",
    ] in conv["formulas"]
    assert (named["at"], named["figures"]) == ("H = 12, W = 8", fixed["figures"])
    for a, b in zip(named["items"], fixed["items"], strict=True):
        assert a.get("shape") == b.get("shape")
        assert a.get("sees") == b.get("sees")
        assert a.get("field") == b.get("field")
        assert "sizes" not in b
    page = netspec.draw(netspec.loads(SPEC)).page()
    assert "(H+1)//2" in page
