"""``netspec see window``: the numbers under a window of a layer, and what it makes of them."""

from __future__ import annotations

import argparse
import math
from collections.abc import Iterator
from itertools import islice

import numpy as np
from numpy.typing import NDArray

from netspec_picture.scene import Scene

from .image_arguments import about, prepared_for
from .loaded_network import Network, Progress
from .number_grid import OTHER_WINDOW, Outline, format_number, number_grid
from .see_result import SeeResult
from .sheet_layout import INK, Page, Panel, captioned, in_rows, sheet_scene, stacked
from .window_view import WindowView, window

MOST_CHANNELS = 4
"""Channels of the input that are drawn."""
WHOLE = 20
"""The most rows and columns of a map that is drawn as a whole."""


def see_window(net: Network, args: argparse.Namespace, progress: Progress) -> SeeResult:
    """The numbers under a window of a layer."""
    prepared = prepared_for(net, args)
    pixels = prepared.pixels(args.image)
    view = window(net, args.layer, prepared.normalize(pixels), args.position, args.filter)
    under = view.under_window()
    arrays = {"inputs": view.inputs, "under_window": under, "output": view.output}
    if view.kernel is not None:
        arrays["kernel"] = view.kernel
    report = {
        **about(net),
        "image": args.image,
        "layer": view.layer,
        "filter": view.filter,
        "position": list(view.position),
        "channels": list(view.channels),
        "rows": view.axes[0].positions(view.position[0]),
        "columns": view.axes[1].positions(view.position[1]),
        "under_window": np.where(np.isnan(under), 0, under),
        "weights": view.kernel if view.kernel is None else view.kernel.tolist(),
        "bias": view.bias,
        "value": view.value,
        "activated": view.activated,
    }
    return SeeResult("window", report, list(text(view)), arrays, lambda page: sheet(view, page, args.around))


def text(view: WindowView) -> Iterator[str]:
    """Where the window is, and the computation of its value in numbers."""
    (rows, columns), (row, column) = view.axes, view.position
    where = f"{view.layer}, filter {view.filter}, row {row}, column {column}"
    source = f"{view.source} with zeros between its values" if view.transposed else view.source
    yield f"{where}: reads rows {_span(rows.positions(row))}, columns {_span(columns.positions(column))} of {source}"
    under = view.under_window()
    if view.kernel is None:
        numbers = ", ".join(format_number(float(v)) for v in under.ravel() if not math.isnan(v))
        yield f"  {view.op} of {numbers}"
    else:
        products = zip(view.channels, under, view.kernel, strict=True)
        for channel, values, weights in islice(products, MOST_CHANNELS):
            label = f"channel {channel}: " if len(view.channels) > 1 else ""
            total = format_number(float(np.nansum(weights * values)))
            yield f"  {label}{_sum_of_products(weights, values)} = {total}"
        if len(view.channels) > MOST_CHANNELS:
            yield f"  and so on for all {len(view.channels)} channels"
        if view.bias is not None:
            yield f"  bias {format_number(view.bias)}"
        if len(view.channels) > 1 or view.bias is not None:
            yield f"  together {format_number(view.value)}"
    if view.kernel is None:
        yield f"  = {format_number(view.value)}"
    if view.activation is not None:
        yield f"  {view.activation} makes it {format_number(view.activated)}"


def _sum_of_products(weights: NDArray[np.float32], values: NDArray[np.float32]) -> str:
    """``1 × 0.93 - 4 × 0.82``: without products that are zero because of the weight or the padding."""
    text = ""
    for weight, value in zip(weights.ravel(), values.ravel(), strict=True):
        if weight != 0 and not math.isnan(value):
            sign = ("-" if weight < 0 else "") if not text else (" - " if weight < 0 else " + ")
            text += f"{sign}{format_number(abs(float(weight)))} × {format_number(float(value))}"
    return text or "0"


