"""The ONNX graph under construction: nodes, types of all values, small constants, and initialisers to be streamed."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import PurePath
from typing import TYPE_CHECKING

import numpy as np
import onnx

from netspec.weights.numpy_types import Array, little_endian

from .initialiser import Fold, Initialiser
from .unique_names import UniqueNames
from .value_info import ELEMENT, Attribute, Value

if TYPE_CHECKING:
    from netspec.diagnostics.location import Location
    from netspec.ir import Graph, Parameter


@dataclass
class Emitter:
    """Collects the parts of a ``GraphProto``.

    Args:
        graph: the network, channels first.
        opset: version of the ONNX operator set.
        dtype: the element type that replaces float32.
        alias: omitted values, and the values that replace them.
    """

    graph: Graph
    opset: int
    dtype: str = "float32"
    alias: Mapping[int, int] = field(default_factory=dict[int, int])
    proto: onnx.GraphProto = field(default_factory=onnx.GraphProto)
    initialisers: list[Initialiser] = field(default_factory=list[Initialiser])
    origin: list[int] = field(default_factory=list[int])
    """For every ONNX node, the index of the graph's node it comes from (-1 for none)."""
    constants: set[str] = field(default_factory=set[str])
    types: dict[str, Value] = field(default_factory=dict[str, Value])
    """Every value by name."""
    batch_size: Value | None = None
    """The number of examples as a value, once a rule has needed it."""

    def __post_init__(self) -> None:
        graph = self.graph
        self.names = UniqueNames()
        self.node_names = UniqueNames()
        self.proto.name = graph.name or "network"
        self.values: list[Value | None] = [None] * len(graph.values)
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
            id(p): Value(self.names.claim(p.name, "weight"), self.element(p.dtype), p.shape) for p in graph.parameters
        }
        self._value_names: list[str | None] = [None] * len(graph.values)
        for name, v in graph.inputs.items():
            self._value_names[v] = name
        for v, name in output_names.items():
            if self._value_names[v] is None:
                self._value_names[v] = name

    def value_name(self, value: int) -> str:
        """The ONNX name of one of the graph's values."""
        name = self._value_names[value]
        if name is None:
            name = self._value_names[value] = self.names.claim(self.graph.value_name(value))
        return name

    def element(self, dtype: str) -> str:
        """The element type in the file: float32 is replaced by the model's element type."""
        return self.dtype if dtype == "float32" else dtype

    def parameter(self, p: Parameter, fold: Fold | None = None) -> Value:
        """The value of a parameter; the first use adds it as an initialiser."""
        value = self._parameters[id(p)]
        if value.name not in self.types:
            self.types[value.name] = value
            self.initialisers.append(Initialiser(value.name, p.shape, value.dtype, p, fold))
        return value

    def folded_bias(self, name: str, size: int, dtype: str, fold: Fold) -> Value:
        """Adds the bias of a folded normalisation, under the name of the layer's bias."""
        if fold.bias is not None:
            value = self._parameters[id(fold.bias)]
        else:
            value = Value(self.names.claim(name, "folded"), dtype, (size,))
        self.types[value.name] = value
        self.initialisers.append(Initialiser(value.name, (size,), value.dtype, None, fold, is_bias=True))
        return value

    def constant(self, name: str, numbers: object, dtype: str, shape: tuple[int, ...] | None = None) -> Value:
        """Adds a small constant to the file's head; ``shape`` is that of a flat list of numbers."""
        kind = {"bool": np.bool_, "int64": np.int64, "int32": np.int32, "float64": np.float64}.get(dtype, np.float32)
        array: Array = np.asarray(numbers, kind)
        shape = tuple(int(n) for n in array.shape) if shape is None else shape
        value = Value(self.names.claim(name, ""), dtype, shape)
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
        inputs: Sequence[Value | None],
        outputs: Sequence[Value],
        name: str,
        doc: str,
        origin: int,
        attributes: Mapping[str, Attribute],
    ) -> None:
        """Adds a node; ``doc`` names the line of the spec, and ``origin`` is the index of the graph's node."""
        node = self.proto.node.add()
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
        self.origin.append(origin)

    @property
    def count(self) -> int:
        """The number of nodes, constants and initialisers so far."""
        return len(self.origin) + len(self.constants) + len(self.initialisers)

    def finish(self, weightless: bool) -> None:
        """Adds inputs, outputs and the types of all values in between."""
        graph = self.graph
        for v in graph.inputs.values():
            value = self.values[v]
            assert value is not None
            describe(self.proto.input.add(), value)
        for name, v in graph.outputs.items():
            value, output_name = self.values[v], self.outputs[name]
            assert value is not None
            if value.name != output_name:
                renamed = value._replace(name=output_name)
                self.node("Identity", [value], [renamed], output_name, "", -1, {})
                value = renamed
            describe(self.proto.output.add(), value)
        if weightless:
            for i in self.initialisers:
                describe(self.proto.input.add(), self.types[i.name])
        described = {v.name for v in self.proto.input} | {v.name for v in self.proto.output} | self.constants
        described.update(i.name for i in self.initialisers)
        for name, value in self.types.items():
            if name and name not in described:
                describe(self.proto.value_info.add(), value)


def set_attribute(proto: onnx.AttributeProto, name: str, value: Attribute) -> None:
    """Sets an attribute to a number, a text, or a list of either."""
    proto.name = name
    if isinstance(value, str):
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


def describe(proto: onnx.ValueInfoProto, value: Value) -> None:
    """Sets name, element type and shape."""
    proto.name = value.name
    tensor = proto.type.tensor_type
    tensor.elem_type = ELEMENT[value.dtype]
    tensor.shape.SetInParent()
    for n in value.shape:
        dim = tensor.shape.dim.add()
        if isinstance(n, int):
            dim.dim_value = n
        else:
            dim.dim_param = n


def narrow(array: Array, dtype: str) -> Array:
    """The numbers in the file's element type; numbers beyond float16's range are clipped to its largest."""
    if dtype == "float16":
        return np.clip(array, -65504, 65504).astype(np.float16)
    return array


def source_line(graph: Graph, location: Location) -> str:
    """``vgg16.yaml:12``: the line of the spec, without folders, so that every machine writes the same file."""
    return f"{PurePath(graph.files[location.file]).name}:{location.line}" if graph.files else f"line {location.line}"
