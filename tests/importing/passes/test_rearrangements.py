"""Views that are one pattern of ``rearrange``, with tiny networks as data."""

from __future__ import annotations

from typing import Any

import pytest

from netspec.importing.assemble import assemble
from netspec.importing.passes.rearrangements import simplify_patterns

from ..networks import Network, add_views, listing


@pytest.mark.parametrize(("shape", "steps", "arguments"), [
    ((56, 28, 6), [(8, 7, 4, 7, 6), "02134", (32, 49, 6)],
     {"pattern": "(y p) (x q) c -> (y x) (p q) c", "p": 7, "q": 7}),
    ((64, 49, 6), [(8, 8, 7, 7, 6), "02134", (56, 56, 6)],
     {"pattern": "(y x) (p q) c -> (y p) (x q) c", "y": 8, "p": 7}),
    ((10, 12), [(10, 3, 4), "102", (30, 4)], {"pattern": "n (h d) -> (h n) d", "d": 4}),
    ((10, 12), [(10, 3, 4), "102"], {"pattern": "n (h d) -> h n d", "d": 4}),
    ((3, 10, 4), ["102", (10, 12)], {"pattern": "h n d -> n (h d)"}),
    ((6, 5, 7), [(6, 35), "10"], {"pattern": "c h w -> (h w) c"}),
    ((35, 6), [(5, 7, 6), "201"], {"pattern": "(h w) c -> c h w", "w": 7}),
    ((9, 5, 7, 6), [(9, 35, 2, 3), "0213"], {"pattern": "a b e (h d) -> a h (b e) d", "d": 3}),
    ((35, 6), ["10", (6, 5, 7)], {"pattern": "(h w) c -> c h w", "w": 7}),
])  # fmt: skip
def test_patterns(shape: tuple[int, ...], steps: list[tuple[int, ...] | str], arguments: dict[str, Any]) -> None:
    net = Network(x=shape)
    add_views(net, "y", "x", *steps)
    network = net.output("y")
    simplify_patterns(network)
    assert [(draft.operation, draft.arguments) for draft in network.drafts] == [("rearrange", arguments)]
    assemble(network, {})  # the language gives the same shape


@pytest.mark.parametrize(("shape", "steps", "lines"), [
    ((7, 7, 6), [(1, 7, 1, 7, 6), "02134", (1, 49, 6)], ["reshape x {'shape': [1, 49, 6]}"]),
    ((7, 7, 6), [(1, 7, 1, 7, 6), "02134", (49, 6)], ["flatten x {'start': 0, 'end': 1}"]),
])  # fmt: skip
def test_one_window_is_no_pattern(shape: tuple[int, ...], steps: list[tuple[int, ...] | str], lines: list[str]) -> None:
    net = Network(x=shape)
    add_views(net, "y", "x", *steps)
    network = net.output("y")
    simplify_patterns(network)
    assert listing(network) == lines


def test_axes_of_size_one_make_no_pattern() -> None:
    net = Network(x=(12, 32))
    add_views(net, "y", "x", (12, 2, 16), "102", (2, 1, 12, 16))
    network = net.output("y")
    simplify_patterns(network)
    assert [draft.operation for draft in network.drafts] == ["reshape", "permute", "reshape"]


def test_an_axis_that_crosses_a_border_is_no_pattern() -> None:
    net = Network(x=(6, 4))
    add_views(net, "y", "x", (4, 6), "10", (3, 8))
    network = net.output("y")
    simplify_patterns(network)
    assert [draft.operation for draft in network.drafts] == ["reshape", "permute", "reshape"]
