"""The results of each subcommand as sheets."""

from __future__ import annotations

import math
import os
from collections.abc import Sequence

import numpy as np

from netspec.diagnostics import Error
from netspec_picture.image_files import MAX_PIXELS
from netspec_picture.scene import Scene

from .activation_maps import Activation
from .attribution import Attribution
from .colour_bars import Scale, horizontal_bar, number_text, robust_scale, scale_of, vertical_bar
from .exemplar import Exemplars
from .image_input import Pixels, Preparation
from .kernels import Filters
from .plots import bar_plot, line_plot
from .sheet_layout import GAP, NOTE, Page, Panel, beside, captioned, in_rows, sheet_scene, shorten_middle, stacked
from .tile_grid import columns_for, image_panel, kernel_table, tile_grid
from .tiles import Picture, colour_kernel, image_to_picture, overlay
from .top_images import Top

KERNEL, MAP, IMAGE = 32.0, 42.0, 86.5
"""Side lengths of tiles in points: of a kernel, a feature map, an image."""
MOST_CHANNELS = 24
"""Channels of a filter that are drawn."""
LONGEST_BAR = 130.0
"""Length of the longest colour bar beside tiles, in points."""
BAR_ROOM = 36.0
"""Width that is kept for a colour bar."""
LEAST_ATTRIBUTION, MOST_ATTRIBUTION = 96.0, 104.0
"""The range of the sides of attributions in points, on pages that are wide enough: the texts below them fit."""


def filters_sheet(result: Filters, page: Page) -> Scene:
    """Kernels in one scale: a grid if each is one tile, otherwise a row per filter and a column per channel."""
    n, c, height, width = result.kernels.shape
    scale = _kernel_scale(result)
    title = f"{result.layer}: {n} filter{'s' if n != 1 else ''}, {height}×{width}"
    names = [str(number) for number in result.numbers]
    if c in (1, 3):
        tiles = [colour_kernel(k, scale.high) if c == 3 else scale.picture(k[0]) for k in result.kernels]
        columns = columns_for(n)
        grid = tile_grid(tiles, columns, KERNEL, page, room=page.room - BAR_ROOM, labels=names)
        note = ("red, green and blue show the weights of the three channels",) if c == 3 else ()
    else:
        channels = min(c, MOST_CHANNELS)
        side = min(KERNEL, (page.room - BAR_ROOM - 20) / channels - 2)
        grid = kernel_table(
            [[scale.picture(k) for k in kernel[:channels]] for kernel in result.kernels], names, side, page
        )
        note = (
            f"a row for each filter, a column for each channel{f' (0–{channels - 1} of {c})' if channels < c else ''}",
        )
    bar = vertical_bar(scale, min(LONGEST_BAR, max(grid.height, 40)), page)
    return sheet_scene(title, captioned(beside([grid, bar], page), page, "", note), page)


def _kernel_scale(result: Filters) -> Scale:
    """Greys for weights, with zero in the middle; a scale without a range for weights that are all zero."""
    finite = result.kernels[np.isfinite(result.kernels)]
    limit = float(np.abs(finite).max()) if finite.size else 0.0
    return Scale(-(limit or 1.0), limit or 1.0, "gray")


def activations_sheet(
    title: str,
    image: Pixels,
    result: Sequence[Activation],
    numbers: Sequence[Sequence[int]],
    page: Page,
    size: int | None = None,
) -> Scene:
    """The image, and below it some maps of each layer with height and width, in one scale per layer.

    Zero is black; if a map has negative values, zero is mid-grey, and the value of the layer with the greatest absolute
    value is black or white.

    Args:
        title: the title.
        image: the image.
        result: the activations of each layer.
        numbers: the filters to show of each layer.
        page: the size of the sheet.
        size: pixels of the picture per element of a map; by default maps are scaled to about :data:`MAP` points.

    Raises:
        Error: NS808, with that size the picture would be too large.
    """
    if size is not None:
        values = image.shape[0] * image.shape[1] + sum(
            len(chosen) * math.prod(a.values.shape[1:]) for a, chosen in zip(result, numbers, strict=True) if a.spatial
        )
        if values * size**2 * page.detail**2 > MAX_PIXELS:
            help_ = "a smaller --size, or fewer --layers and --filter"
            raise Error("NS808", f"the picture would have more than {MAX_PIXELS:,} pixels", help_)
    panels = [captioned(image_panel(image_to_picture(image), 2 * MAP, page, times=size), page, "image")]
    panels += [
        _maps_panel(a, chosen, page, size)
        for a, chosen in zip(result, numbers, strict=True)
        if a.spatial and len(chosen)
    ]
    return sheet_scene(title, stacked(panels, page), page)


def _maps_panel(a: Activation, chosen: Sequence[int], page: Page, size: int | None) -> Panel:
    """Some maps of a layer, their numbers and their scale."""
    maps = a.values[list(chosen)]
    scale = scale_of(maps)
    room = page.room - BAR_ROOM
    labels = [str(n) for n in chosen]
    tiles = [scale.picture(m) for m in maps]
    grid = tile_grid(tiles, columns_for(len(tiles)), MAP, page, room=room, labels=labels, times=size)
    bar = vertical_bar(scale, min(LONGEST_BAR, max(grid.height, 40)), page)
    height, width = a.values.shape[1:]
    above = f"{a.layer}: {len(chosen)} of {len(a.values)} filters, {height}×{width}, {a.zeros:.0%} zeros"
    return captioned(beside([grid, bar], page, 5), page, above)


