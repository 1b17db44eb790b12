"""Operations that change the size of window axes: padding, cropping, interpolation, pixel and channel shuffles."""

from functools import partial
from typing import Annotated, Any, ClassVar, Literal

from ..shapes.reads import SELF, Along, AxisRead, Reads, Taps
from ..shapes.sizes import ShapeError, Size, exact_div, require, scaled
from ..shapes.types import TensorType, shown
from .base import Check, Op, Types
from .common.arguments import (
    Axis,
    Count,
    Flag,
    Layer,
    MaybeAxes,
    Number,
    PadMode,
    items,
    number,
    one_of,
    optional,
    whole_number,
)
from .common.axes import axis_name, each
from .common.resample import ratio, source

Amount = tuple[tuple[int, int], ...]


def _amount(value: Any, rank: int) -> Amount:
    if not isinstance(value, (list, tuple)):
        n = whole_number(value, 0)
        return ((n, n),)
    given = items(value)
    if given and all(isinstance(entry, (list, tuple)) for entry in given):
        pairs = [tuple(whole_number(v, 0) for v in items(entry)) for entry in given]
    else:
        pairs = [tuple(whole_number(v, 0) for v in given)]
    if not pairs or any(len(pair) != 2 for pair in pairs):
        raise ValueError
    return tuple((before, after) for before, after in pairs)


def _per_axis(one: Check) -> Check:
    def read(value: Any, rank: int) -> tuple[Any, ...]:
        many = items(value) if isinstance(value, (list, tuple)) else (value,)
        got = tuple(one.read(v, rank) for v in many)
        if not got:
            raise ValueError
        return got

    many = {"type": "array", "items": one.schema, "minItems": 1}
    return optional(Check(f"{one.words}, or a list of one per axis", {"anyOf": [one.schema, many]}, read))


_N = {"type": "integer", "minimum": 0}
_PAIR = {"type": "array", "items": _N, "minItems": 2, "maxItems": 2}
Amounts = Annotated[
    Amount,
    Check(
        "a number, [before, after], or a list of such pairs, one per axis",
        {"anyOf": [_N, _PAIR, {"type": "array", "items": _PAIR, "minItems": 1}]}, _amount,
    ),
]
MaybeSizes = Annotated[
    tuple[int, ...] | None,
    _per_axis(Check("a positive whole number", {"type": "integer", "minimum": 1}, lambda v, rank: whole_number(v, 1))),
]
MaybeScales = Annotated[
    tuple[float, ...] | None,
    _per_axis(Check(
        "a number above 0", {"type": "number", "exclusiveMinimum": 0}, lambda v, rank: number(v, above=0.0))),
]
Mode = Literal["nearest", "linear", "bilinear", "trilinear", "bicubic"]
COUNTED = {1: "one window axis", 2: "two window axes", 3: "three window axes"}
MODE_AXES = {"linear": 1, "bilinear": 2, "trilinear": 3, "bicubic": 2}


def plane(op: Op, x: TensorType) -> tuple[int | None, tuple[int, ...]]:
    """Number of the channel axis and of the others, along which ``op`` works.

    Where no axis is known to hold channels, a single axis is a window axis, and of three or four the channels are
    the first (the last with ``layout: channels_last``).

    Raises:
        ShapeError: NS540, it is not known which axes are meant, or there is none.
    """
    channel = x.channel
    if channel is None and x.rank in (3, 4):
        channel = x.rank - 1 if op.channels_last else 0
    if channel is None and x.rank != 1:
        raise ShapeError(
            "NS540", f"'{op.name}' works on all axes but the channels, which are not known in {shown(x.shape)}"
        )
    axes = tuple(a for a in range(x.rank) if a != channel)
    if not axes:
        raise ShapeError("NS540", f"'{op.name}' works on all axes but the channels; {shown(x.shape)} has no other")
    return channel, axes


def resized(x: TensorType, axes: tuple[int, ...], sizes: tuple[Size, ...]) -> TensorType:
    """The type with other sizes along some axes."""
    new = dict(zip(axes, sizes, strict=True))
    return x.with_shape(tuple(new.get(a, n) for a, n in enumerate(x.shape)))


