"""Small ONNX models, and what is read from them."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np
import onnx
from onnx import TensorProto, helper, numpy_helper

from netspec.importing import DraftNetwork, ImportRefused
from netspec.importing.result import Import, import_source
from netspec.weights.numpy_types import Array
from netspec_onnx.reading import reader
from netspec_onnx.reading.source import _attempts, declared_inputs  # pyright: ignore[reportPrivateUsage]  # as the command reads a file
from netspec_onnx.reading.tensor_reader import TensorReader

Shape = Sequence["int | str"]
GENERATOR = np.random.default_rng(0)


def random(*shape: int) -> Array:
    """Numbers that look learned."""
    return GENERATOR.standard_normal(shape).astype(np.float32)


def node(operator: str, inputs: str, outputs: str = "y", **attributes: Any) -> onnx.NodeProto:
    """A node whose inputs and outputs are separated by blanks; ``_`` stands for one that is not given."""
    read, written = (["" if n == "_" else n for n in text.split()] for text in (inputs, outputs))
    return helper.make_node(operator, read, written, **attributes)


def model(
    nodes: Sequence[onnx.NodeProto],
    inputs: Mapping[str, Shape],
    tensors: Mapping[str, Array] | None = None,
    *,
    outputs: Sequence[str] = ("y",),
    types: Mapping[str, int] | None = None,
    opset: int = 17,
    functions: Sequence[onnx.FunctionProto] = (),
    domains: Sequence[str] = (),
) -> onnx.ModelProto:
    """A model whose outputs have no declared shapes."""
    kinds = dict(types or {})
    values = [
        helper.make_tensor_value_info(n, kinds.get(n, TensorProto.FLOAT), list(shape)) for n, shape in inputs.items()
    ]
    results = [helper.make_tensor_value_info(n, kinds.get(n, TensorProto.FLOAT), None) for n in outputs]
    stored = [numpy_helper.from_array(np.asarray(t), n) for n, t in (tensors or {}).items()]
    graph = helper.make_graph(list(nodes), "graph", values, results, stored)
    versions = [helper.make_opsetid("", opset), *(helper.make_opsetid(d, 1) for d in domains)]
    return helper.make_model(graph, opset_imports=versions, functions=list(functions), ir_version=8)


def imported(source: onnx.ModelProto, name: str | None = None) -> Import:
    """The network of a model, whose outputs were compared."""
    return import_source(reader.read_model(source, name=name))


def operations(network: DraftNetwork) -> list[str]:
    """The operations that were read, in order, without constants."""
    return [d.operation for d in network.drafts if d.operation not in ("parameter", "buffer")]


def refusal(source: onnx.ModelProto | bytes) -> str:
    """The text of the error that a model is refused with."""
    try:
        import_source(reader.read_model(source), prove=False)
    except ImportRefused as error:
        return str(error)
    raise AssertionError("it was imported")


def read_for_any_batch(source: onnx.ModelProto) -> str:
    """The text of the problems that a model has if it is read for any number of examples."""
    (attempt, *_) = _attempts(declared_inputs(source.graph), {}, {})
    return str(ImportRefused(attempt.read(source, None, "net", TensorReader(None), None).network.problems))


def ints(*numbers: int) -> Array:
    """Integers as ONNX stores sizes and positions."""
    return np.array(numbers, np.int64)


def names_of(proto: onnx.ModelProto) -> list[str]:
    """The names of the weights that are imported."""
    return [p.name for p in imported(proto).graph.parameters]
