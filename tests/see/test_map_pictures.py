"""Feature maps on sheets: their scale, their sign, their size, and the files they are written to."""

from __future__ import annotations

import re
from io import BytesIO
from itertools import groupby
from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from netspec.diagnostics import Error
from netspec_picture.png import to_png
from netspec_picture.scene import Bitmap, Scene, Text
from netspec_picture.typefaces import text_width
from netspec_see.activation_maps import Activation
from netspec_see.attribution import Attribution
from netspec_see.colour_bars import horizontal_bar, number_text, robust_scale, scale_of, ticks, vertical_bar
from netspec_see.exemplar import Exemplars
from netspec_see.plots import line_plot
from netspec_see.result_sheets import activations_sheet, attribution_scale, exemplars_sheet
from netspec_see.see_result import save_picture
from netspec_see.sheet_layout import Page

IMAGE = np.zeros((6, 4, 1), np.float32)
MAPS = [Activation("conv", np.ones((2, 6, 4), np.float32), True)]


def sheet(page: Page, size: int | None = None, chosen: tuple[int, ...] = (0, 1)) -> Scene:
    return activations_sheet("title", IMAGE, MAPS, [chosen], page, size)


def bitmaps(scene: Scene) -> list[Bitmap]:
    return [shape for shape in scene.shapes if isinstance(shape, Bitmap)]


def texts(scene: Scene) -> list[str]:
    return [shape.text for shape in scene.shapes if isinstance(shape, Text)]


def test_maps_without_negative_values_begin_at_black() -> None:
    values = np.array([[[0, 1], [2, 4]]], np.float32)
    tile = scale_of(values).picture(values[0])
    assert tile[0, 0].tolist() == [0, 0, 3], "the first colour of magma"
    assert tile[1, 1].tolist() == [251, 252, 191], "its last"


def test_signed_maps_have_zero_in_the_middle() -> None:
    """Such as those of the Laplacian: dark where the value is negative, light where it is positive."""
    values = np.array([[[0, -1]], [[2, 1]]], np.float32)
    first, second = map(scale_of(values).picture, values)
    assert first[0, :, 0].tolist() == [128, 64]
    assert second[0, :, 0].tolist() == [255, 192]


def test_a_map_at_its_own_size() -> None:
    """In every format a value is as large as that number of pixels of a PNG file."""
    for page in (Page(), Page(detail=2), Page(dpi=300)):
        for size in (1, 3):
            image, maps, _ = bitmaps(sheet(page, size))
            assert image.width / page.pixel == pytest.approx(4 * size)
            assert image.height / page.pixel == pytest.approx(6 * size)
            assert maps.width / page.pixel == pytest.approx(8 * size + page.pixels(2)), "two maps and the gap"
            with Image.open(BytesIO(maps.png)) as picture:
                assert picture.width == (8 * size + page.pixels(2)) * page.detail


def test_the_bar_shows_the_scale() -> None:
    bar = vertical_bar(scale_of(np.array([[0, 3]], np.float32)), 60, Page())
    labels = [shape for shape in bar.shapes if isinstance(shape, Text)]
    assert [label.text for label in labels] == ["0", "1", "2", "3"]
    assert labels[0].y > labels[-1].y, "the greatest number is at the top"
    with Image.open(BytesIO(next(s for s in bar.shapes if isinstance(s, Bitmap)).png)) as image:
        colours = np.asarray(image)[:, 0]
    assert colours[-1].tolist() == [0, 0, 3]
    assert colours[0].tolist() == [251, 252, 191]


def test_a_scale_without_outliers() -> None:
    values = np.ones((1, 1000), np.float32)
    values[0, 0] = 9
    scale = robust_scale(values, "RdBu_r", signed=True)
    assert (scale.low, scale.high, scale.below, scale.above) == (-1, 1, False, True)
    bar = horizontal_bar(scale, 20, Page())
    (note,) = [shape for shape in bar.shapes if isinstance(shape, Text) and shape.text == "clipped above 1"]
    assert bar.width >= text_width(note.text, note.size), "what is beside the bar does not cover the note"


