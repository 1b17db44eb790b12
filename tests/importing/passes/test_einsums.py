"""Axes that a product divides and merges, with tiny networks as data."""

from __future__ import annotations

import pytest

from netspec.importing.passes.einsums import Group, merged_axes, simplify_einsums

from ..networks import Network, listing


def test_groups() -> None:
    net = Network(q=(5, 12), k=(7, 12))
    net.add("a", "reshape", "q", (5, 4, 3), {"shape": [5, 4, 3]})
    net.add("b", "reshape", "k", (7, 4, 3), {"shape": [7, 4, 3]})
    net.add("c", "einsum", "a b", (4, 5, 7), {"pattern": "q h d, k h d -> h q k"})
    net.add("d", "einsum", "c b", (5, 4, 3), {"pattern": "h q k, k h d -> q h d"})
    net.add("y", "flatten", "d", (5, 12), {"axis": 1})
    network = net.output("y")
    simplify_einsums(network)
    assert listing(network) == [
        "reshape k {'shape': [7, 4, 3]}",
        "einsum q 0 {'pattern': 'q (h d), k h d -> h q k'}",
        "einsum 1 0 {'pattern': 'h q k, k h d -> q (h d)'}",
    ]


def test_permutations_of_products() -> None:
    net = Network(q=(5, 4, 3), k=(4, 7, 3))
    net.add("a", "permute", "q", (4, 5, 3), {"order": [1, 0, 2]})
    net.add("b", "permute", "k", (4, 3, 7), {"order": [0, 2, 1]})
    net.add("c", "matmul", "a b", (4, 5, 7))
    net.add("s", "softmax", "c", (4, 5, 7), {"axis": 2})
    net.add("d", "matmul", "s k", (4, 5, 3))
    net.add("y", "permute", "d", (5, 4, 3), {"order": [1, 0, 2]})
    network = net.output("y")
    simplify_einsums(network)
    assert listing(network) == [
        "einsum q k {'pattern': 'a b c, b d c -> b a d'}",
        "softmax 0 {'axis': 2}",
        "einsum 1 k {'pattern': 'a b c, a c d -> b a d'}",
    ]


def test_what_is_read_twice_stays() -> None:
    net = Network(q=(5, 12), k=(7, 4, 3))
    net.add("a", "reshape", "q", (5, 4, 3), {"shape": [5, 4, 3]})
    net.add("c", "einsum", "a k", (4, 5, 7), {"pattern": "q h d, k h d -> h q k"})
    net.add("r", "relu", "a", (5, 4, 3))
    network = net.output("c", "r")
    before = listing(network)
    simplify_einsums(network)
    assert listing(network) == before


@pytest.mark.parametrize(
    ("divided", "merged", "axes"),
    [
        ((5, 4, 3), (5, 12), Group(1, 3, (4, 3))),
        ((4, 3, 5), (12, 5), Group(0, 2, (4, 3))),
        ((2, 3, 4), (24,), Group(0, 3, (2, 3, 4))),
        ((5, 1, 3), (5, 3), None),
        ((5, 4, 3), (10, 6), None),
        ((5, 12), (5, 4, 3), None),
    ],
)
def test_merged_axes(divided: tuple[int, ...], merged: tuple[int, ...], axes: Group | None) -> None:
    assert merged_axes(divided, merged) == axes
