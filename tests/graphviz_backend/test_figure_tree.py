from __future__ import annotations

import pytest

import netspec
from netspec.analysis import analyze
from netspec_graphviz.figure_tree import Block, FigureItem, Layer, build_figure_tree

from .support import network


def folded(item: FigureItem, path: str = "") -> dict[str, int]:
    """The items that stand for several copies, and how many."""
    name = f"{path}/{item.label}" if item.label else ""
    out = {name: len(item.further_copies) + 1} if item.further_copies else {}
    for child in item.children if isinstance(item, Block) else ():
        out |= folded(child, name)
    return out


CASES = {
    "resnet@50": {"/layer1/1–2": 2, "/layer2/1–3": 3, "/layer3/1–5": 5, "/layer4/1–2": 2},
    "resnet@18": {"/layer1/0–1": 2},
    "vit": {"/encoder/layers.encoder_layer_0–11": 12},
    "bert": {"/encoder.layer/0–11": 12},
    # The layers of a dense block have different numbers of channels.
    "densenet": {},
}


@pytest.mark.parametrize("spec", CASES)
def test_copies_of_the_zoo(spec: str) -> None:
    assert folded(build_figure_tree(analyze(network(spec))).root) == CASES[spec]


def tree(layers: str, blocks: str = "{}") -> Block:
    graph = netspec.loads(f"{{netspec: 1, input: [8, 16, 16], blocks: {blocks}, layers: {layers}}}")
    return build_figure_tree(analyze(graph)).root


def test_single_layers_are_folded_like_blocks() -> None:
    assert folded(tree("{a: {conv2d: 8, kernel: 3, padding: 1, repeat: 4}}")) == {"/a/0–3": 4}


@pytest.mark.parametrize(
    "layers",
    [
        "[{conv2d: 8, kernel: 1}, {conv2d: 8, kernel: 1}]",  # written twice
        "{a: {conv2d: 8, kernel: 3, repeat: 3}}",  # each smaller than the one before
        "{a: {conv2d: $(8 + index), kernel: 1, repeat: 3}}",  # other arguments
    ],
)
def test_different_items_are_not_folded(layers: str) -> None:
    assert folded(tree(layers)) == {}


BLOCK = "{B: {params: {w: int}, layers: {c: {conv2d: $w, kernel: 1}, r: relu}}}"


def test_the_first_copy_may_differ() -> None:
    assert folded(tree("{a: {B: 8, repeat: 4, first: {w: 8}}}", BLOCK)) == {"/a/0–3": 4}
    assert folded(tree("{z: {conv2d: 4, kernel: 1}, a: {B: 8, repeat: 4}}", BLOCK)) == {"/a/1–3": 3}


def test_the_activation_of_a_block_is_its_last_layer() -> None:
    root = tree("{a: {B: 8, activation: tanh, repeat: 2}}", BLOCK)
    chain = root.children[0]
    assert isinstance(chain, Block)
    (block,) = chain.children
    assert isinstance(block, Block)
    assert len(block.further_copies) == 1
    assert [c.nodes[0].op.name for c in block.children if isinstance(c, Layer)] == ["conv2d", "relu", "tanh"]


@pytest.mark.parametrize("spec", ["resnet@50", "unet", "seq2seq"])
def test_every_node_has_a_path_and_figures_add_up(spec: str) -> None:
    graph = network(spec)
    analysis = analyze(graph)
    result = build_figure_tree(analysis)
    assert set(result.paths) == set(graph.nodes)
    assert all(isinstance(path[-1], Layer) and path[0] is result.root for path in result.paths.values())
    assert result.root.figures == analysis.figures
    assert sum(result.root.operations.values()) == len(analysis.layers)
