"""One node of the graph: its operator, its attributes as Python values, its inputs and outputs."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from functools import cache
from typing import Any

import numpy as np
import onnx
from onnx import AttributeProto

from netspec.diagnostics import clip

from .opsets import DOMAINS, default
from .tensor_reader import TensorReader, malformed


@dataclass(frozen=True, slots=True)
class OnnxNode:
    """A node. Names of values are unique in the whole network, in which functions are inlined."""

    operator: str
    """Includes the domain, unless it is ONNX's own: ``com.microsoft.Gelu``."""
    name: str
    inputs: tuple[str, ...]
    outputs: tuple[str, ...]
    attributes: Mapping[str, Any]
    opset: int
    scopes: tuple[tuple[str, str], ...] = ()
    """The names and classes of enclosing modules, from the exporter's metadata, outermost first."""
    proto: onnx.NodeProto = field(default_factory=onnx.NodeProto)

    def attribute(self, name: str, otherwise: Any = None) -> Any:
        """Returns the value of an attribute, or its default in this operator set."""
        value = self.attributes.get(name)
        if value is not None:
            return value
        value = default(self.operator, name, self.opset)
        return otherwise if value is None else value

    @property
    def origin(self) -> str:
        """A description for messages."""
        return f"{self.operator} '{clip(self.name or next(iter(self.outputs), ''))}'"


@cache
def attribute_types(operator: str, opset: int) -> Mapping[str, int]:
    """Returns the types of the attributes of an ONNX operator by name; empty for custom operators."""
    try:
        schema = onnx.defs.get_schema(operator, min(max(opset, 1), 2**31 - 1), "")
    except onnx.defs.SchemaError:
        return {}
    types: dict[str, Any] = {name: a.type for name, a in schema.attributes.items()}
    return {name: int(kind.value) for name, kind in types.items()}


def check_attribute(attribute: onnx.AttributeProto, operator: str, opset: int) -> None:
    """Raises BackendError NS846 if an attribute's type does not match the operator."""
    expected = attribute_types(operator, opset).get(attribute.name, attribute.type)
    if attribute.type != expected:
        names = AttributeProto.AttributeType.Name
        raise malformed(
            f"attribute '{clip(attribute.name)}' of {clip(operator)} is of type {names(attribute.type)}; "
            f"ONNX has {names(expected)}"
        )


def attribute_value(attribute: onnx.AttributeProto, read: TensorReader) -> Any:
    """Converts an attribute to a number, a string, an array, or a list; graphs remain messages.

    Floats are converted to the shortest decimal with the same single-precision value: 0.1, not 0.10000000149.
    """
    kind = attribute.type
    if kind == AttributeProto.FLOAT:
        return shortest(attribute.f)
    if kind == AttributeProto.INT:
        return int(attribute.i)
    if kind == AttributeProto.STRING:
        return attribute.s.decode("utf-8", "replace")
    if kind == AttributeProto.TENSOR:
        return read(attribute.t)
    if kind == AttributeProto.GRAPH:
        return attribute.g
    if kind == AttributeProto.FLOATS:
        return [shortest(f) for f in attribute.floats]
    if kind == AttributeProto.INTS:
        return [int(i) for i in attribute.ints]
    if kind == AttributeProto.STRINGS:
        return [s.decode("utf-8", "replace") for s in attribute.strings]
    raise malformed(f"attribute '{clip(attribute.name)}' has a value of an unknown kind")


def shortest(number: float) -> float:
    """Returns the shortest decimal with the same single-precision value."""
    return float(str(np.float32(number)))


def operator_name(node: onnx.NodeProto) -> str:
    """Returns the operator with its domain, unless it is ONNX's own."""
    return node.op_type if node.domain in DOMAINS else f"{node.domain}.{node.op_type}"
