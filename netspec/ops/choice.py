"""Operations that choose, order and move elements by their values or by indices."""

from __future__ import annotations

from collections.abc import Mapping
from functools import partial

from ..shapes.reads import SAME_POSITION, WHOLE, Along, AxisRead, Reads, pointwise_reads, reads_except
from ..shapes.shape_error import ShapeError
from ..shapes.sizes import Size, broadcast, require_at_least
from ..shapes.types import CHANNELS, DTYPES, INTEGERS, NUMBERS, TensorType, shape_text
from .argument import argument
from .base import Example, Op, Types
from .common.axes import axis_name, reads_of_rest, without_axes
from .common.broadcasting import agreed_names, require_same_names
from .common.shared_arguments import KEEPDIMS
from .common.validators import AXIS, CHANNEL_AXIS, COUNT, EXTENT, FLAG, INDEX_LAYER

SCORES = "[1000]"


class Ordering(Op):
    """What operations that compare all values along an axis share."""

    permutable = True
    accepts = NUMBERS

    axis: int = argument(CHANNEL_AXIS, "the axis along which values are compared")

    def index_limit(self, inputs: Types) -> Size:
        """The size of its axis."""
        return inputs[0].shape[self.axis]

    def reads(self, inputs: Types, outputs: Types, output: int = 0) -> Reads:
        """Its axis whole, position by position along the others."""
        return (reads_except(inputs[0], self.axis),)


class TopK(Ordering):
    """The ``k`` greatest values along an axis, the greatest first; of equal ones, any.

    ``values`` are what was chosen, ``index`` the positions along the axis (int64), and ``mask`` has the shape of the
    input and is true where a value was chosen.
    """

    primary = "k"
    results = ("values", "index", "mask")
    examples = (Example(SCORES, "{top_k: 5}"),)
    size_rule = "k along the axis; the mask has the input's shape"

    k: Size = argument(EXTENT, "how many values to choose")

    def infer(self, *inputs: TensorType) -> Types:
        """``k`` along the axis; ShapeError NS530 if there are fewer positions."""
        x = inputs[0]
        n = x.shape[self.axis]

        def fault() -> ShapeError:
            message = (
                f"k of '{self.name}' must be at most the size of {axis_name(x, self.axis)}; found {self.k} for {n}"
            )
            return ShapeError("NS530", message, at=((0, self.axis),))

        require_at_least(n, self.k, fault)
        values = x.with_shape((*x.shape[: self.axis], self.k, *x.shape[self.axis + 1 :]))
        return values, values._replace(dtype="int64"), x._replace(dtype="bool")


class Sort(Ordering):
    """The values along an axis in order, the least first; equal ones stay in their order.

    ``values`` are the sorted values and ``index`` the positions where they were (int64).
    """

    primary = "axis"
    results = ("values", "index")
    examples = (Example("[8, 64]", "{sort: sequence}"),)

    descending: bool = argument(FLAG, "whether the greatest comes first", default=False)

    def infer(self, *inputs: TensorType) -> Types:
        """The shape of the input, twice."""
        return inputs[0], inputs[0]._replace(dtype="int64")


class Extremum(Ordering):
    """What the positions of extrema share."""

    primary = "axis"
    examples = (Example(SCORES, "{OP: channels}"),)
    size_rule = "the input's without the axis, or with 1 in its place"

    keepdims: bool = KEEPDIMS

    def infer(self, *inputs: TensorType) -> Types:
        """int64 without the axis, or with size 1 in its place."""
        x = inputs[0]._replace(dtype="int64")
        if self.keepdims:
            return (x.with_shape(tuple(1 if a == self.axis else n for a, n in enumerate(x.shape))),)
        return (without_axes(x, (self.axis,)),)

    def reads(self, inputs: Types, outputs: Types, output: int = 0) -> Reads:
        """Its axis whole, position by position along the others."""
        x = inputs[0]
        return (reads_except(x, self.axis) if self.keepdims else reads_of_rest(x, (self.axis,), WHOLE),)


class Argmax(Extremum):
    """The position of the greatest value along an axis (int64), the first of equal ones."""


class Argmin(Extremum):
    """The position of the least value along an axis (int64), the first of equal ones."""


