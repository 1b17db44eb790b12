"""Operations over one, two or three window axes: their axes, sliding windows, and the formulas of their sizes."""

from __future__ import annotations

from collections.abc import Iterator
from functools import partial
from typing import TYPE_CHECKING, Any, ClassVar

from ...shapes.reads import WHOLE, Along, AxisRead, Reads, window_reads
from ...shapes.shape_error import ShapeError
from ...shapes.sizes import Size, is_same
from ...shapes.types import CHANNELS, SPATIAL, GuessedName, TensorType, axis_names, is_known, shape_text
from ...shapes.window import Window, output_size, window_padding
from ..base import Op, Types
from .axes import axis_name

if TYPE_CHECKING:
    from ..derivation import Derivation


class Spatial(Op):
    """An operation over as many window axes as its name says (1d, 2d, 3d)."""

    def window_axes(self, x: TensorType) -> tuple[int, tuple[int, ...]]:
        """Number of the channel axis and of the window axes; ShapeError NS501 for another number of axes."""
        n = self.window_rank
        if x.rank != n + 1:
            words = ", ".join(axis_names(n + 1, self.channels_last)) if n > 1 else "channels, length"
            raise ShapeError(
                "NS501",
                f"'{self.name}' works on {n + 1} axes ({words}); found {x.rank}: {shape_text(x.shape)}",
                help=_rank_help(self.name, n, x.rank),
            )
        channel = n if self.channels_last else 0
        if x.channel is not None and x.channel != channel and (n > 1 or _is_sequence_of_features(x, channel)):
            order = f"{{permute: {[*range(1, n + 1), 0] if self.channels_last else [n, *range(n)]}}}"
            moves = x.channel == (0 if self.channels_last else n)
            along = x.axes[channel] or channel
            raise ShapeError(
                "NS502",
                f"'{self.name}' takes axis {channel} as channels; in {shape_text(x.shape)} they are axis {x.channel}",
                help=f"`axis: {along}` slides along that axis, and leaves the channels where they are"
                if n == 1 and "axis" in self.arguments
                else f"`{order}` before it moves the channel axis"
                if moves
                else "a 'permute' before it moves the channel axis",
            )
        return channel, tuple(a for a in range(n + 1) if a != channel)

    def window_covers(self) -> tuple[bool, ...]:
        """For each window axis, whether a window covers several positions, so that their order has a meaning."""
        return (True,) * self.window_rank

    def image_type(self, x: TensorType, channels: Size, spatial: tuple[Size, ...]) -> TensorType:
        """The type of an input with these channels and window sizes instead of its own.

        A window axis keeps its name; otherwise it has the usual one. Windows of one position do not show that the axis
        has a spatial meaning: the usual name is then a guess.
        """
        channel, axes = self.window_axes(x)
        if x.axes[channel] == CHANNELS and "" not in x.axes and GuessedName not in map(type, x.axes):
            return TensorType((*spatial, channels) if channel else (channels, *spatial), x.dtype, x.axes)
        shape, names = [channels] * x.rank, [CHANNELS] * x.rank
        for a, size, usual, covers in zip(axes, spatial, SPATIAL[self.window_rank], self.window_covers(), strict=True):
            shape[a] = size
            name = x.axes[a]
            if is_known(name) and name != CHANNELS:
                names[a] = name
            elif any(n == usual and is_known(n) for n in x.axes):
                names[a] = ""
            else:
                names[a] = usual if covers or name == CHANNELS else GuessedName(usual)
        return TensorType(tuple(shape), x.dtype, tuple(names))


def _is_sequence_of_features(x: TensorType, channel: int) -> bool:
    """Whether a 1d window would slide over known features instead of the sequence.

    It may slide over features if there is no sequence, as in ECA-Net: (1, channels).
    """
    return is_known(x.axes[1 - channel]) and x.axes[channel] != "" and not is_same(x.shape[channel], 1)


def _rank_help(name: str, expected: int, rank: int) -> str | None:
    other = rank - 1
    if other in (1, 2, 3) and name.endswith(f"{expected}d"):
        return f"'{name[:-2]}{other}d' works on {rank} axes"
    return None


