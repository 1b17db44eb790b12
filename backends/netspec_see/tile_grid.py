"""Tiles of numbers and images on a sheet: grids with the numbers of their tiles, and pictures with boxes."""

from __future__ import annotations

import math
from collections.abc import Sequence

from netspec_picture.scene import Rect, Shape, Stroke, Text
from netspec_picture.typefaces import ASCENT, text_width

from .exact_field import Box
from .sheet_layout import FAINT, LABEL, Page, Panel
from .tiles import Picture, bitmap, grid, resize, size_near

SHORTEST_ROW = 8
"""Tiles in a row, if there are more of them."""


def columns_for(count: int) -> int:
    """Number of columns of a grid: up to eight tiles are one row, 64 are 8 × 8; the last row is full if possible."""
    if count <= SHORTEST_ROW:
        return max(1, count)
    root = math.sqrt(count)
    full = [n for n in range(math.ceil(root), max(10, int(2 * root)) + 1) if count % n == 0]
    if full:
        return next((n for n in full if n >= SHORTEST_ROW), full[-1])
    rows = math.ceil(count / max(SHORTEST_ROW, math.ceil(1.3 * root)))
    return math.ceil(count / rows)


def tile_grid(
    tiles: Sequence[Picture],
    columns: int,
    side: float,
    page: Page,
    *,
    room: float,
    labels: Sequence[str] = (),
    gap: float = 2.0,
    times: int | None = None,
) -> Panel:
    """Tiles of equal size in rows.

    Args:
        tiles: the pictures, a pixel for each value.
        columns: number of tiles in a row; fewer if they do not fit.
        side: preferred longer side of a tile in points; less if the columns do not fit otherwise.
        page: the resolution.
        room: greatest width in points.
        labels: a text above each tile; left out where it is wider than the tile.
        gap: distance of tiles in points.
        times: pixels of the page for each value along each axis, in place of a side.
    """
    across = page.pixels(gap)
    available = max(1, math.floor(room / page.pixel))
    if times is None:
        width, height = size_near(tiles[0], page.pixels(side))
        if columns * (width + across) - across > available:
            width, height = _narrower(tiles[0], (available + across) // columns - across)
    else:
        width, height = tiles[0].shape[1] * times, tiles[0].shape[0] * times
    columns = max(1, min(columns, (available + across) // (width + across)))
    wide = max((text_width(label, LABEL) for label in labels), default=0)
    labelled = bool(labels) and wide <= (width + across) * page.pixel - 1
    down = max(across, page.pixels(1.3 * LABEL)) if labelled else across
    top = down * page.pixel if labelled else 0.0
    detailed = [resize(tile, width * page.detail, height * page.detail) for tile in tiles]
    picture = grid(detailed, columns, across * page.detail, down * page.detail)
    size = picture.shape[1] / page.detail * page.pixel, picture.shape[0] / page.detail * page.pixel
    shapes: list[Shape] = [bitmap(picture, 0, top, *size)]
    if labelled:
        for i, label in enumerate(labels):
            x, y = i % columns * (width + across) * page.pixel, i // columns * (height + down) * page.pixel
            shapes.append(Text(x, y + top - 0.25 * LABEL, label, LABEL, FAINT))
    return Panel(size[0], top + size[1], tuple(shapes))


def _narrower(tile: Picture, width: int) -> tuple[int, int]:
    """Width and height of a tile that fits into a width in pixels: a multiple of its own size if that is possible."""
    own_height, own_width = tile.shape[:2]
    if width >= own_width:
        k = width // own_width
        return own_width * k, own_height * k
    return max(1, width), max(1, round(own_height * width / own_width))


def _within(picture: Picture, side: int) -> tuple[int, int]:
    """The greatest width and height within a side: a multiple of the picture's own, or less than its own."""
    longest = max(picture.shape[:2])
    return size_near(picture, longest * (side // longest) if longest <= side else side)


def kernel_table(rows: Sequence[Sequence[Picture]], names: Sequence[str], side: float, page: Page) -> Panel:
    """A row of tiles for each filter and a column for each channel, with their numbers."""
    count = len(rows[0])
    left = max(text_width(name, LABEL) for name in names) + 3
    panel = tile_grid([tile for row in rows for tile in row], count, side, page, room=page.room - left - 40)
    top = 1.3 * LABEL
    pitch_x, pitch_y = (panel.width + 2) / count, (panel.height + 2) / len(rows)
    shapes = [*panel.at(page.snap(left), page.snap(top))]
    every = max(1, math.ceil((text_width(str(count), LABEL) + 2) / pitch_x))
    shapes += [
        Text(page.snap(left) + (i + 0.5) * pitch_x - 1, top - 0.25 * LABEL, str(i), LABEL, FAINT, anchor="middle")
        for i in range(0, count, every)
    ]
    if pitch_y >= LABEL:
        for i, name in enumerate(names):
            y = page.snap(top) + (i + 0.5) * pitch_y - 1 + 0.5 * ASCENT * LABEL
            shapes.append(Text(left - 3, y, name, LABEL, FAINT, anchor="end"))
    return Panel(page.snap(left) + panel.width, page.snap(top) + panel.height, tuple(shapes))


def image_panel(
    picture: Picture, side: float, page: Page, box: Box | None = None, *, times: int | None = None
) -> Panel:
    """A picture, with a white box in a dark outline around some of its pixels.

    Args:
        picture: the picture.
        side: its longer side in points at most.
        page: the resolution.
        box: the pixels, in coordinates of the picture.
        times: pixels of the page for each of the picture's along each axis, in place of a side.
    """
    own_height, own_width = picture.shape[:2]
    width, height = _within(picture, page.pixels(side))
    if times is not None:
        width, height = own_width * times, own_height * times
    pixels = resize(picture, width * page.detail, height * page.detail)
    w, h = width * page.pixel, height * page.pixel
    shapes: list[Shape] = [bitmap(pixels, 0, 0, w, h)]
    if box is not None:
        right, down = w / own_width, h / own_height
        x, y = box.left * right, box.top * down
        size = (box.right - box.left) * right, (box.bottom - box.top) * down
        for colour, thickness in (("#000000", 2.0), ("#ffffff", 1.0)):
            # The lines lie inside, so that the box covers exactly its pixels.
            inset = min(1.0, *(side / 2 for side in size))
            shapes.append(
                Rect(x + inset, y + inset, size[0] - 2 * inset, size[1] - 2 * inset, None, Stroke(colour, thickness))
            )
    return Panel(w, h, tuple(shapes))
