"""The results of each subcommand as a sheet of pictures."""

from __future__ import annotations

import math
import os
from collections.abc import Sequence

import numpy as np

from netspec.diagnostics import Error

from .activation_maps import Activation
from .attribution import Attribution
from .exemplar import Exemplars
from .image_files import MAX_PIXELS
from .image_input import Pixels, Preparation
from .kernels import Filters
from .plots import objective, sparsity
from .sheet_layout import Panel, Sheet, shorten_middle
from .tiles import (
    Picture,
    apply_colour_map,
    draw_box,
    enlarge,
    grid,
    image_to_picture,
    kernel_tiles,
    map_tiles,
    overlay,
    resize_to_side,
    robust_maximum,
)
from .top_images import Top

KERNEL, MAP, IMAGE = 40, 84, 176
"""Side lengths of tiles in pixels: of a kernel, a feature map, an image."""
MAX_WIDTH = 1040
"""Preferred maximum width of a sheet in pixels."""


def filters_sheet(result: Filters, *, channels: int = 24) -> Sheet:
    """Kernels: a grid if each is each tile, otherwise a row per filter and a column per channel."""
    side = KERNEL if result.kernels.shape[1] not in (1, 3) or len(result.kernels) > 64 else round(1.6 * KERNEL)
    tiles = [[resize_to_side(t, side) for t in row[:channels]] for row in kernel_tiles(result.kernels)]
    n, c, height, width = result.kernels.shape
    title = f"{result.layer}: {n} filter{'s' if n != 1 else ''}, {height}×{width}"
    if all(len(row) == 1 for row in tiles):
        flat = [row[0] for row in tiles]
        sheet = Sheet(title)
        sheet.add(Panel(grid(flat, _columns(len(flat), flat[0].shape[1], 2), 2)))
        return sheet
    columns = len(tiles[0])
    note = f"each row per filter, each column per channel{f' (the first {columns} of {c})' if columns < c else ''}"
    sheet = Sheet(title)
    sheet.add(Panel(grid([t for row in tiles for t in row], columns, 2), note))
    return sheet


def activations_sheet(
    title: str, image: Pixels, result: Sequence[Activation], numbers: Sequence[Sequence[int]], size: int | None = None
) -> Sheet:
    """The image, and below it some maps of each layer with height and width, in one scale per layer.

    Zero is black; if a map has negative values, zero is mid-grey, and the value of the layer with the greatest absolute
    value is black or white.

    Args:
        title: the title.
        image: the image.
        result: the activations of each layer.
        numbers: the filters to show of each layer.
        size: pixels of the picture per element of a map; by default maps are scaled to about :data:`MAP` pixels.

    Raises:
        Error: NS808, with that size the picture would be too large.
    """
    if size is not None:
        values = image.shape[0] * image.shape[1] + sum(
            len(chosen) * math.prod(a.values.shape[1:]) for a, chosen in zip(result, numbers, strict=True) if a.spatial
        )
        if values * size**2 > MAX_PIXELS:
            help_ = "a smaller --size, or fewer --layers and --filter"
            raise Error("NS808", f"the picture would have more than {MAX_PIXELS:,} pixels", help_)
    sheet = Sheet(title)
    picture = image_to_picture(image)
    sheet.add(Panel(resize_to_side(picture, 2 * MAP) if size is None else enlarge(picture, size)))
    for a, chosen in zip(result, numbers, strict=True):
        if not a.spatial or not len(chosen):
            continue
        maps = a.values[list(chosen)]
        tiles = [resize_to_side(tile, MAP) if size is None else enlarge(tile, size) for tile in map_tiles(maps)]
        names = f"{_numbers(chosen)} of {len(a.values)} filters"
        sheet.add(
            Panel(
                grid(tiles, _columns(len(tiles), tiles[0].shape[1], 4), 4),
                f"{a.layer}   {a.values.shape[1]}×{a.values.shape[2]}, {names}, {a.zeros:.0%} zeros"
                + (", zero is grey" if float(np.nanmin(maps)) < 0 else ""),
            )
        )
    return sheet


def sparsity_sheet(title: str, result: Sequence[Activation]) -> Sheet:
    """The fraction of zeros among every layer's activations over the depth of the network."""
    sheet = Sheet(title)
    width = min(12.0, max(5.0, 1.5 + 0.38 * len(result)))
    sheet.add(Panel(sparsity([a.layer for a in result], [a.zeros for a in result], width)))
    return sheet


