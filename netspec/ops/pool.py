"""Pooling: sliding, adaptive and global windows, and LeNet-5's trainable subsampling."""

import math
from functools import partial
from typing import ClassVar

from ..shapes.reads import SELF, WHOLE, Along, AxisRead, Reads, Taps, all_but
from ..shapes.sizes import ShapeError, Size, ceil_div, equal, require
from ..shapes.types import CHANNELS, TensorType, shown
from ..shapes.window import Window, length, misses
from .base import ZEROS, Init, Op, Types, Weight
from .common.arguments import Flag, Layer, MaybePerAxis, Pads, PerAxis, Positive
from .common.axes import axis_name
from .common.channels import channel_axis, size_of
from .common.initial import Choice, InitChoice
from .conv import Windowed, windows


class Sliding(Windowed):
    """What all pooling over sliding windows shares; every channel is pooled by itself."""

    primary: ClassVar[str | None] = "size"

    size: PerAxis
    stride: MaybePerAxis = None
    """The size of the window where it is not given."""

    def strides(self) -> tuple[int, ...]:
        """Steps along each axis."""
        return self.size if self.stride is None else self.stride

    def windows(self) -> tuple[Window, ...]:
        """One window for each axis."""
        return windows(self.size, self.strides(), (1,) * self.rank, "valid")

    def infer(self, *inputs: TensorType) -> Types:
        """The window positions, and the channels as they were."""
        x = inputs[0]
        channel, _ = self.window_axes(x)
        return (self.placed(x.shape[channel], self.positions(x), x.dtype),)

    def reads(self, inputs: Types, outputs: Types, output: int = 0) -> Reads:
        """Windows along their axes, channel by channel."""
        x = inputs[0]
        channel, _ = self.window_axes(x)
        read = super().reads(inputs, outputs, output)[0]
        assert read is not None
        return (tuple(Along(a, SELF) if a == channel else along for a, along in enumerate(read)),)


class Padded(Sliding):
    """Sliding windows that may stand over the edge."""

    padding: Pads = ((0, 0),)
    ceil_mode: Flag = False

    def windows(self) -> tuple[Window, ...]:
        """One window for each axis."""
        return windows(self.size, self.strides(), (1,) * self.rank, self.padding, self.ceil_mode)

    def infer(self, *inputs: TensorType) -> Types:
        """The window positions, the channels as they were; ShapeError NS525 where a window would see padding alone."""
        for w in self.windows():
            if isinstance(w.pads, tuple) and max(w.pads) >= w.extent:
                raise ShapeError(
                    "NS525",
                    f"padding of '{self.name}' must be smaller than its window; found {max(w.pads)} and {w.extent}",
                    help="a 'pad' before it adds any amount",
                )
        return super().infer(*inputs)


class MaxPool(Padded):
    """The greatest value in each window; padding does not count."""

    dilation: PerAxis = (1,)

    def windows(self) -> tuple[Window, ...]:
        """One window for each axis."""
        return windows(self.size, self.strides(), self.dilation, self.padding, self.ceil_mode)

    def infer(self, *inputs: TensorType) -> Types:
        """As for all; ShapeError NS525 also where taps step over the whole input."""
        out, x = super().infer(*inputs), inputs[0]
        _, axes = self.window_axes(x)
        for a, w, count in zip(axes, self.windows(), self.positions(x), strict=True):
            if misses(x.shape[a], w, count):
                raise ShapeError(
                    "NS525", f"every window of '{self.name}' must see more than padding; found taps {w.dilation} apart "
                    f"in {axis_name(x, a)}, over {x.shape[a]}",
                    at=((0, a),), help=f"a dilation of at most {x.shape[a]}",
                )
        return out


class AvgPool(Padded):
    """The mean of each window; ``count_include_pad`` says whether padding counts as zeros in it."""

    count_include_pad: Flag = True


class LpPool(Padded):
    """The ``p``-norm of each window: the p-th root of the sum of the p-th powers."""

    p: Positive = 2.0


class StochasticPool(Sliding):
    """One value of each window, drawn in proportion to its size in training; the mean so weighted in inference.

    Zeiler & Fergus 2013, "Stochastic Pooling for Regularization of Deep Convolutional Neural Networks": for values
    of at least 0. A window of zeros gives 0.
    """


