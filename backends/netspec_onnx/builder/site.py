"""The interface of a rule: inputs and weights of one operation, and methods that add nodes to the ONNX graph."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace
from typing import TYPE_CHECKING

from netspec.backend import BackendError
from netspec.shapes.sizes import is_named

from .runtime_sizes import named_list
from .size_bounds import Bounds, bounds
from .value_info import Attribute, Dim, GraphValue, common_batch

if TYPE_CHECKING:
    from netspec.ir import Node
    from netspec.ops.base import Op
    from netspec.shapes.types import TensorType

    from .emitter import Emitter
    from .initialiser import Fold
    from .runtime_sizes import RuntimeSizes


class Site:
    """One node of the graph while a rule converts it.

    A rule adds helper nodes with :meth:`add`, named ``<layer>/<name>``, and returns the result of :meth:`result` or
    :meth:`results`, which add the node with the layer's own name. Shapes exclude the batch axis, which is derived from
    the inputs.

    Args:
        emitter: the ONNX graph.
        sizes: computes sizes that depend on named dimensions.
        node: the node to convert.
        number: its index in the graph.
        line: the line of the spec, for the doc string of the ONNX nodes.
        fold: the batch normalisation folded into its weights.
    """

    def __init__(
        self, emitter: Emitter, sizes: RuntimeSizes, node: Node, number: int, line: str, fold: Fold | None = None
    ) -> None:
        self._emitter = emitter
        self.sizes = sizes
        self._number = number
        self._line = line
        self._fold = fold
        self.node = node
        self.opset = emitter.opset
        values = [emitter.values[v] for v in node.inputs]
        self.inputs: tuple[GraphValue, ...] = tuple(v for v in values if v is not None)
        assert len(self.inputs) == len(values)
        self._weights = dict(node.weights)
        self._given_weights = dict(node.given_weights)
        self._batched_inputs: dict[int, GraphValue] = {}

    @property
    def emitter(self) -> Emitter:
        """The ONNX graph, for a rule that has a body."""
        return self._emitter

    @property
    def number(self) -> int:
        """The index of the node in the graph."""
        return self._number

    # -- inputs and weights ---------------------------------------------------------------------------------------
    @property
    def x(self) -> GraphValue:
        """The first input, with a batch axis."""
        return self.batched_input(0)

    @property
    def input_types(self) -> tuple[TensorType, ...]:
        """Types of the inputs, without the batch axis."""
        return self._emitter.graph.inputs_of(self.node)

    def batched_input(self, index: int) -> GraphValue:
        """An input with a batch axis; its size is 1 if the tensor is the same for every example."""
        value = self.inputs[index]
        if value.batched:
            return value
        if index not in self._batched_inputs:
            self._batched_inputs[index] = self.with_batch_axis(value)
        return self._batched_inputs[index]

    def with_batch_axis(self, value: GraphValue) -> GraphValue:
        """The value, with a batch axis of 1 if it has none."""
        if value.batched:
            return value
        axes = self.integers("axes", [0])
        return self.add_node("Unsqueeze", [value, axes], (1, *value.shape), batched=True, name="batch")

    def weight(self, name: str) -> GraphValue:
        """Returns a weight by its name in the operation: a stored tensor, or the value of another node."""
        if name in self._given_weights:
            value = self._emitter.values[self._given_weights[name]]
            assert value is not None
            return value
        if self._fold is not None and name == "weight":
            return self._emitter.parameter(self._weights[name], self._fold)
        return self._emitter.parameter(self._weights[name])

    def optional_weight(self, name: str) -> GraphValue | None:
        """A weight by its name in the operation, or None if the operation has no such weight."""
        if self._fold is not None and name == "bias":
            weight = self._weights["weight"]
            size = weight.shape[self._fold.axis] * (self._fold.groups if self._fold.axis else 1)
            dtype = self._emitter.element(weight.dtype)
            return self._emitter.folded_bias(f"{self.node.name}.bias", size, dtype, self._fold)
        return self.weight(name) if name in self._weights or name in self._given_weights else None

    @property
    def batch(self) -> int | None:
        """The number of examples, if it is fixed."""
        return self._emitter.batch

    def claim(self, name: str) -> str:
        """Returns a unique name below that of the layer."""
        return self._emitter.names.claim(f"{self.node.name}/{name}", "")

    def element(self, dtype: str) -> str:
        """The element type in the file: float32 is replaced by the model's element type."""
        return self._emitter.element(dtype)

    def require_opset(self, version: int) -> None:
        """Raises BackendError NS712 unless the operator set is at least ``version``."""
        if self.opset < version:
            raise BackendError(
                "NS712",
                f"'{self.node.op.name}' needs opset {version} or later; found {self.opset}",
                f"omit --opset, or use {version}",
            )

    def bounds(self, size: int) -> Bounds:
        """Returns lower and upper bounds of a size."""
        return bounds(size, self._emitter.graph.dims) if is_named(size) else (size, size)

    # -- constants ------------------------------------------------------------------------------------------------
    def integers(self, name: str, numbers: object) -> GraphValue:
        """Returns an int64 constant named ``<layer>/<name>``: a number, or a list of them.

        If it contains sizes that depend on named dimensions, returns the value that computes them.
        """
        if is_named(numbers):
            return self.sizes.scalar(numbers)
        sizes = named_list(numbers)
        if sizes is not None:
            return self.sizes.list(sizes)
        return self._emitter.constant(f"{self.node.name}/{name}", numbers, "int64")

    def floats(self, name: str, numbers: float | Sequence[float]) -> GraphValue:
        """Returns a float32 constant, for operands that are always float32."""
        return self._emitter.constant(f"{self.node.name}/{name}", numbers, "float32")

    def constant(
        self, name: str, numbers: object, like: GraphValue, shape: tuple[int, ...] | None = None
    ) -> GraphValue:
        """A constant of the element type of ``like``: a scalar, or a flat list of numbers with a shape."""
        return self._emitter.constant(f"{self.node.name}/{name}", numbers, like.dtype, shape)

    def batch_size(self, like: GraphValue) -> GraphValue:
        """The number of examples as a vector of one element; computed once for the whole graph."""
        emitter = self._emitter
        if emitter.batch_size is None and emitter.batch is not None:
            emitter.batch_size = emitter.constant("examples", [emitter.batch], "int64")
        if emitter.batch_size is None:
            shape = self.add_node("Shape", [like], (len(like.shape),), batched=False, name="shape", dtype="int64")
            first = self.integers("first", [0])
            emitter.batch_size = self.add_node("Gather", [shape, first], (1,), batched=False, name="examples", axis=0)
        return emitter.batch_size

    # -- helper nodes ---------------------------------------------------------------------------------------------
    def add_node(
        self,
        kind: str,
        inputs: Sequence[GraphValue | None],
        shape: tuple[Dim, ...],
        *,
        batched: bool,
        name: str,
        dtype: str | None = None,
        extra: Mapping[str, Attribute] | None = None,
        **attributes: Attribute,
    ) -> GraphValue:
        """Adds a helper node; ``shape`` includes the batch axis, and ``extra`` contains further attributes."""
        full_name = self._emitter.names.claim(f"{self.node.name}/{name}", "")
        out = GraphValue(full_name, dtype or _first(inputs).dtype, shape, batched)
        self._emitter.node(kind, inputs, [out], full_name, self._line, self._number, {**attributes, **(extra or {})})
        return out

    def add(
        self,
        kind: str,
        *inputs: GraphValue | None,
        name: str,
        item_shape: Sequence[Dim] | None = None,
        dtype: str | None = None,
        extra: Mapping[str, Attribute] | None = None,
        **attributes: Attribute,
    ) -> GraphValue:
        """Adds a helper node. By default, its shape without the batch axis is that of the first input."""
        shape = _first(inputs).item_shape if item_shape is None else tuple(item_shape)
        batch = common_batch(*inputs)
        return self.add_node(
            kind, inputs, (*batch, *shape), batched=bool(batch), name=name, dtype=dtype, extra=extra, **attributes
        )

    def add_multiple(
        self,
        kind: str,
        inputs: Sequence[GraphValue | None],
        shapes: Sequence[Sequence[Dim]],
        names: Sequence[str],
        *,
        batched: bool | None = None,
        dtypes: Sequence[str] | None = None,
        extra: Mapping[str, Attribute] | None = None,
        **attributes: Attribute,
    ) -> list[GraphValue]:
        """Adds a helper node with several outputs, of the first input's element type or of ``dtypes``.

        Shapes exclude the batch axis; with ``batched=False``, the outputs have none.
        """
        batch = common_batch(*inputs) if batched is None else ()
        full_names = [self._emitter.names.claim(f"{self.node.name}/{name}", "") for name in names]
        types = dtypes or [_first(inputs).dtype] * len(full_names)
        out = [
            GraphValue(n, dtype, (*batch, *shape), bool(batch))
            for n, dtype, shape in zip(full_names, types, shapes, strict=True)
        ]
        self._emitter.node(kind, inputs, out, full_names[0], self._line, self._number, {**attributes, **(extra or {})})
        return out

    def applied(self, op: Op, value: GraphValue, type: TensorType) -> Site:
        """Returns a site for the rule of an elementwise operation, applied to a value of this one."""
        return FunctionSite(self, op, value, type)

    # -- outputs --------------------------------------------------------------------------------------------------
    def is_used(self, index: int) -> bool:
        """Whether an output of the operation is used."""
        return self.node.first_value + index in self._emitter.used

    def output_value(self, index: int, batch: tuple[Dim, ...]) -> GraphValue:
        """Returns the value of an output with that batch axis; the caller must add the node that produces it."""
        kind, value = self.node.outputs[index], self.node.first_value + index
        shape = (*batch, *kind.shape)
        return GraphValue(self._emitter.value_name(value), self._emitter.element(kind.dtype), shape, bool(batch))

    def result(self, kind: str, *inputs: GraphValue | None, **attributes: Attribute) -> GraphValue:
        """Adds the node that produces the only output, under the layer's own name."""
        return self.results(kind, *inputs, **attributes)[0]

    def results(self, kind: str, *inputs: GraphValue | None, **attributes: Attribute) -> tuple[GraphValue, ...]:
        """Adds the node that produces all outputs, under the layer's own name."""
        batch = common_batch(*inputs)
        outputs = [self.output_value(i, batch) for i in range(len(self.node.outputs))]
        return self.add_outputs(kind, inputs, outputs, **attributes)

    def add_outputs(
        self, kind: str, inputs: Sequence[GraphValue | None], outputs: Sequence[GraphValue], **attributes: Attribute
    ) -> tuple[GraphValue, ...]:
        """Adds a node that produces these outputs, under the layer's own name."""
        self._emitter.node(kind, inputs, outputs, self.node.name, self._line, self._number, attributes)
        return tuple(outputs)

    def add_output(
        self, index: int, kind: str, inputs: Sequence[GraphValue | None], out: GraphValue, **attributes: Attribute
    ) -> GraphValue:
        """Adds the node of one of several outputs; the first is named after the layer, the others after their value."""
        name = self.node.name if index == 0 else out.name
        self._emitter.node(kind, inputs, [out], name, self._line, self._number, attributes)
        return out


class FunctionSite(Site):
    """An operation that is applied to a value within another node: all of its nodes are helper nodes."""

    def __init__(self, site: Site, op: Op, value: GraphValue, type: TensorType) -> None:
        self.__dict__.update(vars(site))
        self.node = replace(site.node, op=op, inputs=(), outputs=(type,), weights=())
        self.inputs = (value,)
        self._type = type
        self._batched_inputs = {}

    @property
    def input_types(self) -> tuple[TensorType, ...]:
        """The type of the value."""
        return (self._type,)

    def output_value(self, index: int, batch: tuple[Dim, ...]) -> GraphValue:
        """A value named after the operation."""
        name = self._emitter.names.claim(f"{self.node.name}/{self.node.op.name}", "")
        return GraphValue(name, self.inputs[0].dtype, (*batch, *self._type.shape), bool(batch))


def _first(values: Sequence[GraphValue | None]) -> GraphValue:
    return next(v for v in values if v is not None)
