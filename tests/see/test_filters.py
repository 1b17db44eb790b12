"""Kernels: the weights of the layer, and their pixels."""

from __future__ import annotations

from io import BytesIO

import numpy as np
import pytest
import torch
from PIL import Image

import netspec_see as see
from netspec_picture.png import to_png
from netspec_picture.scene import Bitmap
from netspec_see.result_sheets import filters_sheet
from netspec_see.sheet_layout import Page
from netspec_see.tile_grid import columns_for
from netspec_see.tiles import PAPER, colour_kernel, grid

from .support import graph_of


def test_kernels_are_the_weights() -> None:
    graph = graph_of("  conv: {conv2d: 4, kernel: 3}\n")
    weight = torch.randn(4, 3, 3, 3)
    net = see.network(graph, weights={"conv.weight": weight, "conv.bias": torch.zeros(4)})
    assert (see.filters(net, "conv").kernels == weight.numpy()).all()
    result = see.filters(net, "conv", [2, 0])
    assert result.numbers == (2, 0)
    assert (result.kernels == weight[[2, 0]].numpy()).all()


def test_transposed_in_groups_filter_by_filter() -> None:
    graph = graph_of("  up: {conv_transpose2d: 6, kernel: 2, groups: 2, bias: false}\n", "[4, 5, 5]")
    weight = torch.randn(4, 3, 2, 2)
    net = see.network(graph, weights={"up.weight": weight})
    kernels = see.filters(net, "up").kernels
    assert kernels.shape == (6, 2, 2, 2)
    module = torch.nn.ConvTranspose2d(4, 6, 2, groups=2, bias=False)
    module.weight.data = weight
    for filter_, group in ((1, 0), (5, 1)):
        for i in range(2):
            x = torch.zeros(1, 4, 1, 1)
            x[0, 2 * group + i] = 1
            answer = module(x)[0, filter_].detach().numpy()
            assert (kernels[filter_, i] == answer).all()


@pytest.mark.parametrize(
    ("layer", "shape", "planes"),
    [
        ("{conv1d: 4, kernel: 3}", "[2, 9]", (4, 2, 1, 3)),
        ("{conv3d: 4, kernel: [2, 3, 5]}", "[2, 9, 9, 9]", (4, 4, 3, 5)),
        ("{depthwise_conv2d: 3, multiplier: 2}", "[2, 9, 9]", (4, 1, 3, 3)),
        ("{separable_conv2d: 5, kernel: 3}", "[2, 9, 9]", (2, 1, 3, 3)),
    ],
)
def test_axes(layer: str, shape: str, planes: tuple[int, ...]) -> None:
    net = see.network(graph_of(f"  conv: {layer}\n", shape))
    assert see.filters(net, "conv").kernels.shape == planes


def test_three_channels_are_colours() -> None:
    kernel = np.zeros((3, 1, 2), np.float32)
    kernel[:, 0, 0] = [1, 0, -1]
    assert colour_kernel(kernel, 1.0).tolist() == [[[255, 128, 0], [128, 128, 128]]]


def test_grid_places_tiles() -> None:
    tiles = [np.full((2, 3, 3), n, np.uint8) for n in (10, 20, 30)]
    result = grid(tiles, 2, gap=1)
    assert result.shape == (5, 7, 3)
    assert (result[:2, :3] == 10).all()
    assert (result[:2, 4:] == 20).all()
    assert (result[3:, :3] == 30).all()
    assert (result[2] == PAPER).all()
    assert (result[:, 3] == PAPER).all()
    assert (result[3:, 4:] == PAPER).all()


def test_sheet_holds_every_weight() -> None:
    """Each weight of a known layer is a square of its grey in the file, to the pixel; zero is mid-grey."""
    kernels = np.array([[[[0, 1, 0], [1, -4, 1], [0, 1, 0]]]], np.float32).repeat(9, 0)
    kernels[1:] *= np.arange(8).reshape(8, 1, 1, 1) / 8
    page = Page()
    scene = filters_sheet(see.Filters("conv", tuple(range(9)), kernels), page)
    bitmap = next(shape for shape in scene.shapes if isinstance(shape, Bitmap))
    left, top = bitmap.x / page.pixel, bitmap.y / page.pixel
    assert (left, top) == (int(left), int(top))
    with Image.open(BytesIO(to_png(scene, page.dpi))) as image:
        pixels = np.asarray(image)[int(top) :, int(left) :, 0]
    side = np.flatnonzero((pixels[:3] == 255).all(0))[0] // 3
    for i, kernel in enumerate(kernels[:3]):
        tile = pixels[: 3 * side, i * (3 * side + 4) :][:, : 3 * side]
        grey = np.floor((kernel[0] / 4 * 0.5 + 0.5) * 256).clip(0, 255)  # of 256 greys, as Matplotlib divides them
        assert np.abs(tile - grey.repeat(side, 0).repeat(side, 1)).max() <= 1  # of 255, by rounding


@pytest.mark.parametrize(
    ("count", "columns"), [(6, 6), (8, 8), (9, 9), (10, 10), (12, 6), (16, 8), (64, 8), (96, 12), (128, 16), (256, 16)]
)
def test_columns(count: int, columns: int) -> None:
    assert columns_for(count) == columns


def test_uneven_columns() -> None:
    for count in range(1, 600):
        columns = columns_for(count)
        assert count <= 8 or columns <= count <= columns * columns * 2
        assert -(-count // columns) * columns - count < columns