def sparsity_sheet(title: str, result: Sequence[Activation], page: Page) -> Scene:
    """The fraction of zeros among every layer's activations over the depth of the network."""
    plot = bar_plot([a.layer for a in result], [100 * a.zeros for a in result], "zero activations, %", page)
    return sheet_scene(title, plot, page)


def top_sheet(title: str, result: Sequence[Top], prepared: Preparation, page: Page) -> Scene:
    """The images of each filter, each with the receptive field of the greatest activation in a white box."""
    blocks: list[Panel] = []
    for each in result:
        panels: list[Panel] = []
        for hit in each.hits:
            picture = image_to_picture(prepared.pixels(hit.path))
            panel = image_panel(picture, IMAGE, page, hit.box)
            activation = f"{number_text(hit.value)} at row {hit.position[0]}, column {hit.position[1]}"
            lines = [shorten_middle(page.text(t), panel.width, NOTE) for t in (activation, os.path.basename(hit.path))]
            panels.append(captioned(panel, page, "", lines))
        blocks.append(captioned(in_rows(panels, page, 7), page, f"filter {each.filter}"))
    return sheet_scene(title, stacked(blocks, page), page)


def exemplars_sheet(title: str, result: Exemplars, names: Sequence[str], value: str, page: Page) -> Scene:
    """The images, and a plot of the objective, which is called ``value``, over the steps."""
    panels: list[Panel] = []
    for name, image, first, last in zip(names, result.images, result.objective[0], result.objective[-1], strict=True):
        panel = image_panel(image_to_picture(scale_to_range(image)), IMAGE, page)
        caption = shorten_middle(page.text(name), panel.width, bold=True)
        panels.append(captioned(panel, page, caption, (f"{number_text(first)} → {number_text(last)}",)))
    # A single image of each objective fills the rows; several are a row of their own.
    per_row = result.count if result.count > 1 else len(panels)
    rows = [in_rows(panels[i : i + per_row], page, 7) for i in range(0, len(panels), per_row)]
    plot = line_plot(names, result.objective, "step", value, page)
    return sheet_scene(title, stacked([*rows, plot], page), page)


def scale_to_range(image: Pixels) -> Pixels:
    """The image if its values lie between 0 and 1; otherwise scaled to that range, with its mean at mid-grey."""
    if image.min() >= 0 and image.max() <= 1:
        return image
    middle, spread = float(image.mean()), float(image.std()) or 1.0
    return np.asarray((image - middle) / (6 * spread) + 0.5, dtype=np.float32)


def attributions_sheet(title: str, image: Pixels, result: Sequence[Attribution], page: Page) -> Scene:
    """The image, and beside it the attribution of each method with its scale."""
    picture = image_to_picture(image)
    columns = max(1, min(len(result) + 1, 4, int((page.room + GAP) / (LEAST_ATTRIBUTION + GAP))))
    side = min(MOST_ATTRIBUTION, (page.room - GAP * (columns - 1)) / columns)
    panels = [captioned(image_panel(picture, side, page), page, "image")]
    for a in result:
        scale = attribution_scale(a)
        panel = image_panel(attribution_picture(picture, a, scale), side, page)
        bar = horizontal_bar(scale, panel.width, page)
        layer = [] if a.layer is None else [shorten_middle(page.text(f"layer {a.layer}"), panel.width, NOTE)]
        panels.append(captioned(stacked([panel, bar], page, 3), page, METHODS[a.method], [*layer, *_remarks(a)]))
    return sheet_scene(title, in_rows(panels, page), page)


METHODS = {
    "saliency": "saliency",
    "integrated_gradients": "integrated gradients",
    "grad_cam": "Grad-CAM",
    "rollout": "attention rollout",
    "occlusion": "occlusion",
}


def attribution_scale(a: Attribution) -> Scale:
    """The colours of an attribution: red for the class and blue against it, or dark to bright if it has no sign."""
    if a.signed:
        return robust_scale(a.values, "RdBu_r", signed=True, share=0.75 if a.method == "occlusion" else 1.0)
    if a.method in ("grad_cam", "rollout"):
        # Every patch has a share in rollout, so its values can lie far from zero.
        low = float(a.values.min()) if a.method == "rollout" else 0.0
        return Scale(low, float(a.values.max()), "inferno", 0.6)
    return robust_scale(a.values, "inferno", signed=False)


def attribution_picture(picture: Picture, a: Attribution, scale: Scale) -> Picture:
    """An attribution in the colours of its scale, over the image in grey if the scale says so."""
    colours = scale.picture(a.values)
    return colours if scale.share == 1 else overlay(picture, colours, scale.share)


def _remarks(a: Attribution) -> tuple[str, ...]:
    out: list[str] = []
    if a.grid is not None:
        out.append(f"{a.grid[0]}×{a.grid[1]} {'positions' if a.layer is not None else 'patches'}")
    if a.signed:
        out.append("red: for the class, blue: against")
    return tuple(out)
