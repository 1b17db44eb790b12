"""Convolutions: plain, depthwise, separable and transposed, over one, two or three axes."""

import math
from functools import partial
from typing import Annotated, Any, ClassVar

from ..shapes.reads import WHOLE, Along, AxisRead, Reads, transposed
from ..shapes.reads import window as window_taps
from ..shapes.sizes import ShapeError, Size, exact_div, known, maximum, require
from ..shapes.types import TensorType
from ..shapes.window import Window, length, padding, transposed_length, transposed_pads
from .base import Check, Init, Op, Types, Weight
from .common.arguments import Count, Flag, MaybePerAxisWhole, PadMode, Pads, PadsOrCausal, PerAxis, items, whole_number
from .common.initial import Choice, InitChoice


def _rows(value: Any, rank: int) -> tuple[tuple[int, ...], ...] | None:
    if value is None:
        return None
    rows = tuple(tuple(whole_number(v, 0) for v in items(row)) for row in items(value))
    if not rows or any(not row or len(set(row)) != len(row) for row in rows):
        raise ValueError
    return rows


_ROW = {"type": "array", "items": {"type": "integer", "minimum": 0}, "minItems": 1}
Connections = Annotated[
    tuple[tuple[int, ...], ...] | None,
    Check("one list of input channels per filter", {"type": "array", "items": _ROW}, _rows),
]


def uniform(fan_in: int) -> Init:
    """PyTorch's default for convolutions and dense layers: uniform within 1/sqrt(fan in) of zero."""
    return Init("uniform", (1.0 / math.sqrt(fan_in) if fan_in else 0.0,))


class Windowed(Op):
    """What all sliding windows share: sizes, reads, and the axes they stand on."""

    def windows(self) -> tuple[Window, ...]:
        """One window for each axis."""
        raise TypeError("an operation over windows says what they are")

    def pads(self, x: TensorType) -> tuple[tuple[int, int], ...]:
        """Padding (before, after) for each window axis of an input."""
        _, axes = self.window_axes(x)
        return tuple(padding(x.shape[a], w) for a, w in zip(axes, self.windows(), strict=True))

    def positions(self, x: TensorType) -> tuple[Size, ...]:
        """Number of window positions along each axis; ShapeError NS510 where a window does not fit."""
        _, axes = self.window_axes(x)
        return tuple(
            length(x.shape[a], w, partial(self._too_large, x, a, w))
            for a, w in zip(axes, self.windows(), strict=True)
        )

    def _too_large(self, x: TensorType, axis: int, w: Window) -> ShapeError:
        before, after = padding(x.shape[axis], w)
        padded = f"{x.shape[axis]}" + (f" + {before + after} of padding" if before + after else "")
        taps = f"{w.size}" + (f" (dilated {w.extent})" if w.dilation > 1 else "")
        return ShapeError(
            "NS510", f"the window of '{self.name}' is larger than its input in {x.axes[axis] or f'axis {axis}'}: "
            f"{taps} over {padded}", at=((0, axis),),
        )

    def reads(self, inputs: Types, outputs: Types, output: int = 0) -> Reads:
        """Windows along their axes; all channels."""
        x = inputs[0]
        _, axes = self.window_axes(x)
        out: list[AxisRead] = [WHOLE] * x.rank
        for a, w, (before, _) in zip(axes, self.windows(), self.pads(x), strict=True):
            out[a] = Along(a, window_taps(w.size, w.stride, w.dilation, before))
        return (tuple(out),)