def like_sizes(op: Op, count: int, like: TensorType) -> tuple[Size, ...]:
    """Window sizes of the layer that ``like`` names; ShapeError NS554 where it has another number of axes."""
    _, axes = plane(op, like)
    if len(axes) != count:
        raise ShapeError(
            "NS554", f"'{op.name}' takes its size from a layer with as many window axes; found {count} and {len(axes)}"
        )
    return tuple(like.shape[a] for a in axes)


def one_given(op: Op, **arguments: Any) -> None:
    """ShapeError NS552 unless exactly one of the arguments is given."""
    given = [name for name, value in arguments.items() if value is not None and value is not False]
    if len(given) != 1:
        words = ", ".join(list(arguments)[:-1]) + f" or {list(arguments)[-1]}"
        raise ShapeError("NS552", f"'{op.name}' takes one of {words}; found {' and '.join(given) or 'none'}")


class Bordered(Op):
    """What padding and cropping share: an amount before and after each axis."""

    moves: ClassVar[bool] = True
    primary: ClassVar[str | None] = "amount"

    amount: Amounts
    axis: MaybeAxes = None

    def amounts(self, x: TensorType) -> tuple[tuple[int, int, int], ...]:
        """(axis, before, after) for the named axes, or for all but the channels."""
        axes = plane(self, x)[1] if self.axis is None else self.axis
        pairs = each(self.name, "amount", self.amount, len(axes))
        return tuple((a, before, after) for a, (before, after) in zip(axes, pairs, strict=True))


class Pad(Bordered):
    """Padding before and after window axes, or the axes named."""

    mode: PadMode = "zeros"
    value: Number = 0.0

    def infer(self, *inputs: TensorType) -> Types:
        """Sizes grown; ShapeError NS550 where there is too little to reflect or to go round."""
        x = inputs[0]
        if self.value and self.mode != "zeros":
            raise ShapeError(
                "NS550", f"'pad' fills with a value in mode zeros; found value {self.value:g} and mode {self.mode}"
            )
        shape = list(x.shape)
        for a, before, after in self.amounts(x):
            most = max(before, after)
            if self.mode in ("reflect", "circular") and most:
                require(x.shape[a], most + (self.mode == "reflect"), partial(self._too_little, x, a, most))
            shape[a] = shape[a] + (before + after)
        return (x.with_shape(tuple(shape)),)

    def _too_little(self, x: TensorType, axis: int, most: int) -> ShapeError:
        border = ", the border itself apart" if self.mode == "reflect" else ""
        return ShapeError(
            "NS550", f"'pad' with mode {self.mode} needs as many positions as it adds{border}; "
            f"{axis_name(x, axis)} has {x.shape[axis]} for {most}", at=((0, axis),),
        )

    def reads(self, inputs: Types, outputs: Types, output: int = 0) -> Reads:
        """Position by position, ``before`` later."""
        return (shifted(inputs[0], {a: -before for a, before, _ in self.amounts(inputs[0])}),)


class Crop(Bordered):
    """Positions taken off before and after window axes, or the axes named."""

    def infer(self, *inputs: TensorType) -> Types:
        """Sizes reduced; ShapeError NS551 where nothing is left."""
        x = inputs[0]
        shape = list(x.shape)
        for a, before, after in self.amounts(x):
            shape[a] = require(shape[a] - (before + after), 1, partial(self._nothing, x, a, before + after))
        return (x.with_shape(tuple(shape)),)

    def _nothing(self, x: TensorType, axis: int, off: int) -> ShapeError:
        found = f"{axis_name(x, axis)}: {off} of {x.shape[axis]} are taken off"
        return ShapeError("NS551", f"'crop' must leave something of {found}", at=((0, axis),))

    def reads(self, inputs: Types, outputs: Types, output: int = 0) -> Reads:
        """Position by position, ``before`` earlier."""
        return (shifted(inputs[0], {a: before for a, before, _ in self.amounts(inputs[0])}),)


