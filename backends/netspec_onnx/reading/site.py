"""The interface of rules: adds layers at the current node, returns known numbers, and names weights."""

from __future__ import annotations

from abc import abstractmethod
from collections.abc import Mapping
from typing import Any

import numpy as np
import onnx

from netspec.free_names import free_name
from netspec.ops.argument import as_list
from netspec.shapes.sizes import Size, is_named
from netspec.weights.numpy_types import Array

from .constant_folding import settled
from .emit import Emitter
from .errors import refused
from .hierarchy import Hierarchy
from .node import OnnxNode
from .opsets import operand
from .rule_inputs import Inputs
from .values import SourceTensor

_DOUBLE = {"float32": "float64"}


class Site(Emitter):
    """The state of the reader at the current node.

    Args:
        name: name of the network.
        batch: the batch size: 1, or one that depends on a name.
        literal: the number of examples for which the file was written, if it is fixed.
    """

    def __init__(self, name: str, batch: Size, literal: int | None) -> None:
        super().__init__(name, batch)
        self.literal = literal
        self.node = OnnxNode("", "", (), (), {}, 1)
        self.hierarchy = Hierarchy()
        self.rearranged: dict[str, SourceTensor] = {}
        """Rearranged learned tensors, by the names of values; these values may also be outputs of layers."""
        self.ranges: dict[str, tuple[int, int]] = {}
        """The ranges of the integer types in which initialisers are stored."""

    @abstractmethod
    def run_branch(self, graph: onnx.GraphProto) -> list[SourceTensor | None]:
        """Inlines the nodes of the taken branch of an ``If``; returns its outputs."""

    @abstractmethod
    def body_nodes(self, graph: onnx.GraphProto) -> list[OnnxNode]:
        """The nodes of the body of a ``Scan``, in order."""

    def learned_input(self, number: int, inputs: Inputs) -> SourceTensor | None:
        """Returns a learned input as numbers, even if layers assemble it from learned tensors; else None."""
        value = inputs.at(number)
        if value is None or value.is_known:
            return value
        return self.rearranged.get(self.node.inputs[number], value)

    def integer_range(self, name: str) -> tuple[int, int]:
        """Returns the range of the integer type in which an initialiser is stored."""
        return self.ranges.get(name, (0, 255))

    # -- numbers ------
    def constant(self, array: Array, dtype: str | None = None) -> SourceTensor:
        """Returns the value of an array of numbers or sizes; it stays in double precision until a layer reads it."""
        array = settled(array)
        if dtype is None:
            kinds = {"f": "float32", "b": "bool", "O": "int64"}
            name = array.dtype.name
            dtype = kinds.get(array.dtype.kind) or (name if name in ("int64", "int32") else "int64")
        if array.dtype != object and array.dtype.name not in (dtype, _DOUBLE.get(dtype)):
            array = array.astype(dtype)
        return SourceTensor(tuple(array.shape), dtype, known=array)

    def integers(self, node: OnnxNode, name: str, inputs: Inputs) -> list[Any] | None:
        """Returns integers given as an attribute or a known input, or None if they are missing.

        Raises CannotImportError NS845 if they depend on data.
        """
        if name in node.attributes:
            return as_list(node.attributes[name])
        position = operand(node.operator, name, node.opset)
        value = inputs.at(position) if position is not None else None
        if value is None:
            return None
        if not value.is_known or value.known is None or value.known.shape != value.shape:
            raise refused("shape", f"'{name}' depends on the data")
        if value.known.dtype.kind == "f":
            return [float(n) for n in value.known.reshape(-1)]
        return [n if is_named(n) else int(n) for n in value.known.reshape(-1)]

    def numbers(self, node: OnnxNode, name: str, inputs: Inputs) -> float | None:
        """Returns one number given as an attribute or a known input, or None if it is missing."""
        values = self.integers(node, name, inputs)
        return values[0] if values else None

    # -- weights -----------------------------------------------------------------------------------------------------
    def layer_weights(self, operation: str, weights: Mapping[str, SourceTensor | Array | None]) -> dict[str, str]:
        """Stores the tensors of a layer in the form that the spec has; returns their names.

        Args:
            operation: name of the operation.
            weights: initialisers, or arrays derived from them, by local name.
        """
        sources = {k: v.learned for k, v in weights.items() if isinstance(v, SourceTensor) and v.learned}
        arrays: dict[str, Array] = {}
        for local, value in weights.items():
            if value is not None:
                array = value.known if isinstance(value, SourceTensor) else value
                assert array is not None
                arrays[local] = array
        prefix = self.hierarchy.layer_name(self.node, sources, operation)
        names = {local: f"{prefix}.{local}" for local in arrays}
        count = 1
        while any(self._differs(full, arrays[local]) for local, full in names.items()):
            names = {local: f"{prefix}_{count}.{local}" for local in arrays}
            count += 1
        for local, full in names.items():
            self.weights[full] = np.ascontiguousarray(arrays[local])
        return names

    def _differs(self, name: str, array: Array) -> bool:
        """Whether a different tensor of that name is already stored."""
        existing = self.weights.get(name)
        if existing is None:
            return False
        return existing.shape != array.shape or not np.array_equal(existing, array)

    def weight_name(self, x: SourceTensor) -> str:
        """Returns the name of an initialiser that is used as a tensor."""
        return free_name(self.hierarchy.tensor_name(self.node, x.learned), self.weights)
