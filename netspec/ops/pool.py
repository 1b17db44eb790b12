"""Pooling: sliding, adaptive and global windows, and LeNet-5's trainable subsampling."""

from __future__ import annotations

import math
from functools import partial
from typing import TYPE_CHECKING

from ..shapes.reads import (
    SAME_POSITION,
    WHOLE,
    Along,
    AxisRead,
    ComputedRows,
    ReadPattern,
    Reads,
    equal_rows,
    reads_except,
)
from ..shapes.shape_error import ShapeError
from ..shapes.sizes import Size, ceil_div, require_at_least, require_equal
from ..shapes.types import CHANNELS, FULL_PRECISION, TensorType, shape_text
from ..shapes.window import Padding, Window, has_empty_window, output_size
from .argument import argument
from .base import Example, Op, Types
from .common.axes import axis_name
from .common.channels import channel_axis, known_size
from .common.init_argument import INIT_VALIDATOR, Choice
from .common.shared_arguments import DILATION, KEEPDIMS, PADDING_DOC, WINDOW_AXIS
from .common.sliding_windows import Spatial, Windowed, windows
from .common.validators import FLAG, LAYER, OPTIONAL_PER_AXIS, PADDING, PER_AXIS, SIZE_PER_AXIS, numbers
from .weight import ZEROS, Init, Weight

if TYPE_CHECKING:
    from .derivation import Derivation

SIGNAL, MAPS, VOLUME = "[16, 100]", "[64, 56, 56]", "[8, 16, 32, 32]"
EXPONENT = numbers("a number above 0, at most 1,000", {"exclusiveMinimum": 0, "maximum": 1000}, above=0.0, most=1e3)
WINDOW = argument(PER_AXIS, "size of the window")
SLIDING_SIZE = "floor((n - size) / stride) + 1 along each axis"
_END = (
    "/ stride) + 1 along each axis; with ceil_mode ceil instead of floor, as long as the last window begins within the "
    "input; ceil(n / stride) for same. Every window contains more than padding"
)
PADDED_SIZE = f"floor((n + before + after - size) {_END}"


class Sliding(Windowed):
    """What all pooling over sliding windows shares; every channel is pooled by itself."""

    primary = "size"
    size_rule = SLIDING_SIZE

    size: tuple[int, ...] = WINDOW
    stride: tuple[int, ...] | None = argument(
        OPTIONAL_PER_AXIS, "distance between windows", default=None, default_doc="the size"
    )
    axis: int | None = WINDOW_AXIS

    def strides(self) -> tuple[int, ...]:
        """The stride along each axis."""
        return self.size if self.stride is None else self.stride

    def windows(self) -> tuple[Window, ...]:
        """One window for each axis."""
        return windows(self.size, self.strides(), (1,) * self.window_rank, "valid")

    def infer(self, *inputs: TensorType) -> Types:
        """The window positions, with the same channels."""
        x = inputs[0]
        channel, _ = self.window_axes(x)
        return (self.image_type(x, x.shape[channel], self.positions(x)),)

    def reads(self, inputs: Types, outputs: Types, output: int = 0) -> Reads:
        """Windows along their axes, channel by channel."""
        x = inputs[0]
        channel, _ = self.window_axes(x)
        read = super().reads(inputs, outputs, output)[0]
        assert read is not None
        return (tuple(Along(a, SAME_POSITION) if a == channel else along for a, along in enumerate(read)),)


class Padded(Sliding):
    """Sliding windows that may extend over the border."""

    size_rule = PADDED_SIZE

    padding: Padding = argument(PADDING, PADDING_DOC, default=((0, 0),))
    ceil_mode: bool = argument(FLAG, "whether a last window that extends past the end counts", default=False)

    def windows(self) -> tuple[Window, ...]:
        """One window for each axis."""
        return windows(self.size, self.strides(), (1,) * self.window_rank, self.padding, self.ceil_mode)

    def infer(self, *inputs: TensorType) -> Types:
        """The window positions, with the same channels; ShapeError NS525 if a window would contain only padding."""
        for w in self.windows():
            if isinstance(w.pads, tuple) and max(w.pads) >= w.extent:
                raise ShapeError(
                    "NS525",
                    f"padding of '{self.name}' must be smaller than its window; found {max(w.pads)} and {w.extent}",
                    help="a 'pad' before it adds any amount",
                )
        return super().infer(*inputs)