class Bank(Windowed):
    """A bank of filters that slides: what plain, depthwise and separable convolutions share."""

    kernel: PerAxis
    stride: PerAxis = (1,)
    padding: PadsOrCausal = ((0, 0),)
    dilation: PerAxis = (1,)
    bias: Flag = True
    padding_mode: PadMode = "zeros"
    init: InitChoice = Choice()

    def windows(self) -> tuple[Window, ...]:
        """One window for each axis."""
        return windows(self.kernel, self.stride, self.dilation, self.padding)

    def bank(self, channels: int) -> tuple[int, int]:
        """Number of filters and of groups over so many input channels; ShapeError NS503 where they do not divide."""
        raise TypeError("a bank of filters says how many there are")

    def channels(self, x: TensorType) -> int:
        """Channels of an input."""
        c = x.shape[self.window_axes(x)[0]]
        return known(c, lambda: ShapeError("NS590", f"'{self.name}' needs a known number of channels"))

    def infer(self, *inputs: TensorType) -> Types:
        """The window positions, with as many channels as filters."""
        x = inputs[0]
        filters, _ = self.bank(self.channels(x))
        if self.padding == "causal" and self.rank != 1:
            raise ShapeError("NS504", f"padding 'causal' is for one axis; '{self.name}' has {self.rank}")
        if self.padding_mode in ("reflect", "circular"):
            for a, pair in zip(self.window_axes(x)[1], self.pads(x), strict=True):
                most = maximum(*pair)
                require(x.shape[a], most + (self.padding_mode == "reflect"), partial(self._too_little, x, a, most))
        return (self.placed(filters, self.positions(x), x.dtype),)

    def _too_little(self, x: TensorType, axis: int, most: Size) -> ShapeError:
        border = ", the border itself apart" if self.padding_mode == "reflect" else ""
        return ShapeError(
            "NS550", f"'{self.name}' with padding_mode {self.padding_mode} needs as many positions as it adds{border}; "
            f"{x.axes[axis] or f'axis {axis}'} has {x.shape[axis]} for {most}", at=((0, axis),),
        )

    def weights(self, *inputs: TensorType) -> tuple[Weight, ...]:
        """``weight`` (filters, channels / groups, *kernel) and ``bias`` (filters)."""
        c = self.channels(inputs[0])
        filters, groups = self.bank(c)
        per = c // groups
        default = uniform(per * math.prod(self.kernel))
        weight = Weight("weight", (filters, per, *self.kernel), default)
        return self.init.applied((weight, Weight("bias", (filters,), default)) if self.bias else (weight,))

    def macs(self, inputs: Types, outputs: Types) -> Size:
        """One for each weight and output position."""
        filters, _ = self.bank(self.channels(inputs[0]))
        return math.prod(self.weights(*inputs)[0].shape) * (outputs[0].elements // filters)

    def connection_count(self, inputs: Types, outputs: Types) -> Size:
        """The same, and one for each bias at each position."""
        return self.macs(inputs, outputs) + (outputs[0].elements if self.bias else 0)


class Conv(Bank):
    """Convolution (cross-correlation) with a bank of filters."""

    primary: ClassVar[str | None] = "filters"

    filters: Count
    groups: Count = 1
    connections: Connections = None

    def bank(self, channels: int) -> tuple[int, int]:
        """As many filters and groups as given."""
        grouped(self.name, channels, self.filters, self.groups)
        rows = self.connections
        if rows is not None:
            if len(rows) != self.filters or self.groups != 1:
                raise ShapeError(
                    "NS505", f"connections must have one row for each of the {self.filters} filters, without groups; "
                    f"there are {len(rows)} rows and {self.groups} groups",
                )
            worst = max(max(row) for row in rows)
            if worst >= channels:
                raise ShapeError("NS505", f"connections name channel {worst}; the input has 0 to {channels - 1}")
        return self.filters, self.groups

    def weights(self, *inputs: TensorType) -> tuple[Weight, ...]:
        """``weight`` (filters, channels / groups, *kernel) and ``bias`` (filters).

        With ``connections`` the weight holds only what is used: (connected pairs, *kernel), filter by filter in the
        order of the table.
        """
        if self.connections is None:
            return super().weights(*inputs)
        self.bank(self.channels(inputs[0]))
        pairs = sum(len(row) for row in self.connections)
        default = uniform(max(pairs // self.filters, 1) * math.prod(self.kernel))
        weight = Weight("weight", (pairs, *self.kernel), default)
        return self.init.applied((weight, Weight("bias", (self.filters,), default)) if self.bias else (weight,))


class DepthwiseConv(Bank):
    """Convolution of each channel by ``multiplier`` filters of its own; with ``heads``, of each head by the same."""

    primary: ClassVar[str | None] = "kernel"

    multiplier: Count = 1
    heads: Count = 1

    def bank(self, channels: int) -> tuple[int, int]:
        """A group for each channel; ShapeError NS562 where the heads do not divide the channels."""
        if channels % self.heads:
            axis = self.rank if self.channels_last else 0
            raise ShapeError(
                "NS562", f"heads must divide the channels of '{self.name}': {channels} in {self.heads} heads",
                at=((0, axis),),
            )
        return channels * self.multiplier, channels

    def weights(self, *inputs: TensorType) -> tuple[Weight, ...]:
        """``weight`` (channels / heads * multiplier, 1, *kernel) and ``bias`` (as many)."""
        filters = self.channels(inputs[0]) // self.heads * self.multiplier
        default = uniform(math.prod(self.kernel))
        weight = Weight("weight", (filters, 1, *self.kernel), default)
        return self.init.applied((weight, Weight("bias", (filters,), default)) if self.bias else (weight,))

    def macs(self, inputs: Types, outputs: Types) -> Size:
        """One for each weight, head and output position."""
        return outputs[0].elements * math.prod(self.kernel)


class SeparableConv(Bank):
    """A depthwise convolution, then one of size 1 over all channels (Chollet 2016); the bias stands at its end."""

    primary: ClassVar[str | None] = "filters"

    filters: Count
    multiplier: Count = 1

    def bank(self, channels: int) -> tuple[int, int]:
        """As many filters as given."""
        return self.filters, 1

    def weights(self, *inputs: TensorType) -> tuple[Weight, ...]:
        """``depthwise.weight`` (c * multiplier, 1, *kernel), ``pointwise.weight`` (filters, …, 1), its bias."""
        c = self.channels(inputs[0])
        mid = c * self.multiplier
        point = uniform(mid)
        out = (
            Weight("depthwise.weight", (mid, 1, *self.kernel), uniform(math.prod(self.kernel))),
            Weight("pointwise.weight", (self.filters, mid, *(1,) * self.rank), point),
            Weight("pointwise.bias", (self.filters,), point),
        )
        return self.init.applied(out if self.bias else out[:2])

    def macs(self, inputs: Types, outputs: Types) -> Size:
        """Both convolutions, at the output's resolution."""
        mid = self.channels(inputs[0]) * self.multiplier
        return outputs[0].elements // self.filters * (mid * math.prod(self.kernel) + mid * self.filters)


class ConvTranspose(Windowed):
    """Transposed convolution: the gradient of a convolution with respect to its input, as a layer."""

    primary: ClassVar[str | None] = "filters"

    filters: Count
    kernel: PerAxis
    stride: PerAxis = (1,)
    padding: Pads = ((0, 0),)
    output_padding: MaybePerAxisWhole = None
    dilation: PerAxis = (1,)
    groups: Count = 1
    bias: Flag = True
    init: InitChoice = Choice()

    def windows(self) -> tuple[Window, ...]:
        """One window for each axis."""
        return windows(self.kernel, self.stride, self.dilation, self.padding)

    def extra(self) -> tuple[int | None, ...]:
        """``output_padding`` for each axis, None where it follows from the padding."""
        return self.output_padding if self.output_padding is not None else (None,) * self.rank

    def cropping(self) -> tuple[tuple[int, int, int], ...]:
        """For each axis: what the full result loses before and after, and what is added at its end."""
        return tuple(transposed_pads(w, e) for w, e in zip(self.windows(), self.extra(), strict=True))

    def channels(self, x: TensorType) -> int:
        """Channels of an input."""
        c = x.shape[self.window_axes(x)[0]]
        return known(c, lambda: ShapeError("NS590", f"'{self.name}' needs a known number of channels"))

    def infer(self, *inputs: TensorType) -> Types:
        """``(n - 1) * stride + extent`` positions, less the padding; ``n * stride`` and so on for words."""
        x = inputs[0]
        c = self.channels(x)
        grouped(self.name, c, self.filters, self.groups)
        _, axes = self.window_axes(x)
        for s, d, e in zip(self.stride, self.dilation, self.extra(), strict=True):
            if e is not None and e >= max(s, d):
                message = f"output_padding must be below the stride or dilation; found {e} and {max(s, d)}"
                raise ShapeError("NS506", message)
        sizes = tuple(
            transposed_length(x.shape[a], w, e, partial(self._nothing_left, x, a))
            for a, w, e in zip(axes, self.windows(), self.extra(), strict=True)
        )
        return (self.placed(self.filters, sizes, x.dtype),)

    def _nothing_left(self, x: TensorType, a: int) -> ShapeError:
        where = x.axes[a] or f"axis {a}"
        return ShapeError(
            "NS511", f"'{self.name}' takes off more than there is in {where}: nothing is left", at=((0, a),))

    def weights(self, *inputs: TensorType) -> tuple[Weight, ...]:
        """``weight`` (channels, filters / groups, *kernel) and ``bias`` (filters)."""
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
        """The same, and one for each bias at each output position."""
        return self.macs(inputs, outputs) + (outputs[0].elements if self.bias else 0)

    def reads(self, inputs: Types, outputs: Types, output: int = 0) -> Reads:
        """Transposed windows along their axes; all channels."""
        x = inputs[0]
        _, axes = self.window_axes(x)
        out: list[AxisRead] = [WHOLE] * x.rank
        for a, w, (before, _, _) in zip(axes, self.windows(), self.cropping(), strict=True):
            out[a] = Along(a, transposed(w.size, w.stride, w.dilation, before))
        return (tuple(out),)


def windows(
    kernel: tuple[int, ...], stride: tuple[int, ...], dilation: tuple[int, ...], pads: Any, ceil_mode: bool = False
) -> tuple[Window, ...]:
    """One window for each axis from arguments per axis; ``pads`` is a word or a pair for each."""
    each: Any = (pads,) * len(kernel) if isinstance(pads, str) else pads
    return tuple(Window(*w, ceil_mode) for w in zip(kernel, stride, dilation, each, strict=True))


def grouped(name: str, channels: int, filters: int, groups: int) -> None:
    """Groups must divide both; ShapeError NS503."""
    def fault(size: int, what: str) -> ShapeError:
        return ShapeError(
            "NS503", f"groups must divide channels and filters of '{name}': {size} {what} in {groups} groups")

    for size, what in ((channels, "input channels"), (filters, "filters")):
        exact_div(size, groups, partial(fault, size, what))
