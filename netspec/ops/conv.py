"""Convolutions: plain, depthwise, separable and transposed, over one, two or three axes."""

from __future__ import annotations

import math
from functools import partial
from typing import TYPE_CHECKING, Any

from ..shapes.reads import WHOLE, Along, AxisRead, ReadPattern, Reads, transposed_reads
from ..shapes.shape_error import ShapeError
from ..shapes.sizes import Size
from ..shapes.types import TensorType
from ..shapes.window import Padding, Window, transposed_output_size, transposed_padding
from .argument import Validator, argument
from .base import Example, Types
from .common.axes import axis_name
from .common.filters import Convolution, Filters, grouped
from .common.init_argument import Choice
from .common.shared_arguments import BIAS, DILATION, INIT, uniform
from .common.sliding_windows import extent, windows
from .common.validators import (
    COUNT,
    PADDING,
    PER_AXIS,
    each_axis,
    integer,
    items,
    optional,
)
from .weight import FilterAxes, Weight

if TYPE_CHECKING:
    from .derivation import Derivation
SIGNAL, VOLUME = "[16, 100]", "[8, 16, 32, 32]"
WINDOW_SIZE = (
    "floor((n + before + after - dilation * (kernel - 1) - 1) / stride) + 1 along each axis; "
    "ceil(n / stride) for same and causal"
)
FILTERS = argument(COUNT, "number of filters, which is the number of output channels")
GROUPS = argument(COUNT, "number of groups of channels that are convolved separately", default=1)


def _rows(value: Any, rank: int) -> tuple[tuple[int, ...], ...] | None:
    if value is None:
        return None
    rows = tuple(tuple(integer(v, 0) for v in items(row)) for row in items(value))
    if not rows or any(not row or len(set(row)) != len(row) for row in rows):
        raise ValueError
    return rows


_ROW = {"type": "array", "items": {"type": "integer", "minimum": 0}, "minItems": 1}
CONNECTIONS = Validator("one list of input channels per filter", {"type": "array", "items": _ROW}, _rows)


