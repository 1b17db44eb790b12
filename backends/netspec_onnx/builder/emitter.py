"""The ONNX graph under construction: nodes, types of all values, small constants, and initialisers to be streamed."""

from __future__ import annotations

from collections.abc import Hashable, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import PurePath
from typing import TYPE_CHECKING, Any

import numpy as np
import onnx

from netspec.ir.equal_constants import constant_key
from netspec.weights.numpy_types import Array, little_endian

from .initialiser import Fold, Initialiser
from .unique_names import UniqueNames
from .value_info import ELEMENT, Attribute, GraphValue

if TYPE_CHECKING:
    from netspec.diagnostics import Location
    from netspec.ir import Graph, Parameter


def tensor_name(p: Parameter) -> str:
    """Returns the name of a tensor in the file: its name in the state dict.

    Other constants have a ``/`` in their name.
    """
    return p.name if p.persistent or p.trainable else f"{p.name}/table"


@dataclass
class Emitter:
    """Collects the parts of a ``GraphProto``.

    Args:
        graph: the network, channels first.
        opset: version of the ONNX operator set.
        dtype: an element type that replaces the spec's own; None keeps that.
        alias: omitted values, and the values that replace them.
        batch: the number of examples, if it is fixed.
    """

    graph: Graph
    opset: int
    dtype: str | None = None
    alias: Mapping[int, int] = field(default_factory=dict[int, int])
    batch: int | None = None
    proto: onnx.GraphProto = field(default_factory=onnx.GraphProto)
    head: onnx.GraphProto = field(default_factory=onnx.GraphProto)
    """Nodes that come before all others: those that compute sizes."""
    initialisers: list[Initialiser] = field(default_factory=list[Initialiser])
    origin: list[int] = field(default_factory=list[int])
    """For every ONNX node, the index of the graph's node it comes from (-1 for none)."""
    constants: set[str] = field(default_factory=set[str])
    types: dict[str, GraphValue] = field(default_factory=dict[str, GraphValue])
    """Every value by name."""
    around: list[tuple[int | None, GraphValue | None, set[str]]] = field(default_factory=list[Any])
    """For each enclosing loop over an axis: the batch outside it, and the values that existed before it."""
    undescribed: set[str] = field(default_factory=set[str])
    """Values inside regions, where the batch is different."""
    batch_size: GraphValue | None = None
    """The number of examples as a value; None until a rule needs it."""

    def __post_init__(self) -> None:
        self.own_type = self.graph.dtype
        """The element type of the spec, also in a body."""
        graph = self.graph
        self.names = UniqueNames()
        self.node_names = UniqueNames()
        self.proto.name = graph.name or "network"
        self.values: list[GraphValue | None] = [None] * len(graph.values)
        """The ONNX value of every value of the graph; None before it is computed, or if unused."""
        output_names: dict[int, str] = {}
        for name in graph.inputs:
            self.names.claim(name)
        self.outputs: dict[str, str] = {}
        """The ONNX name of every output of the network."""
        for name, v in graph.outputs.items():
            is_free = name not in graph.inputs or graph.inputs[name] == v
            output_name = name if is_free else self.names.claim(name, "output")
            if output_name not in graph.inputs:
                self.names.claim(output_name)
            self.outputs[name] = output_name
            output_names.setdefault(self.alias.get(v, v), output_name)
        self.used = {v for v in range(len(graph.values)) if graph.use_count(v)}
        self._parameters = {
            id(p): GraphValue(self.names.claim(tensor_name(p), "weight"), self.element(p.dtype), p.shape)
            for p in graph.parameters
        }
        self._constants: dict[Hashable, GraphValue] = {}
        """Constants by value; equal ones are stored once."""
        self._value_names: list[str | None] = [None] * len(graph.values)
        for name, v in graph.inputs.items():
            self._value_names[v] = name
        for v, name in output_names.items():
            if self._value_names[v] is None:
                self._value_names[v] = name

    @property
    def files(self) -> tuple[str, ...]:
        """The files that locations refer to."""
        return self.graph.files

    def value_name(self, value: int) -> str:
        """The ONNX name of one of the graph's values."""
        name = self._value_names[value]
        if name is None:
            name = self._value_names[value] = self.names.claim(self.graph.value_name(value))
        return name

    def element(self, dtype: str) -> str:
        """Returns the element type in the file, which may replace that of the spec."""
        return self.dtype if self.dtype is not None and dtype == self.own_type else dtype

    def parameter(self, p: Parameter, fold: Fold | None = None) -> GraphValue:
        """The value of a parameter; the first use adds it as an initialiser."""
        value = self._parameters[id(p)]
        if not p.persistent and (key := constant_key(p)) is not None:
            value = self._constants.setdefault(key, value)
        if value.name not in self.types:
            self.types[value.name] = value
            self.initialisers.append(Initialiser(value.name, p.shape, value.dtype, p, fold))
        return value

    def folded_bias(self, name: str, size: int, dtype: str, fold: Fold) -> GraphValue:
        """Adds the bias of a folded normalisation, under the name of the layer's bias."""
        if fold.bias is not None:
            value = self._parameters[id(fold.bias)]
        else:
            value = GraphValue(self.names.claim(name, "folded"), dtype, (size,))
        self.types[value.name] = value
        self.initialisers.append(Initialiser(value.name, (size,), value.dtype, None, fold, is_bias=True))
        return value

    def constant(self, name: str, numbers: object, dtype: str, shape: tuple[int, ...] | None = None) -> GraphValue:
        """Adds a small constant to the head of the file; ``shape`` is the shape of a flat list of numbers."""
        kind = {"bool": np.bool_, "int64": np.int64, "int32": np.int32, "float64": np.float64}.get(dtype, np.float32)
        array: Array = np.asarray(numbers, kind)
        shape = tuple(int(n) for n in array.shape) if shape is None else shape
        value = GraphValue(self.names.claim(name, ""), dtype, shape)
        tensor = self.proto.initializer.add()
        tensor.name = value.name
        tensor.data_type = ELEMENT[dtype]
        tensor.dims.extend(shape)
        tensor.raw_data = bytes(little_endian(narrow(array, dtype), dtype))
        self.types[value.name] = value
        self.constants.add(value.name)
        return value

    def node(
        self,
        kind: str,
        inputs: Sequence[GraphValue | None],
        outputs: Sequence[GraphValue],
        name: str,
        doc: str,
        origin: int,
        attributes: Mapping[str, Attribute],
    ) -> None:
        """Adds a node; ``doc`` names the line of the spec, and ``origin`` is the index of the graph's node."""
        self.add_node(self.proto, kind, inputs, outputs, name, attributes, doc)
        self.origin.append(origin)

    def add_node(
        self,
        graph: onnx.GraphProto,
        kind: str,
        inputs: Sequence[GraphValue | None],
        outputs: Sequence[GraphValue],
        name: str,
        attributes: Mapping[str, Attribute],
        doc: str = "",
    ) -> None:
        """Adds a node to a graph, and the types of its outputs to the file."""
        node = graph.node.add()
        node.op_type = kind
        node.name = self.node_names.claim(name, "")
        if doc:
            node.doc_string = doc
        last = max((i for i, v in enumerate(inputs) if v is not None), default=-1)
        for v in inputs[: last + 1]:
            node.input.append("" if v is None else v.name)
        for v in outputs:
            node.output.append(v.name)
            self.types[v.name] = v
        for key, value in attributes.items():
            set_attribute(node.attribute.add(), key, value)

    def size_node(
        self,
        kind: str,
        inputs: Sequence[GraphValue],
        outputs: Sequence[GraphValue],
        name: str,
        attributes: Mapping[str, Attribute],
    ) -> None:
        """Adds a node that computes a size, before all others."""
        self.add_node(self.head, kind, inputs, outputs, name, attributes)

    def enter_axis(self) -> None:
        """Makes the positions of an axis part of the batch."""
        self.around.append((self.batch, self.batch_size, set(self.types)))
        self.batch = self.batch_size = None

    def leave_axis(self, result: str, *, is_last: bool) -> None:
        """Restores the batch from before the axis was entered for a result, and after the last one, for everything."""
        self.around[-1][2].add(result)
        if is_last:
            self.batch, self.batch_size, before = self.around.pop()
            self.undescribed |= self.types.keys() - before

    @property
    def count(self) -> int:
        """The number of nodes, constants and initialisers so far."""
        return len(self.origin) + len(self.head.node) + len(self.constants) + len(self.initialisers)

    def finish(self, weightless: bool) -> None:
        """Adds the nodes of sizes, inputs, outputs and the types of all values in between."""
        graph = self.graph
        if self.head.node:
            self.origin[:0] = [-1] * len(self.head.node)
            self.head.node.extend(self.proto.node)
            self.proto.ClearField("node")
            self.proto.node.extend(self.head.node)
        for v in graph.inputs.values():
            value = self.values[v]
            assert value is not None
            self._describe(self.proto.input.add(), value)
        for name, v in graph.outputs.items():
            value, output_name = self.values[v], self.outputs[name]
            assert value is not None
            if value.name != output_name:
                renamed = value._replace(name=output_name)
                self.node("Identity", [value], [renamed], output_name, "", -1, {})
                value = renamed
            self._describe(self.proto.output.add(), value)
        if weightless:
            for i in self.initialisers:
                self._describe(self.proto.input.add(), self.types[i.name])
        described = {v.name for v in self.proto.input} | {v.name for v in self.proto.output} | self.constants
        outside = {name for node in self.proto.node for name in node.output}
        for name in sorted(self.undescribed & outside - described):
            describe(self.proto.value_info.add(), self.types[name], named=False)
        described |= self.undescribed
        described.update(i.name for i in self.initialisers)
        for name, value in self.types.items():
            if name and name not in described:
                self._describe(self.proto.value_info.add(), value)

    def _describe(self, proto: onnx.ValueInfoProto, value: GraphValue) -> None:
        describe(proto, value if self.batch is None else value.with_batch(self.batch))