class CenterCrop(Op):
    """The middle of every window axis, of a given size or that of another layer; an odd rest goes at the end."""

    moves: ClassVar[bool] = True
    primary: ClassVar[str | None] = "size"

    size: MaybeSizes = None
    like: Layer = False

    def infer(self, *inputs: TensorType) -> Types:
        """The given sizes; ShapeError NS551 where they exceed the input's."""
        x = inputs[0]
        one_given(self, size=self.size, like=self.like)
        _, axes = plane(self, x)
        sizes: tuple[Size, ...]
        if self.size is None:
            sizes = like_sizes(self, len(axes), inputs[1])
        else:
            sizes = each(self.name, "size", self.size, len(axes))
        for i, (a, size) in enumerate(zip(axes, sizes, strict=True)):
            require(x.shape[a] - size, 0, partial(self._too_large, inputs, i, size))
        return (resized(x, axes, sizes),)

    def _too_large(self, inputs: Types, i: int, size: Size) -> ShapeError:
        x = inputs[0]
        at = [(number, plane(self, y)[1][i]) for number, y in enumerate(inputs)]
        a = at[0][1]
        return ShapeError(
            "NS551", f"'center_crop' must take no more than there is of {axis_name(x, a)}: {size} of {x.shape[a]}",
            at=at,
        )

    def reads(self, inputs: Types, outputs: Types, output: int = 0) -> Reads:
        """Position by position from half the difference on; of the other layer only the shape."""
        x, y = inputs[0], outputs[0]
        offsets = {a: (x.shape[a] - y.shape[a]) // 2 for a in plane(self, x)[1]}
        return (shifted(x, offsets), *(None,) * (len(inputs) - 1))


class Upsample(Op):
    """Interpolation of every window axis to ``scale`` times its size, a given size, or that of another layer."""

    moves: ClassVar[bool] = True
    primary: ClassVar[str | None] = "scale"

    scale: MaybeScales = None
    size: MaybeSizes = None
    like: Layer = False
    mode: Annotated[Mode, one_of("nearest", "linear", "bilinear", "trilinear", "bicubic")] = "nearest"
    align_corners: Flag = False

    def scales(self, count: int) -> tuple[float | None, ...]:
        """The factor for each of ``count`` axes; None where the size is given."""
        return (None,) * count if self.scale is None else each(self.name, "scale", self.scale, count)

    def infer(self, *inputs: TensorType) -> Types:
        """``floor(n * scale)`` positions, or the sizes given.

        Raises ShapeError NS552 unless exactly one of scale, size and like is given, NS553 where the mode is for
        another number of axes, NS551 where nothing is left.
        """
        x = inputs[0]
        one_given(self, scale=self.scale, size=self.size, like=self.like)
        _, axes = plane(self, x)
        n = len(axes)
        if n > 3:
            raise ShapeError("NS553", f"'upsample' is for one to three window axes; {shown(x.shape)} has {n}")
        if MODE_AXES.get(self.mode, n) != n:
            raise ShapeError(
                "NS553", f"mode {self.mode} of 'upsample' is for {COUNTED[MODE_AXES[self.mode]]}; "
                f"{shown(x.shape)} has {COUNTED.get(n, n)}",
                help=f"{('linear', 'bilinear', 'trilinear')[n - 1]} is for {COUNTED[n]}",
            )
        if self.align_corners and self.mode == "nearest":
            raise ShapeError("NS553", "align_corners of 'upsample' needs a mode that interpolates; found nearest")
        sizes: tuple[Size, ...]
        if self.size is not None:
            sizes = each(self.name, "size", self.size, n)
        elif self.like:
            sizes = like_sizes(self, n, inputs[1])
        else:
            sizes = tuple(
                require(scaled(x.shape[a], s), 1, partial(self._nothing, x, a, s))
                for a, s in zip(axes, each(self.name, "scale", self.scale or (), n), strict=True)
            )
        return (resized(x, axes, sizes),)

    def _nothing(self, x: TensorType, axis: int, scale: float) -> ShapeError:
        found = f"{axis_name(x, axis)}: {scale:g} times {x.shape[axis]}"
        return ShapeError("NS551", f"'upsample' must leave something of {found}", at=((0, axis),))

    def reads(self, inputs: Types, outputs: Types, output: int = 0) -> Reads:
        """The neighbours that the mode weighs; of the other layer only the shape."""
        x, y = inputs[0], outputs[0]
        _, axes = plane(self, x)
        out: list[AxisRead] = [Along(a, SELF) for a in range(x.rank)]
        for a, scale in zip(axes, self.scales(len(axes)), strict=True):
            r = ratio(x.shape[a], y.shape[a], scale, self.align_corners)
            out[a] = source(a, r, self.mode, self.align_corners)
        return (tuple(out), *(None,) * (len(inputs) - 1))


class Shuffle(Op):
    """What pixel shuffles share: two window axes and a factor."""

    moves: ClassVar[bool] = True
    primary: ClassVar[str | None] = "factor"

    factor: Count

    def image(self, x: TensorType) -> tuple[int, tuple[int, int]]:
        """The channel axis and the two window axes; ShapeError NS555 for another number."""
        channel, axes = plane(self, x)
        if len(axes) != 2 or channel is None:
            raise ShapeError("NS555", f"'{self.name}' works on images, of two window axes; found {shown(x.shape)}")
        return channel, (axes[0], axes[1])

    def indivisible(self, x: TensorType, axis: int, by: int) -> ShapeError:
        """A size that the factor must divide."""
        return ShapeError(
            "NS556", f"{by} must divide {axis_name(x, axis)} for '{self.name}' by {self.factor}; found {x.shape[axis]}",
            at=((0, axis),),
        )


class PixelShuffle(Shuffle):
    """Channels become pixels: (c * r^2, h, w) to (c, h * r, w * r) (Shi et al. 2016)."""

    def infer(self, *inputs: TensorType) -> Types:
        """A factor r more in height and width, r^2 less in channels; ShapeError NS556 where r^2 does not divide."""
        x, r = inputs[0], self.factor
        channel, axes = self.image(x)
        c = exact_div(x.shape[channel], r * r, lambda: self.indivisible(x, channel, r * r))
        return (resized(x, (channel, *axes), (c, *(x.shape[a] * r for a in axes))),)

    def reads(self, inputs: Types, outputs: Types, output: int = 0) -> Reads:
        """r positions from each, and a block of r^2 channels to each channel."""
        x, r = inputs[0], self.factor
        channel, _ = self.image(x)
        out: list[AxisRead] = [Along(a, Taps(1, ((0,),) * r)) for a in range(x.rank)]
        out[channel] = Along(channel, Taps(r * r, (tuple(range(r * r)),)))
        return (tuple(out),)


class PixelUnshuffle(Shuffle):
    """Pixels become channels: (c, h * r, w * r) to (c * r^2, h, w)."""

    def infer(self, *inputs: TensorType) -> Types:
        """A factor r less in height and width, r^2 more in channels; ShapeError NS556 where r does not divide."""
        x, r = inputs[0], self.factor
        channel, axes = self.image(x)
        sizes = tuple(exact_div(x.shape[a], r, partial(self.indivisible, x, a, r)) for a in axes)
        return (resized(x, (channel, *axes), (x.shape[channel] * (r * r), *sizes)),)

    def reads(self, inputs: Types, outputs: Types, output: int = 0) -> Reads:
        """Blocks of r positions, and r^2 channels from each channel."""
        x, r = inputs[0], self.factor
        channel, _ = self.image(x)
        out: list[AxisRead] = [Along(a, Taps(r, (tuple(range(r)),))) for a in range(x.rank)]
        out[channel] = Along(channel, Taps(1, ((0,),) * (r * r)))
        return (tuple(out),)


class ChannelShuffle(Op):
    """Channels in groups, taken in turn from each group (Zhang et al. 2017, ShuffleNet)."""

    moves: ClassVar[bool] = True
    primary: ClassVar[str | None] = "groups"

    groups: Count
    axis: Axis

    def per_group(self, x: TensorType) -> Size:
        """Channels in a group; ShapeError NS556 where the groups do not divide the channels."""
        return exact_div(x.shape[self.axis], self.groups, lambda: ShapeError(
            "NS556", f"{self.groups} groups must divide {axis_name(x, self.axis)} for 'channel_shuffle'; "
            f"found {x.shape[self.axis]}", at=((0, self.axis),)))

    def infer(self, *inputs: TensorType) -> Types:
        """The same type."""
        self.per_group(inputs[0])
        return (inputs[0],)

    def reads(self, inputs: Types, outputs: Types, output: int = 0) -> Reads:
        """Channel ``i * groups + k`` reads channel ``k * per group + i``."""
        x = inputs[0]
        size = self.per_group(x)
        out: list[AxisRead] = [Along(a, SELF) for a in range(x.rank)]
        out[self.axis] = Along(self.axis, Taps(1, tuple((k * size,) for k in range(self.groups))))
        return (tuple(out),)


def shifted(x: TensorType, offsets: dict[int, Size]) -> tuple[AxisRead, ...]:
    """Position j reads position ``j + offset`` along some axes, and itself along the others."""
    return tuple(Along(a, Taps(1, ((offsets[a],),)) if a in offsets else SELF) for a in range(x.rank))