class MaxPool(Padded):
    """The maximum of each window; padding does not count."""

    examples = (
        Example(SIGNAL, "{max_pool1d: 2}"),
        Example("[64, 112, 112]", "{max_pool2d: 3, stride: 2, padding: 1}"),
        Example(VOLUME, "{max_pool3d: [1, 2, 2]}"),
    )
    size_rule = f"floor((n + before + after - dilation * (size - 1) - 1) {_END}"

    dilation: tuple[int, ...] = DILATION

    def windows(self) -> tuple[Window, ...]:
        """One window for each axis."""
        return windows(self.size, self.strides(), self.dilation, self.padding, self.ceil_mode)

    def infer(self, *inputs: TensorType) -> Types:
        """The same; ShapeError NS525 also if the elements of a window are further apart than the input is long."""
        out, x = super().infer(*inputs), inputs[0]
        _, axes = self.window_axes(x)
        for a, w, count in zip(axes, self.windows(), self.positions(x), strict=True):
            if has_empty_window(x.shape[a], w, count, partial(self._empty, x, a, w)):
                raise self._empty(x, a, w)
        return out

    def _empty(self, x: TensorType, axis: int, window: Window) -> ShapeError:
        return ShapeError(
            "NS525",
            f"every window of '{self.name}' must contain more than padding; found elements "
            f"{window.dilation} apart in {axis_name(x, axis)}, over {x.shape[axis]}",
            at=((0, axis),),
            help=f"a dilation of at most {x.shape[axis]}",
        )


class AvgPool(Padded):
    """The mean of each window."""

    examples = (
        Example(SIGNAL, "{avg_pool1d: 4, stride: 2}"),
        Example(MAPS, "{avg_pool2d: 3, padding: 1, count_include_pad: false}"),
        Example(VOLUME, "{avg_pool3d: 2, ceil_mode: true}"),
    )

    count_include_pad: bool = argument(FLAG, "whether padding counts as zeros in the mean", default=True)

    @classmethod
    def accepted(cls, window_rank: int) -> tuple[str, ...]:
        """Over three axes no half precision, which PyTorch lacks on CPUs."""
        return FULL_PRECISION if window_rank == 3 else cls.accepts


class LpPool(Padded):
    """The ``p``-norm of each window: the p-th root of the sum of the p-th powers of the absolute values."""

    examples = (Example(MAPS, "{lp_pool2d: 2, p: 3}"),)

    p: float = argument(EXPONENT, "the power of the norm", default=2.0)


class StochasticPool(Sliding):
    """One value of each window, sampled in proportion to its size in training; in inference the mean so weighted.

    Zeiler & Fergus 2013, "Stochastic Pooling for Regularization of Deep Convolutional Neural Networks": for values
    of at least 0. The result of a window of zeros is 0.
    """

    examples = (Example(MAPS, "{stochastic_pool2d: 3, stride: 2}"),)


