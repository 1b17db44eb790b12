"""Operations that rearrange, pick or repeat what is there: nothing is computed."""

from functools import partial
from typing import Annotated, Any, ClassVar

from ..shapes.reads import SELF, WHOLE, Along, AxisRead, Fixed, Reads, Taps
from ..shapes.sizes import ShapeError, Size, broadcast, ceil_div, equal, exact_div, product, require, same
from ..shapes.types import CHANNELS, SEQUENCE, TensorType, renamed, shown
from .base import AxisCheck, Check, Op, Types
from .common.arguments import MAX_SIZE, Axes, Axis, GivenAxis, Integer, MaybeAxes, items, whole_number
from .common.axes import along_rest, axis_name, each, without
from .common.regroup import MAX_ROWS, kept, regrouped

WINDOW_ROLES = (SEQUENCE, "depth", "height", "width")


def _sizes(value: Any, rank: int) -> tuple[int, ...]:
    got = tuple(whole_number(v, -1) for v in items(value))
    if 0 in got:
        raise ValueError
    return got


def _sizes_with_one_open(value: Any, rank: int) -> tuple[int, ...]:
    got = _sizes(value, rank)
    if got.count(-1) > 1:
        raise ValueError("a list of sizes of which one may be -1")
    return got


def _parts(value: Any, rank: int) -> int | tuple[int, ...]:
    if isinstance(value, (list, tuple)):
        got = tuple(whole_number(v, 1) for v in items(value))
        if not got:
            raise ValueError
        return got
    return whole_number(value, 1, 10_000)


def steps(least: int, words: str, *, gaps: bool = False) -> Check:
    """A number, or a list of one per axis named; with ``gaps`` an entry may be null."""

    def one(value: Any) -> int | None:
        return None if gaps and value is None else whole_number(value, least)

    def read(value: Any, rank: int) -> tuple[int | None, ...]:
        got = tuple(one(v) for v in items(value)) if isinstance(value, (list, tuple)) else (one(value),)
        if not got:
            raise ValueError
        return got

    item: dict[str, Any] = {"type": ["integer", "null"] if gaps else "integer"}
    return Check(f"{words}, or a list of one per axis", {"anyOf": [item, {"type": "array", "items": item}]}, read)


_SIZE = {"type": "integer", "minimum": 1}
_OPEN = {"type": "array", "items": {"anyOf": [_SIZE, {"const": -1}]}}
OpenShape = Annotated[tuple[int, ...], Check("a list of sizes of which one may be -1", _OPEN, _sizes_with_one_open)]
KeptShape = Annotated[tuple[int, ...], Check("a list of sizes, with -1 for those to keep", _OPEN, _sizes)]
Parts = Annotated[
    int | tuple[int, ...],
    Check(
        "a number of equal parts, or a list of sizes",
        {"anyOf": [_SIZE, {"type": "array", "items": _SIZE, "minItems": 1}]}, _parts,
    ),
]
Ends = Annotated[tuple[int | None, ...], steps(1 - MAX_SIZE, "a whole number", gaps=True)]
Steps = Annotated[tuple[int, ...], steps(1, "a positive whole number")]
Shifts = Annotated[tuple[int, ...], steps(1 - MAX_SIZE, "a whole number")]


class Identity(Op):
    """What comes in goes out."""

    moves: ClassVar[bool] = True
    is_activation: ClassVar[bool] = True


