"""Slices."""

from __future__ import annotations

from typing import Any

import numpy as np

from netspec.shapes.sizes import Size, is_named, is_same

from ..batch import item_axis, off_axes
from ..errors import refused
from ..node import OnnxNode
from ..rule_table import Inputs, Result, rule
from ..site import Site
from ..values import SourceTensor

FAR = 2**31 - 1
"""Value from which an end means the end of the axis."""


@rule("Slice")
def slice_rule(r: Site, node: OnnxNode, inputs: Inputs) -> Result:
    """``slice`` of all axes at once; ``flip`` for steps of -1 over a whole axis."""
    x = inputs.need(0)
    starts, ends = r.integers(node, "starts", inputs), r.integers(node, "ends", inputs)
    if starts is None or ends is None:
        raise refused("malformed", "the start or the end of a slice is missing")
    axes = r.integers(node, "axes", inputs) or list(range(len(starts)))
    steps = r.integers(node, "steps", inputs) or [1] * len(starts)
    if not len(starts) == len(ends) == len(axes) == len(steps) or any(not -x.rank <= a < x.rank for a in axes):
        raise refused("malformed", "starts, ends, axes and steps have different lengths")
    flipped: list[int] = []
    slices: dict[int, tuple[Any, Any, int]] = {}
    for written_axis, start, end, step in zip(axes, starts, ends, steps, strict=True):
        axis: int = written_axis % x.rank
        size: Size = x.shape[axis]
        if step < 0:
            if step != -1 or not _is_whole(start, end, size):
                raise refused("argument", f"a step of {step} has no equivalent")
            flipped.append(axis)
        elif (bounds := _bounds(start, end, step, size)) is not None:
            slices[axis] = bounds
    empty = [axis for axis, bounds in slices.items() if bounds == (0, 0, 1)]
    if empty:  # an empty part, which a later node concatenates with others
        shape = tuple(0 if axis in empty else n for axis, n in enumerate(x.shape))
        return SourceTensor(
            shape, x.dtype, known=np.zeros([0 if axis in empty else 1 for axis in range(x.rank)], np.float32)
        )
    x = off_axes(r, x, [*flipped, *slices])
    number = r.number(x)
    if flipped:
        places = [item_axis(x, a) for a in flipped]
        (number,) = r.emit("flip", [number], {"axis": places if len(places) > 1 else places[0]})
    if slices:
        (number,) = r.emit("slice", [number], _arguments({item_axis(x, a): b for a, b in slices.items()}, number, r))
    return r.output_value(number, x.batch, x.shared)


def _arguments(slices: dict[int, tuple[Any, Any, int]], number: int, r: Site) -> dict[str, Any]:
    if len(slices) == 1:
        ((axis, (start, stop, step)),) = slices.items()
        out: dict[str, Any] = {"axis": axis}
        out |= {"start": start} if not is_same(start, 0) else {}
        out |= {"stop": stop} if stop is not None else {}
        return out | ({"step": step} if step != 1 else {})
    shape = r.types[number].shape
    stops = [shape[axis] if stop is None else stop for axis, (_, stop, _) in slices.items()]
    out = {"axis": list(slices), "start": [start for start, _, _ in slices.values()], "stop": stops}
    steps = [step for _, _, step in slices.values()]
    return out | ({"step": steps} if any(s != 1 for s in steps) else {})


def _is_whole(start: Any, end: Any, size: Size) -> bool:
    """Whether a slice in steps of -1 covers the whole axis."""
    if is_named(start) or is_named(end):
        return False
    first = is_same(start, -1) or start >= FAR or (not is_named(size) and start >= size - 1)
    return first and (end <= -FAR or (not is_named(size) and end < -size))


def _bounds(start: Any, end: Any, step: int, size: Size) -> tuple[Any, Any, int] | None:
    """Returns start, stop (None for the end) and step for netspec; None for the whole axis."""
    if not is_named(size) and not is_named(start) and not is_named(end):
        first, last, _ = slice(start, end, step).indices(size)
        if first == 0 and last >= size and step == 1:
            return None
        if last <= first:
            return 0, 0, 1
        return first, None if last >= size else last, step
    if (not is_named(end) and end >= FAR) or (is_named(size) and is_same(end, size)):
        end = None
    if is_same(start, 0) and end is None and step == 1:
        return None
    return start, end, step
