"""Attention, with tiny networks as data."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest

from netspec.importing.passes.attention import simplify_attention

from ..networks import Network, add_views, listing


def add_fused_heads(net: Network, heads: int = 2, width: int = 4, count: int = 5) -> None:
    """q, k, v of (heads, positions, features) from one tensor, as timm does it."""
    add_views(net, "parts", "x", (count, 3, heads, width), "1203")
    for number, name in enumerate("qkv"):
        net.add(name, "select", "parts", (heads, count, width), {"axis": 0, "index": number})


def test_heads_of_one_tensor() -> None:
    net = Network(x=(5, 24))
    add_fused_heads(net)
    net.add("a", "dot_product_attention", "q k v", (2, 5, 4), {"heads": 1})
    add_views(net, "y", "a", "102", (5, 8))
    network = net.output("y")
    simplify_attention(network)
    assert listing(network) == ["split x {'parts': 3, 'axis': 1}", "dot_product_attention 0.0 0.1 0.2 {'heads': 2}"]


def test_attention_that_is_written_out() -> None:
    net = Network(x=(5, 24), m=(1, 1, 5, 5))
    add_fused_heads(net)
    add_views(net, "kt", "k", "021")
    net.add("s", "matmul", "q kt", (2, 5, 5))
    net.add("t", "rescale", "s", (2, 5, 5), {"factor": 0.25})
    net.add("u", "add", "t m", (2, 5, 5))
    net.add("p", "softmax", "u", (2, 5, 5), {"axis": 2})
    net.add("a", "matmul", "p v", (2, 5, 4))
    add_views(net, "y", "a", "102", (5, 8))
    network = net.output("y")
    simplify_attention(network)
    assert listing(network) == [
        "split x {'parts': 3, 'axis': 1}",
        "reshape m {'shape': [5, 5]}",
        "dot_product_attention 0.0 0.1 0.2 {'heads': 2, 'scale': 0.25, 'mask': '1'}",
    ]


def test_scores_that_are_bounded() -> None:
    net = Network(q=(5, 4), k=(5, 4), v=(5, 4), m=(5, 5))
    add_views(net, "kt", "k", "10")
    net.add("s", "matmul", "q kt", (5, 5))
    net.add("t", "rescale", "s", (5, 5), {"factor": 0.5 / 30})
    net.add("h", "tanh", "t", (5, 5))
    net.add("c", "rescale", "h", (5, 5), {"factor": 30.0})
    net.add("u", "add", "c m", (5, 5))
    net.add("p", "softmax", "u", (5, 5), {"axis": 1})
    net.add("y", "matmul", "p v", (5, 4))
    network = net.output("y")
    simplify_attention(network)
    assert listing(network) == ["dot_product_attention q k v {'heads': 1, 'cap': 30.0, 'mask': 'm'}"]


@pytest.mark.parametrize(("table", "arguments"), [
    (np.where(np.tri(5, dtype=bool), 0, -np.inf), "{'heads': 1, 'causal': True}"),
    (np.tri(5, dtype=bool), "{'heads': 1, 'causal': True}"),
    (np.zeros((1, 1, 5, 5)), "{'heads': 1}"),
    (np.tri(5, dtype=bool) & ~np.tri(5, k=-3, dtype=bool), "{'heads': 1, 'causal': True, 'window': 3}"),
    (np.tri(5, k=1, dtype=bool) & ~np.tri(5, k=-2, dtype=bool), "{'heads': 1, 'window': 2}"),
    (np.tri(5, k=1, dtype=bool) & ~np.tri(5, k=-3, dtype=bool), "{'heads': 1, 'mask': '0'}"),
    (np.tri(5), "{'heads': 1, 'mask': '0'}"),
    (np.tri(5, k=1, dtype=bool), "{'heads': 1, 'mask': '0'}"),
])  # fmt: skip
def test_masks(table: np.ndarray[Any, Any], arguments: str) -> None:
    net = Network(x=(5, 8))
    net.add("m", "buffer", "", table.shape, {"shape": list(table.shape)}, weights={"=mask": table.shape})
    net.add("y", "dot_product_attention", "x x x", (5, 8), {"heads": 1, "mask": "m"})
    network = net.output("y")
    network.tables["mask"] = table
    simplify_attention(network)
    assert listing(network)[-1] == f"dot_product_attention x x x {arguments}"


def test_heads_of_key_and_value_that_several_of_the_query_share() -> None:
    net = Network(q=(5, 16), k=(5, 8), v=(5, 8))
    add_views(net, "qh", "q", (5, 4, 4), "102")
    for name in "kv":
        add_views(net, f"{name}h", name, (5, 2, 4), "102", (2, 1, 5, 4))
        net.add(f"{name}e", "expand", f"{name}h", (2, 2, 5, 4), {"shape": [2, 2, 5, 4]})
        add_views(net, f"{name}r", f"{name}e", (4, 5, 4))
    net.add("a", "dot_product_attention", "qh kr vr", (4, 5, 4), {"heads": 1})
    add_views(net, "y", "a", "102", (5, 16))
    network = net.output("y")
    simplify_attention(network)
    assert listing(network) == ["dot_product_attention q k v {'heads': 4, 'kv_heads': 2}"]


def test_heads_in_another_order_stay_views() -> None:
    net = Network(x=(5, 8))
    add_views(net, "h", "x", (5, 4, 2), "201")  # features of a head are not next to each other
    net.add("a", "dot_product_attention", "h h h", (2, 5, 4), {"heads": 1})
    add_views(net, "y", "a", "102", (5, 8))
    network = net.output("y")
    simplify_attention(network)
    assert [draft.operation for draft in network.drafts] == [
        "reshape", "permute", "dot_product_attention", "permute", "reshape",
    ]  # fmt: skip
