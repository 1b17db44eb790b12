"""Graphs of one operation, their ONNX files, and what ONNX's own tools and ONNX Runtime make of these."""

# onnx, onnxruntime and torch are typed in part:
# pyright: reportUnknownMemberType=false, reportUnknownVariableType=false, reportUnknownArgumentType=false

from __future__ import annotations

import math
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from pathlib import Path
from typing import Any, NamedTuple

import numpy as np
import numpy.typing as npt
import onnx
import onnxruntime as ort  # type: ignore[import-untyped]  # it has no types
import torch
from onnx import shape_inference

import netspec_onnx
from netspec.ir import Graph, Parameter
from netspec.ops.weight import Init
from netspec.shapes.types import TensorType
from netspec.weights.weight_source import SeedSource
from tests.drafts import Draft

torch.set_num_threads(1)

Array = npt.NDArray[Any]
Dims = tuple[int | str, ...]
SEED = 3


class Given(NamedTuple):
    """An input of a case: its shape without the batch, the type of its elements, and their range."""

    shape: tuple[int, ...]
    dtype: str = "float32"
    low: float = -2.0
    high: float = 2.0

    def draw(self, batch: int, number: int) -> Array:
        """Values for so many examples."""
        numbers = np.random.default_rng([batch, number])
        shape = (batch, *self.shape)
        if self.dtype in ("int64", "int32"):
            return numbers.integers(int(self.low), int(self.high), shape).astype(self.dtype)
        if self.dtype == "bool":
            return numbers.random(shape) < 0.6
        return numbers.uniform(self.low, self.high, shape).astype(self.dtype)


class Drawn:
    """A seed, but running statistics are as after some training."""

    def __init__(self, seed: int = SEED) -> None:
        self.seeded = SeedSource(seed)

    def pieces(self, parameter: Parameter, pool: ThreadPoolExecutor | None = None) -> Iterator[Array]:
        return self.seeded.pieces(trained(parameter), pool)

    def values(self, parameter: Parameter, pool: ThreadPoolExecutor | None = None) -> Array:
        return self.seeded.values(trained(parameter), pool)

    def fill(self, out: Array, parameter: Parameter, pool: ThreadPoolExecutor | None = None) -> None:
        self.seeded.fill(out, trained(parameter), pool)


class Lively:
    """Numbers with which the outputs of a deep network still depend on its inputs, and on each of its parameters.

    Weights keep the variance of what passes through them and ReLU (He et al. 2015); what begins as zeros or ones is
    drawn too, but for tables that the spec gives. ``gain`` is the standard deviation of what scales channels.
    """

    def __init__(self, seed: int = SEED, gain: float = 1.0) -> None:
        self.seeded = SeedSource(seed)
        self.gain = gain

    def pieces(self, parameter: Parameter, pool: ThreadPoolExecutor | None = None) -> Iterator[Array]:
        numbers = self.seeded.pieces(stirred(parameter, self.gain), pool)
        return (np.abs(x) + np.float32(0.5) for x in numbers) if is_variance(parameter) else numbers

    def values(self, parameter: Parameter, pool: ThreadPoolExecutor | None = None) -> Array:
        numbers = self.seeded.values(stirred(parameter, self.gain), pool)
        return np.abs(numbers) + np.float32(0.5) if is_variance(parameter) else numbers

    def fill(self, out: Array, parameter: Parameter, pool: ThreadPoolExecutor | None = None) -> None:
        self.seeded.fill(out, stirred(parameter, self.gain), pool)
        if is_variance(parameter):
            out[...] = np.abs(out) + np.float32(0.5)


def is_variance(p: Parameter) -> bool:
    """Whether numbers must be greater than zero."""
    return p.name.endswith("running_var")


def stirred(p: Parameter, gain: float) -> Parameter:
    """What is trained, and running statistics, drawn at random."""
    if p.trainable and len(p.shape) > 1 and (reads := math.prod(p.shape[1:])) > 1:
        return replace(p, init=Init("normal", (math.sqrt(2 / reads),)))
    if p.name.endswith(("bias", "running_mean")):
        return replace(p, init=Init("normal", (0.1,)))
    return replace(p, init=Init("normal", (gain,))) if p.trainable or is_variance(p) else p


def trained(p: Parameter) -> Parameter:
    """Running statistics drawn at random."""
    if p.name.endswith("running_mean"):
        return replace(p, init=Init("normal", (1.0,)))
    return replace(p, init=Init("constant", (0.6,))) if p.name.endswith("running_var") else p


