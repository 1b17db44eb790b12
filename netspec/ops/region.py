"""Layers that run several times as one operation: along an axis, in a loop, or for the positions that choose them.

No spec names these operations: the elaborator makes them of a layer with ``over`` or ``route``. Each holds the network
of one run, whose inputs and outputs lack the axis, or are (tokens, channels).
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, ClassVar, TypeAlias

from ..shapes.reads import SAME_POSITION, WHOLE, Along, AxisRead, Reads, pointwise_reads
from ..shapes.sizes import Size, is_same
from ..shapes.types import TensorType
from .base import Body, BodyNode, Op, Types


class Region(Op):
    """Layers that run several times."""

    language_part = "experts"
    macs_rule: ClassVar[str | None] = "runs * those of one"
    size_rule: ClassVar[str] = "those of one run, with the axis in its place"

    @property
    def body(self) -> Body:
        """The network of a run, of the first copy."""
        return self.bodies[0]

    def __eq__(self, other: object) -> bool:
        """Whether another operation runs equal layers in the same way."""
        if type(self) is not type(other) or not isinstance(other, Region):
            return False
        mine, theirs = ({k: v for k, v in op.__dict__.items() if k != "bodies"} for op in (self, other))
        alike = mine == theirs and len(self.bodies) == len(other.bodies)
        return alike and all(map(same_body, self.bodies, other.bodies))

    def __hash__(self) -> int:
        return hash((type(self), *(v for k, v in self.__dict__.items() if k != "bodies")))

    @property
    def description(self) -> str:
        """What it does, in a sentence."""
        raise AssertionError("each region says what it does")

    def times(self, count: Count) -> Size:
        """A count of one run times the number of runs."""
        raise AssertionError("each region says how often it runs")

    def macs(self, inputs: Types, outputs: Types) -> Size:
        """Those of one run times their number."""
        return self.times(_macs)

    def unneeded_macs(self, inputs: Types, outputs: Types) -> Size:
        """Those of one run times their number."""
        return self.times(_unneeded)

    def connection_count(self, inputs: Types, outputs: Types) -> Size:
        """Those of one run times their number."""
        return self.times(_connections)

    def output_names(self, count: int) -> tuple[str, ...]:
        """The names that the body gives its outputs."""
        return tuple(self.body.outputs)[:count]

    def output_name(self, number: int) -> str:
        """The name of one of several outputs."""
        return tuple(self.body.outputs)[number]


class Over(Region):
    """Layers that run at each position of an axis: all at once, or one after the other if they carry a state."""

    along: str
    """Name of the axis."""
    size: Size
    """The number of its positions."""
    sources: tuple[tuple[int | None, int | None], ...]
    """For each input of the body, the input of the operation and its axis: (None, None) for a state that begins as
    zeros, no axis for an input that is the same at every position."""
    states: tuple[tuple[int, int], ...] = ()
    """Inputs of the body, each with the output of the position before that it is."""
    places: tuple[int | None, ...] = ()
    """For each output, where it has the axis; None for a state, of which the last is given."""

    def times(self, count: Count) -> Size:
        """A count of one position times their number."""
        return self.size * total(count, self.body)

    @property
    def description(self) -> str:
        """What it does, in a sentence."""
        loop = ", each after the one before" if self.is_loop else ""
        return f"Layers that run at each of the {self.size} positions of the axis '{self.along}'{loop}."

    def macs_expression(self, inputs: Types, outputs: Types) -> str:
        """The positions times the MACs of one."""
        return f"{self.size} * {total(_macs, self.body)}"

    @property
    def is_loop(self) -> bool:
        """Whether a position needs the one before."""
        return bool(self.states)

    def infer(self, *inputs: TensorType) -> Types:
        """The outputs of the body with the axis in its place."""
        values, outputs = self.body.values, self.body.outputs.values()
        return tuple(self._with_axis(values[v], place) for v, place in zip(outputs, self.places, strict=True))

    def _with_axis(self, type: TensorType, place: int | None) -> TensorType:
        if place is None:
            return type
        shape, axes = list(type.shape), list(type.axes)
        shape.insert(place, self.size)
        axes.insert(place, self.along)
        return TensorType(tuple(shape), type.dtype, tuple(axes))

    def reads(self, inputs: Types, outputs: Types, output: int = 0) -> Reads:
        """Position by position along the axis, or all of it in a loop; along others as far as the body is pointwise."""
        place = self.places[output]
        reads_of_inputs: list[tuple[AxisRead, ...] | None] = [None] * len(inputs)
        v = tuple(self.body.outputs.values())[output]
        loop = self.is_loop
        for number, source in zip(self.body.inputs.values(), self.sources, strict=True):
            k, axis = source
            if k is None:
                continue
            followed = {} if loop else followed_axes(self.body, number, v)
            if followed is None:
                continue
            reads: list[AxisRead] = []
            inner = 0
            for a in range(inputs[k].rank):
                if a == axis:
                    reads.append(WHOLE if loop or place is None else Along(place, SAME_POSITION))
                    continue
                to = followed.get(inner)
                moved = None if to is None else to + (place is not None and to >= place)
                reads.append(WHOLE if moved is None else Along(moved, SAME_POSITION))
                inner += 1
            reads_of_inputs[k] = tuple(reads)
        return tuple(reads_of_inputs)


class Route(Region):
    """Copies of a layer of which each position goes through those that it chooses (Shazeer et al. 2017).

    Inputs are the positions, the numbers of the copies, and the shares by which their results are multiplied.
    """

    count: int
    """Number of copies."""
    chosen: Size
    """How many of them each position chooses."""
    axis: int
    """The channel axis of the positions, along which the other inputs have a number for each choice."""
    positions: Size
    """How many positions there are."""
    tokens: str
    """The named dimension of the body that their number is."""
    stacked: bool = False
    """Whether the weights of all copies are one, with a leading axis."""

    size_rule: ClassVar[str] = "as the input, with the channels that the copies output"

    @property
    def description(self) -> str:
        """What it does, in a sentence."""
        return f"{self.count} copies, of which each position goes through the {self.chosen} that it chooses."

    def macs_expression(self, inputs: Types, outputs: Types) -> str:
        """The chosen copies times the positions times the MACs of one for one token."""
        most = max(total(_macs, body, self.tokens) for body in self.bodies)
        return f"{self.chosen} * {self.positions} * {most}"

    def times(self, count: Count) -> Size:
        """A count of the chosen copies for all positions; if copies differ, of the largest."""
        return self.chosen * self.positions * max(total(count, body, self.tokens) for body in self.bodies)

    def infer(self, *inputs: TensorType) -> Types:
        """The positions with the channels that the copies output."""
        x = inputs[0]
        (v,) = self.body.outputs.values()
        shape = list(x.shape)
        shape[self.axis] = self.body.values[v].shape[1]
        return (TensorType(tuple(shape), self.body.values[v].dtype, x.axes),)

    def at(self, value: Callable[[Any], Any]) -> Route:
        """The operation with its sizes put through a function: nothing in its body but the tokens has others."""
        return self.replace(chosen=value(self.chosen), positions=value(self.positions))

    def reads(self, inputs: Types, outputs: Types, output: int = 0) -> Reads:
        """Position by position; channels and choices as a whole."""

        def read(x: TensorType) -> tuple[AxisRead, ...]:
            return tuple(WHOLE if a == self.axis else r for a, r in enumerate(pointwise_reads(x, outputs[0])))

        return tuple(map(read, inputs))


def same_body(a: Body, b: Body) -> bool:
    """Whether two bodies have the same structure, operations and types."""
    if a is b:
        return True
    if a.values != b.values or tuple(a.outputs.items()) != tuple(b.outputs.items()) or len(a.nodes) != len(b.nodes):
        return False
    return all(m.op == n.op and m.inputs == n.inputs for m, n in zip(a.nodes, b.nodes, strict=True))


Count: TypeAlias = Callable[[Op, Types, Types], Size]


def _macs(op: Op, inputs: Types, outputs: Types) -> Size:
    return op.macs(inputs, outputs)


def _unneeded(op: Op, inputs: Types, outputs: Types) -> Size:
    return op.unneeded_macs(inputs, outputs)


def _connections(op: Op, inputs: Types, outputs: Types) -> Size:
    return op.connection_count(inputs, outputs)


def total(count: Count, body: Body, tokens: str | None = None) -> Size:
    """The sum of a count over the nodes of a body, for a run; with ``tokens``, for one token."""
    types = body.values if tokens is None else tuple(one_token(t, tokens) for t in body.values)
    return sum([count(node.op, inputs, outputs) for inputs, node, outputs in _typed(body, types)])


def _typed(body: Body, types: Types) -> list[tuple[Types, BodyNode, Types]]:
    out: list[tuple[Types, BodyNode, Types]] = []
    number = len(body.inputs)
    for node in body.nodes:
        end = number + len(node.outputs)
        out.append((tuple(types[v] for v in node.inputs), node, types[number:end]))
        number = end
    return out


def one_token(type: TensorType, tokens: str) -> TensorType:
    """A type with one in place of the number of tokens."""
    return type.with_shape(tuple(1 if str(n) == tokens else n for n in type.shape))


def followed_axes(body: Body, source: int, value: int) -> dict[int, int] | None:
    """The axes of an input that a value of the body has position by position, with their numbers there.

    None if the value does not depend on the input.
    """
    followed: dict[int, dict[int, int]] = {source: {a: a for a in range(body.values[source].rank)}}
    number = len(body.inputs)
    for node in body.nodes:
        types = tuple(body.values[v] for v in node.inputs)
        for k in range(len(node.outputs)):
            paths: list[dict[int, int]] = []
            for v, reads in zip(node.inputs, node.op.reads(types, node.outputs, k), strict=True):
                if reads is not None and v in followed:
                    along = {a: _same_axis(reads[at]) for a, at in followed[v].items()}
                    paths.append({a: axis for a, axis in along.items() if axis is not None})
            if any(v in followed for _, v in node.given_weights):
                paths.append({})  # a weight that depends on the input is read as a whole
            if paths:
                first, *others = paths
                followed[number + k] = {a: to for a, to in first.items() if all(p.get(a) == to for p in others)}
        number += len(node.outputs)
    return followed.get(value)


def _same_axis(read: AxisRead) -> int | None:
    """The axis along which each position reads the same position; None if it is read in any other way."""
    if not isinstance(read, Along):
        return None
    rows = read.pattern.rows
    same = read.pattern.step == 1 and len(rows) == 1 and len(rows[0]) == 1 and is_same(rows[0][0], 0)
    return read.axis if same else None


class EnterAxis(Op):
    """The positions of an axis as examples of the batch; a value without the axis is repeated for each of them.

    Further inputs are those that enter with it: one that is the same for all examples is repeated for the others'.
    """

    axis: int | None
    """The axis; None for a value that does not have it."""
    size: Size
    """The number of its positions."""
    is_last: bool
    """Whether all others of the region have entered."""

    def infer(self, *inputs: TensorType) -> Types:
        """The first input without the axis."""
        x = inputs[0]
        rest = [a for a in range(x.rank) if a != self.axis]
        return (TensorType(tuple(x.shape[a] for a in rest), x.dtype, tuple(x.axes[a] for a in rest)),)


class LeaveAxis(Op):
    """The examples that were positions of an axis as that axis again."""

    axis: int
    """Where the result has the axis."""
    size: Size
    """The number of its positions."""
    along: str
    """Its name."""
    is_last: bool
    """Whether all others of the region have left."""

    def infer(self, *inputs: TensorType) -> Types:
        """The first input with the axis."""
        x = inputs[0]
        return (
            TensorType(
                (*x.shape[: self.axis], self.size, *x.shape[self.axis :]),
                x.dtype,
                (*x.axes[: self.axis], self.along, *x.axes[self.axis :]),
            ),
        )
