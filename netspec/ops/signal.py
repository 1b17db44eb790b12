"""Transforms of signals, and values at positions that a network computes."""

from __future__ import annotations

from typing import Literal, TypeAlias

from ..shapes.reads import SAME_POSITION, WHOLE, Along, AxisRead, Reads
from ..shapes.shape_error import ShapeError
from ..shapes.sizes import Size, require_at_least, require_equal
from ..shapes.types import CHANNELS, FULL_PRECISION, TensorType, shape_text
from .argument import Validator, argument
from .base import Example, Op, Types
from .common.axes import axis_name
from .common.validators import AXIS, COUNT, EXTENT, FLAG, each_axis, numbers, one_of, optional

WAVE = "[1, 16_000]"
Sampling: TypeAlias = Literal["bilinear", "nearest", "bicubic"]
SAMPLING: Validator[Sampling] = one_of("bilinear", "nearest", "bicubic")
Outside: TypeAlias = Literal["zeros", "border", "reflection"]
_TWO = each_axis(1, "a positive integer")
TWO_SIZES: Validator[tuple[int, ...]] = Validator(
    "a positive integer, or a list of two", _TWO.schema, lambda value, window_rank: _TWO.parse(value, 2)
)
OUTSIDE: Validator[Outside] = one_of("zeros", "border", "reflection")
SCALE = numbers("a number above 0, at most 1,000", {"exclusiveMinimum": 0, "maximum": 1000}, above=0.0, most=1000.0)


class Transform(Op):
    """What Fourier transforms share."""

    primary = "axis"
    accepts = FULL_PRECISION

    axis: int = argument(AXIS, "the axis of the signal")


class Rfft(Transform):
    """The discrete Fourier transform along an axis: the frequencies from 0 to half the sampling rate.

    Real and imaginary part are a further axis of 2, the last one.
    """

    examples = (Example(WAVE, "{rfft: 1}"),)
    size_rule = "n // 2 + 1 along the axis, and 2 after the others"

    def infer(self, *inputs: TensorType) -> Types:
        """One position for each frequency, and the parts at the end."""
        x = inputs[0]
        frequencies = x.shape[self.axis] // 2 + 1
        shape = (*x.shape[: self.axis], frequencies, *x.shape[self.axis + 1 :], 2)
        return (TensorType(shape, x.dtype, (*x.axes, "")),)

    def reads(self, inputs: Types, outputs: Types, output: int = 0) -> Reads:
        """The axis whole, position by position along the others."""
        out: list[AxisRead] = [Along(a, SAME_POSITION) for a in range(inputs[0].rank)]
        out[self.axis] = WHOLE
        return (tuple(out),)


