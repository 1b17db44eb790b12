"""Window axes of operations that work on all axes except the channels, whatever their number."""

from __future__ import annotations

from typing import Any

from ...shapes.shape_error import ShapeError
from ...shapes.sizes import Size
from ...shapes.types import TensorType, shape_text
from ..base import Op


def channel_and_spatial_axes(op: Op, x: TensorType) -> tuple[int | None, tuple[int, ...]]:
    """Number of the channel axis and of the others, along which ``op`` works.

    If the channel axis is unknown, a single axis is a window axis, and of three or four axes the first holds the
    channels (the last with ``layout: channels_last``).

    Raises:
        ShapeError: NS540, it is unknown which axes are meant, or there is none.
    """
    channel = x.channel
    if channel is None and x.rank in (3, 4):
        channel = x.rank - 1 if op.channels_last else 0
    if channel is None and x.rank != 1:
        raise ShapeError(
            "NS540", f"'{op.name}' works on all axes but the channels, which are unknown in {shape_text(x.shape)}"
        )
    axes = tuple(a for a in range(x.rank) if a != channel)
    if not axes:
        raise ShapeError("NS540", f"'{op.name}' works on all axes but the channels; {shape_text(x.shape)} has no other")
    return channel, axes


def resized(x: TensorType, axes: tuple[int, ...], sizes: tuple[Size, ...]) -> TensorType:
    """The type with other sizes along some axes."""
    new = dict(zip(axes, sizes, strict=True))
    return x.with_shape(tuple(new.get(a, n) for a, n in enumerate(x.shape)))


def like_sizes(op: Op, count: int, like: TensorType) -> tuple[Size, ...]:
    """Window sizes of the layer that ``like`` names; ShapeError NS554 if it has another number of axes."""
    _, axes = channel_and_spatial_axes(op, like)
    if len(axes) != count:
        raise ShapeError(
            "NS554",
            f"'{op.name}' takes its size from a layer with the same number of window axes; found {count} and "
            f"{len(axes)}",
        )
    return tuple(like.shape[a] for a in axes)


def require_exactly_one(op: Op, **arguments: Any) -> None:
    """ShapeError NS552 unless exactly one of the arguments is given."""
    present = [name for name, value in arguments.items() if value is not None and value is not False]
    if len(present) != 1:
        words = ", ".join(list(arguments)[:-1]) + f" or {list(arguments)[-1]}"
        raise ShapeError("NS552", f"'{op.name}' takes one of {words}; found {' and '.join(present) or 'none'}")
