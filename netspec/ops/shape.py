"""Operations that rearrange, select or repeat elements without arithmetic."""

from __future__ import annotations

from functools import partial

from ..shapes.reads import SAME_POSITION, WHOLE, Along, AxisRead, Fixed, ReadPattern, Reads
from ..shapes.shape_error import ShapeError
from ..shapes.sizes import (
    Size,
    broadcast,
    ceil_div,
    equals,
    exact_div,
    is_same,
    product,
    require_at_least,
    require_equal,
)
from ..shapes.types import TensorType, shape_text, type_with_axes
from .argument import argument
from .axis import AxisValidator
from .base import Example, Types
from .common.axes import axis_name, one_per_axis, reads_of_rest, with_given_names, without_axes
from .common.regroup import MAX_ROWS, Moving, SameOrder, joined_name, kept_axes, regrouped_reads
from .common.shared_arguments import GIVEN_AXES
from .common.size_lists import ENDS, KEPT_SHAPE, OPEN_SHAPE, PARTS, SHIFTS, STEPS
from .common.slice_ends import end_of, not_one, nothing_left
from .common.validators import ANY_AXES, AXES, AXIS, CHANNEL_AXIS, INTEGER, GivenNames

TOKENS = "[197, 768]"


class Identity(Moving):
    """The input, unchanged."""

    is_activation = True
    elementwise = True
    permutable = True
    identity_in_inference = True


class Flatten(SameOrder):
    """Joins axes into one, from ``start`` to ``end``; all of them by default."""

    primary = "start"
    examples = (Example("[512, 7, 7]", "flatten"),)
    size_rule = "the product of the joined axes"

    start: int = argument(AXIS, "the first axis to join", default=0)
    end: int = argument(AXIS, "the last axis to join", default=-1, default_doc="the last")

    def span(self, x: TensorType) -> tuple[int, int]:
        """First and last axis that are joined; ShapeError NS549 unless they are in this order."""
        last = x.rank - 1 if self.end < 0 else self.end
        if last < self.start or not x.rank:
            actual = f"from axis {self.start} to {last}" if x.rank else "an input without axes"
            raise ShapeError("NS549", f"'flatten' must begin before it ends; found {actual}")
        return self.start, last

    def infer(self, *inputs: TensorType) -> Types:
        """The joined axis holds the channels if it is the only one, and a sequence if it joins window axes."""
        x = inputs[0]
        start, end = self.span(x)
        role = joined_name(x.axes, start, end)
        shape = (*x.shape[:start], product(x.shape[start : end + 1]), *x.shape[end + 1 :])
        return (TensorType(shape, x.dtype, (*x.axes[:start], role, *x.axes[end + 1 :])),)

    def reads(self, inputs: Types, outputs: Types, output: int = 0) -> Reads:
        """Along the joined axis in row-major order; the others position by position."""
        return (regrouped_reads(inputs[0].shape, outputs[0].shape),)


class Reshape(SameOrder):
    """The same elements in another shape, in row-major order; one size may be -1."""

    primary = "shape"
    examples = (Example("[768, 14, 14]", "{reshape: [768, -1]}"),)
    size_rule = "as given; -1 is the number of elements divided by all other sizes"

    shape: tuple[int, ...] = argument(OPEN_SHAPE, "the shape, without the batch axis")
    axes: GivenNames | None = GIVEN_AXES

    def infer(self, *inputs: TensorType) -> Types:
        """The given shape; without given names, axes that stay the same at the front, then at the back, keep theirs.

        Raises ShapeError NS541 if the numbers of elements differ, NS546 if there are more or fewer names than axes.
        """
        x = inputs[0]

        def fault() -> ShapeError:
            return ShapeError(
                "NS541",
                f"'reshape' keeps the number of elements: {shape_text(x.shape)} has {x.elements}, "
                f"which does not make {shape_text(self.shape)}",
                at=tuple((0, a) for a in range(x.rank)),
            )

        rest = product(n for n in self.shape if n != -1)
        if -1 in self.shape:
            open_size = exact_div(x.elements, rest, fault)
            shape = tuple(open_size if n == -1 else n for n in self.shape)
        else:
            require_equal(x.elements, rest, fault)
            shape = self.shape
        lead, trail = kept_axes(x.shape, shape)
        middle = ("",) * (len(shape) - lead - trail)
        axes = (*x.axes[:lead], *middle, *x.axes[x.rank - trail :])
        inferred = type_with_axes(shape, x.dtype, axes, self.channels_last)
        return (with_given_names(self.name, inferred, self.axes),)

    def reads(self, inputs: Types, outputs: Types, output: int = 0) -> Reads:
        """Axis by axis if the shapes share boundaries."""
        return (regrouped_reads(inputs[0].shape, outputs[0].shape),)


