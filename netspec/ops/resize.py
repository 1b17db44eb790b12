"""Operations that change the size of window axes: padding, cropping, interpolation, pixel and channel shuffles."""

from __future__ import annotations

from functools import partial
from typing import TYPE_CHECKING

from ..shapes.reads import SAME_POSITION, Along, AxisRead, ComputedRows, ReadPattern, Reads, equal_rows
from ..shapes.shape_error import ShapeError
from ..shapes.sizes import Size, exact_div, is_same, maximum, require_at_least, scale
from ..shapes.types import DTYPES, NUMBERS, TensorType, shape_text
from .argument import argument
from .base import Example, Op, Types
from .common.axes import axis_name, one_per_axis, shifted_reads
from .common.interpolation import averaging_reads, check_mode, input_step, interpolation_reads
from .common.resize_arguments import AMOUNT, MODE, SCALES, SIGNED_AMOUNT, SIZES, Amount, Mode
from .common.spatial_axes import channel_and_spatial_axes, like_sizes, require_exactly_one, resized
from .common.validators import (
    ANY_AXES,
    CHANNEL_AXIS,
    COUNT,
    FLAG,
    NUMBER,
    PAD_MODE,
    SHAPE_LAYER,
    PadMode,
)

if TYPE_CHECKING:
    from .rearrangement import Rearrangement

MAPS = "[64, 56, 56]"
LIKE = argument(SHAPE_LAYER, "the layer whose size to use", default=False, default_doc="none")


class Bordered(Op):
    """What padding and cropping share: an amount before and after each axis."""

    permutable = True
    primary = "amount"

    amount: Amount = argument(AMOUNT, "positions to add or remove before and after each axis")
    axis: tuple[int, ...] | None = argument(
        ANY_AXES, "the axes to work along", default=None, default_doc="the window axes"
    )

    def amounts(self, x: TensorType) -> tuple[tuple[int, int, int], ...]:
        """(axis, before, after) for the named axes, or for all but the channels."""
        axes = channel_and_spatial_axes(self, x)[1] if self.axis is None else self.axis
        pairs = one_per_axis(self.name, "amount", self.amount, len(axes))
        return tuple((a, before, after) for a, (before, after) in zip(axes, pairs, strict=True))


def nothing_left_of(op: str, x: TensorType, axis: int, off: Size) -> ShapeError:
    """NS551: an operation removes all positions of an axis."""
    actual = f"{axis_name(x, axis)}: {off} of {x.shape[axis]} are removed"
    return ShapeError("NS551", f"'{op}' must leave something of {actual}", at=((0, axis),))


class Pad(Bordered):
    """Padding before and after window axes, or the axes named; a negative amount removes positions."""

    accepts = NUMBERS
    examples = (Example("[3, 224, 224]", "{pad: [0, 1], mode: reflect}"),)
    size_rule = "n + before + after along each axis"

    amount: Amount = argument(
        SIGNED_AMOUNT, "positions to add before and after each axis, or to remove if negative, in mode zeros"
    )
    mode: PadMode = argument(PAD_MODE, "what the padding holds", default="zeros")
    value: float = argument(NUMBER, "the value of the padding in mode zeros", default=0.0)

    @property
    def border(self) -> str:
        """What the padding holds."""
        return self.mode

    def infer(self, *inputs: TensorType) -> Types:
        """The new sizes; ShapeError NS550 if there is too little to reflect or repeat, NS551 if nothing is left."""
        x = inputs[0]
        if self.value and self.mode != "zeros":
            raise ShapeError(
                "NS550", f"'pad' fills with a value in mode zeros; found value {self.value:g} and mode {self.mode}"
            )
        shape = list(x.shape)
        for a, before, after in self.amounts(x):
            removed = -sum(n for n in (before, after) if type(n) is int and n < 0)
            if removed and self.mode != "zeros":
                message = f"'pad' removes positions in mode zeros; found {before} and {after} in mode {self.mode}"
                raise ShapeError("NS550", message, help="`crop` before it removes them")
            if removed:
                require_at_least(x.shape[a] - removed, 1, partial(nothing_left_of, "pad", x, a, removed))
            if self.mode in ("reflect", "circular") and not (is_same(before, 0) and is_same(after, 0)):
                most = maximum(before, after)
                require_at_least(x.shape[a], most + (self.mode == "reflect"), partial(self._too_little, x, a, most))
            shape[a] = shape[a] + (before + after)
        return (x.with_shape(tuple(shape)),)

    def _too_little(self, x: TensorType, axis: int, most: int) -> ShapeError:
        border = ", not counting the border itself" if self.mode == "reflect" else ""
        return ShapeError(
            "NS550",
            f"'pad' with mode {self.mode} needs as many positions as it adds{border}; "
            f"{axis_name(x, axis)} has {x.shape[axis]} for {most}",
            at=((0, axis),),
        )

    def reads(self, inputs: Types, outputs: Types, output: int = 0) -> Reads:
        """Position by position, ``before`` later."""
        return (shifted_reads(inputs[0], {a: -before for a, before, _ in self.amounts(inputs[0])}),)


