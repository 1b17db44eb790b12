"""What attention and recurrent operations require of their inputs: features along the last axis."""

from __future__ import annotations

from ...shapes.shape_error import ShapeError
from ...shapes.sizes import require_known
from ...shapes.types import TensorType, shape_text


def features(op: str, x: TensorType, number: int = 0, rank: int | None = 2) -> int:
    """Size of the last axis, which holds the features.

    Args:
        op: the operation.
        x: its input.
        number: the number of that input.
        rank: number of axes it must have; None for two or more, of which the last two count, whatever their names.

    Raises:
        ShapeError: NS560, another number of axes; NS561, the channels are another axis; NS590, an unknown size.
    """
    if (x.rank != rank) if rank is not None else x.rank < 2:
        axes = "two axes," if rank is not None else "two axes or more, the last two being"
        message = f"'{op}' works on {axes} sequence and features; found {shape_text(x.shape)}"
        raise ShapeError("NS560", message, help=_sequence_help(x))
    last = x.rank - 1
    if rank is not None and x.channel not in (None, last):
        raise ShapeError(
            "NS561",
            f"'{op}' takes the last axis as features; in {shape_text(x.shape)} the channels are axis {x.channel}",
            at=((number, last),),
            help="`{permute: [1, 0]}` before it makes a sequence of features",
        )
    n = x.shape[last]
    return require_known(n, lambda: ShapeError("NS590", f"'{op}' needs a known number of features; found {n}"))


def _sequence_help(x: TensorType) -> str | None:
    """How to make a sequence of features."""
    if x.rank == 1:
        return (
            "a 'flatten' that leaves out the channels, `{flatten: 1}`, keeps a sequence; `{permute: [1, 0]}` follows it"
        )
    if x.channel == 0:
        return "`{flatten: 1}` and `{permute: [1, 0]}` before it make a sequence of features"
    if x.channel == x.rank - 1:
        return f"`{{flatten: 0, end: {x.rank - 2}}}` before it makes a sequence of features"
    return None


def head_size(op: str, size: int, heads: int, number: int, axis: int) -> int:
    """Features of one head; ShapeError NS562 if the heads do not divide them."""
    if size % heads:
        raise ShapeError(
            "NS562", f"heads must divide the features of '{op}': {size} in {heads} heads", at=((number, axis),)
        )
    return size // heads
