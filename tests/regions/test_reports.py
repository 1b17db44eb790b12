"""Reports, explanations and drawings of layers along an axis and by choice, and their receptive fields."""

from __future__ import annotations

import pytest

import netspec
from netspec.analysis import analyze
from netspec.checking.spec import Spec
from netspec.diagnostics import Sources
from netspec.ir import Graph
from netspec.report.explanation import Explanation
from netspec_graphviz import draw

from .specs import EXPERT, SPECS, document


def graph(name: str) -> Graph:
    return netspec.loads(document(SPECS[name]))


@pytest.mark.parametrize("name", ["rows", "loop", "experts", "stacked", "experts in a loop"])
def test_everything_shows_a_region(name: str) -> None:
    """Explanations and pages name it, and say what it does."""
    network = graph(name)
    last = network.layers[-1]
    text = Explanation(network, last, Sources(["net.yaml"], [""]), width=80).text()
    assert last.operation in text
    assert "positions" in text or "position goes through" in text
    assert last.name in draw(network).page()


def test_receptive_fields() -> None:
    """Position by position along the axis, and as ever along the others; a loop reads all of it."""

    def fields(name: str) -> dict[str, str]:
        network = graph(name)
        actual = analyze(network).receptive_fields.of(network.nodes[0].first_value) or ()
        return {f.axis: str(f) for f in actual}

    assert fields("images") == {"frames": "1", "height": "3", "width": "3"}
    assert fields("rows") == {"frames": "1", "sequence": "all"}
    assert fields("loop") == {"frames": "all", "sequence": "1"}
    assert fields("experts")["sequence"] == "1"


def test_figures() -> None:
    """MACs of the chosen copies, parameters of all, and the active ones."""
    totals = analyze(graph("experts"))
    single = 8 * 16 * 3 + 16 + 16 + 8
    assert (totals.params, totals.active_params, totals.macs) == (4 * single, 2 * single, 6 * 2 * 8 * 16 * 3)
    assert analyze(graph("stacked")).figures == totals.figures
    different = analyze(graph("different"))
    sizes = [8 * n * 3 + 2 * n + 8 for n in (4, 8, 12, 16)]
    assert (different.params, different.active_params) == (sum(sizes), sizes[2] + sizes[3])
    loop = analyze(graph("loop"))
    assert (loop.params, loop.macs) == (8 * 5 + 5 + 5 * 5 + 5, 3 * 4 * (8 * 5 + 5 * 5))


def test_equal_copies_are_elaborated_once() -> None:
    """A thousand experts take as many steps as two, but for their weights."""
    text = document(
        f"inputs: {{x: [6, 8], i: {{shape: [6, 2], dtype: int64}}}}\nparams: {{n: 2}}\nblocks:{EXPERT}"
        "layers: {e: {Expert: 16, from: x, repeat: $n, route: i}}"
    )
    networks = [Spec("x.yaml", text).elaborate(None, {"n": n}).require_graph() for n in (2, 1000)]
    assert [len(g.nodes) for g in networks] == [1, 1]
    assert len(networks[1].parameters) == 6000
    assert analyze(networks[1]).active_params == analyze(networks[0]).params