def set_attribute(proto: onnx.AttributeProto, name: str, value: Attribute) -> None:
    """Sets an attribute to a number, a text, a list of either, or a graph."""
    proto.name = name
    if isinstance(value, onnx.GraphProto):
        proto.type = onnx.AttributeProto.GRAPH
        proto.g.CopyFrom(value)
    elif isinstance(value, str):
        proto.type = onnx.AttributeProto.STRING
        proto.s = value.encode()
    elif isinstance(value, int):
        proto.type = onnx.AttributeProto.INT
        proto.i = value
    elif isinstance(value, float):
        proto.type = onnx.AttributeProto.FLOAT
        proto.f = value
    elif any(isinstance(v, str) for v in value):
        proto.type = onnx.AttributeProto.STRINGS
        proto.strings.extend(str(v).encode() for v in value)
    elif any(isinstance(v, float) for v in value):
        proto.type = onnx.AttributeProto.FLOATS
        proto.floats.extend(float(v) for v in value)
    else:
        proto.type = onnx.AttributeProto.INTS
        proto.ints.extend(int(v) for v in value)


def describe(proto: onnx.ValueInfoProto, value: GraphValue, *, named: bool = True) -> None:
    """Sets name, element type and shape.

    Inside a region, the batch axis is not described, because it includes the positions, and sizes have no names.
    """
    proto.name = value.name
    tensor = proto.type.tensor_type
    tensor.elem_type = ELEMENT[value.dtype]
    tensor.shape.SetInParent()
    for a, n in enumerate(value.shape):
        dim = tensor.shape.dim.add()
        if not named and value.batched and a == 0:
            continue
        if isinstance(n, int):
            dim.dim_value = n
        elif named:
            dim.dim_param = str(n)


def narrow(array: Array, dtype: str) -> Array:
    """A constant in the file's element type; numbers beyond float16's range, such as masks, become its largest."""
    if dtype == "float16":
        return np.clip(array, -65504, 65504).astype(np.float16)
    return array


def source_line(files: Sequence[str], location: Location) -> str:
    """``vgg16.yaml:12``: the line of the spec, without folders, so that every machine writes the same file."""
    return f"{PurePath(files[location.file]).name}:{location.line}" if files else f"line {location.line}"