class Permute(Moving):
    """The axes in another order, with their names."""

    primary = "order"
    examples = (Example("[768, 196]", "{permute: [1, 0]}"),)
    size_rule = "the input's sizes in the given order"

    order: tuple[int, ...] = argument(AXES, "for each axis of the output, the axis of the input")

    def infer(self, *inputs: TensorType) -> Types:
        """Axis i of the result is axis ``order[i]`` of the input; ShapeError NS542 unless all are named."""
        x = inputs[0]
        if len(self.order) != x.rank:
            raise ShapeError(
                "NS542", f"'permute' names every axis once: {x.rank} of {shape_text(x.shape)}; found {len(self.order)}"
            )
        return (TensorType(tuple(x.shape[a] for a in self.order), x.dtype, tuple(x.axes[a] for a in self.order)),)

    @property
    def keeps_values(self) -> bool:
        """In another order."""
        return True

    def reads(self, inputs: Types, outputs: Types, output: int = 0) -> Reads:
        """Position by position, along the axis that each becomes."""
        return (tuple(Along(self.order.index(a), SAME_POSITION) for a in range(inputs[0].rank)),)


class Squeeze(SameOrder):
    """Removes axes of size 1: the named ones, or all."""

    primary = "axis"
    examples = (Example("[64, 1, 1]", "{squeeze: [1, 2]}"),)
    size_rule = "the input's without the axes of size 1"

    axis: tuple[int, ...] | None = argument(
        ANY_AXES, "the axes of size 1 to remove", default=None, default_doc="every axis of size 1"
    )

    def removed(self, x: TensorType) -> tuple[int, ...]:
        """Axes that are removed; ShapeError NS543 if a named one is longer than 1."""
        if self.axis is None:
            return tuple(a for a, n in enumerate(x.shape) if equals(n, 1))
        for a in self.axis:
            require_equal(x.shape[a], 1, partial(not_one, x, a))
        return self.axis

    def infer(self, *inputs: TensorType) -> Types:
        """The type without those axes."""
        return (without_axes(inputs[0], self.removed(inputs[0])),)

    def reads(self, inputs: Types, outputs: Types, output: int = 0) -> Reads:
        """Position by position."""
        x = inputs[0]
        return (reads_of_rest(x, self.removed(x), Fixed(0, 0)),)


class Unsqueeze(SameOrder):
    """Adds an axis of size 1."""

    primary = "axis"
    examples = (Example("[64]", "{unsqueeze: 0}"),)
    size_rule = "the input's with a size of 1 at the axis"

    axis: int = argument(AxisValidator(new=True), "position of the new axis in the output")

    def infer(self, *inputs: TensorType) -> Types:
        """The type with the new axis, which has no name."""
        x, a = inputs[0], self.axis
        return (TensorType((*x.shape[:a], 1, *x.shape[a:]), x.dtype, (*x.axes[:a], "", *x.axes[a:])),)

    def reads(self, inputs: Types, outputs: Types, output: int = 0) -> Reads:
        """Position by position."""
        return (tuple(Along(a + (a >= self.axis), SAME_POSITION) for a in range(inputs[0].rank)),)


