"""Every function takes a spec, its variant and its parameters alike."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

import netspec
from netspec import Drawing, zoo
from netspec.checking.spec import Spec

SPEC = """\
netspec: 1
params: {seed: 4, depth: 1, variant: 3, classes: 10}
input: ["$(variant)", 8, 8]
variants: {wide: {seed: 8}}
layers:
  conv: {conv2d: $(seed), kernel: 3}
  body: {conv2d: 4, kernel: 1, repeat: $(depth)}
  pool: global_avg_pool
  fc: {dense: $(classes)}
"""


@pytest.fixture
def spec(tmp_path: Path) -> Path:
    path = tmp_path / "net.yaml"
    path.write_text(SPEC, encoding="utf-8")
    return path


def test_a_variant_and_parameters() -> None:
    graph = netspec.load("resnet@18", classes=10)
    assert graph.values[-1].shape == (10,)
    assert netspec.analyze("resnet@18", classes=10).params == netspec.analyze(graph).params
    assert netspec.load("resnet", "resnet18", params={"classes": 10}).values[-1].shape == (10,)


def test_build(spec: Path) -> None:
    pytest.importorskip("torch")
    model = netspec.build(f"{spec}@wide", seed=1, device="meta", classes=5)
    shapes = [tuple(p.shape) for p in model.parameters()]
    assert (shapes[0], shapes[-1]) == ((8, 3, 3, 3), (5,))


def test_parameters_named_like_arguments(spec: Path) -> None:
    pytest.importorskip("torch")
    model = netspec.build(spec, seed=1, device="meta", params={"seed": 6, "variant": 1}, depth=2)
    assert [tuple(p.shape) for p in model.parameters() if p.dim() == 4] == [(6, 1, 3, 3), (4, 6, 1, 1), (4, 4, 1, 1)]
    assert netspec.load(spec, params={"depth": 3}).values[-1].shape == (10,)


def test_export(spec: Path, tmp_path: Path) -> None:
    netspec.export(spec, tmp_path / "net.py", "wide", classes=7)
    text = (tmp_path / "net.py").read_text(encoding="utf-8")
    assert "nn.Conv2d(3, 8, 3)" in text
    assert "7" in text


def test_draw(spec: Path) -> None:
    drawing = netspec.draw(f"{spec}@wide", style="graph", depth=1, params={"depth": 2}, show="params")
    assert isinstance(drawing, Drawing)
    assert "<svg" in drawing.svg()


def test_a_parameter_given_twice(spec: Path) -> None:
    with pytest.raises(TypeError, match="'classes' is given twice"):
        netspec.load(spec, params={"classes": 1}, classes=2)


def test_parameters_of_a_graph(spec: Path) -> None:
    graph = netspec.load(spec)
    assert netspec.analyze(graph).graph is graph
    with pytest.raises(TypeError, match="a graph has its variant, parameters and sizes already"):
        netspec.analyze(graph, classes=3)
    with pytest.raises(TypeError, match="a graph has its variant, parameters and sizes already"):
        netspec.analyze(graph, "wide")
    with pytest.raises(TypeError, match="a graph has its variant, parameters and sizes already"):
        netspec.analyze(graph, sizes={"H": 8})


def test_an_unknown_parameter(spec: Path) -> None:
    with pytest.raises(netspec.SpecError, match=r"error\[NS218\]: there is no parameter 'clases'"):
        netspec.load(spec, clases=3)


def test_values_of_parameters() -> None:
    text = """{netspec: 1, params: {names: [], width: 0, flag: false}, input: [3, 8, 8], layers: [
        {conv2d: "$(names[0] == 'a, b: c' and flag and 4 or width)", kernel: 1}]}"""
    text = text.replace(
        "$(names[0] == 'a, b: c' and flag and 4 or width)", "$(4 if names[0] == 'a, b: c' and flag else width)"
    )
    assert netspec.loads(text, names=["a, b: c"], flag=True).values[-1].shape == (4, 8, 8)
    assert netspec.loads(text, names=["a"], width=np.int64(5)).values[-1].shape == (5, 8, 8)
    assert netspec.loads(text, names=["a"], width="6").values[-1].shape == (6, 8, 8)
    with pytest.raises(TypeError, match="a parameter cannot have a value of type set"):
        netspec.loads(text, names={"a"})  # type: ignore[arg-type]  # pyright: ignore  # a wrong argument, on purpose


@pytest.mark.parametrize("name", zoo.names())
def test_parameters_of_the_zoo_are_keywords(name: str) -> None:
    """No parameter of the zoo has the name of an argument of load, analyze, build or export."""
    document = Spec(str(zoo.path(name))).document
    assert document is not None
    arguments = {
        "spec",
        "variant",
        "params",
        "seed",
        "device",
        "weights",
        "rename",
        "in_order",
        "path",
        "to",
        "options",
    }
    assert not arguments & {p.name for p in document.params}