def one(op: str, inputs: tuple[Given, ...], args: dict[str, Any]) -> Graph:
    """A network of one operation called ``op``."""
    draft = Draft("one")
    values = [draft.input(*x.shape, name=f"x{i}", dtype=x.dtype) for i, x in enumerate(inputs)]
    first = draft.add("op", op, *values, **args)
    return draft.graph(*range(first, len(draft.values)))


def tensors(graph: Graph) -> dict[str, torch.Tensor]:
    """Every parameter by its full name."""
    source = Drawn()
    return {p.name: torch.from_numpy(np.array(source.values(p))) for p in graph.parameters}


def session(path: Path) -> ort.InferenceSession:
    """The file in ONNX Runtime, on one thread."""
    options = ort.SessionOptions()
    options.intra_op_num_threads = 1
    options.log_severity_level = 3
    return ort.InferenceSession(str(path), options, providers=["CPUExecutionProvider"])


def run(path: Path, feeds: dict[str, Array]) -> list[Array]:
    """The outputs of the file."""
    return [np.asarray(y) for y in session(path).run(None, feeds)]


def written(graph: Graph, path: Path, **options: Any) -> Path:
    """The file, with the weights of :data:`SEED`."""
    netspec_onnx.export(graph, path, source=Drawn(), **options)
    return path


def shapes_of(infos: Any) -> dict[str, tuple[int, Dims]]:
    """Element type and shape by name."""
    return {
        v.name: (
            v.type.tensor_type.elem_type,
            tuple(d.dim_param or d.dim_value for d in v.type.tensor_type.shape.dim),
        )
        for v in infos
        if v.type.tensor_type.HasField("shape")
    }


def assert_inferred(model: onnx.ModelProto) -> None:
    """ONNX's checker takes the model, and its strict shape inference finds on its own what the file says.

    The types between inputs and outputs are taken out first; where ONNX infers a size it must be ours, and every
    value that a node makes must have been described.
    """
    onnx.checker.check_model(model, full_check=True)
    said = shapes_of(model.graph.value_info)
    made = {name for node in model.graph.node for name in node.output if name}
    outputs = shapes_of(model.graph.output)
    assert made == said.keys() | (outputs.keys() & made)
    bare = onnx.ModelProto()
    bare.CopyFrom(model)
    del bare.graph.value_info[:]
    found = shape_inference.infer_shapes(bare, check_type=True, strict_mode=True, data_prop=True)
    inferred = shapes_of(found.graph.value_info) | shapes_of(found.graph.output)
    for name, (kind, shape) in (said | outputs).items():
        if name not in inferred:
            continue
        other_kind, other = inferred[name]
        assert kind == other_kind, name
        assert len(shape) == len(other), (name, shape, other)
        for ours, theirs in zip(shape, other, strict=True):
            assert theirs in (0, ours) or (isinstance(theirs, str) and theirs.startswith("unk")), (name, shape, other)


def assert_described(graph: Graph, model: onnx.ModelProto) -> None:
    """Inputs and outputs have our types with the batch before them."""
    by_name = shapes_of(model.graph.input) | shapes_of(model.graph.output)
    for name, value in (dict(graph.inputs) | dict(graph.outputs)).items():
        kind: TensorType = graph.values[value]
        _, shape = by_name[name]
        assert shape[-kind.rank :] == kind.shape if kind.rank else True
        assert len(shape) in (kind.rank, kind.rank + 1)


def assert_types_allowed(model: onnx.ModelProto) -> None:
    """Every node is a standard operator of the file's operator set, with attributes and element types that it has."""
    (opset,) = model.opset_import
    assert opset.domain == ""
    types = {name: kind for name, (kind, _) in (
        shapes_of(model.graph.value_info) | shapes_of(model.graph.input) | shapes_of(model.graph.output)
    ).items()} | {t.name: t.data_type for t in model.graph.initializer}
    for node in model.graph.node:
        schema = onnx.defs.get_schema(node.op_type, opset.version, "")
        assert not schema.deprecated
        assert {a.name for a in node.attribute} <= set(schema.attributes)
        assert "auto_pad" not in {a.name for a in node.attribute}
        for formals, actual in ((schema.inputs, node.input), (schema.outputs, node.output)):
            for i, name in enumerate(actual):
                if name:
                    allowed = formals[min(i, len(formals) - 1)].types
                    element = onnx.TensorProto.DataType.Name(types[name]).lower()
                    assert f"tensor({element})" in allowed, (node.op_type, name, element)
