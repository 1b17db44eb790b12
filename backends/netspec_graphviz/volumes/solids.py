"""Solids that represent feature maps: their sizes, and the shapes that draw them.

Images are boxes in oblique projection: channels run to the right, height down, width to the back. Sequences are flat
strips, channels to the right and length down. Vectors are bars. The length of a side grows with the square root of the
size (for vectors with its logarithm), so that 512 channels beside 3, and 7 pixels beside 224, are both visible.
"""

from __future__ import annotations

import math
from dataclasses import dataclass

from netspec.ir.at_sizes import type_at_default
from netspec.shapes.types import SEQUENCE, TensorType, compact_shape

from ..colours import KINDS, Theme
from ..paint import mix
from ..picture.scene import Circle, Line, Point, Polygon, Shape, Stroke, Text
from ..picture.typefaces import text_width

LARGEST = 170.0
"""Side length of the largest map, in points."""
BACK = (0.36, 0.30)
"""Offset to the right and up for each unit to the back."""
SIZE_TEXT = 9.5


@dataclass(frozen=True, slots=True)
class Solid:
    """A solid, with the top left corner of its front at (0, 0); lengths in points."""

    shape: str
    """``box``, ``strip``, ``bar`` or ``joint``."""
    across: float
    """Width of its front: channels."""
    down: float
    """Height of its front."""
    back: float
    """Its depth."""
    numbers: tuple[str, str, str] = ("", "", "")
    """Sizes written along those three sides."""
    counts: tuple[int, ...] = ()
    """The sizes of the last two sides, of those that it has."""

    @property
    def lean(self) -> Point:
        """Offset of the back from the front, to the right and up."""
        return self.back * BACK[0], self.back * BACK[1]

    @property
    def size(self) -> Point:
        """Width and height of the solid on the page, without its numbers."""
        return self.across + self.lean[0], self.down + self.lean[1]


@dataclass(frozen=True, slots=True)
class LargestSizes:
    """The largest sizes in a figure, which define its scale."""

    spatial: int
    length: int

    def solid(self, type_: TensorType, joint: bool = False) -> Solid:
        """The solid of a map, with the sizes of the defaults and the names of dimensions written along its sides.

        Args:
            type_: its type.
            joint: whether it is the sign of a sum or product.
        """
        if joint:
            return Solid("joint", 20, 20, 0)
        shape = type_at_default(type_).shape
        texts = [compact_shape((n,)) for n in type_.shape] or ["1"]
        if type_.axes == (SEQUENCE,):
            return Solid("strip", 12, self._side(shape[0], self.length), 0, ("", texts[0], ""), (shape[0],))
        channel = type_.channel if type_.channel is not None else len(shape) - 1
        rest = [a for a in range(len(shape)) if a != channel]
        if not rest:
            n = shape[0] if shape else 1
            return Solid("bar", 9, min(24 + 13 * math.log2(n + 1), 210), 14, (texts[0], "", ""))
        channels = min(3 + 1.6 * math.sqrt(shape[channel]), 120.0)
        if len(rest) == 1:
            n = shape[rest[0]]
            return Solid("strip", channels, self._side(n, self.length), 0, (texts[channel], texts[rest[0]], ""), (n,))
        *frames, high, wide = rest
        first = "×".join([texts[a] for a in (channel, *frames)])
        sides = self._side(shape[high], self.spatial), self._side(shape[wide], self.spatial)
        return Solid("box", channels, *sides, (first, texts[high], texts[wide]), (shape[high], shape[wide]))

    def _side(self, n: int, largest: int) -> float:
        return max(LARGEST * math.sqrt(n / largest), 5.0)


def largest_sizes(types: list[TensorType]) -> LargestSizes:
    """The scale of a figure with maps of these types."""
    spatial, length = 1, 1
    for t in types:
        rest = [n for a, n in enumerate(t.shape) if a != (t.channel if t.channel is not None else t.rank - 1)]
        if len(rest) > 1:
            spatial = max(spatial, *rest[-2:])
        elif rest:
            length = max(length, rest[0])
        elif t.axes == (SEQUENCE,):
            length = max(length, t.shape[0])
    return LargestSizes(spatial, length)


