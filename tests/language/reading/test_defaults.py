"""``defaults``: what operations do where a file's layers say nothing; and layers that an argument may leave out."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

import netspec
from netspec.ops.activation import LeakyRelu
from netspec.ops.attention import DotProductAttention
from netspec.ops.conv import Conv
from netspec.ops.norm import BatchNorm

HEAD = "netspec: 1\ninput: [3, 8, 8]\n"


def biases(text: str) -> list[bool]:
    """Whether the convolutions of a network have one."""
    return [node.op.bias for node in netspec.loads(text).nodes if isinstance(node.op, Conv)]


def test_a_layer_that_says_something_else_wins() -> None:
    text = HEAD + (
        "defaults: {conv2d: {bias: false, padding: 1}}\n"
        "layers: [{conv2d: 4, kernel: 3}, {conv2d: 4, kernel: 3, bias: true}, {conv2d: {filters: 4, kernel: 3}}]\n"
    )
    assert biases(text) == [False, True, False]
    assert netspec.loads(text).values[-1].shape == (4, 8, 8)


def test_the_first_copy() -> None:
    text = (
        HEAD + "defaults: {conv2d: {bias: false}}\nlayers: [{conv2d: 3, kernel: 1, repeat: 3, first: {bias: true}}]\n"
    )
    assert biases(text) == [True, False, False]


def test_an_operation_that_a_parameter_names() -> None:
    text = HEAD + (
        "params: {op: conv2d, act: leaky_relu}\ndefaults: {conv2d: {bias: false}, leaky_relu: {slope: 0.3}}\n"
        "layers: [{$op: 3, kernel: 1}, $act]\n"
    )
    assert biases(text) == [False]
    (op,) = (node.op for node in netspec.loads(text).nodes if isinstance(node.op, LeakyRelu))
    assert op.slope == 0.3


@pytest.mark.parametrize(
    ("layer", "slope"),
    [
        ("leaky_relu", 0.3),
        ("{leaky_relu: 0.1}", 0.1),
        ("{leaky_relu, slope: 0.1}", 0.1),
        ("{abs, activation: leaky_relu}", 0.3),
        ("{abs, activation: {leaky_relu: 0.1}}", 0.1),
        ("{abs, activation: {leaky_relu: {slope: 0.1}}}", 0.1),
    ],
)
def test_primary_arguments_and_activations(layer: str, slope: float) -> None:
    graph = netspec.loads(f"{HEAD}defaults: {{leaky_relu: {{slope: 0.3}}}}\nlayers: [{layer}]\n")
    op = graph.nodes[-1].op
    assert isinstance(op, LeakyRelu)
    assert op.slope == slope


def epsilons(text: str, **params: Any) -> list[float]:
    """Those of the normalisations of a network."""
    return [node.op.eps for node in netspec.loads(text, **params).nodes if isinstance(node.op, BatchNorm)]


def test_expressions_are_of_the_document() -> None:
    """A block's parameter of the same name is another thing."""
    text = HEAD + (
        "params: {e: 0.01}\ndefaults: {batch_norm: {eps: $(e / 2)}}\n"
        "blocks: {Unit: {params: {e: 3}, layers: [batch_norm]}}\nlayers: [batch_norm, Unit]\n"
    )
    assert epsilons(text) == [0.005, 0.005]
    assert epsilons(text, e=0.5) == [0.25, 0.25]


def test_each_file_has_its_own(tmp_path: Path) -> None:
    (tmp_path / "blocks.yaml").write_text(
        "netspec: 1\nparams: {e: 0.5}\ndefaults: {batch_norm: {eps: $e}}\nblocks: {Unit: {layers: [batch_norm]}}\n",
        "utf-8",
    )
    path = tmp_path / "net.yaml"
    uses = HEAD + "params: {e: 7.0}\nuse: blocks.yaml\nlayers: [batch_norm, Unit]\n"
    path.write_text(uses, "utf-8")
    nodes = netspec.load(path).nodes
    assert [node.op.eps for node in nodes if isinstance(node.op, BatchNorm)] == [1e-5, 0.5]
    path.write_text(uses + "defaults: {batch_norm: {eps: 0.25, momentum: 0.01}}\n", "utf-8")
    ops = [node.op for node in netspec.load(path).nodes if isinstance(node.op, BatchNorm)]
    assert [(op.eps, op.momentum) for op in ops] == [(0.25, 0.01), (0.5, 0.1)]


def test_an_argument_that_names_a_layer_may_be_false() -> None:
    text = (
        "netspec: 1\nparams: {masked: false}\ninputs: {x: [4, 8], m: [4, 4]}\nlayers:\n"
        "  attend: {dot_product_attention: 2, from: [x, x, x], mask: $('m' if masked else false)}\n  seen: {relu, from: m}\n"
        "  plain: {dot_product_attention: 2, from: [attend, x, x], mask: false}\n"
        "outputs: [plain, seen]\n"
    )
    for masked in (False, True):
        graph = netspec.loads(text, masked=masked)
        ops = [node.op for node in graph.nodes if isinstance(node.op, DotProductAttention)]
        assert [op.mask for op in ops] == [masked, False]
        assert len(graph.nodes[0].inputs) == 3 + masked


def test_one_that_must_be_given_may_not() -> None:
    with pytest.raises(netspec.SpecError, match="'gather' needs 'index'"):
        netspec.loads("netspec: 1\ninput: [4, 8]\nlayers: [{gather: 0, index: false}]\n")
