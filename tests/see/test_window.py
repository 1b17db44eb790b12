"""One window of a layer: what it computes from the numbers under it is the layer's value in PyTorch."""

from __future__ import annotations

import itertools
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest
from numpy.typing import NDArray

import netspec_see as see
from netspec.diagnostics import Error
from netspec_picture.scene import Rect, Text
from netspec_see.number_grid import CELL, Outline, format_number, number_grid
from netspec_see.sheet_layout import Page
from netspec_see.window_subcommand import input_grid, sheet, text
from netspec_see.window_view import window
from tests.cli_support import ran

from .support import graph_of, picture

CONVOLUTIONS = [
    "{conv2d: 4, kernel: 3}",
    "{conv2d: 4, kernel: [3, 2], stride: [2, 3], padding: same}",
    "{conv2d: 6, kernel: 3, groups: 2, dilation: 2, padding: 1, bias: false}",
    "{conv2d: 2, kernel: 4, padding: 2, padding_mode: reflect}",
    "{conv2d: 2, kernel: 4, padding: 2, padding_mode: replicate}",
    "{conv2d: 2, kernel: 4, padding: 2, padding_mode: circular}",
    "{depthwise_conv2d: 3, multiplier: 2, stride: 2, padding: 1}",
    "{conv_transpose2d: 4, kernel: 3, stride: 2}",
    "{conv_transpose2d: 4, kernel: [3, 4], stride: [2, 3], padding: [1, 2], output_padding: [1, 0], groups: 2}",
    "{conv_transpose2d: 4, kernel: 3, stride: 2, dilation: 2, padding: same}",
]


def image_of(net: see.Network) -> NDArray[np.float32]:
    shape = net.graph.values[net.input[1]].shape
    return np.random.default_rng(0).random(shape, dtype=np.float32) - np.float32(0.3)