class Windowed(Spatial):
    """Sliding windows: convolution and pooling."""

    channels_rule: ClassVar[str] = "every channel by itself"
    """The number of output channels, in words."""

    def windows(self) -> tuple[Window, ...]:
        """One window for each axis."""
        raise TypeError("an operation over windows defines them")

    def window_covers(self) -> tuple[bool, ...]:
        """Whether the windows along each axis have more than one element."""
        return tuple([w.size > 1 for w in self.windows()])

    def pads(self, x: TensorType) -> tuple[tuple[int, int], ...]:
        """Padding (before, after) for each window axis of an input."""
        _, axes = self.window_axes(x)
        return tuple(window_padding(x.shape[a], w) for a, w in zip(axes, self.windows(), strict=True))

    def positions(self, x: TensorType) -> tuple[Size, ...]:
        """Number of window positions along each axis; ShapeError NS510 if a window does not fit."""
        _, axes = self.window_axes(x)
        return tuple(
            output_size(x.shape[a], w, partial(self._too_large, x, a, w))
            for a, w in zip(axes, self.windows(), strict=True)
        )

    def _too_large(self, x: TensorType, axis: int, w: Window) -> ShapeError:
        before, after = window_padding(x.shape[axis], w)
        padded = f"{x.shape[axis]}" + (f" + {before + after} of padding" if before + after else "")
        size = f"{w.size}" + (f" (dilated {w.extent})" if w.dilation > 1 else "")
        return ShapeError(
            "NS510",
            f"the window of '{self.name}' is larger than its input in {axis_name(x, axis)}: {size} over {padded}",
            at=((0, axis),),
        )

    def reads(self, inputs: Types, outputs: Types, output: int = 0) -> Reads:
        """Windows along their axes; all channels."""
        x = inputs[0]
        _, axes = self.window_axes(x)
        out: list[AxisRead] = [WHOLE] * x.rank
        for a, w, (before, _) in zip(axes, self.windows(), self.pads(x), strict=True):
            out[a] = Along(a, window_reads(w.size, w.stride, w.dilation, before))
        return (tuple(out),)

    def sliding(self, x: TensorType) -> list[tuple[int, Window, tuple[int, int]]]:
        """The window axes, the window along each, and its padding."""
        return list(zip(self.window_axes(x)[1], self.windows(), self.pads(x), strict=True))

    def size_derivations(self, inputs: Types, outputs: Types) -> list[Derivation]:
        """Channels, window positions, and the padding that a word stands for."""
        x, y = inputs[0], outputs[0]
        channel, _ = self.window_axes(x)
        return [self.channels_derivation(x, y, channel), *_positions(self, x, y), *_paddings(self, x, y)]

    def channels_derivation(self, x: TensorType, y: TensorType, channel: int) -> Derivation:
        """The number of output channels."""
        from ..derivation import Derivation

        return Derivation("channels", self.channels_rule, f"{y.shape[channel]}", y.shape[channel])


def windows(
    kernel: tuple[int, ...], stride: tuple[int, ...], dilation: tuple[int, ...], pads: Any, ceil_mode: bool = False
) -> tuple[Window, ...]:
    """One window for each axis from arguments per axis; ``pads`` is a word or a pair for each."""
    each: Any = (pads,) * len(kernel) if isinstance(pads, str) else pads
    return tuple(Window(*w, ceil_mode) for w in zip(kernel, stride, dilation, each, strict=True))


def _positions(op: Windowed, x: TensorType, y: TensorType) -> Iterator[Derivation]:
    from ..derivation import Derivation, factor

    for a, w, (before, after) in op.sliding(x):
        n, out, what = x.shape[a], y.shape[a], axis_name(x, a)
        if w.pads in ("same", "causal"):
            yield Derivation(what, "ceil(n / stride)", f"ceil({factor(n)} / {w.stride})", out)
        elif w.ceil_mode:
            reach = f"min({before} + {after} - {extent(w, True)} + {w.stride}, {before})"
            yield Derivation(
                what,
                f"ceil((n + min(before + after - {extent(w)} + stride, before)) / stride)",
                f"ceil(({n} + {reach}) / {w.stride})",
                out,
            )
        else:
            yield Derivation(
                what,
                f"floor((n + before + after - {extent(w)}) / stride) + 1",
                f"floor(({n} + {before} + {after} - {extent(w, True)}) / {w.stride}) + 1",
                out,
            )


def _paddings(op: Windowed, x: TensorType, y: TensorType) -> Iterator[Derivation]:
    from ..derivation import Derivation, factor

    for a, w, (before, after) in op.sliding(x):
        n, out, what = factor(x.shape[a]), y.shape[a], f"padding of {axis_name(x, a)}"
        if w.pads == "same":
            yield Derivation(
                what,
                f"max((positions - 1) * stride + {extent(w)} - n, 0)",
                f"max(({out} - 1) * {w.stride} + {extent(w, True)} - {n}, 0)",
                before + after,
                f"{before} before and {after} after",
            )
        elif w.pads == "causal":
            yield Derivation(what, f"{extent(w)} - 1", f"{extent(w, True)} - 1", before, "all before")


def extent(w: Window, numbers: bool = False) -> str:
    """The extent of a window, as a formula: its size, or more with dilation."""
    if w.dilation == 1:
        return f"{w.size}" if numbers else "window"
    return f"({w.dilation} * ({w.size} - 1) + 1)" if numbers else "(dilation * (window - 1) + 1)"
