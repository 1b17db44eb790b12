"""Operations that run along an axis: sums so far, the opposite order, linear recurrences."""

from __future__ import annotations

from ..shapes.reads import (
    SAME_POSITION,
    WHOLE,
    Along,
    AxisRead,
    ComputedRows,
    Fixed,
    ReadPattern,
    Reads,
    pointwise_reads,
)
from ..shapes.shape_error import ShapeError
from ..shapes.types import DTYPES, FLOATS, TensorType, shape_text
from .argument import argument
from .base import Example, Op, Types
from .common.broadcasting import agreed_names, broadcast_shape, require_same_names
from .common.regroup import MAX_ROWS, Moving
from .common.validators import AXES, AXIS

STEPS = "[196, 384]"


def so_far(x: TensorType, axis: int) -> AxisRead:
    """Position j reads the positions up to j; the whole axis if it is long or its size unknown."""
    n = x.shape[axis]
    if type(n) is not int or n > MAX_ROWS:
        return WHOLE
    return Along(axis, ReadPattern(0, ComputedRows(n, lambda j: range(j + 1))))


class Cumsum(Op):
    """The sums of the values up to each position along an axis."""

    permutable = True
    primary = "axis"
    accepts = DTYPES
    examples = (Example(STEPS, "{cumsum: sequence}"),)

    axis: int = argument(AXIS, "the axis along which values are added up")

    def infer(self, *inputs: TensorType) -> Types:
        """The same shape; integers and booleans add up to int64, as in PyTorch."""
        x = inputs[0]
        return (x if x.dtype in FLOATS else x._replace(dtype="int64"),)

    def reads(self, inputs: Types, outputs: Types, output: int = 0) -> Reads:
        """The positions so far, position by position along the other axes."""
        out: list[AxisRead] = [Along(a, SAME_POSITION) for a in range(inputs[0].rank)]
        out[self.axis] = so_far(inputs[0], self.axis)
        return (tuple(out),)


class Flip(Moving):
    """The positions of one axis or several in the opposite order."""

    permutable = True
    primary = "axis"
    examples = (Example(STEPS, "{flip: sequence}"),)

    axis: tuple[int, ...] = argument(AXES, "the axes to reverse")

    def reads(self, inputs: Types, outputs: Types, output: int = 0) -> Reads:
        """Position j reads ``n - 1 - j``; the whole axis if n is large or unknown."""
        x = inputs[0]
        out: list[AxisRead] = [Along(a, SAME_POSITION) for a in range(x.rank)]
        for a in self.axis:
            n = x.shape[a]
            known = type(n) is int and n <= MAX_ROWS
            out[a] = Along(a, ReadPattern(0, tuple((n - 1 - j,) for j in range(n)))) if known else WHOLE
        return (tuple(out),)


class Recurrence(Op):
    """``h[t] = a[t] * h[t - 1] + b[t]`` along an axis, element by element, from the inputs a and b; ``h`` begins at 0.

    PyTorch computes it in parallel: by doubling, in as many steps as the size of the axis has binary digits.
    """

    permutable = True
    primary = "axis"
    arity = (2, 2)
    examples = (Example({"decay": STEPS, "value": STEPS}, "{recurrence: sequence, from: [decay, value]}"),)
    size_rule = "broadcast as in NumPy: sizes are equal, or one of them is 1"

    axis: int = argument(AXIS, "the axis of the steps")

    def infer(self, *inputs: TensorType) -> Types:
        """The broadcast shape. Raises ShapeError NS512, NS516 and NS532."""
        a, b = inputs
        if a.rank != b.rank:
            raise ShapeError(
                "NS532",
                f"the inputs of '{self.name}' must have the same number of axes; "
                f"found {shape_text(a.shape)} and {shape_text(b.shape)}",
                help="'unsqueeze' adds an axis of size 1, along which a factor is the same",
            )
        require_same_names(self.name, inputs)
        shape = broadcast_shape(self.name, inputs)
        return (TensorType(shape, a.dtype, agreed_names(inputs, shape)),)

    def reads(self, inputs: Types, outputs: Types, output: int = 0) -> Reads:
        """The positions so far, position by position along the other axes."""
        out: list[tuple[AxisRead, ...]] = []
        for x in inputs:
            read = list(pointwise_reads(x, outputs[0]))
            if not isinstance(read[self.axis], Fixed):
                read[self.axis] = so_far(x, self.axis)
            out.append(tuple(read))
        return tuple(out)
