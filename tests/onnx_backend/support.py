"""Graphs of one operation, their ONNX files, and checks by ONNX's own tools and ONNX Runtime."""

# onnx, onnxruntime and torch are typed in part:
# pyright: reportUnknownMemberType=false, reportUnknownVariableType=false, reportUnknownArgumentType=false

from __future__ import annotations

import math
from collections.abc import Iterator, Mapping
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
from netspec.shapes.sizes import is_named
from netspec.shapes.types import TensorType
from netspec.weights.weight_source import SeedSource
from tests.drafts import Draft

torch.set_num_threads(1)

Array = npt.NDArray[Any]
Dims = tuple[int | str, ...]
SEED = 3


class Input(NamedTuple):
    """An input of a case: its shape without the batch, its element type, and the range of its numbers."""

    shape: tuple[int, ...]
    dtype: str = "float32"
    low: float = -2.0
    high: float = 2.0
    named: bool = True
    """Whether its axes have the names of an input of that rank."""
    apart: bool = False
    """Whether all numbers differ, also in half precision."""

    def sample(self, batch: int, index: int) -> Array:
        """Random values for a batch of that size; ``index`` is that of the input."""
        numbers = np.random.default_rng([batch, index])
        shape = (batch, *self.shape)
        if self.apart:
            return (numbers.permutation(math.prod(shape)) - 3).reshape(shape).astype(self.dtype)
        if self.dtype in ("int64", "int32"):
            return numbers.integers(int(self.low), int(self.high), shape).astype(self.dtype)
        if self.dtype == "bool":
            return numbers.random(shape) < 0.6
        return numbers.uniform(self.low, self.high, shape).astype(self.dtype)


class TrainedWeights:
    """Weights from a seed, with running statistics as after training."""

    def __init__(self, seed: int = SEED) -> None:
        self.seeded = SeedSource(seed)

    def pieces(self, parameter: Parameter, pool: ThreadPoolExecutor | None = None) -> Iterator[Array]:
        return self.seeded.pieces(with_statistics(parameter), pool)

    def values(self, parameter: Parameter, pool: ThreadPoolExecutor | None = None) -> Array:
        return self.seeded.values(with_statistics(parameter), pool)

    def fill(self, out: Array, parameter: Parameter, pool: ThreadPoolExecutor | None = None) -> None:
        self.seeded.fill(out, with_statistics(parameter), pool)


class ActiveWeights:
    """Weights with which the outputs of a deep network depend on its inputs and on each of its parameters.

    Weights preserve the variance through layers with ReLU (He et al. 2015). Parameters that are initialised to zeros or
    ones are sampled too, except for tables of the spec. ``gain`` is the standard deviation of scales of channels.
    """

    def __init__(self, seed: int = SEED, gain: float = 1.0) -> None:
        self.seeded = SeedSource(seed)
        self.gain = gain

    def pieces(self, parameter: Parameter, pool: ThreadPoolExecutor | None = None) -> Iterator[Array]:
        numbers = self.seeded.pieces(randomised(parameter, self.gain), pool)
        return (np.abs(x) + np.float32(0.5) for x in numbers) if is_variance(parameter) else numbers

    def values(self, parameter: Parameter, pool: ThreadPoolExecutor | None = None) -> Array:
        numbers = self.seeded.values(randomised(parameter, self.gain), pool)
        return np.abs(numbers) + np.float32(0.5) if is_variance(parameter) else numbers

    def fill(self, out: Array, parameter: Parameter, pool: ThreadPoolExecutor | None = None) -> None:
        self.seeded.fill(out, randomised(parameter, self.gain), pool)
        if is_variance(parameter):
            out[...] = np.abs(out) + np.float32(0.5)


def is_variance(p: Parameter) -> bool:
    """Whether the numbers must be positive."""
    return p.name.endswith(("running_var", "edge_weights"))  # the latter are shares, of which a ReLU keeps the positive


def randomised(p: Parameter, gain: float) -> Parameter:
    """Replaces the initialisers of trainable parameters and running statistics by random ones."""
    if p.trainable and len(p.shape) > 1 and (fan_in := math.prod(p.shape[1:])) > 1:
        return replace(p, init=Init("normal", (math.sqrt(2 / fan_in),)))
    if p.name.endswith(("bias", "running_mean")) and (p.trainable or p.persistent):  # not a constant of the spec
        return replace(p, init=Init("normal", (0.1,)))
    return replace(p, init=Init("normal", (gain,))) if p.trainable or is_variance(p) else p


def with_statistics(p: Parameter) -> Parameter:
    """Replaces the initialisers of running statistics."""
    if p.name.endswith("running_mean"):
        return replace(p, init=Init("normal", (1.0,)))
    return replace(p, init=Init("constant", (0.6,))) if p.name.endswith("running_var") else p


