"""What a graph answers: nodes, layers and values by name, edges, and short representations."""

from __future__ import annotations

import pytest

from netspec.diagnostics import Error
from netspec.ir import Graph, UnknownNameError
from tests.analysis.networks import resnet
from tests.drafts import Draft


def net() -> Graph:
    draft = Draft()
    x = draft.input(3, 8, 8)
    x = draft.add("stem", "conv2d", x, filters=4, kernel=3, activation="relu")
    draft.enter("block", "Pair")
    y = draft.add("block.conv", "conv2d", x, filters=4, kernel=1)
    y = draft.add("block.sum", "add", x, y)
    draft.leave()
    y = draft.activate("block", "relu", y)
    y = draft.add("parts", "split", y, parts=[2, 2], axis=0)
    return draft.graph(y, y + 1, variant="small")


def test_nodes_and_layers_by_name() -> None:
    graph = net()
    assert [graph.node(n.name) for n in graph.nodes] == list(graph.nodes)
    assert [graph.layer(x.name) for x in graph.layers] == list(graph.layers)
    assert graph.layer("stem.activation") is graph.layer("stem")
    assert graph.layer("stem").activation is graph.node("stem.activation")


def test_a_layer_contains_its_activation_but_that_of_a_block_is_a_layer() -> None:
    graph = net()
    assert [(x.name, x.operation, x.inputs, x.value) for x in graph.layers] == [
        ("stem", "conv2d + relu", (0,), 2),
        ("block.conv", "conv2d", (2,), 3),
        ("block.sum", "add", (2, 3), 4),
        ("block.activation", "relu", (4,), 5),
        ("parts", "split", (5,), 6),
    ]


def test_values_by_name() -> None:
    graph = net()
    names = ["input", "stem", "block.conv", "block.sum", "block", "parts", "parts.0", "parts.1"]
    assert [graph.value(n) for n in names] == [0, 2, 3, 4, 5, 6, 6, 7]
    assert [graph.value(graph.value_name(v)) for v in (3, 4, 6, 7)] == [3, 4, 6, 7]
    assert list(graph.values_by_name) == [
        "input",
        "stem",
        "block.conv",
        "block.sum",
        "block",
        "parts",
        "parts.0",
        "parts.1",
    ]


def test_edges() -> None:
    graph = net()
    assert [n.name for n in graph.readers(2)] == ["block.conv", "block.sum"]
    assert graph.readers(7) == ()
    assert [graph.use_count(v) for v in range(8)] == [1, 1, 2, 1, 1, 1, 1, 1]
    assert [n.name for n in graph.ancestors([3])] == ["stem", "stem.activation", "block.conv"]
    assert graph.ancestors([0]) == ()
    assert graph.producer(0) is None
    assert graph.producer(7) is graph.node("parts")


@pytest.mark.parametrize(
    ("kind", "name", "message", "hint"),
    [
        ("node", "stm", "no node 'stm' in 'net'", "did you mean 'stem'?"),
        ("layer", "block.cnv", "no layer 'block.cnv' in 'net'", "did you mean 'block.conv'?"),
        ("value", "zzz", "no value 'zzz' in 'net'", None),
    ],
)
def test_unknown_names(kind: str, name: str, message: str, hint: str | None) -> None:
    with pytest.raises(UnknownNameError) as caught:
        getattr(net(), kind)(name)
    (diagnostic,) = caught.value.diagnostics
    assert (diagnostic.code, diagnostic.message, diagnostic.help) == ("NS301", message, hint)
    assert isinstance(caught.value, KeyError)
    assert isinstance(caught.value, Error)
    assert str(caught.value).startswith(f"error[NS301]: {message}")


def test_representations_are_short() -> None:
    graph = net()
    assert repr(graph) == (
        "<Graph net@small: 5 layers, 132 parameters, input (3, 8, 8) -> output0 (2, 6, 6), output1 (2, 6, 6)>"
    )
    assert repr(graph.node("stem")) == "<Node stem: conv2d -> (4, 6, 6), 112 parameters>"
    assert repr(graph.layer("stem")) == "<Layer stem: conv2d + relu -> (4, 6, 6), 112 parameters>"
    assert repr(graph.node("parts")) == "<Node parts: split -> (2, 6, 6), (2, 6, 6)>"
    assert repr(graph.parameters[0]) == "<Parameter stem.weight: (4, 3, 3, 3) float32, parameter>"
    assert repr(graph.root) == "<Scope (network)>"
    assert repr(graph.node("block.conv").scope) == "<Scope block, Pair>"
    assert repr(graph.tree) == "<Branch (network): 5 layers>"
    large = resnet("resnet34", "BasicBlock", (3, 4, 6, 3))
    assert max(len(repr(x)) for x in (large, large.tree, *large.nodes, *large.layers, *large.parameters)) < 200


def test_everything_is_computed_once() -> None:
    graph = net()
    assert graph.layers is graph.layers
    assert graph.tree is graph.tree
    assert graph.parameters is graph.parameters
    assert graph.values_by_name is graph.values_by_name
