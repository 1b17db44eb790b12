"""The tables of windowed attention against torchvision's Swin Transformers."""

from __future__ import annotations

import math
from typing import Any

import numpy as np
import pytest
import torch

from netspec.ops.weight import Init
from netspec.weights import initial_values
from netspec.weights.initialisers import PIECE

from ..vision import torchvision
from .support import parameter

torch.set_num_threads(1)
swin: Any = torchvision().models.swin_transformer
volumes: Any = torchvision().models.video.swin_transformer
pooling: Any = torchvision().models.video.mvit

WINDOWS = [(7, 7), (8, 8), (2, 3), (4, 2), (12, 12)]


@pytest.mark.parametrize("window", WINDOWS, ids=str)
def test_relative_position_index(window: tuple[int, int]) -> None:
    theirs = swin.ShiftedWindowAttention(8, list(window), [0, 0], 2).relative_position_index
    for shape in ((theirs.numel(),), (window[0] * window[1], window[0] * window[1])):
        p = parameter(*shape, init=Init("relative_position_index", window), dtype="int64")
        ours = initial_values.values(p, 0)
        assert ours.dtype == np.int64
        np.testing.assert_array_equal(ours.reshape(-1), theirs.numpy())


@pytest.mark.parametrize("window", [(8, 7, 7), (2, 3, 4), (1, 2, 2)], ids=str)
def test_relative_position_index_of_volumes(window: tuple[int, int, int]) -> None:
    theirs = volumes.ShiftedWindowAttention3d(8, list(window), [0, 0, 0], 2).relative_position_index
    ours = initial_values.values(
        parameter(*theirs.shape, init=Init("relative_position_index", window), dtype="int64"), 0
    )
    np.testing.assert_array_equal(ours, theirs.numpy())


@pytest.mark.parametrize(("queries", "keys"), [(28, 14), (7, 14), (56, 7), (8, 8)])
def test_relative_position_index_of_pooled_tokens(queries: int, keys: int) -> None:
    """The reference is what torchvision's MViT adds to the scores for a table whose rows hold their own index."""
    rows = 2 * max(queries, keys) - 1
    row_numbers, zero = torch.arange(rows, dtype=torch.float64)[:, None], torch.zeros(1, 1, dtype=torch.float64)
    scores = pooling._add_rel_pos(
        torch.zeros(1, 1, 1 + queries, 1 + keys, dtype=torch.float64),
        torch.ones(1, 1, 1 + queries, 1, dtype=torch.float64),
        (1, queries, 1),
        (1, keys, 1),
        row_numbers,
        zero,
        zero,
    )[0, 0, 1:, 1:]
    init = Init("relative_position_index", ((queries, keys),))
    ours = initial_values.values(parameter(queries, keys, init=init, dtype="int64"), 0)
    np.testing.assert_array_equal(ours, scores.numpy())


@pytest.mark.parametrize("window", WINDOWS, ids=str)
def test_log_relative_coordinates(window: tuple[int, int]) -> None:
    theirs = swin.ShiftedWindowAttentionV2(8, list(window), [0, 0], 2).relative_coords_table.numpy()
    ours = initial_values.values(parameter(*theirs.shape, init=Init("log_relative_coordinates", window)), 0)
    # The logarithms of two libraries differ in the last bit of float32.
    np.testing.assert_allclose(ours, theirs, rtol=3e-7, atol=0)


def test_the_offset_along_an_axis_of_one_is_zero() -> None:
    ours = initial_values.values(parameter(1, 5, 2, init=Init("log_relative_coordinates", (1, 3))), 0)
    np.testing.assert_array_equal(ours[..., 0], np.zeros((1, 5)))


def torchvision_mask(size: tuple[int, int], window: tuple[int, int], shift: tuple[int, int]) -> Any:
    """The mask inside ``shifted_window_attention``, read off its output.

    With queries and keys of zero the scores are the mask; the values are one token at a time, so the output is the
    softmax of the mask: equal weights for the tokens that a token sees, and (after -100) nothing for the others.
    """
    n = size[0] * size[1]
    eye = torch.eye(n, dtype=torch.float64)
    qkv = torch.cat([torch.zeros(2 * n, n, dtype=torch.float64), eye])
    x = eye.reshape(1, *size, n)
    out = swin.shifted_window_attention(
        x,
        qkv,
        eye,
        torch.zeros(1, 1, window[0] * window[1], window[0] * window[1], dtype=torch.float64),
        list(window),
        1,
        list(shift),
    )
    return out.reshape(n, n).numpy()


