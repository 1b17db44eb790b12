"""Interpolation: which positions it reads, exact for every ratio of sizes.

Source coordinates are those of PyTorch and of ONNX's Resize: ``floor(j * r)`` for nearest, ``(j + 1/2) * r - 1/2``
for half-pixel centres, ``j * r`` with ``r = (n - 1) / (m - 1)`` for aligned corners, where r is the input's step for
one step of the output.
"""

from __future__ import annotations

import math
from fractions import Fraction

from ...shapes.reads import SAME_POSITION, WHOLE, Along, AxisRead, Fixed, ReadPattern
from ...shapes.shape_error import ShapeError
from ...shapes.sizes import Size
from ...shapes.types import TensorType, shape_text
from .regroup import MAX_ROWS

AXES_TEXT = {1: "one window axis", 2: "two window axes", 3: "three window axes"}
MODE_AXES = {"linear": 1, "bilinear": 2, "trilinear": 3, "bicubic": 2}


def check_mode(mode: str, align_corners: bool, x: TensorType, n: int) -> None:
    """ShapeError NS553 unless the mode is for ``n`` window axes of x, and interpolates if corners are aligned."""
    if n > 3:
        raise ShapeError("NS553", f"'upsample' is for one to three window axes; {shape_text(x.shape)} has {n}")
    if MODE_AXES.get(mode, n) != n:
        raise ShapeError(
            "NS553",
            f"mode {mode} of 'upsample' is for {AXES_TEXT[MODE_AXES[mode]]}; "
            f"{shape_text(x.shape)} has {AXES_TEXT.get(n, n)}",
            help=f"{('linear', 'bilinear', 'trilinear')[n - 1]} is for {AXES_TEXT[n]}",
        )
    if align_corners and mode == "nearest":
        raise ShapeError("NS553", "align_corners of 'upsample' needs a mode that interpolates; found nearest")


def input_step(before: Size, after: Size, scale: float | None, align_corners: bool) -> Fraction | None:
    """The input's step for one step of the output; None if it is not a fraction of small numbers.

    With a ``scale`` the step is 1 / scale, as in PyTorch, whatever the sizes round to.
    """
    if scale is not None and not align_corners:
        near = Fraction(scale).limit_denominator(MAX_ROWS)
        return 1 / near if near and abs(near - Fraction(scale)) < Fraction(1, 10**12) else None
    if type(before) is not int or type(after) is not int:
        return None
    if align_corners:
        return Fraction(before - 1, after - 1) if after > 1 else Fraction(0)
    return Fraction(before, after)


def interpolation_reads(axis: int, r: Fraction | None, mode: str, align_corners: bool) -> AxisRead:
    """What the positions along an output axis read of the same axis of the input."""
    if r is None or r.denominator > MAX_ROWS:
        return WHOLE
    if r == 0:
        return Fixed(0, 0)
    if r == 1:
        return Along(axis, SAME_POSITION)
    rows: list[tuple[int, ...]] = []
    for j in range(r.denominator):
        at = j * r if mode == "nearest" or align_corners else (j + Fraction(1, 2)) * r - Fraction(1, 2)
        first = at.numerator // at.denominator
        if mode == "nearest" or at.denominator == 1:
            rows.append((first,))
        elif mode == "bicubic":
            rows.append((first - 1, first, first + 1, first + 2))
        else:
            rows.append((first, first + 1))
    return Along(axis, ReadPattern(r.numerator, tuple(rows)))


def averaging_reads(axis: int, r: Fraction | None, mode: str) -> AxisRead:
    """The same with ``antialias``: all positions within the reach of the filter, which grows with the step."""
    if r is None or r == 0 or r.denominator > MAX_ROWS:
        return WHOLE
    reach = (2 if mode == "bicubic" else 1) * max(r, Fraction(1))
    rows: list[range] = []
    for j in range(r.denominator):
        centre = (j + Fraction(1, 2)) * r
        rows.append(range(math.floor(centre - reach + Fraction(1, 2)), math.floor(centre + reach + Fraction(1, 2))))
    return Along(axis, ReadPattern(r.numerator, tuple(rows)))