def draw_solid(
    solid: Solid,
    x: float,
    y: float,
    colour: str,
    theme: Theme,
    *,
    parts: tuple[int, ...] = (),
    activated: bool = False,
    sign: str = "",
) -> list[Shape]:
    """The shapes of a solid, with the top left corner of its front at (x, y).

    Args:
        solid: the solid.
        x: increases to the right.
        y: increases downwards.
        colour: colour of its front; the top is lighter, the side darker.
        theme: colours of the figure.
        parts: numbers of channels that are separated by lines.
        activated: whether its end has the colour of activations.
        sign: text of a joint.
    """
    edge = Stroke(mix(colour, "#10151b", 0.62), 0.9)
    a, d, (bx, by) = solid.across, solid.down, solid.lean
    if solid.shape == "joint":
        middle = (x + a / 2, y + d / 2)
        return [
            Circle(*middle, a / 2, theme.closed, Stroke(theme.ink, 1.2)),
            Text(middle[0], middle[1] + 4.5, sign, 13, theme.ink, bold=True, anchor="middle"),
        ]
    end = x + a
    split = end - max(min(a * 0.2, 7.0), 2.5) if activated and a > 6 else end
    tail = KINDS["activation"].colour
    out: list[Shape] = []
    for left, right, c in ((x, split, colour), (split, end, tail)):
        if right > left:
            out.append(Polygon(((left, y), (right, y), (right, y + d), (left, y + d)), c))
            if solid.back:
                top = ((left, y), (right, y), (right + bx, y - by), (left + bx, y - by))
                out.append(Polygon(top, mix(c, "#ffffff", 0.45)))
    if solid.back:
        side = ((end, y), (end + bx, y - by), (end + bx, y - by + d), (end, y + d))
        out.append(Polygon(side, mix(colour, "#10151b", 0.16), edge))
        out.append(Polygon(((x, y), (end, y), (end + bx, y - by), (x + bx, y - by)), None, edge))
    out.append(Polygon(((x, y), (end, y), (end, y + d), (x, y + d)), None, edge))
    fine = Stroke(mix(colour, "#10151b", 0.45), 0.7)
    whole, so_far = sum(parts), 0
    for n in parts[:-1]:
        so_far += n
        at = x + a * so_far / whole
        out.append(Line(((at, y + d), (at, y), (at + bx, y - by)), fine))
    if solid.shape == "strip":
        rows = solid.counts[0]
        step = d / rows if d / rows >= 4 else d / max(int(d / 7), 1)
        out += [Line(((x, y + k * step), (end, y + k * step)), fine) for k in range(1, round(d / step))]
    return out


def size_labels(solid: Solid, x: float, y: float, theme: Theme) -> list[Shape]:
    """The sizes along the sides of a solid: below, to the left, and along the lower edge to the back."""
    across, down, back = solid.numbers
    d, (bx, by) = solid.down, solid.lean
    out: list[Shape] = []
    if across:
        out.append(Text(x + solid.across / 2, y + d + 11, across, SIZE_TEXT, theme.ink, anchor="middle"))
    if down:
        out.append(Text(x - 3, y + d - 1, down, SIZE_TEXT, theme.ink, anchor="end"))
    if back:
        out.append(Text(x + solid.across + bx / 2 + 4, y + d - by / 2 + 9, back, SIZE_TEXT, theme.ink))
    return out


def label_overhang(solid: Solid) -> tuple[float, float]:
    """How far the numbers extend to the left and to the right of a solid."""
    across, down, back = (text_width(n, SIZE_TEXT) for n in solid.numbers)
    over = max(0.0, across - solid.across) / 2
    return max(down + 3 if down else 0.0, over), max(0.0, back + 4 - solid.lean[0] / 2 if back else 0.0)


def window_corners(
    solid: Solid, x: float, y: float, kernel: tuple[int, ...], sizes: tuple[int, ...]
) -> tuple[Point, ...]:
    """Corners of a window on the right side of a box, or on a strip, a third of the way down."""
    a, d, (bx, by) = solid.across, solid.down, solid.lean
    down, wide = kernel[max(len(kernel) - 2, 0)], kernel[len(kernel) - 1]
    high = min(max(d * down / max(sizes[0], 1), 4.0), d * 0.8)
    top = (d - high) * 0.3
    if solid.shape == "strip":
        return (x, y + top), (x + a, y + top), (x + a, y + top + high), (x, y + top + high)
    share = min(max(wide / max(sizes[-1], 1), 4.0 / max(bx, 4.0)), 0.8)
    near = (1 - share) * 0.45
    far = near + share
    return (
        (x + a + bx * near, y - by * near + top),
        (x + a + bx * far, y - by * far + top),
        (x + a + bx * far, y - by * far + top + high),
        (x + a + bx * near, y - by * near + top + high),
    )