def single_operation(op: str, inputs: tuple[Input, ...], args: dict[str, Any]) -> Graph:
    """A network of one operation, whose layer is named ``op``."""
    draft = Draft("one")
    values = [draft.input(*x.shape, name=f"x{i}", dtype=x.dtype, named=x.named) for i, x in enumerate(inputs)]
    first = draft.add("op", op, *values, **args)
    return draft.graph(*range(first, len(draft.values)))


def parameter_tensors(graph: Graph) -> dict[str, torch.Tensor]:
    """Every parameter by its full name."""
    source = TrainedWeights()
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


def write_onnx(graph: Graph, path: Path, **options: Any) -> Path:
    """Writes the file, with the weights of :data:`SEED`."""
    netspec_onnx.export(graph, path, source=TrainedWeights(), **options)
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


def assert_inferred(model: onnx.ModelProto, sizes: Mapping[str, int] | None = None) -> None:
    """ONNX's checker accepts the model, and its strict shape inference agrees with the types in the file.

    The types between inputs and outputs are removed first; a size that ONNX infers must be ours, and the type of every
    value that a node computes must be in the file. A formula must have the inferred number at the given ``sizes``, the
    defaults of named dimensions.
    """
    onnx.checker.check_model(model, full_check=True)
    described = shapes_of(model.graph.value_info)
    computed = {name for node in model.graph.node for name in node.output if name}
    outputs = shapes_of(model.graph.output)
    assert computed == described.keys() | (outputs.keys() & computed)
    bare = onnx.ModelProto()
    bare.CopyFrom(model)
    del bare.graph.value_info[:]
    inferred_model = shape_inference.infer_shapes(bare, check_type=True, strict_mode=True, data_prop=True)
    inferred = shapes_of(inferred_model.graph.value_info) | shapes_of(inferred_model.graph.output)
    for name, (kind, shape) in (described | outputs).items():
        if name not in inferred:
            continue
        other_kind, other = inferred[name]
        assert kind == other_kind, name
        assert len(shape) == len(other), (name, shape, other)
        for ours, theirs in zip(shape, other, strict=True):
            if ours == 0:  # not described
                continue
            if (
                isinstance(theirs, int)
                and isinstance(ours, str)
                and sizes is not None
                and "/" not in ours.replace("//", "")
            ):
                assert theirs in (0, size_at(ours, sizes)), (name, shape, other)
            elif sizes is None or isinstance(ours, int):
                assert theirs in (0, ours) or (isinstance(theirs, str) and theirs.startswith("unk")), (
                    name,
                    shape,
                    other,
                )


def size_at(formula: str, sizes: Mapping[str, int]) -> int:
    """The number of a size in a file, such as ``H//2 + 1``, at sizes of the names."""
    number = eval(formula, {"__builtins__": {}, "min": min}, dict(sizes))
    assert isinstance(number, int)
    return number


def assert_described(graph: Graph, model: onnx.ModelProto) -> None:
    """Inputs and outputs have the graph's types, after the batch axis, in its order.

    An output with the name of an input has another name in the file.
    """
    values = [*graph.inputs.items(), *graph.outputs.items()]
    infos = [*model.graph.input[: len(graph.inputs)], *model.graph.output]  # weights may be further inputs
    for (name, value), info in zip(values, infos, strict=True):
        kind: TensorType = graph.values[value]
        ((described, (element_type, shape)),) = shapes_of([info]).items()
        assert described == name or name in graph.inputs
        assert onnx.helper.tensor_dtype_to_np_dtype(element_type).name == kind.dtype, name
        sizes = tuple(str(n) if is_named(n) else n for n in kind.shape)
        assert shape[-kind.rank :] == sizes if kind.rank else True
        assert len(shape) in (kind.rank, kind.rank + 1)


def assert_types_allowed(model: onnx.ModelProto) -> None:
    """Every node is an operator of the file's standard operator set, with attributes and element types that it allows."""
    (opset,) = model.opset_import
    assert opset.domain == ""
    has_names = any(isinstance(n, str) for _, shape in shapes_of(model.graph.input).values() for n in shape[1:])
    types = {
        name: kind
        for name, (kind, _) in (
            shapes_of(model.graph.value_info) | shapes_of(model.graph.input) | shapes_of(model.graph.output)
        ).items()
    } | {t.name: t.data_type for t in model.graph.initializer}
    for node in model.graph.node:
        schema = onnx.defs.get_schema(node.op_type, opset.version, "")
        assert not schema.deprecated
        assert {a.name for a in node.attribute} <= set(schema.attributes)
        assert has_names or "auto_pad" not in {a.name for a in node.attribute}
        for formals, actual in ((schema.inputs, node.input), (schema.outputs, node.output)):
            for i, name in enumerate(actual):
                if name:
                    allowed = formals[min(i, len(formals) - 1)].types
                    element = onnx.TensorProto.DataType.Name(types[name]).lower()
                    assert f"tensor({element})" in allowed, (node.op_type, name, element)
