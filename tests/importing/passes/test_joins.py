"""Concatenations and sums, with tiny networks as data."""

from __future__ import annotations

from netspec.importing.passes.joins import simplify_joins

from ..networks import Network, listing


def test_growing_concatenations() -> None:
    net = Network(x=(3, 8, 8))
    for number in range(3):
        parts = " ".join(["x", *(f"c{k}" for k in range(number))])
        width = 3 + 2 * number
        if number:
            net.add(f"j{number}", "concat", parts, (width, 8, 8), {"axis": 0}, f"block block.{number}")
        value = f"j{number}" if number else "x"
        net.add(f"c{number}", "conv2d", value, (2, 8, 8), {"filters": 2, "kernel": 1}, f"block block.{number}")
    net.add("y", "concat", "x c0 c1 c2", (9, 8, 8), {"axis": 0}, "block")
    network = net.output("y")
    simplify_joins(network)
    assert listing(network) == [
        "conv2d x {'filters': 2, 'kernel': 1}",
        "concat x 0 {'axis': 0}",
        "conv2d 1 {'filters': 2, 'kernel': 1}",
        "concat 1 2 {'axis': 0}",
        "conv2d 3 {'filters': 2, 'kernel': 1}",
        "concat 3 4 {'axis': 0}",
    ]
    assert [draft.calls[-1].path for draft in network.drafts] == [f"block.{k}" for k in (0, 0, 1, 1, 2, 2)]


def test_sums_begin_with_what_was_computed_last() -> None:
    net = Network(x=(3, 8))
    net.add("p", "parameter", "", (3, 8), {"shape": [3, 8]}, weights={"=table": (3, 8)})
    net.add("a", "relu", "x", (3, 8))
    net.add("b", "add", "x a", (3, 8))
    net.add("y", "add", "p b", (3, 8))
    network = net.output("y")
    simplify_joins(network)
    assert listing(network)[2:] == ["add 1 x", "add 2 0"]


def test_parts_of_a_concatenation_are_what_was_joined() -> None:
    net = Network(x=(4, 6))
    for name in "ab":
        net.add(f"{name}b", "parameter", "", (3,), {"shape": [3]}, weights={f"={name}.bias": (3,)})
    net.add("c", "concat", "ab bb", (6,), {"axis": 0})
    net.add("s", "split", "c", [(3,), (3,)], {"parts": 2, "axis": 0})
    for number, name in enumerate("ab"):
        weights = {f"{name}.weight": (3, 6)}
        net.add(name, "dense", "x", (4, 3), {"units": 3}, weights=weights, computed={"bias": f"s.{number}"})
    net.add("y", "add", "a b", (4, 3))
    network = net.output("y")
    simplify_joins(network)
    assert [draft.operation for draft in network.drafts] == ["dense", "dense", "add"]
    assert [draft.weights for draft in network.drafts[:2]] == [
        {"weight": "a.weight", "bias": "a.bias"},
        {"weight": "b.weight", "bias": "b.bias"},
    ]
