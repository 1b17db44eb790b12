"""Feature maps as pictures: their scale, their sign, their size."""

from __future__ import annotations

import numpy as np
import pytest

from netspec.diagnostics import Error
from netspec_see.activation_maps import Activation
from netspec_see.result_sheets import activations_sheet
from netspec_see.tiles import map_tiles

IMAGE = np.zeros((6, 4, 1), np.float32)


def test_maps_without_negative_values_begin_at_black() -> None:
    (tile,) = map_tiles(np.array([[[0, 1], [2, 4]]], np.float32))
    assert tile[0, 0].tolist() == [0, 0, 3], "the first colour of magma"
    assert tile[1, 1].tolist() == [251, 252, 191], "its last"


def test_signed_maps_have_zero_in_the_middle() -> None:
    """Such as those of the Laplacian: dark where the value is negative, light where it is positive."""
    first, second = map_tiles(np.array([[[0, -1]], [[2, 1]]], np.float32))
    assert first[0, :, 0].tolist() == [128, 64]
    assert second[0, :, 0].tolist() == [255, 192]


def test_a_map_at_its_own_size() -> None:
    maps = [Activation("conv", np.ones((2, 6, 4), np.float32), True)]
    sheet = activations_sheet("title", IMAGE, maps, [(0, 1)], 1)
    assert sheet.rows[0][0].picture.shape == (6, 4, 3)
    assert sheet.rows[1][0].picture.shape == (6, 4 + 4 + 4, 3), "two maps and the gap between them"
    sheet = activations_sheet("title", IMAGE, maps, [(1,)], 3)
    assert sheet.rows[1][0].picture.shape == (18, 12, 3)


def test_the_caption_says_what_grey_means() -> None:
    values = np.array([[[1, -1]]], np.float32)
    (panel,) = activations_sheet("title", IMAGE, [Activation("conv", values, True)], [(0,)]).rows[1]
    assert panel.above == "conv   1×2, 0 of 1 filters, 0% zeros, zero is grey"
    (panel,) = activations_sheet("title", IMAGE, [Activation("conv", np.abs(values), True)], [(0,)]).rows[1]
    assert panel.above == "conv   1×2, 0 of 1 filters, 0% zeros"


def test_a_picture_that_is_too_large() -> None:
    maps = [Activation("conv", np.ones((2, 6, 4), np.float32), True)]
    with pytest.raises(Error) as raised:
        activations_sheet("title", IMAGE, maps, [(0, 1)], 10_000)
    assert str(raised.value) == (
        "error[NS808]: the picture would have more than 67,108,864 pixels\n"
        "  = help: a smaller --size, or fewer --layers and --filter"
    )