class Crop(Bordered):
    """Removes positions before and after window axes, or the axes named."""

    accepts = DTYPES
    examples = (Example(MAPS, "{crop: 2}"),)
    size_rule = "n - before - after along each axis"

    def infer(self, *inputs: TensorType) -> Types:
        """The smaller sizes; ShapeError NS551 if nothing is left."""
        x = inputs[0]
        shape = list(x.shape)
        for a, before, after in self.amounts(x):
            off = before + after
            shape[a] = require_at_least(shape[a] - off, 1, partial(nothing_left_of, "crop", x, a, off))
        return (x.with_shape(tuple(shape)),)

    def reads(self, inputs: Types, outputs: Types, output: int = 0) -> Reads:
        """Position by position, ``before`` earlier."""
        return (shifted_reads(inputs[0], {a: before for a, before, _ in self.amounts(inputs[0])}),)


class CenterCrop(Op):
    """The middle of every window axis, of a given size or that of another layer; an odd rest is removed at the end."""

    permutable = True
    primary = "size"
    accepts = DTYPES
    examples = (Example({"skip": "[64, 64, 64]", "up": "[64, 56, 56]"}, "{center_crop, like: up, from: skip}"),)
    size_rule = "as given, or as the other layer's"

    size: tuple[int, ...] | None = argument(
        SIZES, "size of each window axis of the output", default=None, default_doc="that of `like`"
    )
    like: bool = LIKE

    def infer(self, *inputs: TensorType) -> Types:
        """The given sizes; ShapeError NS551 if they exceed the input's."""
        x = inputs[0]
        require_exactly_one(self, size=self.size, like=self.like)
        _, axes = channel_and_spatial_axes(self, x)
        sizes: tuple[Size, ...]
        if self.size is None:
            sizes = like_sizes(self, len(axes), inputs[1])
        else:
            sizes = one_per_axis(self.name, "size", self.size, len(axes))
        for i, (a, size) in enumerate(zip(axes, sizes, strict=True)):
            require_at_least(x.shape[a] - size, 0, partial(self._too_large, inputs, i, size))
        return (resized(x, axes, sizes),)

    def _too_large(self, inputs: Types, i: int, size: Size) -> ShapeError:
        x = inputs[0]
        at = [(number, channel_and_spatial_axes(self, y)[1][i]) for number, y in enumerate(inputs)]
        a = at[0][1]
        return ShapeError(
            "NS551",
            f"'center_crop' must not exceed its input in {axis_name(x, a)}: {size} of {x.shape[a]}",
            at=at,
        )

    def reads(self, inputs: Types, outputs: Types, output: int = 0) -> Reads:
        """Position by position, offset by half the difference; of the other layer only the shape."""
        x, y = inputs[0], outputs[0]
        offsets = {a: (x.shape[a] - y.shape[a]) // 2 for a in channel_and_spatial_axes(self, x)[1]}
        return (shifted_reads(x, offsets), *(None,) * (len(inputs) - 1))


class Upsample(Op):
    """Interpolation of every window axis to ``scale`` times its size, a given size, or that of another layer."""

    permutable = True
    primary = "scale"
    examples = (Example(MAPS, "{upsample: 2, mode: bilinear}"),)
    size_rule = "floor(n * scale) along each axis, as given, or as the other layer's"

    scale: tuple[float, ...] | None = argument(
        SCALES, "ratio of the output's size to the input's", default=None, default_doc="that of `size` or `like`"
    )
    size: tuple[int, ...] | None = argument(
        SIZES, "size of each window axis of the output", default=None, default_doc="that of `scale` or `like`"
    )
    like: bool = LIKE
    mode: Mode = argument(MODE, "how to interpolate between positions", default="nearest")
    align_corners: bool = argument(
        FLAG, "whether the centres of the corner values of input and output coincide", default=False
    )
    antialias: bool = argument(
        FLAG, "whether to average over all values in reach where the output is smaller, as PIL does", default=False
    )

    @property
    def border(self) -> str:
        """The nearest value that exists."""
        return "replicate"

    def scales(self, count: int) -> tuple[float | None, ...]:
        """The factor for each of ``count`` axes; None if the size is given."""
        return (None,) * count if self.scale is None else one_per_axis(self.name, "scale", self.scale, count)

    def infer(self, *inputs: TensorType) -> Types:
        """``floor(n * scale)`` positions, or the sizes given.

        Raises ShapeError NS552 unless exactly one of scale, size and like is given, NS553 if the mode is for
        another number of axes, NS551 if nothing is left, NS598 if the scale of a named size is rounded.
        """
        x = inputs[0]
        require_exactly_one(self, scale=self.scale, size=self.size, like=self.like)
        _, axes = channel_and_spatial_axes(self, x)
        n = len(axes)
        check_mode(self.mode, self.align_corners, x, n)
        if self.antialias and (self.mode not in ("bilinear", "bicubic") or self.align_corners):
            actual = f"mode {self.mode}" if self.mode not in ("bilinear", "bicubic") else "align_corners"
            message = (
                f"antialias of 'upsample' is for modes bilinear and bicubic, without align_corners; found {actual}"
            )
            raise ShapeError("NS553", message)
        sizes: tuple[Size, ...]
        if self.size is not None:
            sizes = one_per_axis(self.name, "size", self.size, n)
        elif self.like:
            sizes = like_sizes(self, n, inputs[1])
        else:
            sizes = tuple(
                require_at_least(scale(x.shape[a], s, partial(_rounded, x, a, s)), 1, partial(self._nothing, x, a, s))
                for a, s in zip(axes, one_per_axis(self.name, "scale", self.scale or (), n), strict=True)
            )
        return (resized(x, axes, sizes),)

    def _nothing(self, x: TensorType, axis: int, scale: float) -> ShapeError:
        actual = f"{axis_name(x, axis)}: {scale:g} times {x.shape[axis]}"
        return ShapeError("NS551", f"'upsample' must leave something of {actual}", at=((0, axis),))

    def reads(self, inputs: Types, outputs: Types, output: int = 0) -> Reads:
        """The neighbours that the mode uses; of the other layer only the shape."""
        x, y = inputs[0], outputs[0]
        _, axes = channel_and_spatial_axes(self, x)
        out: list[AxisRead] = [Along(a, SAME_POSITION) for a in range(x.rank)]
        for a, factor in zip(axes, self.scales(len(axes)), strict=True):
            step = input_step(x.shape[a], y.shape[a], factor, self.align_corners)
            if self.antialias:
                out[a] = averaging_reads(a, step, self.mode)
            else:
                out[a] = interpolation_reads(a, step, self.mode, self.align_corners)
        return (tuple(out), *(None,) * (len(inputs) - 1))


def _rounded(x: TensorType, axis: int, scale: float) -> ShapeError:
    """The scale of a named size gives other sizes in floating point than as a fraction."""
    message = f"the scale of a named size must be one that rounding does not change; found {scale:g} for "
    message += f"{axis_name(x, axis)} {x.shape[axis]}"
    help = "a scale like 0.25, 0.5 or 1.5, or a 'size' that is computed: $(input.shape.1 // 3)"
    return ShapeError("NS598", message, at=((0, axis),), help=help, argument="scale")


class Shuffle(Op):
    """What pixel shuffles share: two window axes and a factor."""

    permutable = True
    primary = "factor"
    accepts = DTYPES

    factor: int = argument(COUNT, "ratio of the larger height and width to the smaller")

    def image(self, x: TensorType) -> tuple[int, tuple[int, int]]:
        """The channel axis and the two window axes; ShapeError NS555 for another number of window axes."""
        channel, axes = channel_and_spatial_axes(self, x)
        if len(axes) != 2 or channel is None:
            raise ShapeError("NS555", f"'{self.name}' works on images, of two window axes; found {shape_text(x.shape)}")
        return channel, (axes[0], axes[1])

    def indivisible(self, x: TensorType, axis: int, by: int) -> ShapeError:
        """A size that the factor must divide."""
        return ShapeError(
            "NS556",
            f"{by} must divide {axis_name(x, axis)} for '{self.name}' by {self.factor}; found {x.shape[axis]}",
            at=((0, axis),),
        )


class PixelShuffle(Shuffle):
    """Channels become pixels: (c * r^2, h, w) to (c, h * r, w * r) (Shi et al. 2016)."""

    examples = (Example("[12, 64, 64]", "{pixel_shuffle: 2}"),)
    size_rule = "channels / factor^2; n * factor in height and width"

    def infer(self, *inputs: TensorType) -> Types:
        """A factor r more in height and width, r^2 less in channels; ShapeError NS556 if r^2 does not divide."""
        x, r = inputs[0], self.factor
        channel, axes = self.image(x)
        c = exact_div(x.shape[channel], r * r, lambda: self.indivisible(x, channel, r * r))
        return (resized(x, (channel, *axes), (c, *(x.shape[a] * r for a in axes))),)

    def reads(self, inputs: Types, outputs: Types, output: int = 0) -> Reads:
        """r positions from each, and a block of r^2 channels to each channel."""
        x, r = inputs[0], self.factor
        channel, _ = self.image(x)
        out: list[AxisRead] = [Along(a, ReadPattern(1, equal_rows(r, (0,)))) for a in range(x.rank)]
        out[channel] = Along(channel, ReadPattern(r * r, (range(r * r),)))
        return (tuple(out),)

    def rearrangement(self, x: TensorType) -> Rearrangement | None:
        """Channels divided into (c, r, r), of which one r joins the height and one the width."""
        from .rearrangement import regrouped_axes

        r = self.factor
        channel, (down, right) = self.image(x)
        c, h, w = (x.shape[a] for a in (channel, down, right))
        return regrouped_axes(
            {channel: (c // (r * r), r, r), down: (h,), right: (w,)},
            {channel: ((channel, 0),), down: ((down, 0), (channel, 1)), right: ((right, 0), (channel, 2))},
        )


class PixelUnshuffle(Shuffle):
    """Pixels become channels: (c, h * r, w * r) to (c * r^2, h, w)."""

    examples = (Example("[3, 128, 128]", "{pixel_unshuffle: 2}"),)
    size_rule = "channels * factor^2; n / factor in height and width"

    def infer(self, *inputs: TensorType) -> Types:
        """A factor r less in height and width, r^2 more in channels; ShapeError NS556 if r does not divide."""
        x, r = inputs[0], self.factor
        channel, axes = self.image(x)
        sizes = tuple(exact_div(x.shape[a], r, partial(self.indivisible, x, a, r)) for a in axes)
        return (resized(x, (channel, *axes), (x.shape[channel] * (r * r), *sizes)),)

    def reads(self, inputs: Types, outputs: Types, output: int = 0) -> Reads:
        """Blocks of r positions, and r^2 channels from each channel."""
        x, r = inputs[0], self.factor
        channel, _ = self.image(x)
        out: list[AxisRead] = [Along(a, ReadPattern(r, (range(r),))) for a in range(x.rank)]
        out[channel] = Along(channel, ReadPattern(1, equal_rows(r * r, (0,))))
        return (tuple(out),)

    def rearrangement(self, x: TensorType) -> Rearrangement | None:
        """Height and width divided into (h, r) and (w, r), of which both r join the channels."""
        from .rearrangement import regrouped_axes

        r = self.factor
        channel, (down, right) = self.image(x)
        c, h, w = (x.shape[a] for a in (channel, down, right))
        return regrouped_axes(
            {channel: (c,), down: (h // r, r), right: (w // r, r)},
            {channel: ((channel, 0), (down, 1), (right, 1)), down: ((down, 0),), right: ((right, 0),)},
        )


class ChannelShuffle(Op):
    """Channels in groups, taken in turn from each group (Zhang et al. 2017, ShuffleNet)."""

    permutable = True
    primary = "groups"
    accepts = DTYPES
    examples = (Example("[116, 28, 28]", "{channel_shuffle: 2}"),)

    groups: int = argument(COUNT, "number of groups whose channels are interleaved")
    axis: int = argument(CHANNEL_AXIS, "the axis of the channels")

    def per_group(self, x: TensorType) -> Size:
        """Channels in a group; ShapeError NS556 if the groups do not divide the channels."""
        return exact_div(
            x.shape[self.axis],
            self.groups,
            lambda: ShapeError(
                "NS556",
                f"{self.groups} groups must divide {axis_name(x, self.axis)} for 'channel_shuffle'; "
                f"found {x.shape[self.axis]}",
                at=((0, self.axis),),
            ),
        )

    def infer(self, *inputs: TensorType) -> Types:
        """The same type."""
        self.per_group(inputs[0])
        return (inputs[0],)

    def reads(self, inputs: Types, outputs: Types, output: int = 0) -> Reads:
        """Channel ``i * groups + k`` reads channel ``k * per group + i``."""
        x = inputs[0]
        size = self.per_group(x)
        out: list[AxisRead] = [Along(a, SAME_POSITION) for a in range(x.rank)]
        out[self.axis] = Along(self.axis, ReadPattern(1, ComputedRows(self.groups, lambda k: (k * size,))))
        return (tuple(out),)