class Split(Moving):
    """Divides an axis into equal parts, or into parts of the given sizes. Outputs are numbered."""

    permutable = True
    primary = "parts"
    examples = (Example("[116, 28, 28]", "{split: 2}"),)
    size_rule = "n / parts along the axis in each output, or the given sizes"
    outputs_rule = "one for each part, by number"

    parts: int | tuple[int, ...] = argument(PARTS, "number of equal parts, or their sizes")
    axis: int = argument(CHANNEL_AXIS, "the axis to divide")

    def sizes(self, x: TensorType) -> tuple[Size, ...]:
        """Sizes of the parts; ShapeError NS544 unless they add up to the axis."""
        n = x.shape[self.axis]

        def fault() -> ShapeError:
            parts = f"{self.parts} equal parts" if isinstance(self.parts, int) else f"parts of {list(self.parts)}"
            return ShapeError(
                "NS544", f"'split' must divide all of {axis_name(x, self.axis)}: {n} into {parts}", at=((0, self.axis),)
            )

        if isinstance(self.parts, int):
            return (exact_div(n, self.parts, fault),) * self.parts
        require_equal(n, sum(self.parts), fault)
        return self.parts

    def infer(self, *inputs: TensorType) -> Types:
        """One type for each part."""
        x = inputs[0]
        return tuple(x.with_shape((*x.shape[: self.axis], n, *x.shape[self.axis + 1 :])) for n in self.sizes(x))

    def works_on_parts(self, inputs: Types) -> bool:
        """If it divides the last axis into equal parts."""
        return isinstance(self.parts, int) and self.axis in (-1, inputs[0].rank - 1)

    def _start(self, outputs: Types, output: int) -> Size:
        """The first position of a part."""
        return output * outputs[0].shape[self.axis] if isinstance(self.parts, int) else sum(self.parts[:output])

    def reads(self, inputs: Types, outputs: Types, output: int = 0) -> Reads:
        """Position by position, from the start of the part."""
        x = inputs[0]
        out: list[AxisRead] = [Along(a, SAME_POSITION) for a in range(x.rank)]
        out[self.axis] = Along(self.axis, ReadPattern(1, ((self._start(outputs, output),),)))
        return (tuple(out),)


class Slice(Moving):
    """A range of one axis or several, as in Python, except that ends outside of the axis are errors."""

    permutable = True
    primary = "axis"
    examples = (Example(TOKENS, "{slice: sequence, start: 1}"),)
    size_rule = "ceil((stop - start) / step) along each axis"

    axis: tuple[int, ...] = argument(AXES, "the axes to slice")
    start: tuple[int | None, ...] = argument(
        ENDS, "the first position, counted from the end if negative", default=(None,), default_doc="the beginning"
    )
    stop: tuple[int | None, ...] = argument(
        ENDS, "the position before which to stop", default=(None,), default_doc="the end"
    )
    step: tuple[int, ...] = argument(STEPS, "distance between the positions taken", default=(1,))

    def ranges(self, x: TensorType) -> tuple[tuple[int, Size, Size, int], ...]:
        """For each named axis: its number, start, size and step; ShapeError NS545 for positions outside."""
        count = len(self.axis)
        starts, stops = (
            one_per_axis("slice", "start", self.start, count),
            one_per_axis("slice", "stop", self.stop, count),
        )
        out: list[tuple[int, Size, Size, int]] = []
        for a, start, stop, step in zip(
            self.axis, starts, stops, one_per_axis("slice", "step", self.step, count), strict=True
        ):
            n = x.shape[a]
            first, last = end_of(x, a, 0 if start is None else start), n if stop is None else end_of(x, a, stop)
            size = require_at_least(last - first, 1, partial(nothing_left, x, a, first, last))
            out.append((a, first, ceil_div(size, step), step))
        return tuple(out)

    def infer(self, *inputs: TensorType) -> Types:
        """The shorter axes."""
        x = inputs[0]
        shape = list(x.shape)
        for a, _, size, _ in self.ranges(x):
            shape[a] = size
        return (x.with_shape(tuple(shape)),)

    def reads(self, inputs: Types, outputs: Types, output: int = 0) -> Reads:
        """Every ``step``-th position from ``start``."""
        x = inputs[0]
        out: list[AxisRead] = [Along(a, SAME_POSITION) for a in range(x.rank)]
        for a, first, _, step in self.ranges(x):
            out[a] = Along(a, ReadPattern(step, ((first,),)))
        return (tuple(out),)