@pytest.mark.parametrize("layer", CONVOLUTIONS)
@pytest.mark.parametrize("layout", ["channels_first", "channels_last"])
def test_the_sum_of_products_is_the_value(layer: str, layout: str) -> None:
    shape = "[4, 7, 8]" if layout == "channels_first" else "[7, 8, 4]"
    net = see.network(graph_of(f"  conv: {layer[:-1]}, activation: tanh}}\n", shape, layout=layout), seed=1)
    image = image_of(net)
    view = window(net, "conv", image)
    rows, columns = view.output.shape
    assert rows * columns > 1
    for row, column, filter_ in itertools.product({0, rows // 2, rows - 1}, {0, columns // 3, columns - 1}, (0, 1)):
        view = window(net, "conv", image, (row, column), filter_)
        assert view.kernel is not None
        expected = float(np.nansum(view.kernel * view.under_window())) + (view.bias or 0)
        assert np.isclose(view.value, expected, atol=1e-5), (row, column, filter_)
        assert np.isclose(view.activated, np.tanh(view.value), atol=1e-5)


@pytest.mark.parametrize(
    ("layer", "combine"),
    [
        ("{max_pool2d: 2}", np.nanmax),
        ("{avg_pool2d: 2, stride: 3}", np.nanmean),
        ("{max_pool2d: 3, padding: 1}", np.nanmax),
    ],
)
def test_pooling(layer: str, combine: Callable[[NDArray[np.float32]], float]) -> None:
    net = see.network(graph_of(f"  pool: {layer}\n", "[2, 7, 8]"))
    image = image_of(net)
    for row, column in itertools.product(range(2), range(2)):
        view = window(net, "pool", image, (row, column), 1)
        assert view.kernel is None
        assert np.isclose(view.value, combine(view.under_window()), atol=1e-6)


def test_text_of_the_laplacian() -> None:
    spec = "  edges: {conv2d: 1, kernel: 3, padding: same, bias: false, init: [[0, 1, 0], [1, -4, 1], [0, 1, 0]]}\n"
    net = see.network(graph_of(spec, "[1, 3, 3]"))
    image = np.array([[[0.1, 0.2, 0.3], [0.4, 0.5, 0.6], [0.7, 0.8, 1.0]]], np.float32)
    assert list(text(window(net, "edges", image))) == [
        "edges, filter 0, row 1, column 1: reads rows 0 to 2, columns 0 to 2 of input",
        "  1 × 0.2 + 1 × 0.4 - 4 × 0.5 + 1 × 0.6 + 1 × 0.8 = 0",
    ]
    assert list(text(window(net, "edges", image, (0, 2)))) == [
        "edges, filter 0, row 0, column 2: reads rows -1 to 1, columns 1 to 3 of input",
        "  1 × 0.2 - 4 × 0.3 + 1 × 0.6 = -0.4",
    ]


def test_text_of_many_channels_with_bias_and_activation() -> None:
    net = see.network(graph_of("  conv: {conv2d: 1, kernel: 1, activation: relu, init: {constant: 1}}\n", "[6, 2, 2]"))
    view = window(net, "conv", np.full((6, 2, 2), -0.5, np.float32), (0, 0))
    assert list(text(view)) == [
        "conv, filter 0, row 0, column 0: reads rows 0, columns 0 of input",
        *(f"  channel {n}: 1 × -0.5 = -0.5" for n in range(4)),
        "  and so on for all 6 channels",
        f"  bias {format_number(view.bias or 0)}",
        f"  together {format_number(-3 + (view.bias or 0))}",
        "  relu makes it 0",
    ]


@pytest.mark.parametrize(
    ("layer", "position", "message"),
    [
        ("flatten", None, "error[NS817]: layer 'flatten' (flatten) has no single window over height and width\n  = help: layers with windows: conv, pool"),
        ("sep", None, "error[NS817]: layer 'sep' (separable_conv2d) has no single window over height and width\n  = help: layers with windows: conv, pool"),
        ("pool", (0, 5), "error[NS817]: layer 'pool' has rows 0 to 4 and columns 0 to 4; found row 0, column 5"),
        ("none", None, "error[NS801]: there is no layer 'none' in 'net'\n  = help: layers: conv, pool, sep, flatten"),
    ],
)  # fmt: skip
def test_failures(layer: str, position: tuple[int, int] | None, message: str) -> None:
    layers = "  conv: {conv2d: 2, kernel: 3}\n  pool: {max_pool2d: 2}\n  sep: {separable_conv2d: 2, kernel: 1}\n  flatten: flatten\n"
    net = see.network(graph_of(layers))
    with pytest.raises(Error) as raised:
        window(net, layer, image_of(net), position)
    assert str(raised.value) == message


def test_a_filter_that_there_is_not() -> None:
    net = see.network(graph_of("  conv: {conv2d: 2, kernel: 3}\n"))
    with pytest.raises(Error) as raised:
        window(net, "conv", image_of(net), None, 2)
    assert str(raised.value) == "error[NS802]: layer 'conv' has filters 0 to 1; found 2"


@pytest.mark.parametrize(
    ("value", "expected"),
    [(float("nan"), "?"), (0.0, "0"), (-0.001, "0"), (0.5, "0.5"), (-1.654, "-1.65"), (12.0, "12"), (123456.0, "1.23e+05")],
)  # fmt: skip
def test_numbers(value: float, expected: str) -> None:
    assert format_number(value) == expected


def test_a_grid_of_numbers() -> None:
    values = np.array([[0, 1], [np.nan, 0.5]], np.float32)
    grid = number_grid(values, [Outline(0, 1, 1, 2, "#ff0000", 1)], Page())
    assert (grid.width, grid.height) == (2 * CELL + 2, 2 * CELL + 2)
    *cells, outline = [shape for shape in grid.shapes if isinstance(shape, Rect)]
    assert [cell.fill for cell in cells] == ["#464646", "#ffffff", "#ffffff", "#a2a2a2"], (
        "dark to light; padding is white"
    )
    assert (outline.x, outline.y, outline.width) == (1 + CELL, 1, CELL)
    assert [shape.text for shape in grid.shapes if isinstance(shape, Text)] == ["0", "1", "?", "0.5"]


@pytest.mark.parametrize(("shape", "cells"), [("[1, 8, 8]", 10), ("[1, 64, 64]", 5)])
def test_pictures_of_small_and_large_maps(shape: str, cells: int) -> None:
    """A small map is drawn whole with its padding, a large one around the window."""
    net = see.network(graph_of("  conv: {conv2d: 1, kernel: 3, padding: 1}\n", shape))
    view = window(net, "conv", image_of(net), (0, 0))
    grid, _ = input_grid(view, view.inputs[0], 2)
    assert grid.shape == (cells, cells)
    scene = sheet(view, Page(width=240))
    assert all(shape.size >= 6 for shape in scene.shapes if isinstance(shape, Text))


def test_command(tmp_path: Path) -> None:
    image = picture(tmp_path / "image.png", (16, 16), mode="L")
    out = tmp_path / "window.png"
    status, printed, errors = ran(
        "see", "window", "stride", "stride3", "--image", str(image), "--at", "1,2", "-o", str(out)
    )
    assert status == 0, errors
    assert printed.startswith("stride3, filter 0, row 1, column 2: reads rows 3 to 5, columns 6 to 8 of input\n")
    assert printed.endswith(f"wrote {out}\n")
    assert out.read_bytes().startswith(b"\x89PNG")
    status, printed, errors = ran("see", "window", "stride", "stride3", "--image", str(image), "--at", "1")
    assert status == 2
    assert "argument --at: '1' is not a position: a row and a column, such as 3,5" in errors
