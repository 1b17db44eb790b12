"""Windows along a given axis, and padding that removes: shapes, what is read, and what is rejected."""

from __future__ import annotations

import numpy as np
import pytest

import netspec
from netspec.ir.axis_order import channels_first
from netspec.shapes.types import TensorType

from .support import dependence, make, shape_error

TOKENS = TensorType((9, 4), "float32", ("sequence", "channels"))


def test_windows_along_the_first_axis() -> None:
    built = make("conv1d", TOKENS, filters=6, kernel=3, stride=2, axis="sequence")
    assert (built.shape, built.axes) == ((4, 6), ("sequence", "channels"))
    assert built.shapes == {"weight": (6, 4, 3), "bias": (6,)}
    other = make("conv1d", (4, 9), filters=6, kernel=3, stride=2, axis=1)
    assert (other.shape, other.macs) == ((6, 4), built.macs)
    assert (dependence(built) == dependence(other).transpose(1, 0, 3, 2)).all()
    assert make("max_pool1d", TOKENS, size=3, axis=0).shape == (3, 4)
    assert make("adaptive_max_pool1d", TOKENS, size=3, axis=-2).shape == (3, 4)
    unnamed = TensorType((4, 9), "float32", ("", ""))
    assert make("conv1d", unnamed, filters=6, kernel=3, channels_last=True, axis=1).shape == (6, 7)


def test_several_window_axes_have_none() -> None:
    assert shape_error("conv2d", (3, 8, 8), filters=4, kernel=3, axis=1) == (
        "NS504: 'axis' is for one window axis; 'conv2d' has 2"
    )


def test_permutes_stand_around_the_layer() -> None:
    graph = netspec.loads(
        "netspec: 1\ninput: {shape: [9, 4], axes: [sequence, features]}\nlayers:\n"
        "  a: {dense: 4}\n  b: {conv1d: 6, kernel: 3, axis: sequence, activation: relu}\n  c: {dense: 2}\n"
    )
    names = ["a", "b.channels_first", "b", "b.channels_last", "b.activation", "c"]
    rewritten = channels_first(graph)
    assert [node.name for node in rewritten.nodes] == names
    assert [node.outputs[0].shape for node in rewritten.nodes][1:4] == [(4, 9), (6, 7), (7, 6)]
    assert [rewritten.values[v] for v in rewritten.outputs.values()] == [
        graph.values[v] for v in graph.outputs.values()
    ]


def test_padding_that_removes() -> None:
    built = make("pad", (2, 6, 5), amount=[[-2, 1], [0, -3]])
    assert built.shape == (2, 5, 2)
    seen = dependence(built)
    assert seen[0, 0, 0].nonzero() == (np.array([0]), np.array([2]), np.array([0]))
    assert shape_error("pad", (2, 3), amount=[-2, -1], axis=1).startswith(
        "NS551: 'pad' must leave something of channels"
    )
    assert shape_error("pad", (2, 3), amount=[-1, 1], axis=1, mode="reflect").startswith(
        "NS550: 'pad' removes positions"
    )


@pytest.mark.parametrize("amount", [[-3, 4], [-4, 9]])
def test_padding_keeps_something_of_the_input(amount: list[int]) -> None:
    assert shape_error("pad", (2, 3), amount=amount, axis=1).startswith("NS551")
