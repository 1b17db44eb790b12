"""Windows as channels, and back: the two parts of a convolution beside the product."""

from __future__ import annotations

import math
from functools import partial
from typing import TYPE_CHECKING

from ..shapes.reads import WHOLE, Along, AxisRead, ComputedRows, ReadPattern, Reads, equal_rows, transposed_reads
from ..shapes.shape_error import ShapeError
from ..shapes.sizes import Size, exact_div, product, require_equal
from ..shapes.types import CHANNELS, SEQUENCE, SPATIAL, TensorType, shape_text
from ..shapes.window import Padding, Window, output_size, window_padding
from .argument import argument
from .base import Example, Op, Types
from .common.regroup import MAX_ROWS
from .common.shared_arguments import DILATION, KERNEL, PADDING_DOC, STRIDE
from .common.sliding_windows import Windowed, windows
from .common.validators import PADDING, each_axis, size

if TYPE_CHECKING:
    from .derivation import Derivation

OUTPUT_SIZE = each_axis(1, "a positive integer", size)


class Unfold(Windowed):
    """The values under every window as the channels of a sequence of positions (im2col).

    The features are those of channel 0, row by row of the window, then those of channel 1; positions are row by row of
    the input.
    """

    primary = "kernel"
    examples = (Example("[3, 32, 32]", "{unfold2d: 4, stride: 4}"),)
    size_rule = "channels * elements of the window, by positions of the window as of a convolution"

    kernel: tuple[int, ...] = KERNEL
    stride: tuple[int, ...] = STRIDE
    padding: Padding = argument(PADDING, PADDING_DOC, default=((0, 0),))
    dilation: tuple[int, ...] = DILATION

    def windows(self) -> tuple[Window, ...]:
        """One window for each axis."""
        return windows(self.kernel, self.stride, self.dilation, self.padding)

    def infer(self, *inputs: TensorType) -> Types:
        """(features, positions), or (positions, features) with ``layout: channels_last``."""
        x = inputs[0]
        channel, _ = self.window_axes(x)
        return (
            _sequence(x, x.shape[channel] * math.prod(self.kernel), product(self.positions(x)), self.channels_last),
        )

    def reads(self, inputs: Types, outputs: Types, output: int = 0) -> Reads:
        """Rows and columns of windows along the positions; the channel along the features."""
        x = inputs[0]
        channel, axes = self.window_axes(x)
        features, places = (1, 0) if self.channels_last else (0, 1)
        rows, columns = super().reads(inputs, outputs)[0] or (), self.positions(x)[1]
        out: list[AxisRead] = [WHOLE] * x.rank
        out[channel] = Along(features, ReadPattern(1, equal_rows(math.prod(self.kernel), (0,))))
        vertical, horizontal = (rows[a] for a in axes)
        if (
            type(columns) is int
            and columns <= MAX_ROWS
            and isinstance(vertical, Along)
            and isinstance(horizontal, Along)
        ):
            (window,) = vertical.pattern.rows
            out[axes[0]] = Along(places, ReadPattern(vertical.pattern.step, equal_rows(columns, window)))
            (window,) = horizontal.pattern.rows
            step = horizontal.pattern.step
            out[axes[1]] = Along(
                places, ReadPattern(0, ComputedRows(columns, lambda r: [r * step + t for t in window]))
            )
        return (tuple(out),)

    def size_derivations(self, inputs: Types, outputs: Types) -> list[Derivation]:
        """The rule says it all."""
        return []


class Fold(Op):
    """Adds windows, each a position of a sequence, up where they overlap: `unfold2d` the other way (col2im)."""

    primary = "size"
    examples = (Example("[48, 64]", "{fold2d: 32, kernel: 4, stride: 4}"),)
    size_rule = "the features divided by the elements of the window, by the given sizes"

    size: tuple[int, ...] = argument(OUTPUT_SIZE, "height and width of the output")
    kernel: tuple[int, ...] = KERNEL
    stride: tuple[int, ...] = STRIDE
    padding: Padding = argument(PADDING, "positions around the output, which the windows cover, too", default=((0, 0),))
    dilation: tuple[int, ...] = DILATION

    def windows(self) -> tuple[Window, ...]:
        """One window for each axis."""
        return windows(self.kernel, self.stride, self.dilation, self.padding)

    def pads(self) -> tuple[tuple[Size, Size], ...]:
        """Padding (before, after) of height and width."""
        return tuple(window_padding(n, w) for n, w in zip(self.size, self.windows(), strict=True))

    def positions(self) -> tuple[Size, ...]:
        """Positions of the window in an output of that size; ShapeError NS510 if it does not fit."""
        return tuple(
            output_size(n, w, partial(self._too_large, n, w)) for n, w in zip(self.size, self.windows(), strict=True)
        )

    def _too_large(self, n: Size, w: Window) -> ShapeError:
        return ShapeError("NS510", f"the window of 'fold2d' is larger than its output: {w.extent} over {n} and padding")

    def infer(self, *inputs: TensorType) -> Types:
        """The image; ShapeError NS501 for another number of axes, NS581 if features or positions do not fit."""
        x = inputs[0]
        if x.rank != 2:
            words = "positions, features" if self.channels_last else "features, positions"
            message = f"'fold2d' works on 2 axes ({words}); found {x.rank}: {shape_text(x.shape)}"
            raise ShapeError("NS501", message)
        features, places = (1, 0) if self.channels_last else (0, 1)
        elements = math.prod(self.kernel)
        rows, columns = self.positions()

        def indivisible() -> ShapeError:
            message = f"the features of 'fold2d' must be a multiple of the {elements} elements of its window"
            return ShapeError("NS581", f"{message}; found {x.shape[features]}", at=((0, features),))

        def another_count() -> ShapeError:
            message = f"'fold2d' must have {rows} by {columns} positions for windows over {shape_text(self.size)}"
            return ShapeError("NS581", f"{message}; found {x.shape[places]}", at=((0, places),))

        channels = exact_div(x.shape[features], elements, indivisible)
        require_equal(x.shape[places], rows * columns, another_count)
        names = SPATIAL[2]
        if self.channels_last:
            return (TensorType((*self.size, channels), x.dtype, (*names, CHANNELS)),)
        return (TensorType((channels, *self.size), x.dtype, (CHANNELS, *names)),)

    def reads(self, inputs: Types, outputs: Types, output: int = 0) -> Reads:
        """The channel's features, and the rows of windows that contain the row."""
        features, places = (1, 0) if self.channels_last else (0, 1)
        channel, height = (2, 0) if self.channels_last else (0, 1)
        elements = math.prod(self.kernel)
        out: list[AxisRead] = [WHOLE, WHOLE]
        if elements <= MAX_ROWS:
            out[features] = Along(channel, ReadPattern(elements, (range(elements),)))
        columns, before = self.positions()[1], self.pads()[0][0]
        if type(columns) is int and type(before) is int:
            reads = transposed_reads(self.kernel[0], self.stride[0], self.dilation[0], before)

            def row(r: int) -> range:
                seen = reads.rows[r]
                return range(seen[0] * columns, (seen[-1] + 1) * columns) if seen else range(0)

            out[places] = Along(height, ReadPattern(reads.step * columns, ComputedRows(len(reads.rows), row)))
        return (tuple(out),)


def _sequence(x: TensorType, features: Size, positions: Size, channels_last: bool) -> TensorType:
    if channels_last:
        return TensorType((positions, features), x.dtype, (SEQUENCE, CHANNELS))
    return TensorType((features, positions), x.dtype, (CHANNELS, SEQUENCE))
