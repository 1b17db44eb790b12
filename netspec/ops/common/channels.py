"""What operations that work channel by channel require of their input."""

from __future__ import annotations

from ...shapes.shape_error import ShapeError
from ...shapes.sizes import Size, is_named, require_known
from ...shapes.types import TensorType, shape_text
from .axes import axis_name


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
    n = x.shape[axis]
    message = f"'{name}' needs a known size of {axis_name(x, axis)}; found {n}"
    return require_known(n, lambda: ShapeError("NS590", message, at=((0, axis),), help=_known_help(x, n)))


def _known_help(x: TensorType, n: Size) -> str:
    """How to get rid of a size that depends on named dimensions."""
    names = " and ".join(sorted(set(n.mentions()))) if is_named(n) else ""
    if x.rank == 1:
        return f"'global_avg_pool' or 'adaptive_avg_pool2d' before it gives the same size for all {names}"
    return f"give {names} a number in the shape of the input, or reduce the axis before it"
