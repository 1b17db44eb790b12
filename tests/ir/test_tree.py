"""The tree of blocks and layers, with equal copies folded."""

from __future__ import annotations

import netspec
from netspec.ir import Graph
from netspec.ir.tree import Branch, Leaf
from tests.drafts import Draft


def outline(item: Branch | Leaf) -> object:
    """Labels with the number of copies, nested."""
    label = f"{item.label} ×{len(item.copies)}" if item.further_copies else item.label
    return [label, *map(outline, item.children)] if isinstance(item, Branch) else label


def copies(*widths: int, layer: str = "fc") -> Graph:
    """A chain of blocks, each with a key of its own width."""
    net = Draft()
    x = net.input(8)
    net.enter("chain")
    for i, units in enumerate(widths):
        net.enter(str(i), "Block", (i, len(widths)), key=("Block", units))
        x = net.add(f"chain.{i}.{layer}", "dense", x, units=units)
        net.leave()
    net.leave()
    return net.graph(x)


def test_a_run_of_equal_copies_appears_once() -> None:
    tree = copies(8, 8, 4, 4, 4).tree
    assert outline(tree) == ["", ["chain", ["0–1 ×2", "fc"], ["2–4 ×3", "fc"]]]
    chain = tree.children[0]
    assert isinstance(chain, Branch)
    assert [c.name for c in chain.children[1].copies] == ["chain.2", "chain.3", "chain.4"]


def test_copies_share_a_key_and_output_types() -> None:
    net = Draft()
    x = net.input(8)
    for i in range(3):
        net.enter(f"b{i}", "Block", (i, 3), key="same" if i else "other")
        x = net.add(f"b{i}.fc", "dense", x, units=8)
        net.leave()
    assert outline(net.graph(x).tree) == ["", ["b0", "fc"], ["b1–2 ×2", "fc"]]


def test_repeated_layers_are_folded() -> None:
    graph = netspec.loads("{netspec: 1, input: [8], layers: {fc: {dense: 8, repeat: 3}, out: {dense: 2}}}")
    assert outline(graph.tree) == ["", ["fc", "0–2 ×3"], "out"]


def test_the_activation_of_a_block_is_its_last_layer() -> None:
    net = Draft()
    x = net.input(8)
    net.enter("b", "Block")
    x = net.add("b.fc", "dense", x, units=8)
    net.leave()
    x = net.activate("b", "relu", x)
    tree = net.graph(x).tree
    assert outline(tree) == ["", ["b", "fc", "b.activation"]]


def test_layers_of_a_branch_are_all_layers_in_order() -> None:
    graph = netspec.load("resnet@50")
    assert tuple(graph.tree.layers()) == graph.layers
    assert graph.tree.value == graph.outputs["fc"]


def test_values_of_items_are_those_of_the_last_copy() -> None:
    tree = copies(8, 8, 8).tree
    chain = tree.children[0]
    assert isinstance(chain, Branch)
    assert [tree.value, chain.value, chain.children[0].value] == [3, 3, 3]