class Flatten(Op):
    """Join axes into one, from ``start`` to ``end``; all of them by default."""

    primary: ClassVar[str | None] = "start"

    start: GivenAxis = 0
    end: GivenAxis = -1

    def span(self, x: TensorType) -> tuple[int, int]:
        """First and last axis that are joined; ShapeError NS549 where there is none between."""
        last = x.rank - 1 if self.end < 0 else self.end
        if last < self.start or not x.rank:
            found = f"from axis {self.start} to {last}" if x.rank else "an input without axes"
            raise ShapeError("NS549", f"'flatten' must begin before it ends; found {found}")
        return self.start, last

    def infer(self, *inputs: TensorType) -> Types:
        """The joint axis holds the channels if it is all there is, and a sequence if it joins window axes."""
        x = inputs[0]
        start, end = self.span(x)
        joined = x.axes[start : end + 1]
        if start == end:
            role = joined[0]
        elif len(joined) == x.rank:
            role = CHANNELS
        else:
            role = SEQUENCE if all(a in WINDOW_ROLES for a in joined) else ""
        if x.rank == 1:
            role = CHANNELS
        shape = (*x.shape[:start], product(x.shape[start : end + 1]), *x.shape[end + 1 :])
        return (TensorType(shape, x.dtype, (*x.axes[:start], role, *x.axes[end + 1 :])),)

    def reads(self, inputs: Types, outputs: Types, output: int = 0) -> Reads:
        """Along the joint axis as in row-major order; the others position by position."""
        return (regrouped(inputs[0].shape, outputs[0].shape),)


class Reshape(Op):
    """The same elements in another shape, in row-major order; one size may be -1."""

    primary: ClassVar[str | None] = "shape"

    shape: OpenShape

    def infer(self, *inputs: TensorType) -> Types:
        """The given shape; axes that stay at the front, and else at the back, keep their names.

        Raises ShapeError NS541 where the numbers of elements differ.
        """
        x = inputs[0]

        def fault() -> ShapeError:
            return ShapeError(
                "NS541", f"'reshape' keeps the number of elements: {shown(x.shape)} has {x.elements}, "
                f"which does not make {shown(self.shape)}", at=tuple((0, a) for a in range(x.rank)),
            )

        rest = product(n for n in self.shape if n != -1)
        if -1 in self.shape:
            open_size = exact_div(x.elements, rest, fault)
            shape = tuple(open_size if n == -1 else n for n in self.shape)
        else:
            equal(x.elements, rest, fault)
            shape = self.shape
        lead, trail = kept(x.shape, shape)
        middle = ("",) * (len(shape) - lead - trail)
        return (renamed(shape, x.dtype, (*x.axes[:lead], *middle, *x.axes[x.rank - trail :]), self.channels_last),)

    def reads(self, inputs: Types, outputs: Types, output: int = 0) -> Reads:
        """Axis by axis where the shapes share boundaries."""
        return (regrouped(inputs[0].shape, outputs[0].shape),)


class Permute(Op):
    """Axes in another order, each with its name."""

    primary: ClassVar[str | None] = "order"

    order: Axes

    def infer(self, *inputs: TensorType) -> Types:
        """Axis i of the result is axis ``order[i]`` of the input; ShapeError NS542 unless all are named."""
        x = inputs[0]
        if len(self.order) != x.rank:
            raise ShapeError(
                "NS542", f"'permute' names every axis once: {x.rank} of {shown(x.shape)}; found {len(self.order)}"
            )
        return (TensorType(
            tuple(x.shape[a] for a in self.order), x.dtype, tuple(x.axes[a] for a in self.order)),)

    def reads(self, inputs: Types, outputs: Types, output: int = 0) -> Reads:
        """Position by position, along the axis where each went."""
        return (tuple(Along(self.order.index(a), SELF) for a in range(inputs[0].rank)),)


class Squeeze(Op):
    """Remove axes of size 1: the named ones, or all there are."""

    primary: ClassVar[str | None] = "axis"

    axis: MaybeAxes = None

    def removed(self, x: TensorType) -> tuple[int, ...]:
        """Axes that go; ShapeError NS543 where a named one is longer than 1."""
        if self.axis is None:
            return tuple(a for a, n in enumerate(x.shape) if same(n, 1))
        for a in self.axis:
            equal(x.shape[a], 1, partial(_too_long, x, a))
        return self.axis

    def infer(self, *inputs: TensorType) -> Types:
        """The type without those axes."""
        return (without(inputs[0], self.removed(inputs[0])),)

    def reads(self, inputs: Types, outputs: Types, output: int = 0) -> Reads:
        """Position by position."""
        x = inputs[0]
        return (along_rest(x, self.removed(x), Fixed(0, 0)),)


