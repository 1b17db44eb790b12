"""Each result as a sheet."""

from __future__ import annotations

import math
import os
from collections.abc import Sequence

import numpy as np

from .attribution import Attribution
from .exemplar import Exemplars
from .grids import Picture, boxed, ceiling, coloured, grid, kernel_tiles, laid_over, pictured, sized
from .images import Pixels, Preparation
from .kernels import Filters
from .maps import Activation
from .plots import objective, sparsity
from .ranking import Top
from .sheets import Panel, Sheet, shortened

KERNEL, MAP, IMAGE = 40, 84, 176
"""Sides of tiles, in pixels: a kernel, a filter's map, an image."""
ACROSS = 1040
"""Width of the widest sheet, in pixels, as far as that can be chosen."""


def filters_sheet(found: Filters, *, channels: int = 24) -> Sheet:
    """Kernels: in one grid where each is one tile, else a row for each filter and a column for each of its channels."""
    side = KERNEL if found.kernels.shape[1] not in (1, 3) or len(found.kernels) > 64 else round(1.6 * KERNEL)
    tiles = [[sized(t, side) for t in row[:channels]] for row in kernel_tiles(found.kernels)]
    n, c, height, width = found.kernels.shape
    title = f"{found.layer}: {n} filter{'s' if n != 1 else ''}, {height}×{width}"
    if all(len(row) == 1 for row in tiles):
        flat = [row[0] for row in tiles]
        sheet = Sheet(title)
        sheet.add(Panel(grid(flat, _columns(len(flat), flat[0].shape[1], 2), 2)))
        return sheet
    shown = len(tiles[0])
    note = f"a row a filter, a column a channel{f' (the first {shown} of {c})' if shown < c else ''}"
    sheet = Sheet(title)
    sheet.add(Panel(grid([t for row in tiles for t in row], shown, 2), note))
    return sheet


def activations_sheet(
    title: str, image: Pixels, found: Sequence[Activation], numbers: Sequence[Sequence[int]]
) -> Sheet:
    """The image, and below it for every layer with places the maps of some filters, of one scale in a layer."""
    sheet = Sheet(title)
    sheet.add(Panel(sized(pictured(image), 2 * MAP)))
    for a, chosen in zip(found, numbers, strict=True):
        if not a.spatial or not len(chosen):
            continue
        maps = a.values[list(chosen)]
        low, high = min(0.0, float(np.nanmin(maps))), float(np.nanmax(maps))
        tiles = [sized(coloured(m, low, high), MAP) for m in maps]
        names = f"{_numbers(chosen)} of {len(a.values)} filters"
        sheet.add(Panel(
            grid(tiles, _columns(len(tiles), tiles[0].shape[1], 4), 4),
            f"{a.layer}   {a.values.shape[1]}×{a.values.shape[2]}, {names}, {a.zeros:.0%} zeros"))
    return sheet


def sparsity_sheet(title: str, found: Sequence[Activation]) -> Sheet:
    """The share of zeros in every layer's answer over the depth of the network."""
    sheet = Sheet(title)
    width = min(12.0, max(5.0, 1.5 + 0.38 * len(found)))
    sheet.add(Panel(sparsity([a.layer for a in found], [a.zeros for a in found], width)))
    return sheet


def top_sheet(title: str, found: Top, prepared: Preparation) -> Sheet:
    """The images, each with the receptive field of the place that answered most in a white box."""
    sheet = Sheet(title)
    panels: list[Panel] = []
    for hit in found.hits:
        pixels = prepared.pixels(hit.path)
        picture = boxed(sized(pictured(pixels), IMAGE), hit.box, prepared.size[1:])
        place = f"{hit.value:.3g} at row {hit.place[0]}, column {hit.place[1]}"
        panels.append(Panel(picture, "", (shortened(place, picture.shape[1]),
                                          shortened(os.path.basename(hit.path), picture.shape[1]))))
    _rows(sheet, panels)
    return sheet


def exemplars_sheet(title: str, found: Exemplars, names: Sequence[str]) -> Sheet:
    """The images, and how the objective rose."""
    sheet = Sheet(title)
    panels: list[Panel] = []
    for name, image, first, last in zip(
        names, found.images, found.objective[0], found.objective[-1], strict=True
    ):
        picture = sized(pictured(stretched(image)), IMAGE)
        panels.append(Panel(picture, shortened(name, picture.shape[1]), (f"{first:.3g} → {last:.3g}",)))
    _rows(sheet, panels)
    sheet.add(Panel(objective(found.filters, found.objective)))
    return sheet


def stretched(image: Pixels) -> Pixels:
    """The image itself where its numbers lie between 0 and 1; else brought there, its mean at mid grey."""
    if image.min() >= 0 and image.max() <= 1:
        return image
    middle, spread = float(image.mean()), float(image.std()) or 1.0
    return np.asarray((image - middle) / (6 * spread) + 0.5, dtype=np.float32)


def attributions_sheet(title: str, image: Pixels, found: Sequence[Attribution]) -> Sheet:
    """The image, and beside it what each method says."""
    sheet = Sheet(title)
    picture = pictured(image)
    panels = [Panel(sized(picture, IMAGE), "image")]
    panels += [Panel(sized(heat(picture, a), IMAGE), METHODS[a.method], _remarks(a)) for a in found]
    _rows(sheet, panels)
    return sheet


METHODS = {
    "saliency": "saliency", "integrated_gradients": "integrated gradients", "grad_cam": "Grad-CAM",
    "occlusion": "occlusion",
}


def heat(picture: Picture, a: Attribution) -> Picture:
    """An attribution in colours: red for the class and blue against it, or black to bright where there is no sign."""
    if a.signed:
        most = ceiling(a.values)
        colours = coloured(a.values, -most, most, "RdBu_r")
        return laid_over(picture, colours, 0.75) if a.method == "occlusion" else colours
    if a.method == "grad_cam":
        return laid_over(picture, coloured(a.values, 0.0, float(a.values.max()), "inferno"))
    return coloured(a.values, 0.0, ceiling(a.values), "inferno")


def _remarks(a: Attribution) -> tuple[str, ...]:
    out: list[str] = []
    if a.layer is not None:
        out.append(f"layer {a.layer}")
    if a.signed:
        out.append("red: for the class, blue: against")
    return tuple(out)


def _columns(n: int, width: int, gap: int) -> int:
    """How many tiles stand in a row: about as many as rows, within the sheet's width."""
    fits = max(1, (ACROSS + gap) // (width + gap))
    return max(1, min(fits, max(8, math.ceil(math.sqrt(2 * n)))))


def _rows(sheet: Sheet, panels: Sequence[Panel]) -> None:
    if not panels:
        return
    across = max(1, ACROSS // (panels[0].picture.shape[1] + 14))
    for i in range(0, len(panels), across):
        sheet.add(*panels[i : i + across])


def _numbers(numbers: Sequence[int]) -> str:
    """``0–7``, ``3, 5, 9``."""
    if len(numbers) > 2 and list(numbers) == list(range(numbers[0], numbers[-1] + 1)):
        return f"{numbers[0]}–{numbers[-1]}"
    text = ", ".join(map(str, numbers[:12]))
    return text if len(numbers) <= 12 else f"{text} …"
