"""What operations that work channel by channel require of their input."""

from __future__ import annotations

from ...shapes.sizes import ShapeError, require_known
from ...shapes.types import TensorType, shape_text


def channel_axis(name: str, x: TensorType, argument: str = "") -> int:
    """Number of the channel axis; ShapeError NS520 if it is unknown.

    Args:
        name: the operation that needs it.
        x: its input.
        argument: the argument for which it is needed, if it is not always needed.
    """
    axis = x.channel
    if axis is None:
        because = f" for '{argument}'" if argument else ""
        raise ShapeError(
            "NS520",
            f"'{name}' needs the channel axis{because}, which is unknown in {shape_text(x.shape)}",
            help="channels are lost where a 'reshape' or 'flatten' mixes axes: put this layer before it",
        )
    return axis


def known_size(name: str, x: TensorType, axis: int) -> int:
    """Size of an axis that weights depend on; ShapeError NS590 if it is unknown."""
    return require_known(x.shape[axis], lambda: ShapeError("NS590", f"'{name}' needs a known size of axis {axis}"))