@pytest.mark.parametrize(
    ("size", "window", "shift"),
    [
        ((8, 8), (4, 4), (2, 2)), ((14, 21), (7, 7), (3, 3)), ((6, 4), (3, 2), (1, 1)), ((8, 4), (4, 4), (2, 2)),
        ((4, 8), (4, 4), (2, 2)), ((4, 4), (4, 4), (2, 2)), ((8, 8), (4, 4), (0, 2)), ((8, 8), (4, 4), (2, 0)),
        ((9, 6), (3, 3), (2, 1)), ((8, 8), (2, 2), (3, 5)),
    ],
)  # fmt: skip
def test_shifted_window_mask(size: tuple[int, int], window: tuple[int, int], shift: tuple[int, int]) -> None:
    n = window[0] * window[1]
    windows = size[0] * size[1] // n
    mask = initial_values.values(
        parameter(windows, 1, n, n, init=Init("shifted_window_mask", (size, window, shift))), 0
    )
    assert mask.dtype == np.float32
    assert set(np.unique(mask)) <= {-100, 0}
    # The same mask, as weights between positions: shift, cut into windows, average over what is not masked, undo.
    moved = [0 if w >= s else d for s, w, d in zip(size, window, shift, strict=True)]
    order = np.roll(np.arange(size[0] * size[1]).reshape(size), [-d for d in moved], (0, 1))
    tiles = order.reshape(size[0] // window[0], window[0], size[1] // window[1], window[1])
    seen = np.zeros((size[0] * size[1],) * 2)
    for part, tokens in zip(mask[:, 0], tiles.transpose(0, 2, 1, 3).reshape(windows, n), strict=True):
        e = np.exp(part.astype(np.float64))
        seen[np.ix_(tokens, tokens)] = e / e.sum(1, keepdims=True)
    np.testing.assert_allclose(seen, torchvision_mask(size, window, shift), rtol=1e-12, atol=1e-15)


@pytest.mark.parametrize(
    ("size", "window", "shift"),
    [((4, 4, 6), (2, 2, 3), (1, 1, 1)), ((2, 4, 4), (2, 2, 2), (0, 1, 1)), ((6, 2, 2), (3, 2, 2), (2, 0, 0))],
)
def test_shifted_window_mask_of_volumes(
    size: tuple[int, int, int], window: tuple[int, int, int], shift: tuple[int, int, int]
) -> None:
    n = math.prod(window)
    theirs = volumes._compute_attention_mask_3d(torch.zeros(1), size, window, shift).numpy()
    init = Init("shifted_window_mask", (size, window, shift))
    ours = initial_values.values(parameter(len(theirs), 1, n, n, init=init), 0)
    np.testing.assert_array_equal(ours[:, 0], theirs)


def test_a_mask_in_pieces() -> None:
    init = Init("shifted_window_mask", ((84, 112), (7, 7), (3, 3)))
    p = parameter(192, 1, 49, 49, init=init)
    small = initial_values.values(
        parameter(4, 1, 49, 49, init=Init("shifted_window_mask", ((14, 14), (7, 7), (3, 3)))), 0
    )
    whole = initial_values.values(p, 0)
    assert whole.size < PIECE
    np.testing.assert_array_equal(whole[[0, 15, -16, -1]], small)
    large = parameter(768, 1, 49, 49, init=Init("shifted_window_mask", ((168, 224), (7, 7), (3, 3))))
    assert large.elements > PIECE
    np.testing.assert_array_equal(initial_values.values(large, 0)[[0, 31, -32, -1]], small)


def test_an_index_in_pieces_is_the_index() -> None:
    window = (40, 30)
    actual = initial_values.values(
        parameter(1200, 1200, init=Init("relative_position_index", window), dtype="int64"), 0
    )
    rows, columns = np.divmod(np.arange(1200), 30)
    expected = (rows[:, None] - rows + 39) * 59 + columns[:, None] - columns + 29
    np.testing.assert_array_equal(actual, expected)


def test_an_index_over_three_axes_counts_every_pair_of_offsets() -> None:
    actual = initial_values.values(parameter(12, 12, init=Init("relative_position_index", (2, 2, 3)), dtype="int64"), 0)
    cells = np.stack(np.unravel_index(np.arange(12), (2, 2, 3)), -1)
    offsets = cells[:, None] - cells[None]
    expected = np.ravel_multi_index(tuple((offsets + np.array([1, 1, 2])).reshape(-1, 3).T), (3, 3, 5))
    np.testing.assert_array_equal(actual.reshape(-1), expected)
