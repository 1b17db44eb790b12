"""Kernels: the weights of the layer, and their pixels."""

from __future__ import annotations

import numpy as np
import pytest
import torch

import netspec_see as see
from netspec_see.result_sheets import filters_sheet
from netspec_see.tiles import PAPER, grid, kernel_tiles, resize_to_side

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


def test_pixels_of_a_known_kernel() -> None:
    laplacian = np.array([[0, 1, 0], [1, -4, 1], [0, 1, 0]], np.float32)
    ((tile,),) = kernel_tiles(laplacian[None, None])
    # The greatest absolute weight is negative, hence black; zero is mid-grey; a quarter of it is on the other side.
    middle, quarter = round(0.5 * 255), round((0.5 + 0.5 / 4) * 255)
    expected = np.array([[middle, quarter, middle], [quarter, 0, quarter], [middle, quarter, middle]])
    assert (tile == expected[:, :, None]).all()


def test_three_channels_are_colours() -> None:
    kernel = np.zeros((1, 3, 1, 2), np.float32)
    kernel[0, :, 0, 0] = [1, 0, -1]
    ((tile,),) = kernel_tiles(kernel)
    assert tile.tolist() == [[[255, 128, 0], [128, 128, 128]]]


def test_zero_kernel_is_grey() -> None:
    ((tile,),) = kernel_tiles(np.zeros((1, 1, 2, 2), np.float32))
    assert (tile == 128).all()


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
    """Each weight of a known layer is a square of its grey at its position in the picture."""
    kernels = np.random.default_rng(0).standard_normal((4, 1, 3, 3)).astype(np.float32)
    image = np.asarray(filters_sheet(see.Filters("conv", (0, 1, 2, 3), kernels)).render())
    tiles = [resize_to_side(row[0], 64) for row in kernel_tiles(kernels)]
    requested = grid(tiles, 4, 2)
    height, width = requested.shape[:2]
    places = [
        (y, x)
        for y in range(image.shape[0] - height + 1)
        for x in range(image.shape[1] - width + 1)
        if (image[y : y + height, x : x + width] == requested).all()
    ]
    assert len(places) == 1