class Select(Moving):
    """One position of an axis, which is removed."""

    permutable = True
    primary = "index"
    examples = (Example(TOKENS, "{select: 0, axis: sequence}"),)
    size_rule = "the input's without the axis"

    index: int = argument(INTEGER, "the position to take, counted from 0, or from the end if negative")
    axis: int = argument(AXIS, "the axis to remove")

    def position(self, x: TensorType) -> Size:
        """The position from 0; ShapeError NS545 if there is no such position."""
        n, i = x.shape[self.axis], self.index
        require_at_least(
            n,
            i + 1 if i >= 0 else -i,
            lambda: ShapeError(
                "NS545",
                f"'select' takes a position of {axis_name(x, self.axis)}, 0 to {n - 1}; found {i}",
                at=((0, self.axis),),
            ),
        )
        return i if i >= 0 else n + i

    def infer(self, *inputs: TensorType) -> Types:
        """The type without that axis."""
        self.position(inputs[0])
        return (without_axes(inputs[0], (self.axis,)),)

    def reads(self, inputs: Types, outputs: Types, output: int = 0) -> Reads:
        """That position; the other axes position by position."""
        i = self.position(inputs[0])
        return (reads_of_rest(inputs[0], (self.axis,), Fixed(i, i)),)


class Roll(Moving):
    """Shifts positions along axes; those that leave at one end enter at the other."""

    permutable = True
    primary = "shift"
    examples = (Example("[96, 56, 56]", "{roll: [-3, -3], axis: [height, width]}"),)

    shift: tuple[int, ...] = argument(SHIFTS, "positions to shift by, towards the end")
    axis: tuple[int, ...] = argument(AXES, "the axes to shift along")

    def shifts(self) -> tuple[int, ...]:
        """One for each axis."""
        return one_per_axis("roll", "shift", self.shift, len(self.axis))

    def infer(self, *inputs: TensorType) -> Types:
        """The same type."""
        self.shifts()
        return (inputs[0],)

    def reads(self, inputs: Types, outputs: Types, output: int = 0) -> Reads:
        """Position j reads ``(j - shift) % n``; the whole axis if n is large or unknown."""
        x = inputs[0]
        out: list[AxisRead] = [Along(a, SAME_POSITION) for a in range(x.rank)]
        for a, shift in zip(self.axis, self.shifts(), strict=True):
            n = x.shape[a]
            known = type(n) is int and n <= MAX_ROWS
            out[a] = Along(a, ReadPattern(0, tuple(((j - shift) % n,) for j in range(n)))) if known else WHOLE
        return (tuple(out),)


class Expand(Moving):
    """Repeats axes of size 1 and adds axes in front; -1 keeps a size."""

    follows_from_shapes = True
    primary = "shape"
    examples = (Example("[1, 768]", "{expand: [197, -1]}"),)
    size_rule = "as given; -1 keeps the input's"

    shape: tuple[int, ...] = argument(KEPT_SHAPE, "the shape, without the batch axis")
    axes: GivenNames | None = GIVEN_AXES

    def infer(self, *inputs: TensorType) -> Types:
        """The given sizes, aligned with the input's from the right; ShapeError NS546 or NS547 if they do not fit."""
        x = inputs[0]
        new = len(self.shape) - x.rank

        def fault() -> ShapeError:
            return ShapeError(
                "NS547", f"'expand' repeats axes of size 1; {shape_text(x.shape)} does not fit {shape_text(self.shape)}"
            )

        if new < 0 or -1 in self.shape[:new]:
            raise fault()
        kept_sizes = tuple(
            n if size == -1 else n if is_same(n, size) else require_equal(broadcast(n, size, fault), size, fault)
            for n, size in zip(x.shape, self.shape[new:], strict=True)
        )
        inferred = TensorType((*self.shape[:new], *kept_sizes), x.dtype, (*("",) * new, *x.axes))
        return (with_given_names(self.name, inferred, self.axes),)
