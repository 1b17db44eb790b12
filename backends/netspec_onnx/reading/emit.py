"""Adds drafts of layers whose output types are inferred immediately, so that errors are reported at the right node."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace
from typing import Any, Unpack

import numpy as np

from netspec.free_names import free_name
from netspec.importing import Draft, DraftNetwork, ModuleCall
from netspec.importing.batch import BatchAxis
from netspec.importing.constants import describe_constant
from netspec.importing.draft import DraftFields
from netspec.ops import create
from netspec.ops.argument import ArgumentError
from netspec.ops.formulas.program import Program
from netspec.ops.formulas.steps import FormulaStep
from netspec.shapes.shape_error import ShapeError
from netspec.shapes.sizes import Size, is_named, is_same
from netspec.shapes.types import TensorType
from netspec.weights.numpy_types import Array

from .errors import refused
from .values import Shape, SourceTensor, full_shape

LITERAL = 16
"""Maximum number of elements of a constant in the spec; larger constants are stored with the weights."""


class Emitter:
    """Collects the drafts of a network and the types of their values.

    Args:
        name: name of the network.
        batch: the batch size in the source: 1 in a file for a single example, otherwise one that depends on a name.
    """

    def __init__(self, name: str, batch: Size) -> None:
        self.network = DraftNetwork(name)
        self.batch = batch
        self.single = is_same(batch, 1)
        """Whether the file is for a single example."""
        self.types: list[TensorType] = []
        self.weights: dict[str, Array] = {}
        """The tensors in the form that they have in the spec, by their names in the drafts."""
        self.calls: tuple[ModuleCall, ...] = ()
        self.origin = ""
        self.stem: str = ""
        self.buffers: frozenset[str] = frozenset()
        """Names of initialisers that are not trained, according to the metadata."""
        self._stored: dict[str, SourceTensor] = {}
        self._placed: dict[bytes, SourceTensor] = {}

    # -- layers ------------------------------------------------------------------------------------------------------
    def emit(
        self,
        operation: str,
        inputs: Sequence[int],
        arguments: Mapping[str, Any] | None = None,
        *,
        layers: Mapping[str, int] | None = None,
        **details: Unpack[DraftFields],
    ) -> list[int]:
        """Adds a draft and returns its outputs.

        Args:
            operation: name of the operation.
            inputs: numbers of values.
            arguments: as in a spec.
            layers: numbers of the values that arguments name.
            details: further fields of the draft.

        Raises:
            CannotImportError: NS842, netspec does not accept the arguments for these inputs.
        """
        values, named = dict(arguments or {}), dict(layers or {})
        types = tuple(self.types[v] for v in (*inputs, *named.values()))
        try:
            op = create(operation, values | dict.fromkeys(named, True), types)
            outputs = op.infer(*types)
            expected = op.weights(*types) if "weights" in details else ()
        except ArgumentError as error:
            raise refused("argument", _naming(operation, error.problems[0][1])) from None
        except ShapeError as error:
            renamed = self._with_names_of_the_first(inputs) if error.code == "NS516" else inputs
            if list(renamed) != list(inputs):
                return self.emit(operation, renamed, arguments, layers=layers, **details)
            raise refused("argument", _naming(operation, error.message)) from None
        if operation == "formula":
            program: Program = values["expression"]
            positions = [name for name, _ in values.get("for", {}).items()]
            values["expression"] = f"$({program.expression([f'x{i}' for i in range(len(inputs))], positions)})"
        details["origin"] = self.origin
        details.setdefault("calls", self.calls)
        details.setdefault("stem", self.stem)
        numbers = self.network.add(operation, inputs, [t.shape for t in outputs], values | named, **details)
        self.types += outputs
        self._check_weights(self.network.drafts[-1], expected)
        return numbers

    def _with_names_of_the_first(self, inputs: Sequence[int]) -> list[int]:
        """Gives all inputs the axis names of the first input of highest rank, because axes in ONNX have no names."""
        widest = max(inputs, key=lambda v: self.types[v].rank)
        names, out = self.types[widest].axes, list[int]()
        for value in inputs:
            kind = self.types[value]
            axes = names[len(names) - kind.rank :]
            if value == widest or kind.axes == axes:
                out.append(value)
            else:
                shape = {"shape": list(kind.shape), "axes": [name or None for name in axes]}
                out += self.emit("reshape", [value], shape)
        return out

    def _check_weights(self, draft: Draft, expected: Sequence[Any]) -> None:
        shapes = {w.name: w.shape for w in expected}
        for local, full in draft.weights.items():
            tensor = self.weights.get(full, self.network.tables.get(full))
            if tensor is not None and local in shapes and tensor.shape != shapes[local]:
                actual, expected = list(tensor.shape), list(shapes[local])
                message = f"tensor '{full}' has the shape {actual}; '{draft.operation}' requires {expected}"
                raise refused("malformed", message)

    def output_value(self, number: int, batch: BatchAxis | None, shared: bool = False) -> SourceTensor:
        """Returns the value of a draft's output, with the position of the batch in the source."""
        kind = self.types[number]
        size = 1 if shared else self.batch
        return SourceTensor(
            full_shape(kind.shape, batch, size), kind.dtype, number, batch, shared and batch is not None
        )

    def unary(
        self,
        operation: str,
        x: SourceTensor,
        arguments: Mapping[str, Any] | None = None,
        **details: Unpack[DraftFields],
    ) -> SourceTensor:
        """Adds an operation that preserves the shape."""
        x = self.placed(x)
        (number,) = self.emit(operation, [self.number(x)], arguments, **details)
        return self.output_value(number, x.batch, x.shared)

    def reshaped(self, x: SourceTensor, item: Shape) -> int:
        """Returns the number of a value with the same elements and another shape per example."""
        x = self.placed(x)
        number = self.number(x)
        if len(item) == len(x.item_shape) and all(map(is_same, item, x.item_shape)):
            return number
        return self.emit("reshape", [number], {"shape": list(item)})[0]

    def formula(self, kind: str, numbers: Sequence[int], constants: Sequence[float] = ()) -> int:
        """Adds an elementwise step with some values and constants; returns the number of the result."""
        steps = [FormulaStep("input", (), i) for i in range(len(numbers))] + [
            FormulaStep("number", (), c) for c in constants
        ]
        program = Program((*steps, FormulaStep(kind, tuple(range(len(steps))))))
        return self.emit("formula", numbers, {"expression": program})[0]

    # -- constants and initialisers ----------------------------------------------------------------------------------
    def number(self, x: SourceTensor) -> int:
        """Returns the number of a value in the draft."""
        number = self.placed(x).number
        assert number is not None
        return number

    def placed(self, x: SourceTensor) -> SourceTensor:
        """Returns the value as the output of a layer; a constant becomes a ``parameter`` or ``buffer``."""
        if x.number is not None:
            return x
        assert x.known is not None  # a value that failed is not read
        if x.learned:
            stored = self._stored.get(x.learned)
            if stored is None or stored.shape != x.shape:
                stored = self._stored[x.learned] = self._parameter(x)
            return stored
        return self._constant(x)

    def weight_name(self, x: SourceTensor) -> str:
        """Returns a name for an initialiser. Subclasses name it after the layer that reads it."""
        return x.learned

    def _parameter(self, x: SourceTensor) -> SourceTensor:
        assert x.known is not None
        lead = not self.single and x.rank >= 2 and is_same(x.shape[0], 1)
        batch = BatchAxis(0) if lead else None
        shape = [int(n) for n in x.shape]
        name = self.weight_name(x)
        self.weights[name] = np.ascontiguousarray(x.known, x.dtype).reshape(shape)
        arguments: dict[str, Any] = {"shape": shape[1:] if lead else shape} | ({"batch_axis": True} if lead else {})
        operation = "parameter"
        if x.learned in self.buffers:
            operation = "buffer"
            arguments |= {"dtype": x.dtype} if x.dtype != "float32" else {}
            init = describe_constant(self.weights[name])
            arguments |= {"init": init} if init is not None else {}
        (number,) = self.emit(operation, [], arguments, weights={"": name}, calls=(), stem="")
        return self.output_value(number, batch, lead)

    def _constant(self, x: SourceTensor) -> SourceTensor:
        assert x.known is not None
        lead = not self.single and x.rank >= 2 and (is_same(x.shape[0], 1) or is_same(x.shape[0], self.batch))
        batch, item = (BatchAxis(0), x.shape[1:]) if lead else (None, x.shape)
        known = x.known.reshape(x.known.shape[1:]) if lead and x.known.shape[0] == 1 else x.known
        if not known.size:
            raise refused("malformed", "a constant without elements is used as data")
        if known.dtype == object:
            raise refused("shape", "sizes of named dimensions are used as data")
        if any(map(is_named, item)):
            if known.size != 1:
                raise refused("shape", "the shape of a constant depends on named dimensions")
            item = tuple(1 if is_named(n) else n for n in item)
            known = known.reshape([1] * len(item))
        known = known.astype(x.dtype, copy=False)
        full = np.broadcast_to(known, [int(n) for n in item])
        key = repr((full.shape, x.dtype, self.calls)).encode() + (known.tobytes() if known.size < 2**20 else b"")
        if key in self._placed and known.size < 2**20:
            return self._placed[key]
        arguments: dict[str, Any] = {"shape": list(full.shape)}
        if x.dtype != "float32":
            arguments["dtype"] = x.dtype
        details: dict[str, Any] = {"stem": "constant"}
        first = known.reshape(-1)[0].item() if known.size else 0
        if (known == first).all() and np.isfinite(first):
            init = "zeros" if first == 0 else "ones" if first == 1 else {"constant": first}
            arguments |= {"init": init, "persistent": False}
        elif full.size <= LITERAL and np.isfinite(full).all():
            arguments |= {"init": full.tolist(), "persistent": False}
        else:
            name = self.table_name()
            self.network.tables[name] = np.ascontiguousarray(full).reshape(full.shape)
            details["weights"] = {"": name}
        (number,) = self.emit("buffer", [], arguments, **details)
        out = replace(self.output_value(number, batch, lead), shared=lead)
        self._placed[key] = out
        return out

    def table_name(self) -> str:
        """Returns a new name for a constant that is stored with the weights."""
        path = f"{self.calls[-1].path}." if self.calls else ""
        return free_name(f"{path}table", lambda name: name in self.network.tables or name in self.weights)


def _naming(operation: str, message: str) -> str:
    """Prefixes a message with the operation, unless it names it already."""
    return message if f"'{operation}'" in message else f"'{operation}': {message}"