@pytest.mark.parametrize(
    ("low", "high", "expected"),
    [
        (0.0, 4.9, ["0", "1", "2", "3", "4"]),
        (-0.2, 0.2, ["−0.2", "−0.1", "0", "0.1", "0.2"]),
        (0.0, 1e-7, ["0", "2e−8", "4e−8", "6e−8", "8e−8", "1e−7"]),
        (0.0, 0.0, ["0"]),
        (float("nan"), 1.0, []),
    ],
)
def test_ticks(low: float, high: float, expected: list[str]) -> None:
    assert [number_text(v) for v in ticks(low, high, 6)] == expected


def test_steps_are_integers() -> None:
    plot = line_plot(["a"], np.arange(13, dtype=np.float32)[:, None], "step", "score", Page())
    labels = {shape.text: shape.x for shape in plot.shapes if isinstance(shape, Text) and shape.anchor == "middle"}
    assert list(labels) == ["0", "5", "10", "step"]
    assert labels["10"] - labels["5"] == pytest.approx(labels["5"] - labels["0"])


def test_the_colours_of_rollout_begin_at_its_least_value() -> None:
    values = np.array([[0.25, 0.5]], np.float32)
    for method, low in (("rollout", 0.25), ("grad_cam", 0.0)):
        scale = attribution_scale(Attribution(method, 0, 1.0, values, False))
        assert (scale.low, scale.high) == (low, 0.5)


def test_images_of_one_objective_are_a_row() -> None:
    images, objective = np.zeros((6, 4, 4, 3), np.float32), np.zeros((2, 6), np.float32)
    result = Exemplars("conv", (0,) * 6, images, objective, tuple("abcdef"), 2)
    scene = exemplars_sheet("title", result, "abcdef", "score", Page())
    assert [len(list(row)) for _, row in groupby(bitmaps(scene), key=lambda b: b.y)] == [2, 2, 2]


def test_captions() -> None:
    captions = texts(sheet(Page(), chosen=(1,)))
    assert captions[:4] == ["title", "image", "conv: 1 of 2 filters, 6×4, 0% zeros", "1"]


def test_the_title_is_replaced_or_omitted() -> None:
    assert texts(sheet(Page(title="Figure 1")))[0] == "Figure 1"
    assert texts(sheet(Page(title="")))[0] == "image"


@pytest.mark.parametrize("width", [110.0, 237.6, 468.0])
def test_a_sheet_keeps_to_its_width(width: float) -> None:
    maps = [Activation("conv", np.ones((64, 9, 9), np.float32), True)]
    scene = activations_sheet("title", IMAGE, maps, [range(64)], Page(width))
    assert scene.width <= width + 1
    assert min(shape.size for shape in scene.shapes if isinstance(shape, Text)) >= 6


def test_characters_without_a_font() -> None:
    page = Page()
    assert texts(activations_sheet("層 a", IMAGE, MAPS, [(0,)], page))[0] == "? a"
    assert page.absent == {"層"}


def test_files(tmp_path: Path) -> None:
    """Text is text in embedded fonts, values are sharp squares, and the same result gives the same bytes."""
    for name in ("a.svg", "b.svg", "a.pdf", "b.pdf", "a.png", "b.png"):
        save_picture(sheet, str(tmp_path / name), Page())
    for extension in ("svg", "pdf", "png"):
        assert (tmp_path / f"a.{extension}").read_bytes() == (tmp_path / f"b.{extension}").read_bytes()
    svg = (tmp_path / "a.svg").read_text(encoding="utf-8")
    assert "@font-face" in svg
    assert ">conv: 2 of 2 filters, 6×4, 0% zeros</text>" in svg
    assert len(re.findall('<image [^>]*image-rendering:pixelated[^>]*href="data:image/png;base64,', svg)) == 3
    pdf = (tmp_path / "a.pdf").read_bytes()
    assert pdf.count(b"/FontFile2") == 2, "plain and bold"
    assert pdf.count(b"/Subtype /Image") == 3
    with Image.open(BytesIO(to_png(sheet(Page()), 144))) as image:
        assert image.info["dpi"] == pytest.approx((144, 144), abs=0.1)


def test_a_picture_that_is_too_large() -> None:
    with pytest.raises(Error) as raised:
        sheet(Page(), 10_000)
    assert str(raised.value) == (
        "error[NS808]: the picture would have more than 67,108,864 pixels\n"
        "  = help: a smaller --size, or fewer --layers and --filter"
    )
