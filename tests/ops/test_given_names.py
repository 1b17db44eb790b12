"""Names that a spec gives to axes: of what, which are accepted, and where they are used."""

from __future__ import annotations

import json
from textwrap import dedent
from typing import Any

import pytest

import netspec
from netspec.language.flatten import flat_spec
from netspec.report import CheckResult, select_rows
from netspec.report import json as json_report
from netspec.shapes.types import is_known

from .support import argument_errors, make, shape_error


@pytest.mark.parametrize(
    ("name", "inputs", "args", "shape"),
    [
        ("reshape", [(64, 4)], {"shape": [8, -1, 4]}, (8, 8, 4)),
        ("expand", [(1, 4)], {"shape": [8, 8, -1]}, (8, 8, 4)),
        ("parameter", [], {"shape": [8, 8, 4]}, (8, 8, 4)),
        ("buffer", [], {"shape": [8, 8, 4]}, (8, 8, 4)),
    ],
)
def test_given_names_are_known(name: str, inputs: list[Any], args: dict[str, Any], shape: tuple[int, ...]) -> None:
    built = make(name, *inputs, **args, axes=["points", None, "features"])
    assert (built.shape, built.axes) == (shape, ("points", "", "channels"))
    assert [is_known(a) for a in built.axes] == [True, False, True]
    message = f"NS546: 'axes' of '{name}' has one name for each axis of (8, 8, 4), 3; found 2"
    assert shape_error(name, *inputs, **args, axes=["points", "features"]) == message


WORDS = "axes must be a list of names, one for each axis, or null for an axis without a name"


@pytest.mark.parametrize(
    ("axes", "message"),
    [
        ("points", WORDS),
        (["points", 3], WORDS),
        (["two words"], WORDS),
        (["$x"], WORDS),
        (["n" * 101], WORDS),
        (["points", "points"], "axes must be a list of names, each once; it has 'points' twice"),
        (["features", "channels"], "axes must be a list of names, each once; it has 'channels' twice"),
        (["channels", "features"], "axes must be a list of names, each once; it has 'features' twice"),
    ],
)
def test_what_is_no_list_of_names(axes: Any, message: str) -> None:
    assert argument_errors("parameter", shape=[2, 3], axes=axes) == [message]


SPEC = dedent("""
    netspec: 1
    inputs: {cloud: {shape: [1024, 3], axes: [points, features]}}
    layers:
      mlp: {dense: 64, activation: relu}
      heads: {reshape: [-1, 8, 8], axes: [points, heads, features]}
      mixed: {dense: $(mlp.points // 4), axis: heads}
      mean: {mean: heads}
      best: {max: points}
""")


def test_arguments_and_expressions_accept_given_names() -> None:
    graph = netspec.loads(SPEC)
    assert [(n.name, n.outputs[0].axes, n.outputs[0].shape) for n in graph.nodes if n.name in ("mixed", "best")] == [
        ("mixed", ("points", "heads", "channels"), (1024, 256, 8)),
        ("best", ("channels",), (8,)),
    ]


def test_the_flat_spec_keeps_them() -> None:
    graph = netspec.loads(SPEC)
    again = netspec.loads(flat_spec(graph))
    assert [x.axes for x in again.values] == [x.axes for x in graph.values]
    assert [list(map(is_known, x.axes)) for x in again.values] == [list(map(is_known, x.axes)) for x in graph.values]


def test_the_json_report_has_them() -> None:
    analysis = netspec.analyze(netspec.loads(SPEC))
    (result,) = json.loads(json_report.render([CheckResult("cloud.yaml", None, select_rows(analysis, batch=32))]))
    assert result["inputs"][0]["axes"] == ["batch", "points", "channels"]
    assert result["outputs"] == [{"name": "best", "shape": [32, 8], "axes": ["batch", "channels"], "dtype": "float32"}]
    assert result["layers"][2]["output_axes"] == ["batch", "points", "heads", "channels"]
