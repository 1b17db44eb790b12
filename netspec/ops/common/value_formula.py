"""How one value of a layer's output is computed, as a formula; the sliding windows of convolution and pooling."""

from __future__ import annotations

from collections.abc import Sequence
from itertools import product
from typing import Any

from ...shapes.types import TensorType
from ...shapes.window import Window

OUT, TAPS = ("i", "j", "l"), ("a", "b", "e")
"""Indices of an output position along each window axis, and of an element of the window."""
MAX_TERMS = 25
"""Products of a filter that are written out."""


def element(name: str, x: TensorType, channel_axis: int, channel: str, places: Sequence[str]) -> str:
    """``x(c, i + a, j + b)``: an element of a tensor, its axes in the order of its layout."""
    others = iter(places)
    return f"{name}({', '.join(channel if axis == channel_axis else next(others) for axis in range(x.rank))})"


def place(axis: int, window: Window, before: int, tap: str | int) -> str:
    """The input position of an element of a window: ``2·i + a - 1``."""
    text = OUT[axis] if window.stride == 1 else f"{window.stride}·{OUT[axis]}"
    shift = -before
    if isinstance(tap, int):
        shift += window.dilation * tap
    else:
        text += f" + {tap}" if window.dilation == 1 else f" + {window.dilation}·{tap}"
    return text if shift == 0 else f"{text} {'-' if shift < 0 else '+'} {abs(shift)}"


def window_element(
    x: TensorType, channel_axis: int, channel: str, windows: Sequence[tuple[Window, int]], taps: Sequence[str | int]
) -> str:
    """The element of the input under an element of the windows, each with its padding before."""
    places = [place(a, w, before, tap) for a, ((w, before), tap) in enumerate(zip(windows, taps, strict=True))]
    return element("x", x, channel_axis, channel, places)


def written_out(
    values: Any, x: TensorType, channel_axis: int, windows: Sequence[tuple[Window, int]], bias: bool
) -> str | None:
    """The formula of a filter over one channel with its numbers; None if there are too many.

    Args:
        values: the filter as nested lists, one level for each window axis.
        x: the type of the input.
        channel_axis: its channel axis.
        windows: the window along each axis, with its padding before.
        bias: whether there is a bias.
    """
    terms: list[str] = []
    for taps in product(*(range(w.size) for w, _ in windows)):
        value = values
        for tap in taps:
            value = value[tap]
        if value == 0:
            continue
        sign = ("-" if value < 0 else "") if not terms else (" - " if value < 0 else " + ")
        size = abs(value)
        factor = "" if size == 1 else f"{int(size) if size == int(size) else size:g}·"
        terms.append(f"{sign}{factor}{window_element(x, channel_axis, '0', windows, taps)}")
    if len(terms) > MAX_TERMS:
        return None
    return ("".join(terms) or "0") + (" + bias" if bias else "")
