"""The table of layers, and its outline by depth."""

from __future__ import annotations

import pytest

from netspec.analysis import Analysis, Row, analyze, collapse_blocks, count_parameters
from netspec.ir import UnknownNameError
from tests.analysis.networks import resnet
from tests.drafts import Draft


def row_texts(rows: tuple[Row, ...]) -> list[str]:
    return [f"{r.name}: {r.operation}, {r.params}" for r in rows]


def test_an_activation_belongs_to_its_layer() -> None:
    net = Draft()
    x = net.input(3, 8, 8)
    x = net.add("conv", "conv2d", x, filters=4, kernel=3, activation="glu")
    net.add("pool", "max_pool2d", x, size=2)
    a = analyze(net.graph())
    assert [(r.name, r.operation, r.inputs, r.output.shape) for r in a.layers] == [
        ("conv", "conv2d + glu", ("input",), (2, 6, 6)),
        ("pool", "max_pool2d", ("conv",), (2, 3, 3)),
    ]


def test_inputs_are_named_by_layer_and_output() -> None:
    net = Draft()
    x = net.input(6, 8, name="signal")
    x = net.add("parts", "split", x, parts=[2, 2, 2], axis=0, activation="relu")
    # values: the input, three parts, the activation of the first
    net.add("sum", "add", x, 2, 3)
    assert analyze(net.graph()).layers[-1].inputs == ("parts", "parts.1", "parts.2")


def test_totals_are_the_sums_of_the_rows() -> None:
    a = analyze(resnet("r18", "BasicBlock", (2, 2, 2, 2)))
    for depth in (None, 0, 1, 2, 3):
        rows = collapse_blocks(a, depth)
        assert sum(r.params for r in rows) == a.params == 11_689_512
        assert sum(r.buffers for r in rows) == a.buffers
        assert sum(r.macs for r in rows) == a.macs
        assert sum(r.activations for r in rows) == a.activations
        assert sum(r.connections for r in rows) == a.connections
        assert sum(r.layer_count for r in rows) == len(a.layers)


@pytest.fixture(scope="module")
def resnet34() -> Analysis:
    return analyze(resnet("resnet34", "BasicBlock", (3, 4, 6, 3)))


def test_depth_0_is_the_network(resnet34: Analysis) -> None:
    (row,) = collapse_blocks(resnet34, 0)
    assert (row.name, row.layer_count, row.params, row.output.shape) == ("resnet34", 109, 21_797_672, (1000,))


def test_depth_1_shows_chains_of_copies(resnet34: Analysis) -> None:
    assert row_texts(collapse_blocks(resnet34, 1)) == [
        "conv1: conv2d, 9408",
        "bn1: batch_norm, 128",
        "relu: relu, 0",
        "maxpool: max_pool2d, 0",
        "layer1: BasicBlock × 3, 221952",
        "layer2: BasicBlock × 4, 1116416",
        "layer3: BasicBlock × 6, 6822400",
        "layer4: BasicBlock × 3, 13114368",
        "avgpool: adaptive_avg_pool2d, 0",
        "flatten: flatten, 0",
        "fc: dense, 513000",
    ]


def test_depth_2_folds_equal_copies(resnet34: Analysis) -> None:
    rows = [r for r in collapse_blocks(resnet34, 2) if r.name.startswith("layer")]
    assert [(r.name, r.copies, r.params) for r in rows] == [
        ("layer1.0 … 2", 3, 221_952),
        ("layer2.0", 1, 230_144),
        ("layer2.1 … 3", 3, 886_272),
        ("layer3.0", 1, 919_040),
        ("layer3.1 … 5", 5, 5_903_360),
        ("layer4.0", 1, 3_673_088),
        ("layer4.1 … 2", 2, 9_441_280),
    ]
    assert {r.operation for r in rows} == {"BasicBlock"}
    assert [r.output.shape for r in rows][-1] == (512, 7, 7)


def test_depth_beyond_the_scopes_is_every_layer(resnet34: Analysis) -> None:
    assert collapse_blocks(resnet34, 9) == resnet34.layers


def block(net: Draft, name: str, x: int, units: int, **scope: object) -> int:
    net.enter(name, "Block", key=scope.get("key"))
    x = net.add(f"{net.scope.name}.fc", "dense", x, units=units)
    net.leave()
    return x


def test_copies_with_equal_keys_but_different_figures_are_not_folded() -> None:
    net = Draft()
    x = net.input(4)
    for i in range(3):
        x = block(net, f"b{i}", x, 8, key="same")
    assert row_texts(collapse_blocks(analyze(net.graph()), 1)) == ["b0: Block, 40", "b1 … b2: Block, 144"]


def test_without_keys_nothing_is_folded() -> None:
    net = Draft()
    x = net.input(8)
    for i in range(2):
        x = block(net, f"b{i}", x, 8)
    assert row_texts(collapse_blocks(analyze(net.graph()), 1)) == ["b0: Block, 72", "b1: Block, 72"]


def test_copies_with_a_layer_between_are_not_folded() -> None:
    net = Draft()
    x = net.input(8)
    x = block(net, "b0", x, 8, key="same")
    x = net.add("between", "relu", x)
    block(net, "b1", x, 8, key="same")
    assert row_texts(collapse_blocks(analyze(net.graph()), 1)) == ["b0: Block, 72", "between: relu, 0", "b1: Block, 72"]


def test_the_activation_of_a_block_is_part_of_its_row() -> None:
    net = Draft()
    x = block(net, "b", net.input(8), 8)
    net.activate("b", "relu", x)
    a = analyze(net.graph())
    assert row_texts(a.layers) == ["b.fc: dense, 72", "b.activation: relu, 0"]
    assert row_texts(collapse_blocks(a, 1)) == ["b: Block + relu, 72"]


def test_a_scope_with_a_single_operation_is_labelled_with_it() -> None:
    net = Draft()
    x = net.input(8)
    net.enter("stack")
    for i in range(3):
        x = net.add(f"stack.{i}", "dense", x, units=8, activation="relu")
    net.leave()
    net.enter("mixed")
    x = net.add("mixed.0", "dense", x, units=8)
    net.add("mixed.1", "relu", x)
    assert row_texts(collapse_blocks(analyze(net.graph()), 1)) == [
        "stack: dense + relu × 3, 216",
        "mixed: 2 layers, 72",
    ]


def test_representations_are_short(resnet34: Analysis) -> None:
    assert repr(resnet34).startswith("<Analysis resnet34: 109 layers, 21,797,672 parameters, ")
    assert repr(resnet34.layers[0]) == "<Row conv1: conv2d -> (64, 112, 112), 9,408 parameters, 118,013,952 MACs>"
    parts = (resnet34, resnet34.receptive_fields, count_parameters(resnet34.graph), *resnet34.layers)
    assert max(len(repr(x)) for x in parts) < 200


def test_an_unknown_layer_is_an_error(resnet34: Analysis) -> None:
    assert resnet34.layer("fc").params == 513_000
    with pytest.raises(UnknownNameError, match="did you mean 'conv1'"):
        resnet34.layer("conv_1")


def test_str_is_one_line() -> None:
    net = Draft("tiny")
    net.add("fc", "dense", net.input(4), units=2)
    assert str(analyze(net.graph())) == "tiny: 1 layer, 10 parameters, 8 MACs, 16 FLOPs, 2 activations"