class Conv(Convolution):
    """Convolution (cross-correlation) with a bank of filters."""

    primary = "filters"
    examples = (
        Example(SIGNAL, "{conv1d: 32, kernel: 5, padding: causal, dilation: 2}"),
        Example("[3, 224, 224]", "{conv2d: 64, kernel: 7, stride: 2, padding: 3, bias: false}"),
        Example(VOLUME, "{conv3d: 16, kernel: [3, 5, 5], padding: same}"),
    )
    size_rule = f"filters channels; {WINDOW_SIZE}"
    weights_rule = "`weight` (filters, channels / groups, kernel), `bias` (filters)"

    filters: int = FILTERS
    groups: int = GROUPS
    connections: tuple[tuple[int, ...], ...] | None = argument(
        CONNECTIONS,
        "for each filter, the input channels that it reads (LeNet-5's third layer)",
        default=None,
        default_doc="every filter reads every channel",
    )

    @property
    def can_take_weights(self) -> bool:
        """Unless it stores those of some connections alone."""
        return self.takes_weights and self.connections is None

    def groups_of(self, channels: int) -> tuple[int, int]:
        """The given numbers of filters and groups; ShapeError NS503, NS505."""
        grouped(self.name, channels, self.filters, self.groups)
        rows = self.connections
        if rows is not None:
            if len(rows) != self.filters or self.groups != 1:
                raise ShapeError(
                    "NS505",
                    f"connections must have one row for each of the {self.filters} filters, without groups; "
                    f"there are {len(rows)} rows and {self.groups} groups",
                )
            worst = max(max(row) for row in rows)
            if worst >= channels:
                raise ShapeError("NS505", f"connections name channel {worst}; the input has 0 to {channels - 1}")
        return self.filters, self.groups

    def weights(self, *inputs: TensorType) -> tuple[Weight, ...]:
        """``weight`` and ``bias``.

        With ``connections`` the weight holds only what is used: (connected pairs, *kernel), filter by filter in the
        order of the table.
        """
        if self.connections is None:
            return super().weights(*inputs)
        self.groups_of(self.channels(inputs[0]))
        pairs = sum(len(row) for row in self.connections)
        default = uniform(max(pairs // self.filters, 1) * math.prod(self.kernel))
        weight = Weight("weight", (pairs, *self.kernel), default)
        return self.init.applied((weight, Weight("bias", (self.filters,), default)) if self.bias else (weight,))

    def exact_reads(self, inputs: Types, outputs: Types, output: int = 0) -> Reads:
        """The same, and of the channels those of the group, or of the filter's row of connections."""
        if self.connections is None:
            return super().exact_reads(inputs, outputs, output)
        channel, _ = self.window_axes(inputs[0])
        read = self.reads(inputs, outputs, output)[0]
        assert read is not None
        return ((*read[:channel], Along(channel, ReadPattern(0, self.connections)), *read[channel + 1 :]),)

    def value_formulas(self, inputs: Types, outputs: Types) -> list[str]:
        """The sum over the window, in general and with the numbers of a single filter that is given."""
        from .common.value_formula import OUT, TAPS, element, window_element, written_out

        x, y = inputs[0], outputs[0]
        if self.groups != 1 or self.connections is not None:
            return []
        channel, _ = self.window_axes(x)
        windows = [(w, before) for _, w, (before, _) in self.sliding(x)]
        left = element("y", y, channel, "k", OUT[: self.window_rank])
        taps = ", ".join(TAPS[: self.window_rank])
        read = window_element(x, channel, "c", windows, TAPS[: self.window_rank])
        bias = "bias(k) + " if self.bias else ""
        out = [f"{left} = {bias}sum over c, {taps} of weight(k, c, {taps}) × {read}"]
        init = self.weights(x)[0].init
        if init.kind == "values" and x.shape[channel] == 1 and self.filters == 1:
            left = element("y", y, channel, "0", OUT[: self.window_rank])
            numbers = written_out(init.args[0][0][0], x, channel, windows, self.bias)
            out += [f"{left} = {numbers}"] if numbers is not None else []
        return out

    def filter_axes(self) -> FilterAxes | None:
        """The first axis of the weight, unless that holds pairs."""
        return None if self.connections is not None else FilterAxes(0, 1, self.window_rank if self.channels_last else 0)

    def local_inputs(self, x: TensorType) -> int | None:
        """The elements of a filter, unless each has channels of its own."""
        return None if self.connections else math.prod(self.weights(x)[0].shape[1:])

    def axes_of(self, weight: str) -> str | None:
        """The axes of a weight, in words."""
        return "connected pairs, kernel" if self.connections and weight == "weight" else super().axes_of(weight)


class DepthwiseConv(Convolution):
    """Convolution of each channel by ``multiplier`` filters of its own; with ``heads``, of each head by the same."""

    primary = "kernel"
    examples = (
        Example(SIGNAL, "{depthwise_conv1d: 9, padding: same}"),
        Example("[64, 56, 56]", "{depthwise_conv2d: 3, stride: 2, padding: 1, bias: false}"),
        Example(VOLUME, "{depthwise_conv3d: 3, padding: 1, multiplier: 2}"),
    )
    size_rule = f"channels * multiplier channels; {WINDOW_SIZE}"
    macs_rule = "each weight once at every output position, for every head"
    weights_rule = "`weight` (channels / heads * multiplier, 1, kernel), `bias` (channels / heads * multiplier)"
    channels_rule = "channels * multiplier"

    multiplier: int = argument(COUNT, "filters per input channel", default=1)
    heads: int = argument(
        COUNT, "runs of channels with the same filters, as in pooling attention (Fan et al. 2021)", default=1
    )

    @property
    def can_take_weights_per_example(self) -> bool:
        """Unless heads share filters."""
        return self.heads == 1

    def groups_of(self, channels: int) -> tuple[int, int]:
        """A group for each channel; ShapeError NS562 if the heads do not divide the channels."""
        if channels % self.heads:
            axis = self.window_rank if self.channels_last else 0
            raise ShapeError(
                "NS562",
                f"heads must divide the channels of '{self.name}': {channels} in {self.heads} heads",
                at=((0, axis),),
            )
        return channels * self.multiplier, channels

    def weights(self, *inputs: TensorType) -> tuple[Weight, ...]:
        """``weight`` and ``bias``."""
        filters = self.channels(inputs[0]) // self.heads * self.multiplier
        return self.bank(filters, filters, 1)

    def macs(self, inputs: Types, outputs: Types) -> Size:
        """One for each weight, head and output position."""
        return outputs[0].elements * math.prod(self.kernel)

    def macs_expression(self, inputs: Types, outputs: Types) -> str | None:
        """The weight's size times the heads times the output positions."""
        from .derivation import product

        heads = (self.heads,) if self.heads > 1 else ()
        return f"{product(*self.weights(*inputs)[0].shape, *heads)} * {self.spatial_size(outputs[0])}"

    def channels_derivation(self, x: TensorType, y: TensorType, channel: int) -> Derivation:
        """The number of output channels."""
        from .derivation import Derivation

        worked = f"{x.shape[channel]} * {self.multiplier}"
        return Derivation("channels", self.channels_rule, worked, y.shape[channel])

    def filter_axes(self) -> FilterAxes | None:
        """The first axis of the weight, unless heads share it."""
        return None if self.heads > 1 else FilterAxes(0, 1, self.window_rank if self.channels_last else 0)

    def local_inputs(self, x: TensorType) -> int | None:
        """The elements of a filter."""
        return math.prod(self.kernel)


class SeparableConv(Convolution):
    """A depthwise convolution, then one of size 1 over all channels (Chollet 2016), which has the bias."""

    takes_weights = False
    primary = "filters"
    examples = (
        Example(SIGNAL, "{separable_conv1d: 32, kernel: 5}"),
        Example("[64, 56, 56]", "{separable_conv2d: 128, kernel: 3, padding: same}"),
    )
    size_rule = f"filters channels; {WINDOW_SIZE}"
    macs_rule = "both weights once at every output position"
    weights_rule = (
        "`depthwise.weight` (channels * multiplier, 1, kernel), "
        "`pointwise.weight` (filters, channels * multiplier, 1), `pointwise.bias` (filters)"
    )

    filters: int = FILTERS
    multiplier: int = argument(COUNT, "filters per channel in the depthwise part", default=1)

    def groups_of(self, channels: int) -> tuple[int, int]:
        """The given number of filters."""
        return self.filters, 1

    def weights(self, *inputs: TensorType) -> tuple[Weight, ...]:
        """``depthwise.weight``, ``pointwise.weight`` and its bias."""
        c = self.channels(inputs[0])
        mid = c * self.multiplier
        point = uniform(mid)
        out = (
            Weight("depthwise.weight", (mid, 1, *self.kernel), uniform(math.prod(self.kernel))),
            Weight("pointwise.weight", (self.filters, mid, *(1,) * self.window_rank), point),
            Weight("pointwise.bias", (self.filters,), point),
        )
        return self.init.applied(out if self.bias else out[:2])

    def macs(self, inputs: Types, outputs: Types) -> Size:
        """Both convolutions, at the output's resolution."""
        mid = self.channels(inputs[0]) * self.multiplier
        return outputs[0].elements // self.filters * (mid * math.prod(self.kernel) + mid * self.filters)

    def macs_expression(self, inputs: Types, outputs: Types) -> str | None:
        """The size of both weights times the output positions."""
        from .derivation import product

        depth, point, *_ = (product(*w.shape) for w in self.weights(*inputs))
        return f"({depth} + {point}) * {self.spatial_size(outputs[0])}"


class ConvTranspose(Filters):
    """Transposed convolution: the gradient of a convolution with respect to its input, as a layer."""

    primary = "filters"
    examples = (
        Example(SIGNAL, "{conv_transpose1d: 8, kernel: 4, stride: 2, padding: 1}"),
        Example("[128, 10, 8]", "{conv_transpose2d: 32, kernel: 3, stride: 2, padding: valid}"),
        Example(VOLUME, "{conv_transpose3d: 4, kernel: 2, stride: 2}"),
    )
    size_rule = (
        "filters channels; (n - 1) * stride + dilation * (kernel - 1) + 1 - before - after + output_padding along each "
        "axis; n * stride for same, n * stride + max(kernel - stride, 0) for valid"
    )
    macs_rule = "each weight once at every input position"
    weights_rule = "`weight` (channels, filters / groups, kernel), `bias` (filters)"

    filters: int = FILTERS
    stride: tuple[int, ...] = argument(
        PER_AXIS, "distance between the results of neighbouring input positions", default=(1,)
    )
    padding: Padding = argument(
        PADDING, "positions removed from the full result; `same` yields n * stride", default=((0, 0),)
    )
    output_padding: tuple[int, ...] | None = argument(
        optional(each_axis(0, "a non-negative integer")),
        "positions added at the end of the output",
        default=None,
        default_doc="what the padding leaves open",
    )
    dilation: tuple[int, ...] = DILATION
    groups: int = GROUPS
    bias: bool = BIAS
    init: Choice = INIT

    def windows(self) -> tuple[Window, ...]:
        """One window for each axis."""
        return windows(self.kernel, self.stride, self.dilation, self.padding)

    def output_paddings(self) -> tuple[int | None, ...]:
        """``output_padding`` for each axis, None if it follows from the padding."""
        return self.output_padding if self.output_padding is not None else (None,) * self.window_rank

    def cropping(self) -> tuple[tuple[int, int, int], ...]:
        """For each axis: what the full result loses before and after, and what is added at its end."""
        return tuple(transposed_padding(w, e) for w, e in zip(self.windows(), self.output_paddings(), strict=True))

    def groups_of(self, channels: int) -> tuple[int, int]:
        """The given numbers of filters and groups; ShapeError NS503."""
        grouped(self.name, channels, self.filters, self.groups)
        return self.filters, self.groups

    def infer(self, *inputs: TensorType) -> Types:
        """``(n - 1) * stride + extent`` positions, less the padding; ``n * stride`` and so on for words."""
        x = inputs[0]
        self.groups_of(self.channels(x))
        _, axes = self.window_axes(x)
        for s, d, e in zip(self.stride, self.dilation, self.output_paddings(), strict=True):
            if e is not None and e >= max(s, d):
                message = f"output_padding must be below the stride or dilation; found {e} and {max(s, d)}"
                raise ShapeError("NS506", message)
        sizes = tuple(
            transposed_output_size(x.shape[a], w, e, partial(self._nothing_left, x, a))
            for a, w, e in zip(axes, self.windows(), self.output_paddings(), strict=True)
        )
        return (self.image_type(x, self.filters, sizes),)

    def _nothing_left(self, x: TensorType, axis: int) -> ShapeError:
        return ShapeError(
            "NS511",
            f"'{self.name}' removes more than there is in {axis_name(x, axis)}: nothing is left",
            at=((0, axis),),
        )

    def weights(self, *inputs: TensorType) -> tuple[Weight, ...]:
        """``weight``, and ``bias`` unless there is none."""
        c = self.channels(inputs[0])
        per = self.filters // self.groups
        default = uniform(per * math.prod(self.kernel))
        weight = Weight("weight", (c, per, *self.kernel), default)
        return self.init.applied((weight, Weight("bias", (self.filters,), default)) if self.bias else (weight,))

    def macs(self, inputs: Types, outputs: Types) -> Size:
        """One for each weight and input position."""
        x = inputs[0]
        return math.prod(self.weights(x)[0].shape) * (x.elements // self.channels(x))

    def connection_count(self, inputs: Types, outputs: Types) -> Size:
        """The multiply-accumulates, and one for each bias at each output position."""
        return self.macs(inputs, outputs) + (outputs[0].elements if self.bias else 0)

    def reads(self, inputs: Types, outputs: Types, output: int = 0) -> Reads:
        """Transposed windows along their axes; all channels."""
        x = inputs[0]
        _, axes = self.window_axes(x)
        out: list[AxisRead] = [WHOLE] * x.rank
        for a, w, (before, _, _) in zip(axes, self.windows(), self.cropping(), strict=True):
            out[a] = Along(a, transposed_reads(w.size, w.stride, w.dilation, before))
        return (tuple(out),)

    def sliding(self, x: TensorType) -> list[tuple[int, Window, tuple[int, int]]]:
        """None: the windows slide over the output."""
        return []

    def filter_axes(self) -> FilterAxes | None:
        """The second axis of the weight, which counts the filters of a group."""
        return FilterAxes(1, self.groups, self.window_rank if self.channels_last else 0)

    def size_derivations(self, inputs: Types, outputs: Types) -> list[Derivation]:
        """Channels, and the positions along each axis."""
        from .derivation import Derivation

        x, y = inputs[0], outputs[0]
        channel, axes = self.window_axes(x)
        out = [self.channels_derivation(x, y, channel)]
        for a, w, (before, after, add) in zip(axes, self.windows(), self.cropping(), strict=True):
            worked = f"({x.shape[a]} - 1) * {w.stride} + {extent(w, True)} - {before} - {after} + {add}"
            rule = f"(n - 1) * stride + {extent(w)} - before - after + added"
            out.append(Derivation(axis_name(x, a), rule, worked, y.shape[a]))
        return out

    def macs_expression(self, inputs: Types, outputs: Types) -> str | None:
        """The weight's size times the input positions."""
        from .derivation import product

        return f"{product(*self.weights(*inputs)[0].shape)} * {self.spatial_size(inputs[0])}"
