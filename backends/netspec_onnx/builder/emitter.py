"""The ONNX graph while it grows: unique names, nodes, complete value_info, small constants, and what to stream."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import PurePath
from typing import TYPE_CHECKING

import numpy as np
import onnx

from netspec.weights.numpy_types import Array, little_endian

from .value_info import ELEMENT, Attribute, Dim, Value

if TYPE_CHECKING:
    from netspec.diagnostics.location import Location
    from netspec.ir import Graph, Parameter


class Names:
    """Names that are given once. A ``/`` stands in no name of a spec, so that helpers collide with nothing."""

    def __init__(self) -> None:
        self._taken: set[str] = set()

    def claim(self, wanted: str, otherwise: str = "value") -> str:
        """The name, or where it is taken ``name/otherwise`` (``name`` without a word), numbered from 2 on."""
        stem = f"{wanted}/{otherwise}" if otherwise else wanted
        name, n = wanted, 1
        while name in self._taken:
            name = stem if n == 1 and otherwise else f"{stem}_{n + (not otherwise)}"
            n += 1
        self._taken.add(name)
        return name


@dataclass(frozen=True, slots=True)
class Fold:
    """A batch normalisation that goes into the weights before it: parameters of the normalisation and its epsilon."""

    gain: Parameter | None
    shift: Parameter | None
    mean: Parameter
    variance: Parameter
    eps: float
    bias: Parameter | None = None
    """The bias that the convolution had."""
    axis: int = 0
    """The axis of the weight that runs along the filters."""
    groups: int = 1


@dataclass(frozen=True, slots=True)
class Initialiser:
    """A tensor whose numbers are streamed when the file is written."""

    name: str
    shape: tuple[int, ...]
    dtype: str
    parameter: Parameter | None
    """Where the numbers come from; None for a bias that folding brought."""
    fold: Fold | None = None
    is_bias: bool = False

    @property
    def elements(self) -> int:
        """Number of elements."""
        out = 1
        for n in self.shape:
            out *= n
        return out


@dataclass
class Emitter:
    """Collects the parts of a ``GraphProto``.

    Args:
        graph: the network, channels first.
        opset: version of the ONNX operator set.
        dtype: what float32 becomes.
        alias: values that are left out, by the values in their places.
    """

    graph: Graph
    opset: int
    dtype: str = "float32"
    alias: Mapping[int, int] = field(default_factory=dict[int, int])
    proto: onnx.GraphProto = field(default_factory=onnx.GraphProto)
    initialisers: list[Initialiser] = field(default_factory=list[Initialiser])
    origin: list[int] = field(default_factory=list[int])
    """For every ONNX node, the number of the node of our graph that it belongs to (-1: of none)."""
    constants: set[str] = field(default_factory=set[str])
    types: dict[str, Value] = field(default_factory=dict[str, Value])
    """Every value by name."""
    examples: Value | None = None
    """The number of examples, once a rule has asked for it."""

    def __post_init__(self) -> None:
        graph = self.graph
        self.names = Names()
        self.node_names = Names()
        self.proto.name = graph.name or "network"
        self.values: list[Value | None] = [None] * len(graph.values)
        public: dict[int, str] = {}
        for name in graph.inputs:
            self.names.claim(name)
        self.public: dict[str, str] = {}
        for name, v in graph.outputs.items():
            given = name if name not in graph.inputs or graph.inputs[name] == v else self.names.claim(name, "output")
            if given not in graph.inputs:
                self.names.claim(given)
            self.public[name] = given
            public.setdefault(self.alias.get(v, v), given)
        self.used = {v for v in range(len(graph.values)) if graph.use_count(v)}
        self._parameters = {
            id(p): Value(self.names.claim(p.name, "weight"), self.element(p.dtype), p.shape)
            for p in graph.parameters
        }
        self._value_names: list[str | None] = [None] * len(graph.values)
        for name, v in graph.inputs.items():
            self._value_names[v] = name
        for v, name in public.items():
            if self._value_names[v] is None:
                self._value_names[v] = name

    def value_name(self, value: int) -> str:
        """The ONNX name of one of our values."""
        name = self._value_names[value]
        if name is None:
            name = self._value_names[value] = self.names.claim(self.graph.value_name(value))
        return name

    def element(self, dtype: str) -> str:
        """The element type in the file: float32 becomes the type that was asked for."""
        return self.dtype if dtype == "float32" else dtype

    def parameter(self, p: Parameter, fold: Fold | None = None) -> Value:
        """The value of a parameter; the first use makes it an initialiser."""
        value = self._parameters[id(p)]
        if value.name not in self.types:
            self.types[value.name] = value
            self.initialisers.append(Initialiser(value.name, p.shape, value.dtype, p, fold))
        return value

    def folded_bias(self, name: str, size: int, dtype: str, fold: Fold) -> Value:
        """A bias that a folded normalisation brings, under the name that the layer's own would have."""
        own = fold.bias
        if own is not None:
            value = self._parameters[id(own)]
        else:
            value = Value(self.names.claim(name, "folded"), dtype, (size,))
        self.types[value.name] = value
        self.initialisers.append(Initialiser(value.name, (size,), value.dtype, None, fold, is_bias=True))
        return value

    def constant(self, name: str, numbers: object, dtype: str, shape: tuple[int, ...] | None = None) -> Value:
        """A small constant in the head of the file; ``shape`` where the numbers are a flat list."""
        kind = {"bool": np.bool_, "int64": np.int64, "int32": np.int32, "float64": np.float64}.get(dtype, np.float32)
        array: Array = np.asarray(numbers, kind)
        shape = tuple(int(n) for n in array.shape) if shape is None else shape
        value = Value(self.names.claim(name, ""), dtype, shape)
        tensor = self.proto.initializer.add()
        tensor.name = value.name
        tensor.data_type = ELEMENT[dtype]
        tensor.dims.extend(shape)
        tensor.raw_data = bytes(little_endian(narrowed(array, dtype), dtype))
        self.types[value.name] = value
        self.constants.add(value.name)
        return value

    def node(
        self, kind: str, inputs: Sequence[Value | None], outputs: Sequence[Value], name: str, where: str, origin: int,
        attributes: dict[str, Attribute],
    ) -> None:
        """Adds a node."""
        node = self.proto.node.add()
        node.op_type = kind
        node.name = self.node_names.claim(name, "")
        if where:
            node.doc_string = where
        last = max((i for i, v in enumerate(inputs) if v is not None), default=-1)
        for v in inputs[: last + 1]:
            node.input.append("" if v is None else v.name)
        for v in outputs:
            node.output.append(v.name)
            self.types[v.name] = v
        for key, value in attributes.items():
            set_attribute(node.attribute.add(), key, value)
        self.origin.append(origin)

    def finish(self, weightless: bool) -> None:
        """Writes inputs, outputs and the types of all values between them."""
        graph = self.graph
        for v in graph.inputs.values():
            value = self.values[v]
            assert value is not None
            describe(self.proto.input.add(), value)
        for name, v in graph.outputs.items():
            value, wanted = self.values[v], self.public[name]
            assert value is not None
            if value.name != wanted:
                renamed = value._replace(name=wanted)
                self.node("Identity", [value], [renamed], wanted, "", -1, {})
                value = renamed
            describe(self.proto.output.add(), value)
        if weightless:
            for i in self.initialisers:
                describe(self.proto.input.add(), self.types[i.name])
        done = {v.name for v in self.proto.input} | {v.name for v in self.proto.output} | self.constants
        done.update(i.name for i in self.initialisers)
        for name, value in self.types.items():
            if name and name not in done:
                describe(self.proto.value_info.add(), value)


def set_attribute(proto: onnx.AttributeProto, name: str, value: Attribute) -> None:
    """Fills an attribute with a number, text, or a list of numbers."""
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
    """Fills in name, element type and shape."""
    proto.name = value.name
    tensor = proto.type.tensor_type
    tensor.elem_type = ELEMENT[value.dtype]
    tensor.shape.SetInParent()
    for n in value.shape:
        add_dim(tensor.shape, n)


def add_dim(shape: onnx.TensorShapeProto, n: Dim) -> None:
    """Adds one size."""
    if isinstance(n, int):
        shape.dim.add().dim_value = n
    else:
        shape.dim.add().dim_param = n


def narrowed(array: Array, dtype: str) -> Array:
    """The numbers in another element type; too large ones become the greatest that it has."""
    if dtype == "float16":
        return np.clip(array, -65504, 65504).astype(np.float16)
    return array


def line_of(graph: Graph, location: Location) -> str:
    """``vgg16.yaml:12``: where a node came from; without folders, so that every machine writes the same file."""
    return f"{PurePath(graph.files[location.file]).name}:{location.line}" if graph.files else f"line {location.line}"