class Irfft(Transform):
    """The signal whose Fourier transform, as of ``rfft``, has the real and imaginary parts in the last axis."""

    examples = (Example("[1, 8001, 2]", "{irfft: 1}"),)
    size_rule = "`size` along the axis, by default 2 (n - 1); the last axis is removed"

    size: Size | None = argument(
        optional(EXTENT), "size of the signal", default=None, default_doc="the even size that fits"
    )

    def length(self, x: TensorType) -> Size:
        """The size of the signal. Raises ShapeError NS533."""
        if x.rank < 2 or self.axis == x.rank - 1:
            raise self._misfit(x)
        require_equal(x.shape[-1], 2, lambda: self._misfit(x))
        n = require_at_least(x.shape[self.axis], 2 if self.size is None else 1, lambda: self._misfit(x))
        size = 2 * (n - 1) if self.size is None else self.size

        def fault() -> ShapeError:
            name = axis_name(x, self.axis)
            message = f"a signal of size {size} has {size // 2 + 1} frequencies; found {n} in {name}"
            return ShapeError("NS533", message, at=((0, self.axis),))

        require_equal(n, size // 2 + 1, fault)
        return size

    def _misfit(self, x: TensorType) -> ShapeError:
        message = f"'{self.name}' takes frequencies, two or more, and in the last axis their two parts"
        at = ((0, x.rank - 1),) if x.rank else ()
        return ShapeError("NS533", f"{message}; found {shape_text(x.shape)}", at=at)

    def infer(self, *inputs: TensorType) -> Types:
        """The signal. Raises ShapeError NS533."""
        x = inputs[0]
        shape = (*x.shape[: self.axis], self.length(x), *x.shape[self.axis + 1 : -1])
        return (TensorType(shape, x.dtype, x.axes[:-1]),)

    def reads(self, inputs: Types, outputs: Types, output: int = 0) -> Reads:
        """The axis and both parts whole, position by position along the other axes."""
        x = inputs[0]
        out: list[AxisRead] = [Along(a, SAME_POSITION) for a in range(x.rank)]
        out[self.axis] = out[-1] = WHOLE
        return (tuple(out),)


class GridSample(Op):
    """The values of an image at positions that another tensor gives (Jaderberg et al. 2015).

    The grid is (height, width, 2): x, then y, from -1 at the first column or row to 1 at the last. Inputs are the image
    and the grid.
    """

    primary = "mode"
    arity = (2, 2)
    accepts = FULL_PRECISION
    examples = (Example({"image": "[3, 64, 64]", "grid": "[32, 32, 2]"}, "{grid_sample, from: [image, grid]}"),)
    size_rule = "the channels of the image, the height and width of the grid"

    mode: Sampling = argument(SAMPLING, "interpolation between positions", default="bilinear")
    padding_mode: Outside = argument(OUTSIDE, "values outside of the image", default="zeros")
    align_corners: bool = argument(
        FLAG, "whether -1 and 1 are the centres of the outermost pixels, rather than their edges", default=False
    )

    def infer(self, *inputs: TensorType) -> Types:
        """The channels of the image at the positions of the grid. Raises ShapeError NS533."""
        x, grid = inputs

        def fault() -> ShapeError:
            message = f"'{self.name}' takes (channels, height, width) and a grid (height, width, 2)"
            actual = f"{shape_text(x.shape)} and {shape_text(grid.shape)}"
            at = ((1, grid.rank - 1),) if grid.rank else ()
            return ShapeError("NS533", f"{message}; found {actual}", at=at)

        if x.rank != 3 or grid.rank != 3 or x.channel not in (None, 0):
            raise fault()
        require_equal(grid.shape[-1], 2, fault)
        return (TensorType((x.shape[0], *grid.shape[:2]), x.dtype, (CHANNELS, "height", "width")),)

    def reads(self, inputs: Types, outputs: Types, output: int = 0) -> Reads:
        """Any position of the image, channel by channel; the grid position by position."""
        channel = Along(0, SAME_POSITION)
        return (channel, WHOLE, WHOLE), (Along(1, SAME_POSITION), Along(2, SAME_POSITION), WHOLE)


class RoiAlign(Op):
    """The features of an image within boxes, each on a grid of ``size`` (He et al. 2017), with torchvision's arguments.

    Boxes are (boxes, 4): left, top, right, bottom in the image's pixels times ``spatial_scale``. Inputs are the image
    and the boxes.
    """

    primary = "size"
    arity = (2, 2)
    accepts = FULL_PRECISION
    examples = (Example({"maps": "[256, 50, 50]", "boxes": "[100, 4]"}, "{roi_align: 7, from: [maps, boxes]}"),)
    size_rule = "one for each box, the channels, and `size` along height and width"

    size: tuple[int, ...] = argument(TWO_SIZES, "height and width of the result")
    spatial_scale: float = argument(SCALE, "pixels of the image for each unit of the boxes", default=1.0)
    sampling_ratio: int = argument(COUNT, "samples along each axis of a cell, which are averaged", default=2)
    aligned: bool = argument(FLAG, "whether pixels have their centres at halves, as in Detectron2", default=True)

    def infer(self, *inputs: TensorType) -> Types:
        """(boxes, channels, height, width). Raises ShapeError NS533."""
        x, boxes = inputs

        def fault() -> ShapeError:
            message = f"'{self.name}' takes (channels, height, width) and boxes (boxes, 4)"
            actual = f"{shape_text(x.shape)} and {shape_text(boxes.shape)}"
            at = ((1, boxes.rank - 1),) if boxes.rank else ()
            return ShapeError("NS533", f"{message}; found {actual}", at=at)

        if x.rank != 3 or boxes.rank != 2 or x.channel not in (None, 0):
            raise fault()
        require_equal(boxes.shape[1], 4, fault)
        shape = (boxes.shape[0], x.shape[0], *self.size)
        return (TensorType(shape, x.dtype, ("", CHANNELS, "height", "width")),)

    def reads(self, inputs: Types, outputs: Types, output: int = 0) -> Reads:
        """Any position of the image, channel by channel; box by box."""
        return (Along(1, SAME_POSITION), WHOLE, WHOLE), (Along(0, SAME_POSITION), WHOLE)
