"""Layers as they are written: their operation, arguments, wiring, and what is reported about their text."""

from __future__ import annotations

import pytest

from netspec.diagnostics import LocatedError
from netspec.language.reading.evaluation import ParameterEnvironment
from netspec.language.reading.layers import Layer, LayerReader, Layers
from netspec.text.yaml_reader import read

NAMES = ParameterEnvironment({"act": "relu", "n": 2})


def written(text: str) -> tuple[Layers, list[str]]:
    """The layers of a text, and the codes of its problems."""
    problems: list[LocatedError] = []
    node = read(text)
    assert node is not None
    layers = LayerReader(["Block"], problems.append).layers(node, "layers")
    return layers, [p.code for p in problems]


def layer(text: str) -> Layer:
    """A layer of a list without problems."""
    layers, codes = written(f"- {text}")
    assert codes == []
    return layers.items[0]


@pytest.mark.parametrize(("text", "head", "primary", "args"), [
    ("relu", "relu", None, []),
    ("$act", "relu", None, []),
    ("Block", "Block", None, []),
    ("{conv2d: 64, kernel: 3}", "conv2d", 64, ["kernel"]),
    ("{conv2d: {filters: 64, kernel: 3}, bias: false}", "conv2d", None, ["filters", "kernel", "bias"]),
    ("{Block, repeat: 3}", "Block", None, []),
    ("{$act: 1}", "relu", 1, []),
    ("{Block: 1, relu: 2}", "Block", 1, ["relu"]),
    ("{$act: 1, dropout: 2}", "relu", 1, ["dropout"]),
])  # fmt: skip
def test_operations(text: str, head: str, primary: object, args: list[str]) -> None:
    result = layer(text)
    assert result.head is not None
    assert result.head.evaluate(NAMES) == head
    assert (result.primary.evaluate(NAMES) if result.primary is not None else None) == primary
    assert list(result.args) == args


def test_wiring() -> None:
    result = layer(
        "{relu, from: [a, b], when: $(n > 1), repeat: $n, share: c, freeze: true, doc: note, activation: tanh}"
    )
    assert result.source is not None
    assert [n.text for n in result.source.names] == ["a", "b"]
    assert result.when is not None
    assert result.repeat is not None
    assert (result.when.evaluate(NAMES), result.repeat.evaluate(NAMES)) == (True, 2)
    assert result.share is not None
    assert (result.share.text, result.doc) == ("c", "note")
    assert result.activation is not None
    assert result.activation[0].evaluate(NAMES) == "tanh"


def test_blocks_in_place() -> None:
    result = layer("{layers: {a: relu, b: abs}, inputs: [x, y], output: b}")
    assert result.inner is not None
    assert [i.name.text for i in result.inner.items if i.name is not None] == ["a", "b"]
    assert (result.inputs, result.inner.listed, result.inline) == (("x", "y"), False, False)
    listed = layer("[relu, [abs, tanh]]").inner
    assert listed is not None
    assert (listed.listed, len(listed.items)) == (True, 2)
    assert layer("{inline: [relu, abs], repeat: 2}").inline


def test_tables() -> None:
    table = layer("{dropout: $p, each: {columns: [p, q], rows: [[0.1, 1]]}}").each
    assert table is not None
    assert (table.columns, table.single) == (("p", "q"), False)
    single = layer("{dropout: $p, each: {columns: p, rows: [0.1]}}").each
    assert single is not None
    assert (single.columns, single.single) == (("p",), True)


@pytest.mark.parametrize(("text", "code"), [
    ("3", "NS203"), ("- 3", "NS205"), ("- null", "NS205"), ("- rlu", "NS206"), ("- {relu, abs}", "NS209"),
    ("- {from: a}", "NS210"), ("- {reluu, from: a}", "NS206"), ("a: {inline: [relu]}", "NS207"),
    ("- {inline: {a: relu}}", "NS207"), ("- {relu, first: {p: 1}}", "NS208"), ("- {layers: [relu], first: {p: 1}, repeat: 2}", "NS208"),
    ("- {layers: [relu], kernel: 3}", "NS201"), ("- {conv2d: {kernel: 3, filters: 1}, kernel: 5}", "NS211"),
    ("- {relu, doc: [a]}", "NS203"), ("- {relu, activation: [a]}", "NS203"), ("- {relu, activation: conv2d}", "NS214"),
    ("- {relu, each: {columns: [a, a], rows: []}}", "NS211"), ("- {relu, each: {columns: [1], rows: []}}", "NS203"),
    ("- {relu, each: {columns: index, rows: []}}", "NS211"), ("a b: relu", "NS204"), ("- {relu, from: []}", "NS203"),
])  # fmt: skip
def test_problems(text: str, code: str) -> None:
    assert written(text)[1] == [code]


def test_a_layer_with_a_problem_keeps_its_name() -> None:
    layers, codes = written("{a: relu, b: {conv2d: 3}, c: abs}")
    assert codes == ["NS220"]
    assert [i.name.text for i in layers.items if i.name is not None] == ["a", "b", "c"]
    assert [i.head is not None for i in layers.items] == [True, False, True]


def test_how_a_layer_is_named_in_messages() -> None:
    assert layer("{conv2d: 3, kernel: 1}").head_text == "conv2d"
    assert layer("[relu]").head_text == "layers"