class Unsqueeze(Op):
    """A new axis of size 1 at a place of the result."""

    primary: ClassVar[str | None] = "axis"

    axis: Annotated[int, AxisCheck(new=True)]

    def infer(self, *inputs: TensorType) -> Types:
        """The type with the new axis, which has no name."""
        x, a = inputs[0], self.axis
        return (TensorType((*x.shape[:a], 1, *x.shape[a:]), x.dtype, (*x.axes[:a], "", *x.axes[a:])),)

    def reads(self, inputs: Types, outputs: Types, output: int = 0) -> Reads:
        """Position by position."""
        return (tuple(Along(a + (a >= self.axis), SELF) for a in range(inputs[0].rank)),)


class Split(Op):
    """Parts along an axis: as many equal ones as said, or of the sizes listed. Outputs are numbered."""

    moves: ClassVar[bool] = True
    primary: ClassVar[str | None] = "parts"

    parts: Parts
    axis: Axis

    def sizes(self, x: TensorType) -> tuple[Size, ...]:
        """Sizes of the parts; ShapeError NS544 where they do not make up the axis."""
        n = x.shape[self.axis]

        def fault() -> ShapeError:
            wanted = f"{self.parts} equal parts" if isinstance(self.parts, int) else f"parts of {list(self.parts)}"
            return ShapeError(
                "NS544", f"'split' must use up {axis_name(x, self.axis)}: {n} into {wanted}", at=((0, self.axis),)
            )

        if isinstance(self.parts, int):
            return (exact_div(n, self.parts, fault),) * self.parts
        equal(n, sum(self.parts), fault)
        return self.parts

    def infer(self, *inputs: TensorType) -> Types:
        """One type for each part."""
        x = inputs[0]
        return tuple(x.with_shape((*x.shape[: self.axis], n, *x.shape[self.axis + 1 :])) for n in self.sizes(x))

    def reads(self, inputs: Types, outputs: Types, output: int = 0) -> Reads:
        """Position by position, from where the part begins."""
        x = inputs[0]
        out: list[AxisRead] = [Along(a, SELF) for a in range(x.rank)]
        out[self.axis] = Along(self.axis, Taps(1, ((sum(self.sizes(x)[:output]),),)))
        return (tuple(out),)


class Slice(Op):
    """A range of one axis or several, as in Python but for ends outside, which are errors."""

    moves: ClassVar[bool] = True
    primary: ClassVar[str | None] = "axis"

    axis: Axes
    start: Ends = (None,)
    stop: Ends = (None,)
    step: Steps = (1,)

    def ranges(self, x: TensorType) -> tuple[tuple[int, Size, Size, int], ...]:
        """For each named axis: its number, start, size and step; ShapeError NS545 for what lies outside."""
        count = len(self.axis)
        starts, stops = each("slice", "start", self.start, count), each("slice", "stop", self.stop, count)
        out: list[tuple[int, Size, Size, int]] = []
        for a, start, stop, step in zip(self.axis, starts, stops, each("slice", "step", self.step, count), strict=True):
            n = x.shape[a]
            first, last = _end(x, a, start or 0), n if stop is None else _end(x, a, stop)
            size = require(last - first, 1, partial(_nothing, x, a, first, last))
            out.append((a, first, ceil_div(size, step), step))
        return tuple(out)

    def infer(self, *inputs: TensorType) -> Types:
        """The axes shortened."""
        x = inputs[0]
        shape = list(x.shape)
        for a, _, size, _ in self.ranges(x):
            shape[a] = size
        return (x.with_shape(tuple(shape)),)

    def reads(self, inputs: Types, outputs: Types, output: int = 0) -> Reads:
        """Every ``step``-th position from ``start``."""
        x = inputs[0]
        out: list[AxisRead] = [Along(a, SELF) for a in range(x.rank)]
        for a, first, _, step in self.ranges(x):
            out[a] = Along(a, Taps(step, ((first,),)))
        return (tuple(out),)


