"""The images that activate a filter most: value, position and order, for folders with all kinds of files."""

from __future__ import annotations

import os
from importlib import import_module
from pathlib import Path

import numpy as np
import pytest
import torch
from PIL import Image

import netspec_see as see
from netspec_see.image_folders import find_images

from .support import graph_of, picture

BRIGHT = graph_of("  conv: {conv2d: 2, kernel: 3, stride: 2, padding: 1, activation: relu}\n", "[1, 9, 9]")
"""Filter 0 sums the pixels of its window; filter 1 subtracts them."""
WEIGHTS = {
    "conv.weight": torch.stack([torch.ones(1, 3, 3), -torch.ones(1, 3, 3)]),
    "conv.bias": torch.tensor([0.0, 9.0]),
}
NET = see.network(BRIGHT, weights=WEIGHTS)
PREPARED = see.preparation(NET)


def spot(path: Path, row: int, column: int, level: int) -> Path:
    """A black image with one bright pixel."""
    pixels = np.zeros((9, 9), np.uint8)
    pixels[row, column] = level
    path.parent.mkdir(parents=True, exist_ok=True)
    Image.fromarray(pixels).save(path)
    return path


def test_value_position_and_box(tmp_path: Path) -> None:
    spot(tmp_path / "a.png", 4, 6, 100)
    spot(tmp_path / "b" / "c.png", 0, 8, 200)
    spot(tmp_path / "d.png", 8, 0, 50)
    (result,) = see.top(NET, "conv", [0], [tmp_path], PREPARED, count=2)
    assert result.images == 3
    assert result.unreadable == 0
    assert [Path(h.path).name for h in result.hits] == ["c.png", "a.png"]
    first, second = result.hits
    assert np.isclose(first.value, 200 / 255)
    assert np.isclose(second.value, 100 / 255)
    # Column 8 is read only by window 4, which is cut off at the border; row 4, column 6 is the centre of a window.
    assert first.position == (0, 4)
    assert first.box == see.Box(0, 7, 2, 9)
    assert second.position == (2, 3)
    assert second.box == see.Box(3, 5, 6, 8)


def test_several_filters(tmp_path: Path) -> None:
    for i, level in enumerate((10, 250, 120)):
        Image.fromarray(np.full((9, 9), level, np.uint8)).save(tmp_path / f"{i}.png")
    bright, dark = see.top(NET, "conv", [0, 1], [tmp_path], PREPARED, count=1)
    assert Path(bright.hits[0].path).name == "1.png"
    assert Path(dark.hits[0].path).name == "0.png"
    assert dark.filter == 1


def test_equal_values_keep_the_first(tmp_path: Path) -> None:
    for name in ("z", "m", "a", "k"):
        spot(tmp_path / f"{name}.png", 4, 4, 80)
    (result,) = see.top(NET, "conv", [0], [tmp_path], PREPARED, count=3, batch=2)
    assert [Path(h.path).name for h in result.hits] == ["a.png", "k.png", "m.png"]


@pytest.mark.parametrize("batch", [1, 2, 7])
def test_batches_change_nothing(tmp_path: Path, batch: int) -> None:
    for i in range(6):
        picture(tmp_path / f"{i}.png", (9, 9), seed=i, mode="L")
    (result,) = see.top(NET, "conv", [0], [tmp_path], PREPARED, batch=batch)
    (other,) = see.top(NET, "conv", [0], [tmp_path], PREPARED)
    assert result == other
    by_hand: list[tuple[float, str]] = []
    for path in find_images([tmp_path]):
        (answer,) = see.activations(NET, PREPARED.normalize(PREPARED.pixels(path)), ["conv"])
        by_hand.append((float(answer.values[0].max()), path))
    assert [h.path for h in result.hits] == [path for _, path in sorted(by_hand, key=lambda p: (-p[0], p[1]))]


def test_unreadable_are_skipped_and_named(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(import_module("netspec_see.top_images"), "MAX_NAMED", 2)
    spot(tmp_path / "good.png", 4, 4, 90)
    (tmp_path / "broken.png").write_bytes((tmp_path / "good.png").read_bytes()[:45])
    (tmp_path / "empty.jpg").write_bytes(b"")
    (tmp_path / "text.gif").write_text("no picture")
    (tmp_path / "notes.txt").write_text("passed over")
    os.mkfifo(tmp_path / "pipe.png")
    (tmp_path / "nowhere.png").symlink_to(tmp_path / "gone.png")
    progress_calls: list[tuple[int, int]] = []
    (result,) = see.top(NET, "conv", [0], [tmp_path], PREPARED, progress=lambda n, of: progress_calls.append((n, of)))
    assert [Path(h.path).name for h in result.hits] == ["good.png"]
    assert result.images == 1
    assert result.unreadable == 3
    assert result.skipped == (
        (str(tmp_path / "broken.png"), f"cannot read image '{tmp_path}/broken.png': it is broken"),
        (
            str(tmp_path / "empty.jpg"),
            f"cannot read image '{tmp_path}/empty.jpg': it is not a PNG, JPEG, WebP, GIF, BMP or TIFF image",
        ),
    )
    assert progress_calls[-1] == (4, 4)


def test_walk(tmp_path: Path) -> None:
    for name in ("b.png", "a.png", "sub/z.PNG", "sub/deep/y.jpg", "a2/x.bmp", "other.npy"):
        (tmp_path / name).parent.mkdir(parents=True, exist_ok=True)
        (tmp_path / name).write_bytes(b"")
    (tmp_path / "round").symlink_to(tmp_path)
    result = [os.path.relpath(p, tmp_path) for p in find_images([tmp_path, tmp_path / "other.npy"])]
    assert result == ["a.png", "b.png", "a2/x.bmp", "sub/z.PNG", "sub/deep/y.jpg", "other.npy"]
    deep = tmp_path / "/".join(["d"] * 300)
    deep.mkdir(parents=True)
    (deep / "last.png").write_bytes(b"")
    assert sum(1 for _ in find_images([tmp_path])) == 6


def test_nan_activations(tmp_path: Path) -> None:
    weights = {**WEIGHTS, "conv.bias": torch.tensor([float("nan"), 0.0])}
    spot(tmp_path / "a.png", 4, 4, 90)
    (result,) = see.top(see.network(BRIGHT, weights=weights), "conv", [0], [tmp_path], PREPARED)
    assert result.hits[0].value == -np.inf
