"""Banks of filters: what all convolutions share."""

from __future__ import annotations

import math
from functools import partial

from ...shapes.reads import Along, ReadPattern, Reads, equal_rows
from ...shapes.shape_error import ShapeError
from ...shapes.sizes import Size, exact_div, maximum, require_at_least, require_known
from ...shapes.types import TensorType
from ...shapes.window import Padding, Window
from ..argument import argument
from ..base import Types
from ..weight import Weight
from .axes import axis_name
from .init_argument import Choice
from .shared_arguments import BIAS, DILATION, INIT, KERNEL, PADDING_DOC, STRIDE, WINDOW_AXIS, uniform
from .sliding_windows import Windowed, windows
from .validators import PAD_MODE, PADDING_OR_CAUSAL, PadMode


class Filters(Windowed):
    """What all convolutions share: kernels, weights, and the channels that they read."""

    takes_weights = True
    takes_weights_per_example = True
    channels_rule = "one for each filter"
    macs_rule = "each weight once at every output position"

    kernel: tuple[int, ...] = KERNEL
    axis: int | None = WINDOW_AXIS

    def channels(self, x: TensorType) -> int:
        """Channels of an input."""
        c = x.shape[self.window_axes(x)[0]]
        return require_known(
            c, lambda: ShapeError("NS590", f"'{self.name}' needs a known number of channels; found {c}")
        )

    def groups_of(self, channels: int) -> tuple[int, int]:
        """Number of filters and of groups over this many input channels; ShapeError NS503 if they do not divide."""
        raise TypeError("a convolution defines its number of filters")

    def exact_reads(self, inputs: Types, outputs: Types, output: int = 0) -> Reads:
        """The same, and of the channels those of the group."""
        x = inputs[0]
        channel, _ = self.window_axes(x)
        read = self.reads(inputs, outputs, output)[0]
        count = self.channels(x)
        filters, groups = self.groups_of(count)
        if groups == 1 or read is None:
            return (read,)
        per = count // groups
        group = Along(channel, ReadPattern(per, equal_rows(filters // groups, range(per))))
        return ((*read[:channel], group, *read[channel + 1 :]),)

    def spatial_size(self, y: TensorType) -> str:
        """The number of positions of a type, as a product."""
        from ..derivation import product

        channel, _ = self.window_axes(y)
        return product(*(n for a, n in enumerate(y.shape) if a != channel))

    def macs_expression(self, inputs: Types, outputs: Types) -> str | None:
        """The weight's size times the output positions."""
        from ..derivation import product

        return f"{product(*self.weights(*inputs)[0].shape)} * {self.spatial_size(outputs[0])}"


class Convolution(Filters):
    """What plain, depthwise and separable convolutions share."""

    stride: tuple[int, ...] = STRIDE
    padding: Padding = argument(PADDING_OR_CAUSAL, PADDING_DOC, default=((0, 0),))
    dilation: tuple[int, ...] = DILATION
    bias: bool = BIAS
    padding_mode: PadMode = argument(PAD_MODE, "what the padding holds", default="zeros")
    init: Choice = INIT

    def windows(self) -> tuple[Window, ...]:
        """One window for each axis."""
        return windows(self.kernel, self.stride, self.dilation, self.padding)

    @property
    def border(self) -> str:
        """What the padding holds."""
        return self.padding_mode

    def infer(self, *inputs: TensorType) -> Types:
        """The window positions, with one channel per filter."""
        x = inputs[0]
        filters, _ = self.groups_of(self.channels(x))
        if self.padding == "causal" and self.window_rank != 1:
            raise ShapeError("NS504", f"padding 'causal' is for one axis; '{self.name}' has {self.window_rank}")
        if self.padding_mode in ("reflect", "circular"):
            for a, pair in zip(self.window_axes(x)[1], self.pads(x), strict=True):
                most = maximum(*pair)
                least = most + (self.padding_mode == "reflect")
                require_at_least(x.shape[a], least, partial(self._too_little, x, a, most))
        return (self.image_type(x, filters, self.positions(x)),)

    def _too_little(self, x: TensorType, axis: int, most: Size) -> ShapeError:
        border = ", not counting the border itself" if self.padding_mode == "reflect" else ""
        return ShapeError(
            "NS550",
            f"'{self.name}' with padding_mode {self.padding_mode} needs as many positions as it adds{border}; "
            f"{axis_name(x, axis)} has {x.shape[axis]} for {most}",
            at=((0, axis),),
        )

    def weights(self, *inputs: TensorType) -> tuple[Weight, ...]:
        """``weight``, and ``bias`` unless there is none."""
        c = self.channels(inputs[0])
        filters, groups = self.groups_of(c)
        return self.bank(filters, filters, c // groups)

    def bank(self, filters: int, rows: int, *per_row: int) -> tuple[Weight, ...]:
        """A weight (rows, *per_row, *kernel) and a bias (filters)."""
        default = uniform(math.prod(per_row) * math.prod(self.kernel))
        weight = Weight("weight", (rows, *per_row, *self.kernel), default)
        return self.init.applied((weight, Weight("bias", (filters,), default)) if self.bias else (weight,))

    def macs(self, inputs: Types, outputs: Types) -> Size:
        """One for each weight and output position."""
        filters, _ = self.groups_of(self.channels(inputs[0]))
        return math.prod(self.weights(*inputs)[0].shape) * (outputs[0].elements // filters)

    def connection_count(self, inputs: Types, outputs: Types) -> Size:
        """The multiply-accumulates, and one for each bias at each position."""
        return self.macs(inputs, outputs) + (outputs[0].elements if self.bias else 0)


def grouped(name: str, channels: int, filters: int, groups: int) -> None:
    """Groups must divide both; ShapeError NS503."""

    def fault(size: int, what: str) -> ShapeError:
        return ShapeError(
            "NS503", f"groups must divide channels and filters of '{name}': {size} {what} in {groups} groups"
        )

    for size, what in ((channels, "input channels"), (filters, "filters")):
        exact_div(size, groups, partial(fault, size, what))