class MaxUnpool(Spatial):
    """The reverse of max pooling (SegNet): each value at the position of the maximum of its window in ``like``.

    All other positions are zero. The windows are adjacent, like those of the ``max_pool`` of ``like`` with the same
    size.
    """

    primary = "size"
    examples = (Example({"values": MAPS, "before": "[64, 112, 112]"}, "{max_unpool2d: 2, like: before, from: values}"),)
    size_rule = "the size of `like`"

    size: tuple[int, ...] = WINDOW
    like: bool = argument(LAYER, "the input of the pooling layer, not its output")

    def windows(self) -> tuple[Window, ...]:
        """One window for each axis."""
        return windows(self.size, self.size, (1,) * self.window_rank, "valid")

    def infer(self, *inputs: TensorType) -> Types:
        """The shape of ``like``; ShapeError NS512 unless pooling it yields the shape of the input."""
        x, like = inputs
        (channel, axes), (first, wide) = self.window_axes(x), self.window_axes(like)
        require_equal(x.shape[channel], like.shape[first], partial(self._differ, inputs, channel, like.shape[first]))
        for a, b, w in zip(axes, wide, self.windows(), strict=True):
            count = output_size(like.shape[b], w, partial(self._differ, inputs, a, 0))
            require_equal(x.shape[a], count, partial(self._differ, inputs, a, count))
        return (like.with_shape(like.shape),)

    def _differ(self, inputs: Types, axis: int, pooled: Size) -> ShapeError:
        x = inputs[0]
        return ShapeError(
            "NS512",
            f"the input of '{self.name}' must have the shape of its pooled 'like'; they differ in "
            f"{axis_name(x, axis)}: {x.shape[axis]} and {pooled}",
            at=((0, axis), (1, axis)),
        )

    def reads(self, inputs: Types, outputs: Types, output: int = 0) -> Reads:
        """The value of its window, and all of ``like`` in that window, channel by channel."""
        channel, axes = self.window_axes(outputs[0])
        value: list[AxisRead] = [Along(channel, SAME_POSITION)] * outputs[0].rank
        window = value.copy()
        for a, n in zip(axes, self.size, strict=True):
            value[a] = Along(a, ReadPattern(1, equal_rows(n, (0,))))
            window[a] = Along(a, ReadPattern(n, equal_rows(n, range(n))))
        return (tuple(value), tuple(window))


class Subsample(Sliding):
    """The sum of each window, times a trainable gain, plus a trainable bias for each channel (LeCun et al. 1998)."""

    examples = (Example("[6, 28, 28]", "{subsample2d: 2, activation: sigmoid}"),)
    weights_rule = "`weight` (channels), `bias` (channels)"

    init: Choice = argument(
        INIT_VALIDATOR,
        "initial values of gain and bias; by default the gain is one over the window's size, the mean",
        default=Choice(),
        default_doc="the mean",
    )

    def weights(self, *inputs: TensorType) -> tuple[Weight, ...]:
        """``weight``, initially one over the size of the window (the mean), and ``bias``."""
        x = inputs[0]
        c = known_size(self.name, x, self.window_axes(x)[0])
        mean = Init("constant", (1.0 / math.prod(self.size),))
        return self.init.applied((Weight("weight", (c,), mean), Weight("bias", (c,), ZEROS)))

    def connection_count(self, inputs: Types, outputs: Types) -> Size:
        """The window's elements and the bias, for each output element (5,880 for LeNet-5's S2)."""
        return outputs[0].elements * (math.prod(self.size) + 1)


class Adaptive(Windowed):
    """Pooling to a given size, whatever the size of the input; every channel is pooled by itself."""

    primary = "size"

    size: tuple[int, ...] = argument(SIZE_PER_AXIS, "positions of the output")
    axis: int | None = WINDOW_AXIS

    def window_covers(self) -> tuple[bool, ...]:
        """All windows count: their size depends on the input."""
        return (True,) * self.window_rank

    def sliding(self, x: TensorType) -> list[tuple[int, Window, tuple[int, int]]]:
        """None: the windows differ from position to position."""
        return []

    def size_derivations(self, inputs: Types, outputs: Types) -> list[Derivation]:
        """The given sizes."""
        from .derivation import Derivation

        x, y = inputs[0], outputs[0]
        return [Derivation(axis_name(x, a), "as given", f"{y.shape[a]}", y.shape[a]) for a in self.window_axes(x)[1]]

    def infer(self, *inputs: TensorType) -> Types:
        """The given size, with the same channels."""
        x = inputs[0]
        channel, axes = self.window_axes(x)
        for a in axes:
            require_at_least(x.shape[a], 1, partial(self._nothing, x, a))
        return (self.image_type(x, x.shape[channel], self.size),)

    def _nothing(self, x: TensorType, axis: int) -> ShapeError:
        return ShapeError("NS511", f"'{self.name}' has nothing to pool in {axis_name(x, axis)}", at=((0, axis),))

    def reads(self, inputs: Types, outputs: Types, output: int = 0) -> Reads:
        """Position i of m reads from ``floor(i n / m)`` to before ``ceil((i + 1) n / m)``; channel by channel."""
        x = inputs[0]
        channel, axes = self.window_axes(x)
        out: list[AxisRead] = [WHOLE] * x.rank
        out[channel] = Along(channel, SAME_POSITION)
        for a, m in zip(axes, self.size, strict=True):
            n = x.shape[a]
            if type(n) is int and m > 1:
                out[a] = Along(a, adaptive(n, m))
        return (tuple(out),)


