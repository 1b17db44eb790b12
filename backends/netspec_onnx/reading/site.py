"""What a rule works with: the place where it adds layers, the numbers that are known, and names for weights."""

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

from .arithmetic import settled
from .emit import Emitter
from .errors import refused
from .hierarchy import Hierarchy
from .node import OnnxNode
from .opsets import operand
from .rule_inputs import Inputs
from .values import SourceTensor


class Site(Emitter):
    """The place of the node that is being read.

    Args:
        name: of the network.
        batch: the size of the batch: 1, or one that depends on a name.
        literal: the number of examples that the file was written for, if it was written for one number.
    """

    def __init__(self, name: str, batch: Size, literal: int | None) -> None:
        super().__init__(name, batch)
        self.literal = literal
        self.node = OnnxNode("", "", (), (), {}, 1)
        self.hierarchy = Hierarchy()
        self.rearranged: dict[str, SourceTensor] = {}
        """Learned tensors in other orders, by the names of values that layers output, too."""
        self.ranges: dict[str, tuple[int, int]] = {}
        """The least and greatest integers of the types that initialisers are stored in."""

    @abstractmethod
    def run_branch(self, graph: onnx.GraphProto) -> list[SourceTensor | None]:
        """The outputs of the branch of an ``If``, whose nodes are read in place of it."""

    @abstractmethod
    def body_nodes(self, graph: onnx.GraphProto) -> list[OnnxNode]:
        """The nodes of the body of a ``Scan``, in order."""

    def learned_input(self, number: int, inputs: Inputs) -> SourceTensor | None:
        """An input of the node as numbers, also if layers put learned tensors together for it; None if it has none."""
        value = inputs.at(number)
        if value is None or value.is_known:
            return value
        return self.rearranged.get(self.node.inputs[number], value)

    def integer_range(self, name: str) -> tuple[int, int]:
        """The least and greatest integer of the type that an initialiser is stored in."""
        return self.ranges.get(name, (0, 255))

    # -- numbers ------
    def constant(self, array: Array, dtype: str | None = None) -> SourceTensor:
        """The value of an array of numbers or sizes."""
        array = settled(array)
        if dtype is None:
            kinds = {"f": "float32", "b": "bool", "O": "int64"}
            name = array.dtype.name
            dtype = kinds.get(array.dtype.kind) or (name if name in ("int64", "int32") else "int64")
        if array.dtype != object and array.dtype.name != dtype:
            array = array.astype(dtype)
        return SourceTensor(tuple(array.shape), dtype, known=array)

    def integers(self, node: OnnxNode, name: str, inputs: Inputs) -> list[Any] | None:
        """Integers that are an attribute or a known input; None if they are not given.

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
        """One number that is an attribute or a known input; None if it is not given."""
        values = self.integers(node, name, inputs)
        return values[0] if values else None

    # -- weights -----------------------------------------------------------------------------------------------------
    def layer_weights(self, operation: str, weights: Mapping[str, SourceTensor | Array | None]) -> dict[str, str]:
        """The names of the tensors of a layer, which are kept under them in the form that the spec has.

        Args:
            operation: of netspec.
            weights: initialisers, or arrays that were made of them, by their local names.
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
        """Whether a tensor of that name is another one."""
        existing = self.weights.get(name)
        if existing is None:
            return False
        return existing.shape != array.shape or not np.array_equal(existing, array)

    def weight_name(self, x: SourceTensor) -> str:
        """The name of an initialiser that is read as a tensor."""
        return free_name(self.hierarchy.tensor_name(self.node, x.learned), self.weights)
