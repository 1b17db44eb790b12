"""Where a rule works: the node it lowers, the values it takes, and what adds ONNX nodes to the graph."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING

from .value_info import BATCH, Attribute, Dim, Value, lead_of

if TYPE_CHECKING:
    from netspec.ir import Node
    from netspec.shapes.types import TensorType

    from .emitter import Emitter, Fold


class Site:
    """One node on its way into an ONNX graph.

    A rule adds helper nodes with :meth:`add` (they are called ``<layer>/<what>``) and gives back what :meth:`result`
    or :meth:`results` made, which carries the node's own name. Shapes are given without the batch axis, which
    follows from the inputs.
    """

    def __init__(self, emitter: Emitter, node: Node, number: int, where: str, fold: Fold | None = None) -> None:
        self._emitter = emitter
        self._number = number
        self._where = where
        self._fold = fold
        self.node = node
        self.opset = emitter.opset
        found = [emitter.values[v] for v in node.inputs]
        self.inputs: tuple[Value, ...] = tuple(v for v in found if v is not None)
        assert len(self.inputs) == len(found)
        self._weights = dict(node.weights)
        self._leading: dict[int, Value] = {}

    # -- what comes in --------------------------------------------------------------------------------------------
    @property
    def x(self) -> Value:
        """The first input, with a batch axis."""
        return self.batched(0)

    @property
    def input_types(self) -> tuple[TensorType, ...]:
        """Types of the inputs, without the batch axis."""
        return self._emitter.graph.inputs_of(self.node)

    def batched(self, index: int) -> Value:
        """An input with a batch axis, of size 1 where the tensor is the same for every example."""
        value = self.inputs[index]
        if value.lead:
            return value
        if index not in self._leading:
            self._leading[index] = self.leading(value)
        return self._leading[index]

    def leading(self, value: Value) -> Value:
        """The value with a batch axis of 1, where it has none."""
        if value.lead:
            return value
        axes = self.integers("axes", [0])
        return self.raw("Unsqueeze", [value, axes], (1, *value.shape), lead=True, what="batch")

    def weight(self, name: str) -> Value:
        """A weight by the name that the operation gives it."""
        if self._fold is not None and name == "weight":
            return self._emitter.parameter(self._weights[name], self._fold)
        return self._emitter.parameter(self._weights[name])

    def maybe_weight(self, name: str) -> Value | None:
        """The same, or None where the operation does without."""
        if self._fold is not None and name == "bias":
            weight = self._weights["weight"]
            size = weight.shape[self._fold.axis] * (self._fold.groups if self._fold.axis else 1)
            dtype = self._emitter.element(weight.dtype)
            return self._emitter.folded_bias(f"{self.node.name}.bias", size, dtype, self._fold)
        return self.weight(name) if name in self._weights else None

    # -- constants ------------------------------------------------------------------------------------------------
    def integers(self, what: str, numbers: object) -> Value:
        """An int64 constant called ``<layer>/<what>``."""
        return self._emitter.constant(f"{self.node.name}/{what}", numbers, "int64")

    def floats(self, what: str, numbers: Sequence[float]) -> Value:
        """A float32 constant, for operands that are float32 whatever the element type of the model is."""
        return self._emitter.constant(f"{self.node.name}/{what}", numbers, "float32")

    def number(self, what: str, numbers: object, like: Value, shape: tuple[int, ...] | None = None) -> Value:
        """A constant of the same element type as another value; a single number has no axes.

        A flat list of numbers takes the ``shape`` that is given.
        """
        return self._emitter.constant(f"{self.node.name}/{what}", numbers, like.dtype, shape)

    def wanted(self, index: int) -> bool:
        """Whether an output is used at all."""
        return self.node.first + index in self._emitter.used

    # -- nodes ----------------------------------------------------------------------------------------------------
    def raw(
        self, kind: str, inputs: Sequence[Value | None], shape: tuple[Dim, ...], *, lead: bool, what: str,
        dtype: str | None = None, more: Mapping[str, Attribute] | None = None, **attributes: Attribute,
    ) -> Value:
        """A helper node whose whole shape is given."""
        name = self._emitter.names.claim(f"{self.node.name}/{what}", "")
        out = Value(name, dtype or _dtype(inputs), shape, lead)
        self._emitter.node(kind, inputs, [out], name, self._where, self._number, {**attributes, **(more or {})})
        return out

    def add(
        self, kind: str, *inputs: Value | None, what: str, own: Sequence[Dim] | None = None, dtype: str | None = None,
        more: Mapping[str, Attribute] | None = None, **attributes: Attribute,
    ) -> Value:
        """A helper node; ``own`` is its shape without the batch axis (default: that of the first input).

        ``more`` are further attributes, where they come as a mapping.
        """
        shape = _first(inputs).own if own is None else tuple(own)
        lead = lead_of(*inputs)
        return self.raw(kind, inputs, (*lead, *shape), lead=bool(lead), what=what, dtype=dtype, more=more, **attributes)

    def result(self, kind: str, *inputs: Value | None, **attributes: Attribute) -> Value:
        """The node that makes the (only) output, under the layer's own name."""
        return self.results(kind, *inputs, **attributes)[0]

    def results(self, kind: str, *inputs: Value | None, **attributes: Attribute) -> tuple[Value, ...]:
        """A node that makes all outputs."""
        lead = lead_of(*inputs)
        return self.named(kind, inputs, [self.planned(i, lead) for i in range(len(self.node.outputs))], **attributes)

    def planned(self, index: int, lead: tuple[Dim, ...]) -> Value:
        """One of the outputs, to be made."""
        kind, value = self.node.outputs[index], self.node.first + index
        shape = (*lead, *kind.shape)
        return Value(self._emitter.value_name(value), self._emitter.element(kind.dtype), shape, bool(lead))

    def named(
        self, kind: str, inputs: Sequence[Value | None], outputs: Sequence[Value], **attributes: Attribute
    ) -> tuple[Value, ...]:
        """A node with these outputs, called as the layer."""
        self._emitter.node(kind, inputs, outputs, self.node.name, self._where, self._number, attributes)
        return tuple(outputs)

    def made(
        self, index: int, kind: str, inputs: Sequence[Value | None], out: Value, **attributes: Attribute
    ) -> Value:
        """The node that makes one of several outputs; the first is called as the layer, the others as their value."""
        name = self.node.name if index == 0 else out.name
        self._emitter.node(kind, inputs, [out], name, self._where, self._number, attributes)
        return out

    def parts(
        self, kind: str, inputs: Sequence[Value | None], shapes: Sequence[Sequence[Dim]], what: Sequence[str],
        *, lead: bool | None = None, dtypes: Sequence[str] | None = None,
        more: Mapping[str, Attribute] | None = None, **attributes: Attribute,
    ) -> list[Value]:
        """A helper node with several outputs, of the first input's type or of ``dtypes``.

        Shapes are without the batch axis, or with ``lead=False`` whole.
        """
        batch = lead_of(*inputs) if lead is None else ()
        names = [self._emitter.names.claim(f"{self.node.name}/{w}", "") for w in what]
        kinds = dtypes or [_dtype(inputs)] * len(names)
        out = [Value(n, k, (*batch, *own), bool(batch)) for n, k, own in zip(names, kinds, shapes, strict=True)]
        self._emitter.node(kind, inputs, out, names[0], self._where, self._number, {**attributes, **(more or {})})
        return out

    # -- what many rules need -------------------------------------------------------------------------------------
    def reshaped(self, x: Value, own: Sequence[int], what: str = "reshape") -> Value:
        """The elements in another shape; the batch axis stays."""
        return self.add("Reshape", x, self.shape_for(x, own, f"{what}_to"), what=what, own=own)

    def shape_for(self, x: Value, own: Sequence[int], what: str = "shape") -> Value:
        """The shape operand of a ``Reshape``; a 0 copies the batch axis."""
        return self.integers(what, [0, *own] if x.lead else own)

    def transposed(self, x: Value, order: Sequence[int], what: str = "transpose") -> Value:
        """The axes (counted without the batch) in another order."""
        own = [x.own[a] for a in order]
        return self.add("Transpose", x, what=what, own=own, perm=self.order(x, order))

    def order(self, x: Value, order: Sequence[int]) -> list[int]:
        """The ``perm`` of a ``Transpose`` that leaves the batch axis where it is."""
        return [0, *(a + 1 for a in order)] if x.lead else list(order)

    def aligned(self, x: Value, rank: int) -> Value:
        """With axes of one after the batch axis, so that it broadcasts against tensors of that rank."""
        if not x.lead or x.rank >= rank:
            return x
        missing = rank - x.rank
        axes = self.integers("axes", list(range(1, missing + 1)))
        return self.add("Unsqueeze", x, axes, what="align", own=(*(1,) * missing, *x.own))

    def reduced(self, kind: str, x: Value, axes: Sequence[int], keepdims: bool, what: str) -> Value:
        """``ReduceSum``, ``ReduceMean`` or ``ReduceMax`` over axes counted without the batch."""
        own = [1 if a in axes else n for a, n in enumerate(x.own) if keepdims or a not in axes]
        operands, attributes = self.reduction(kind, x, axes)
        return self.add(kind, *operands, what=what, own=own, keepdims=int(keepdims), more=attributes)

    def reduction(
        self, kind: str, x: Value, axes: Sequence[int]
    ) -> tuple[tuple[Value, ...], dict[str, Attribute]]:
        """Operands and attributes of a reduction: the axes are an input since opset 13 (sums) or 18 (the others)."""
        numbers = [x.axis(a) for a in axes]
        if self.opset >= (13 if kind == "ReduceSum" else 18):
            return (x, self.integers("axes", numbers)), {}
        return (x,), {"axes": numbers}

    def over_batch(self, value: Value, like: Value | None = None) -> Value:
        """The value repeated for every example, where it has a batch axis of 1 or none.

        ``like`` is a value with the batch axis ``N``; without one, or where that is of 1 too, nothing is repeated.
        """
        value = self.leading(value)
        if like is None or like.shape[0] != BATCH or value.shape[0] == BATCH:
            return value
        size = self.batch_size(like)
        target = size
        if value.rank:
            ones = self.integers("ones", [1] * value.rank)
            target = self.raw("Concat", [size, ones], (1 + value.rank,), lead=False, what="expand_to", axis=0)
        return self.raw("Expand", [value, target], (like.shape[0], *value.own), lead=True, what="expand")

    def batch_size(self, like: Value) -> Value:
        """The number of examples, as a vector of one; found once for the whole graph."""
        known = self._emitter.examples
        if known is not None:
            return known
        shape = self.raw("Shape", [like], (len(like.shape),), lead=False, what="shape", dtype="int64")
        first = self.integers("first", [0])
        found = self._emitter.examples = self.raw("Gather", [shape, first], (1,), lead=False, what="examples", axis=0)
        return found

    def slice(self, x: Value, axis: int, start: int, stop: int, what: str, step: int = 1) -> Value:
        """Elements from ``start`` to before ``stop`` along an axis counted without the batch."""
        span = range(start, stop, step)
        own = [len(span) if a == axis else n for a, n in enumerate(x.own)]
        bounds = self.slicing(x, {axis: (start, stop, step)}, what)
        return self.add("Slice", x, *bounds, what=what, own=own)

    def slicing(self, x: Value, cuts: dict[int, tuple[int, int, int]], what: str = "slice") -> tuple[Value, ...]:
        """Operands of a ``Slice``: starts, ends, axes, steps; axes are counted without the batch."""
        each = list(cuts.values())
        return (
            self.integers(f"{what}_starts", [c[0] for c in each]), self.integers(f"{what}_ends", [c[1] for c in each]),
            self.integers(f"{what}_axes", [x.axis(a) for a in cuts]),
            self.integers(f"{what}_steps", [c[2] for c in each]),
        )

    def padded(
        self, x: Value, pads: dict[int, tuple[int, int]], what: str = "pad", mode: str = "constant",
        fill: float | None = None,
    ) -> Value:
        """Padded along axes counted without the batch; ``fill`` is the constant (default 0)."""
        own = list(x.own)
        for a, (before, after) in pads.items():
            own[a] += before + after
        operands, attributes = self.padding(x, pads, mode, fill, what)
        return self.add("Pad", *operands, what=what, own=own, more=attributes)

    def padding(
        self, x: Value, pads: dict[int, tuple[int, int]], mode: str, fill: float | None, what: str = "pad"
    ) -> tuple[tuple[Value | None, ...], dict[str, Attribute]]:
        """Operands and attributes of a ``Pad``."""
        count = len(x.shape)
        amounts = [0] * (2 * count)
        for a, (before, after) in pads.items():
            amounts[x.axis(a)], amounts[x.axis(a) + count] = before, after
        constant = None if fill is None else self.number(f"{what}_value", fill, x)
        return (x, self.integers(f"{what}s", amounts), constant), {"mode": mode}


def _first(values: Sequence[Value | None]) -> Value:
    return next(v for v in values if v is not None)


def _dtype(values: Sequence[Value | None]) -> str:
    return _first(values).dtype