def sheet(view: WindowView, page: Page, around: int = 2) -> Scene:
    """The input around the window, the weights, and the output around the position."""
    title = f"{view.layer}, filter {view.filter}: {view.op} at row {view.position[0]}, column {view.position[1]}"
    several = len(view.channels) > 1
    pairs = list(zip(view.channels, view.inputs, strict=True))[:MOST_CHANNELS]
    names = [f", channel {number}" if several else "" for number, _ in pairs]
    inputs = [
        captioned(
            number_grid(*input_grid(view, values, around), page),
            page,
            f"{view.source}{name}{', zeros between' if view.transposed else ''}",
        )
        for name, (_, values) in zip(names, pairs, strict=True)
    ]
    weights: list[Panel] = []
    if view.kernel is not None:
        weights = [
            captioned(number_grid(k, (), page), page, f"weights{name}{', mirrored' if view.transposed else ''}")
            for name, k in zip(names, view.kernel, strict=False)
        ]
    output = captioned(number_grid(*output_grid(view, around), page), page, "output", _below(view))
    if several:
        return sheet_scene(title, stacked([in_rows(inputs, page), in_rows([*weights, output], page)], page), page)
    return sheet_scene(title, in_rows([*inputs, *weights, output], page), page)


def _below(view: WindowView) -> tuple[str, ...]:
    """What the picture of the output adds in words."""
    lines = [f"bias {format_number(view.bias)}"] if view.bias is not None else []
    return (*lines, f"before {view.activation}") if view.activation is not None else tuple(lines)


def input_grid(view: WindowView, values: NDArray[np.float32], around: int) -> tuple[NDArray[np.float32], list[Outline]]:
    """The input with the window outlined; padding is ``?``. Small maps are drawn whole, with all their windows."""
    rows, columns = (axis.positions(at) for axis, at in zip(view.axes, view.position, strict=True))
    height, width = values.shape
    whole = max(height, width) <= WHOLE
    out_rows, out_columns = view.output.shape
    last_row = view.axes[0].positions(out_rows - 1)[-1]
    last_column = view.axes[1].positions(out_columns - 1)[-1]
    top, left = -view.axes[0].before, -view.axes[1].before
    bottom, right = max(height, last_row + 1), max(width, last_column + 1)
    if not whole:
        top, left = max(top, rows[0] - around), max(left, columns[0] - around)
        bottom, right = min(bottom, rows[-1] + 1 + around), min(right, columns[-1] + 1 + around)
    grid = np.full((bottom - top, right - left), np.nan, np.float32)
    inside = values[max(top, 0) : max(bottom, 0), max(left, 0) : max(right, 0)]
    grid[max(-top, 0) :, max(-left, 0) :][: inside.shape[0], : inside.shape[1]] = inside
    outlines = [Outline(max(-top, 0), max(-left, 0), min(height, bottom) - top, min(width, right) - left, INK, 1.0)]
    apart = all(axis.stride >= axis.size for axis in view.axes)
    if apart and whole:
        for i in range(out_rows):
            for j in range(out_columns):
                r, c = view.axes[0].positions(i), view.axes[1].positions(j)
                outlines.append(Outline(r[0] - top, c[0] - left, r[-1] + 1 - top, c[-1] + 1 - left, OTHER_WINDOW, 1.0))
    outlines.append(Outline(rows[0] - top, columns[0] - left, rows[-1] + 1 - top, columns[-1] + 1 - left))
    return grid, outlines


def output_grid(view: WindowView, around: int) -> tuple[NDArray[np.float32], list[Outline]]:
    """The output with the position outlined; a large map around it."""
    height, width = view.output.shape
    row, column = view.position
    if max(height, width) <= WHOLE:
        top, left, bottom, right = 0, 0, height, width
    else:
        top, left = max(row - around - 1, 0), max(column - around - 1, 0)
        bottom, right = min(row + around + 2, height), min(column + around + 2, width)
    outline = Outline(row - top, column - left, row - top + 1, column - left + 1)
    return view.output[top:bottom, left:right], [outline]


def _span(positions: list[int]) -> str:
    """Positions as text: ``3-5``, or ``3, 5, 7`` where they are apart."""
    first, last = positions[0], positions[-1]
    if len(positions) == 1:
        return str(first)
    return f"{first} to {last}" if last - first == len(positions) - 1 else ", ".join(map(str, positions))
