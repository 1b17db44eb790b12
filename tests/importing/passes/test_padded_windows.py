"""Padding of windows, and pools over all positions, with tiny networks as data."""

from __future__ import annotations

from netspec.importing.passes.padded_windows import simplify_windows

from ..networks import Network, add_views, listing


def test_padding_of_windows() -> None:
    net = Network(x=(3, 8, 8))
    net.add("p", "pad", "x", (3, 9, 9), {"axis": [1, 2], "amount": [[0, 1], [0, 1]]})
    net.add("c", "conv2d", "p", (4, 4, 4), {"filters": 4, "kernel": [3, 3], "stride": [2, 2]})
    net.add("q", "pad", "c", (4, 6, 6), {"axis": [1, 2], "amount": [[1, 1], [1, 1]], "value": float("-inf")})
    net.add("m", "max_pool2d", "q", (4, 5, 5), {"size": [2, 2], "stride": 1})
    net.add("r", "pad", "m", (4, 7, 5), {"axis": [1], "amount": [[1, 1]], "mode": "reflect"})
    net.add("y", "conv2d", "r", (4, 6, 4), {"filters": 4, "kernel": [2, 2]})
    network = net.output("y")
    simplify_windows(network)
    assert listing(network) == [
        "conv2d x {'filters': 4, 'kernel': [3, 3], 'stride': [2, 2], 'padding': 'same'}",
        "max_pool2d 0 {'size': [2, 2], 'stride': 1, 'padding': [[1, 1], [1, 1]]}",
        "pad 1 {'axis': [1], 'amount': [[1, 1]], 'mode': 'reflect'}",
        "conv2d 2 {'filters': 4, 'kernel': [2, 2]}",
    ]


def test_one_spelling_of_padding_in_modules_of_a_class() -> None:
    net = Network(x=(3, 8, 8))
    net.add("p", "pad", "x", (3, 9, 9), {"axis": [1, 2], "amount": [[0, 1], [0, 1]]}, module="a a.conv")
    net.add("c", "conv2d", "p", (3, 4, 4), {"filters": 3, "kernel": 3, "stride": 2}, module="a a.conv")
    net.add("d", "conv2d", "c", (3, 4, 4), {"filters": 3, "kernel": 3, "padding": 1}, module="b b.conv")
    net.add("e", "conv2d", "d", (3, 2, 2), {"filters": 3, "kernel": 3, "stride": 2, "padding": 1}, module="c c.conv")
    net.add("y", "conv2d", "e", (3, 2, 2), {"filters": 3, "kernel": 3, "padding": 1}, module="d d.other")
    network = net.output("y")
    simplify_windows(network)
    assert [draft.arguments["padding"] for draft in network.drafts] == ["same", "same", 1, 1]


def test_global_pools() -> None:
    net = Network(x=(3, 8, 8))
    net.add("a", "adaptive_avg_pool2d", "x", (3, 1, 1), {"size": [1, 1]})
    add_views(net, "f", "a", (3,))
    net.add("b", "mean", "x", (3, 1, 1), {"axis": [1, 2], "keepdims": True})
    net.add("c", "max", "x", (3,), {"axis": [1, 2]})
    net.add("d", "mean", "x", (8,), {"axis": [0, 1]})
    add_views(net, "g", "b", (3,))
    net.add("y", "concat", "f g c d", (17,), {"axis": 0})
    network = net.output("y")
    simplify_windows(network)
    assert listing(network)[:4] == [
        "global_avg_pool x",
        "global_avg_pool x {'keepdims': True}",
        "global_max_pool x",
        "mean x {'axis': [0, 1]}",
    ]


def test_a_permuted_image_is_not_pooled_over_its_channels() -> None:
    net = Network(x=(3, 8, 8))
    add_views(net, "p", "x", "120")
    net.add("y", "mean", "p", (8,), {"axis": [1, 2]})
    network = net.output("y")
    simplify_windows(network)
    assert [draft.operation for draft in network.drafts] == ["permute", "mean"]