def top_sheet(title: str, result: Top, prepared: Preparation) -> Sheet:
    """The images, each with the receptive field of the greatest activation in a white box."""
    sheet = Sheet(title)
    panels: list[Panel] = []
    for hit in result.hits:
        pixels = prepared.pixels(hit.path)
        picture = draw_box(resize_to_side(image_to_picture(pixels), IMAGE), hit.box, prepared.size[1:])
        activation = f"{hit.value:.3g} at row {hit.position[0]}, column {hit.position[1]}"
        panels.append(
            Panel(
                picture,
                "",
                (
                    shorten_middle(activation, picture.shape[1]),
                    shorten_middle(os.path.basename(hit.path), picture.shape[1]),
                ),
            )
        )
    _add_rows(sheet, panels)
    return sheet


def exemplars_sheet(title: str, result: Exemplars, names: Sequence[str]) -> Sheet:
    """The images, and a plot of the objective over the steps."""
    sheet = Sheet(title)
    panels: list[Panel] = []
    for name, image, first, last in zip(names, result.images, result.objective[0], result.objective[-1], strict=True):
        picture = resize_to_side(image_to_picture(scale_to_range(image)), IMAGE)
        panels.append(Panel(picture, shorten_middle(name, picture.shape[1]), (f"{first:.3g} → {last:.3g}",)))
    _add_rows(sheet, panels)
    sheet.add(Panel(objective(result.filters, result.objective)))
    return sheet


def scale_to_range(image: Pixels) -> Pixels:
    """The image if its values lie between 0 and 1; otherwise scaled to that range, with its mean at mid-grey."""
    if image.min() >= 0 and image.max() <= 1:
        return image
    middle, spread = float(image.mean()), float(image.std()) or 1.0
    return np.asarray((image - middle) / (6 * spread) + 0.5, dtype=np.float32)


def attributions_sheet(title: str, image: Pixels, result: Sequence[Attribution]) -> Sheet:
    """The image, and beside it the attribution of each method."""
    sheet = Sheet(title)
    picture = image_to_picture(image)
    panels = [Panel(resize_to_side(picture, IMAGE), "image")]
    panels += [
        Panel(resize_to_side(attribution_picture(picture, a), IMAGE), METHODS[a.method], _remarks(a)) for a in result
    ]
    _add_rows(sheet, panels)
    return sheet


METHODS = {
    "saliency": "saliency",
    "integrated_gradients": "integrated gradients",
    "grad_cam": "Grad-CAM",
    "occlusion": "occlusion",
}


def attribution_picture(picture: Picture, a: Attribution) -> Picture:
    """An attribution in colours: red for the class and blue against it, or dark to bright if it has no sign."""
    if a.signed:
        limit = robust_maximum(a.values)
        colours = apply_colour_map(a.values, -limit, limit, "RdBu_r")
        return overlay(picture, colours, 0.75) if a.method == "occlusion" else colours
    if a.method == "grad_cam":
        return overlay(picture, apply_colour_map(a.values, 0.0, float(a.values.max()), "inferno"))
    return apply_colour_map(a.values, 0.0, robust_maximum(a.values), "inferno")


def _remarks(a: Attribution) -> tuple[str, ...]:
    out: list[str] = []
    if a.layer is not None:
        out.append(f"layer {a.layer}")
    if a.signed:
        out.append("red: for the class, blue: against")
    return tuple(out)


def _columns(n: int, width: int, gap: int) -> int:
    """Number of tiles per row: about twice the number of rows, within the width of the sheet."""
    fits = max(1, (MAX_WIDTH + gap) // (width + gap))
    return max(1, min(fits, max(8, math.ceil(math.sqrt(2 * n)))))


def _add_rows(sheet: Sheet, panels: Sequence[Panel]) -> None:
    if not panels:
        return
    across = max(1, MAX_WIDTH // (panels[0].picture.shape[1] + 14))
    for i in range(0, len(panels), across):
        sheet.add(*panels[i : i + across])


def _numbers(numbers: Sequence[int]) -> str:
    """Indices as text: ``0–7``, ``3, 5, 9``."""
    if len(numbers) > 2 and list(numbers) == list(range(numbers[0], numbers[-1] + 1)):
        return f"{numbers[0]}–{numbers[-1]}"
    text = ", ".join(map(str, numbers[:12]))
    return text if len(numbers) <= 12 else f"{text} …"