class MaxUnpool(Op):
    """Max pooling undone (SegNet): each value goes where ``like`` had the maximum of that window, among zeros.

    The windows stand side by side, as those of the ``max_pool`` of ``like`` with the same size do.
    """

    primary: ClassVar[str | None] = "size"
    arity: ClassVar[tuple[int, int | None]] = (1, 1)

    size: PerAxis
    like: Layer
    """What was pooled, not what came of it."""

    def windows(self) -> tuple[Window, ...]:
        """One window for each axis."""
        return windows(self.size, self.size, (1,) * self.rank, "valid")

    def infer(self, *inputs: TensorType) -> Types:
        """The shape of ``like``; ShapeError NS512 unless pooling that would give the shape of the input."""
        x, like = inputs
        (channel, axes), (first, wide) = self.window_axes(x), self.window_axes(like)
        equal(x.shape[channel], like.shape[first], partial(self._differ, inputs, channel, like.shape[first]))
        for a, b, w in zip(axes, wide, self.windows(), strict=True):
            count = length(like.shape[b], w, partial(self._differ, inputs, a, 0))
            equal(x.shape[a], count, partial(self._differ, inputs, a, count))
        return (like.with_shape(like.shape),)

    def _differ(self, inputs: Types, axis: int, pooled: Size) -> ShapeError:
        x = inputs[0]
        return ShapeError(
            "NS512", f"'{self.name}' takes what pooling its like gives; they differ in {axis_name(x, axis)}: "
            f"{x.shape[axis]} and {pooled}", at=((0, axis), (1, axis)),
        )

    def reads(self, inputs: Types, outputs: Types, output: int = 0) -> Reads:
        """The value of its window, and all of ``like`` in that window, channel by channel."""
        channel, axes = self.window_axes(outputs[0])
        value: list[AxisRead] = [Along(channel, SELF)] * outputs[0].rank
        window = value.copy()
        for a, n in zip(axes, self.size, strict=True):
            value[a] = Along(a, Taps(1, ((0,),) * n))
            window[a] = Along(a, Taps(n, (range(n),) * n))
        return (tuple(value), tuple(window))


class Subsample(Sliding):
    """The sum of each window, times a trainable gain, plus a trainable bias for each channel (LeCun et al. 1998)."""

    init: InitChoice = Choice()

    def weights(self, *inputs: TensorType) -> tuple[Weight, ...]:
        """``weight`` (channels), at first one over the size of the window: the mean; ``bias`` (channels)."""
        x = inputs[0]
        c = size_of(self.name, x, self.window_axes(x)[0])
        mean = Init("constant", (1.0 / math.prod(self.size),))
        return self.init.applied((Weight("weight", (c,), mean), Weight("bias", (c,), ZEROS)))

    def connection_count(self, inputs: Types, outputs: Types) -> Size:
        """The window's elements and the bias, for each output element: LeNet-5's S2 has 5,880."""
        return outputs[0].elements * (math.prod(self.size) + 1)


class Adaptive(Windowed):
    """Pooling to a given size, whatever the size of the input; every channel is pooled by itself."""

    primary: ClassVar[str | None] = "size"

    size: PerAxis

    def infer(self, *inputs: TensorType) -> Types:
        """The size asked for, and the channels as they were."""
        x = inputs[0]
        channel, axes = self.window_axes(x)
        for a in axes:
            require(x.shape[a], 1, partial(self._nothing, x, a))
        return (self.placed(x.shape[channel], self.size, x.dtype),)

    def _nothing(self, x: TensorType, axis: int) -> ShapeError:
        named = x.axes[axis] or f"axis {axis}"
        return ShapeError("NS511", f"'{self.name}' has nothing to pool in {named}", at=((0, axis),))

    def reads(self, inputs: Types, outputs: Types, output: int = 0) -> Reads:
        """Position i of m reads from ``floor(i n / m)`` up to before ``ceil((i + 1) n / m)``; channel by channel."""
        x = inputs[0]
        channel, axes = self.window_axes(x)
        out: list[AxisRead] = [WHOLE] * x.rank
        out[channel] = Along(channel, SELF)
        for a, m in zip(axes, self.size, strict=True):
            n = x.shape[a]
            if type(n) is int and m > 1:
                out[a] = Along(a, adaptive(n, m))
        return (tuple(out),)


class AdaptiveAvgPool(Adaptive):
    """The mean of windows that divide the input into a given number of positions."""


class AdaptiveMaxPool(Adaptive):
    """The greatest values in windows that divide the input into a given number of positions."""


class Global(Op):
    """What global pooling shares: every axis but the channels is pooled."""

    moves: ClassVar[bool] = True

    keepdims: Flag = False

    def infer(self, *inputs: TensorType) -> Types:
        """A vector of channels; with ``keepdims`` the other axes stay, of size one."""
        x = inputs[0]
        channel = self.channel(x)
        c = x.shape[channel]
        if not self.keepdims:
            return (TensorType((c,), x.dtype, (CHANNELS,)),)
        return (x.with_shape(tuple(c if a == channel else 1 for a in range(x.rank))),)

    def channel(self, x: TensorType) -> int:
        """Number of the channel axis; ShapeError NS520 where it is not known, NS501 where there is no other."""
        channel = channel_axis(self.name, x)
        if x.rank < 2:
            found = shown(x.shape)
            raise ShapeError("NS501", f"'{self.name}' pools every axis but the channels; in {found} there is no other")
        return channel

    def reads(self, inputs: Types, outputs: Types, output: int = 0) -> Reads:
        """Every position of its channel."""
        x = inputs[0]
        channel = self.channel(x)
        if self.keepdims:
            return (all_but(x, *(a for a in range(x.rank) if a != channel)),)
        return (tuple(Along(0, SELF) if a == channel else WHOLE for a in range(x.rank)),)


class GlobalAvgPool(Global):
    """The mean of each channel."""


class GlobalMaxPool(Global):
    """The greatest value of each channel."""


def adaptive(n: int, m: int) -> Taps:
    """The windows of m positions over n elements; they repeat every ``m / gcd(n, m)`` positions."""
    shared = math.gcd(n, m)
    period, step = m // shared, n // shared
    return Taps(step, tuple(tuple(range(r * n // m, ceil_div((r + 1) * n, m))) for r in range(period)))