class AdaptiveAvgPool(Adaptive):
    """The mean of windows that divide the input into a given number of positions."""

    examples = (
        Example(SIGNAL, "{adaptive_avg_pool1d: 10}"),
        Example("[512, 7, 7]", "{adaptive_avg_pool2d: 1}"),
        Example(VOLUME, "{adaptive_avg_pool3d: [4, 8, 8]}"),
    )
    size_rule = (
        "`size`, whatever the input's; position i of m is the mean of positions floor(i n / m) to ceil((i + 1) n / m)"
    )


class AdaptiveMaxPool(Adaptive):
    """The maximum of windows that divide the input into a given number of positions."""

    examples = (
        Example(SIGNAL, "{adaptive_max_pool1d: 10}"),
        Example("[512, 13, 13]", "{adaptive_max_pool2d: 6}"),
        Example(VOLUME, "{adaptive_max_pool3d: 4}"),
    )
    size_rule = (
        "`size`, whatever the input's; position i of m is the maximum of positions floor(i n / m) to "
        "ceil((i + 1) n / m)"
    )


class Global(Op):
    """What global pooling shares: every axis but the channels is pooled."""

    permutable = True
    examples = (Example("[2048, 7, 7]", "OP"),)
    size_rule = "the channels alone"

    keepdims: bool = KEEPDIMS

    def infer(self, *inputs: TensorType) -> Types:
        """A vector of channels; with ``keepdims`` the other axes stay, with size 1."""
        x = inputs[0]
        channel = self.channel(x)
        c = x.shape[channel]
        if not self.keepdims:
            return (TensorType((c,), x.dtype, (CHANNELS,)),)
        return (x.with_shape(tuple(c if a == channel else 1 for a in range(x.rank))),)

    def channel(self, x: TensorType) -> int:
        """Number of the channel axis; ShapeError NS520 if it is unknown, NS501 if there is no other axis."""
        channel = channel_axis(self.name, x)
        if x.rank < 2:
            actual = shape_text(x.shape)
            raise ShapeError("NS501", f"'{self.name}' pools every axis but the channels; in {actual} there is no other")
        return channel

    def reads(self, inputs: Types, outputs: Types, output: int = 0) -> Reads:
        """Every position of its channel."""
        x = inputs[0]
        channel = self.channel(x)
        if self.keepdims:
            return (reads_except(x, *(a for a in range(x.rank) if a != channel)),)
        return (tuple(Along(0, SAME_POSITION) if a == channel else WHOLE for a in range(x.rank)),)


class GlobalAvgPool(Global):
    """The mean of each channel."""


class GlobalMaxPool(Global):
    """The maximum of each channel."""

    examples = (Example("[2048, 7, 7]", "{OP, keepdims: true}"),)


def adaptive(n: int, m: int) -> ReadPattern:
    """The windows of m positions over n elements; they repeat every ``m / gcd(n, m)`` positions."""
    shared = math.gcd(n, m)
    period, step = m // shared, n // shared
    return ReadPattern(step, ComputedRows(period, lambda r: range(r * n // m, ceil_div((r + 1) * n, m))))
