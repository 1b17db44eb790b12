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
    given = {"shape": list(table.shape)} | ({"dtype": "bool"} if table.dtype == bool else {})
    net.add("m", "buffer", "", table.shape, given, weights={"=mask": table.shape})
    net.add("y", "dot_product_attention", "x x x", (5, 8), {"heads": 1, "mask": "m"})
    network = net.output("y")
    network.tables["mask"] = table
    simplify_attention(network)
    assert listing(network)[-1] == f"dot_product_attention x x x {arguments}"


CAUSAL, NO_KEY = np.tri(5, dtype=bool), np.tri(5, k=-1, dtype=bool)


@pytest.mark.parametrize(("table", "number", "again", "arguments"), [
    (CAUSAL, -3.4e38, False, "{'heads': 1, 'scale': 1.0, 'causal': True}"),
    (CAUSAL, -3.4e38, True, "{'heads': 1, 'scale': 1.0, 'causal': True}"),
    (CAUSAL[::-1], -1e9, False, "{'heads': 1, 'scale': 1.0, 'mask': '0'}"),
    (NO_KEY, -1e9, True, "{'heads': 1, 'scale': 1.0, 'mask': '0'}"),
    (NO_KEY, -1e9, False, None),  # the first query weighs all keys alike
    (CAUSAL, -5.0, False, None),  # keys that are only less likely
])  # fmt: skip
def test_keys_that_are_excluded_by_choice(
    table: np.ndarray[Any, Any], number: float, again: bool, arguments: str | None
) -> None:
    net = Network(q=(5, 4), k=(5, 4), v=(5, 4))
    add_views(net, "kt", "k", "10")
    net.add("s", "matmul", "q kt", (5, 5))
    net.add("m", "buffer", "", (5, 5), {"shape": [5, 5], "dtype": "bool"}, weights={"=mask": (5, 5)})
    for name, init in (("low", {"constant": number}), ("zero", "zeros")):
        net.add(name, "buffer", "", (), {"shape": [], "init": init, "persistent": False})
    choice = {"expression": "$(x1 if x0 else x2)"}
    net.add("c", "formula", "m s low", (5, 5), choice)
    net.add("p", "softmax", "c", (5, 5), {"axis": 1})
    net.add("w", "formula", "m p zero", (5, 5), choice)
    net.add("y", "matmul", "w v" if again else "p v", (5, 4))
    network = net.output("y")
    network.tables["mask"] = table
    simplify_attention(network)
    expected = "matmul" if arguments is None else f"dot_product_attention q k v {arguments}"
    assert listing(network)[-1].startswith(expected)


def test_keys_that_positions_exclude() -> None:
    """As exporters write it for any number of positions, with a table of biases added before."""
    net = Network(q=(5, 4), k=(5, 4), v=(5, 4), bias=(5, 5))
    add_views(net, "kt", "k", "10")
    net.add("s", "matmul", "q kt", (5, 5))
    net.add("b", "add", "s bias", (5, 5))
    net.add("i", "formula", "", (5,), {"expression": "$(position)", "for": {"position": 5}, "dtype": "int64"})
    net.add("rows", "unsqueeze", "i", (5, 1), {"axis": 1})
    net.add("m", "formula", "rows i", (5, 5), {"expression": "$(x0 >= x1)"})
    net.add("c", "formula", "m b", (5, 5), {"expression": "$(x1 if x0 else (-inf))"})
    net.add("p", "softmax", "c", (5, 5), {"axis": 1})
    net.add("y", "matmul", "p v", (5, 4))
    network = net.output("y")
    simplify_attention(network)
    assert listing(network) == [
        "dot_product_attention q k v {'heads': 1, 'scale': 1.0, 'mask': 'bias', 'causal': True}"
    ]


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
