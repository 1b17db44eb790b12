"""Every report and explanation of networks of the zoo with names for their sizes."""

from __future__ import annotations

import json as parser
import math

import pytest

from netspec import zoo
from netspec.analysis.network_figures import analyze
from netspec.checking.named_inputs import name_inputs
from netspec.checking.spec import Spec
from netspec.diagnostics import Sources
from netspec.ir import Graph
from netspec.report import COLUMNS, CheckResult, csv, html, json, markdown, select_rows, terminal_table
from netspec.report.explanation import Explanation
from netspec.shapes.sizes import is_named

FUNCTIONS = {"floor": math.floor, "ceil": math.ceil, "min": min, "max": max}
NETWORKS = (
    "resnet@18",
    "unet",
    "swin@t",
    "xception",
    "gpt2",
    "yolov3",
    "lstm_tagger",
    "pooling",
    "transposed",
    "tcn",
)


def named(word: str) -> tuple[Graph, Graph]:
    """A network with names, and as it is written."""
    name, _, variant = word.partition("@")
    spec = Spec(str(zoo.path(name)))
    inputs = name_inputs(spec, variant or None)
    assert inputs is not None
    graph = spec.elaborate(variant or None, shapes=inputs.shapes, named=inputs.named).require_graph()
    return graph, spec.elaborate(variant or None).require_graph().at_default


@pytest.mark.parametrize("word", NETWORKS)
def test_reports(word: str) -> None:
    graph, fixed = named(word)
    assert graph.dims
    analysis, numbers = analyze(graph), analyze(fixed)
    assert analysis.figures == numbers.figures
    assert [row.figures for row in analysis.layers] == [row.figures for row in numbers.layers]
    for depth, batch in ((None, None), (1, 3)):
        result = CheckResult(word, None, select_rows(analysis, depth=depth, batch=batch))
        assert result.selection is not None
        (report,) = parser.loads(json.render([result]))
        assert report["formulas"]["macs"] == 0 or report["totals"]["macs"] > 0
        assert f"| {COLUMNS['output'].title} |" in markdown.render([result])
        assert csv.render([result]).count("\n") == len(result.selection.rows) + 1
        assert "<table>" in html.render(result.selection)
        for width in (60, 80, 140):
            assert "sizes   " in terminal_table.render(result.selection, width=width, formulas=True)


@pytest.mark.parametrize("word", NETWORKS)
def test_formulas_of_layers_can_be_worked_out_again(word: str) -> None:
    graph, _ = named(word)
    sizes = graph.at_default.sizes
    for layer in graph.layers:
        node, inputs = layer.node, graph.inputs_of(layer.node)
        macs = node.op.macs_derivation(inputs, node.outputs)
        for step in [*node.op.size_derivations(inputs, node.outputs), *([macs] if macs is not None else [])]:
            expected = step.result.value if is_named(step.result) else step.result
            assert eval(step.worked, {**FUNCTIONS, **sizes}) == expected, (node.name, step)
        assert layer.name in Explanation(graph, layer, Sources()).text()