class OneHot(Op):
    """For each integer from 0 to below ``classes``, a vector of zeros with a one at its position."""

    primary = "classes"
    accepts = INTEGERS
    examples = (Example("{shape: [128], dtype: int64}", "{one_hot: 10}"),)
    size_rule = "the input's shape, and classes after it"

    classes: int = argument(COUNT, "number of positions")

    def infer(self, *inputs: TensorType) -> Types:
        """A channel axis of ``classes`` is added at the end."""
        x = inputs[0]
        before = tuple("" if a == CHANNELS else a for a in x.axes)
        return (TensorType((*x.shape, self.classes), "float32", (*before, CHANNELS)),)

    def reads(self, inputs: Types, outputs: Types, output: int = 0) -> Reads:
        """Position by position."""
        return (tuple(Along(a, SAME_POSITION) for a in range(inputs[0].rank)),)

    def index_ranges(self, inputs: Types) -> Mapping[int, Size]:
        """Below the number of classes."""
        return {0: self.classes}


class Indexed(Op):
    """What operations share that have an index of as many axes as their input."""

    primary = "axis"
    accepts = NUMBERS

    def joint(self, inputs: Types, joined: bool) -> TensorType:
        """The input and the index broadcast, with ``joined`` except along the axis, where the index's size holds.

        Raises ShapeError NS531 unless they broadcast, NS516 if an axis meets one of another name.
        """
        (x, index), axis = inputs, self.axis

        def fault(at: tuple[tuple[int, int], ...] = ()) -> ShapeError:
            except_for = f", except for {axis_name(x, axis)}" if joined else ""
            return ShapeError(
                "NS531",
                f"'index' of '{self.name}' must have as many axes as the input, each of its size or of size 1"
                f"{except_for}; found {shape_text(index.shape)} for {shape_text(x.shape)}",
                at=at,
                help="'unsqueeze' adds an axis of size 1, along which the index is the same",
            )

        if index.rank != x.rank:
            raise fault()
        require_same_names(self.name, (x, index), joined=axis)
        shape = tuple(
            m if joined and a == axis else broadcast(n, m, partial(fault, ((0, a), (1, a))))
            for a, (n, m) in enumerate(zip(x.shape, index.shape, strict=True))
        )
        names = list(agreed_names((x, index), shape))
        names[axis] = x.axes[axis]
        return TensorType(shape, x.dtype, tuple(names))

    axis: int = argument(AXIS, "the axis whose positions the index names")
    index: bool = argument(INDEX_LAYER, "the layer of integers that name positions, with as many axes as the input")


class TakeAlong(Indexed):
    """For each element of the index, the element of the input at that position along an axis.

    The other axes of input and index correspond, and broadcast. `gather` takes whole rows.
    """

    accepts = DTYPES
    examples = (
        Example({"x": "[8, 64]", "which": "{shape: [3, 64], dtype: int64}"}, "{take_along: 0, index: which, from: x}"),
    )
    size_rule = "the index's, broadcast with the input along the other axes"

    def infer(self, *inputs: TensorType) -> Types:
        """The index's size along the axis, and the broadcast sizes along the others."""
        return (self.joint(inputs, joined=True),)

    def reads(self, inputs: Types, outputs: Types, output: int = 0) -> Reads:
        """Any position along its axis, the others position by position; the index position by position."""
        x, index = inputs
        read = list(pointwise_reads(x, outputs[0]))
        read[self.axis] = WHOLE
        return tuple(read), pointwise_reads(index, outputs[0])

    def index_ranges(self, inputs: Types) -> Mapping[int, Size]:
        """Below the size of the axis."""
        return {1: inputs[0].shape[self.axis]}


class ScatterAdd(Indexed):
    """Zeros of ``size`` along an axis, each element of the input added at the position that the index names.

    Input and index broadcast: an index of (n, 1) adds up rows.
    """

    examples = (
        Example(
            {"x": "[64, 16]", "segment": "{shape: [64, 1], dtype: int64}"},
            "{scatter_add: 0, index: segment, size: 10, from: x}",
        ),
    )
    size_rule = "`size` along the axis; the other axes stay the same"

    size: Size = argument(EXTENT, "size of the axis in the result")

    def infer(self, *inputs: TensorType) -> Types:
        """``size`` along the axis."""
        x = self.joint(inputs, joined=False)
        return (x.with_shape((*x.shape[: self.axis], self.size, *x.shape[self.axis + 1 :])),)

    def reads(self, inputs: Types, outputs: Types, output: int = 0) -> Reads:
        """The axis whole, the others position by position."""
        out: list[tuple[AxisRead, ...]] = []
        for x in inputs:
            read = list(pointwise_reads(x, outputs[0]))
            read[self.axis] = WHOLE
            out.append(tuple(read))
        return tuple(out)

    def index_ranges(self, inputs: Types) -> Mapping[int, Size]:
        """Below the size of the result."""
        return {1: self.size}
