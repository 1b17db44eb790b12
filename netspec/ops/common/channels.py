"""What operations that work channel by channel ask of their input."""

from ...shapes.sizes import ShapeError, known
from ...shapes.types import TensorType, shown


def channel_axis(name: str, x: TensorType, argument: str = "") -> int:
    """Number of the channel axis; ShapeError NS520 where it is not known.

    Args:
        name: the operation that needs it.
        x: its input.
        argument: the argument for which it is needed, where it is not always.
    """
    axis = x.channel
    if axis is None:
        because = f" for '{argument}'" if argument else ""
        raise ShapeError(
            "NS520", f"'{name}' must know the channel axis{because}, and it is not known in {shown(x.shape)}",
            help="channels are lost where a 'reshape' or 'flatten' mixes axes: put this layer before it",
        )
    return axis


def size_of(name: str, x: TensorType, axis: int) -> int:
    """Size of an axis that weights follow from; ShapeError NS590 where it has no number."""
    return known(x.shape[axis], lambda: ShapeError("NS590", f"'{name}' needs a known size of axis {axis}"))
