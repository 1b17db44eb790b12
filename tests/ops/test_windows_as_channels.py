"""Windows as channels and back: shapes, what is read, and what is rejected."""

from __future__ import annotations

import torch
from torch.nn import functional as F

from .support import dependence, make, shape_error


def test_unfold_as_pytorch() -> None:
    built = make("unfold2d", (2, 5, 6), kernel=[2, 3], stride=[1, 2], padding=[1, 0], dilation=[2, 1])
    x = torch.zeros(1, 2, 5, 6)
    unfolded = F.unfold(x, (2, 3), (2, 1), (1, 0), (1, 2))
    assert built.shape == tuple(unfolded.shape[1:])
    assert built.axes == ("channels", "sequence")
    last = make("unfold2d", (5, 6, 2), kernel=2, stride=2, channels_last=True)
    assert (last.shape, last.axes) == ((6, 8), ("sequence", "channels"))


def test_unfold_reads_windows() -> None:
    """The declared reads contain the actual ones, and no more along each axis."""
    built = make("unfold2d", (2, 4, 5), kernel=[2, 3], stride=[2, 1])
    number = torch.arange(40, dtype=torch.float32).reshape(1, 2, 4, 5)
    features, positions = built.shape
    seen = dependence(built)
    values = F.unfold(number, (2, 3), stride=(2, 1))[0].long()
    for f in range(features):
        for p in range(positions):
            assert seen[f, p].reshape(-1)[values[f, p]]
    channel_of = seen.any(axis=(1, 3, 4))
    assert channel_of.sum(axis=1).tolist() == [1] * features
    assert seen.any(axis=(0, 2)).sum(axis=(1, 2)).tolist() == [6] * positions  # a window of 2 by 3


def test_fold_as_pytorch() -> None:
    built = make("fold2d", (18, 12), size=[6, 7], kernel=3, stride=2, padding=1)
    assert built.shape == (2, 6, 7)
    assert built.axes == ("channels", "height", "width")
    seen = dependence(built)
    back = F.fold(torch.ones(1, 18, 12), (6, 7), 3, padding=1, stride=2)
    assert back.shape[1:] == (2, 6, 7)
    for row in range(6):
        windows = [w for w in range(3) if 0 <= row + 1 - 2 * w < 3]
        assert sorted({p // 4 for p in seen[0, row, 0].any(axis=0).nonzero()[0]}) == windows
    assert make("fold2d", (4, 12), size=4, kernel=2, stride=2, channels_last=True).shape == (4, 4, 3)


def test_what_does_not_fit() -> None:
    assert shape_error("fold2d", (10, 4), size=4, kernel=2, stride=2) == (
        "NS581: the features of 'fold2d' must be a multiple of the 4 elements of its window; found 10"
    )
    assert shape_error("fold2d", (8, 5), size=4, kernel=2, stride=2) == (
        "NS581: 'fold2d' must have 2 by 2 positions for windows over (4, 4); found 5"
    )
    assert shape_error("fold2d", (8, 5), size=1, kernel=2).startswith("NS510")
    assert shape_error("fold2d", (8,), size=1, kernel=1).startswith("NS501")
    assert shape_error("unfold2d", (3, 4, 4), kernel=5).startswith("NS510")


def test_large_windows_are_read_in_bounded_memory() -> None:
    built = make("unfold2d", (1, 100_000, 100_000), kernel=50_000)
    assert built.reads()[0] is not None
    assert make("fold2d", (10_000, 4), size=200, kernel=100, stride=100).reads()[0] is not None
