"""Views and slices, with tiny networks as data."""

from __future__ import annotations

import pytest

from netspec.importing.passes.view_chains import simplify_shapes
from netspec.shapes.named_sizes import NamedDim, NamedSizes

from ..networks import Network, add_views, listing


@pytest.mark.parametrize(("steps", "lines"), [
    (["210", "210"], []),
    (["120", "120"], ["permute x {'order': [2, 0, 1]}"]),
    ([(6, 20), (120,)], ["flatten x"]),
    ([(6, 20), (6, 4, 5)], []),
    ([(6, 20)], ["flatten x {'start': 1}"]),
    ([(24, 5)], ["flatten x {'start': 0, 'end': 1}"]),
    ([(5, 24)], ["reshape x {'shape': [5, 24]}"]),
    ([(2, 3, 4, 5), "1023", (6, 4, 5)], ["channel_shuffle x {'groups': 2, 'axis': 0}"]),
    ([(6, 1, 4, 5), "1023", (6, 4, 5)],
     ["reshape x {'shape': [6, 1, 4, 5]}", "permute 0 {'order': [1, 0, 2, 3]}", "flatten 1 {'start': 0, 'end': 1}"]),
])  # fmt: skip
def test_views(steps: list[tuple[int, ...] | str], lines: list[str]) -> None:
    net = Network(x=(6, 4, 5))
    add_views(net, "y", "x", *steps)
    network = net.output("y")
    simplify_shapes(network)
    assert listing(network) == lines


@pytest.mark.parametrize(("shape", "steps", "line"), [
    ((8, 3, 5), [(2, 2, 2, 3, 5), "03142", (2, 6, 10)], "pixel_shuffle x {'factor': 2}"),
    ((2, 6, 10), [(2, 3, 2, 5, 2), "02413", (8, 3, 5)], "pixel_unshuffle x {'factor': 2}"),
])  # fmt: skip
def test_pixel_shuffles(shape: tuple[int, ...], steps: list[tuple[int, ...] | str], line: str) -> None:
    net = Network(x=shape)
    add_views(net, "y", "x", *steps)
    network = net.output("y")
    simplify_shapes(network)
    assert listing(network) == [line]


def test_slices_along_two_axes_and_what_does_nothing() -> None:
    net = Network(x=(6, 8, 5))
    net.add("a", "slice", "x", (6, 4, 5), {"axis": 1, "step": 2})
    net.add("b", "slice", "a", (6, 4, 3), {"axis": 2, "start": 1, "stop": 4})
    net.add("c", "dropout", "b", (6, 4, 3), {"rate": 0.0})
    net.add("y", "relu", "c", (6, 4, 3))
    network = net.output("y")
    simplify_shapes(network)
    assert listing(network) == [
        "slice x {'axis': [1, 2], 'start': [0, 1], 'stop': [8, 4], 'step': [2, 1]}",
        "relu 0",
    ]


def test_channels_are_shuffled_at_any_size() -> None:
    size = NamedSizes([NamedDim("H", 8)]).size("H")
    net = Network(x=(6, size, 4))
    net.add("a", "reshape", "x", (2, 3, size, 4), {"shape": [2, 3, size, 4]})
    net.add("b", "permute", "a", (3, 2, size, 4), {"order": [1, 0, 2, 3]})
    net.add("y", "reshape", "b", (6, size, 4), {"shape": [6, size, 4]})
    network = net.output("y")
    simplify_shapes(network)
    assert listing(network) == ["channel_shuffle x {'groups': 2, 'axis': 0}"]