class Select(Op):
    """One position of an axis, which is removed."""

    moves: ClassVar[bool] = True
    primary: ClassVar[str | None] = "index"

    index: Integer
    axis: GivenAxis

    def place(self, x: TensorType) -> Size:
        """The position from 0; ShapeError NS545 where there is no such."""
        n, i = x.shape[self.axis], self.index
        require(n, i + 1 if i >= 0 else -i, lambda: ShapeError(
            "NS545", f"'select' takes a position of {axis_name(x, self.axis)}, 0 to {n - 1}; found {i}",
            at=((0, self.axis),)))
        return i if i >= 0 else n + i

    def infer(self, *inputs: TensorType) -> Types:
        """The type without that axis."""
        self.place(inputs[0])
        return (without(inputs[0], (self.axis,)),)

    def reads(self, inputs: Types, outputs: Types, output: int = 0) -> Reads:
        """That position; the other axes position by position."""
        i = self.place(inputs[0])
        return (along_rest(inputs[0], (self.axis,), Fixed(i, i)),)


class Roll(Op):
    """Positions moved along axes, those that leave one end entering at the other."""

    moves: ClassVar[bool] = True
    primary: ClassVar[str | None] = "shift"

    shift: Shifts
    axis: Axes

    def shifts(self) -> tuple[int, ...]:
        """One for each axis."""
        return each("roll", "shift", self.shift, len(self.axis))

    def infer(self, *inputs: TensorType) -> Types:
        """The same type."""
        self.shifts()
        return (inputs[0],)

    def reads(self, inputs: Types, outputs: Types, output: int = 0) -> Reads:
        """Position j reads ``(j - shift) % n``; the axis whole where n is large or not known."""
        x = inputs[0]
        out: list[AxisRead] = [Along(a, SELF) for a in range(x.rank)]
        for a, shift in zip(self.axis, self.shifts(), strict=True):
            n = x.shape[a]
            known = type(n) is int and n <= MAX_ROWS
            out[a] = Along(a, Taps(0, tuple(((j - shift) % n,) for j in range(n)))) if known else WHOLE
        return (tuple(out),)


class Expand(Op):
    """Axes of size 1 repeated, and new ones put before; -1 keeps a size."""

    primary: ClassVar[str | None] = "shape"

    shape: KeptShape

    def infer(self, *inputs: TensorType) -> Types:
        """The given sizes, set against the input's from the right; ShapeError NS547 where they do not fit."""
        x = inputs[0]
        new = len(self.shape) - x.rank

        def fault() -> ShapeError:
            return ShapeError(
                "NS547", f"'expand' repeats axes of size 1; {shown(x.shape)} does not fit {shown(self.shape)}"
            )

        if new < 0 or -1 in self.shape[:new]:
            raise fault()
        kept_sizes = tuple(
            n if wanted == -1 else n if same(n, wanted) else equal(broadcast(n, wanted, fault), wanted, fault)
            for n, wanted in zip(x.shape, self.shape[new:], strict=True)
        )
        return (TensorType((*self.shape[:new], *kept_sizes), x.dtype, (*("",) * new, *x.axes)),)


def _too_long(x: TensorType, axis: int) -> ShapeError:
    found = f"{axis_name(x, axis)} of {shown(x.shape)} has {x.shape[axis]}"
    return ShapeError("NS543", f"'squeeze' removes axes of size 1; {found}", at=((0, axis),))


def _nothing(x: TensorType, axis: int, first: Size, last: Size) -> ShapeError:
    found = f"{axis_name(x, axis)}: from {first} to {last}"
    return ShapeError("NS545", f"'slice' leaves nothing of {found}", at=((0, axis),))


def _end(x: TensorType, axis: int, end: int) -> Size:
    """An end of a slice from 0."""
    n = x.shape[axis]
    require(n, abs(end), lambda: ShapeError(
        "NS545", f"'slice' must stay within {axis_name(x, axis)}, which has {n}; found {end}", at=((0, axis),)))
    return end if end >= 0 else n + end
