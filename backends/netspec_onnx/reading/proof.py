"""Verifies an import: the ONNX file and the one written for its spec must have equal outputs in ONNX Runtime."""

from __future__ import annotations

import tempfile
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any, NamedTuple

import numpy as np
import onnx

from netspec.backend import BackendError
from netspec.importing.comparing import relative_difference
from netspec.importing.source import Comparison
from netspec.ir import Graph
from netspec.shapes.sizes import is_named
from netspec.weights.numpy_types import Array
from netspec.weights.weight_source import WeightSource

from ..convert import write
from ..file_options import Options
from ..verification.legal_samples import legal_samples
from ..verification.random_inputs import random_inputs
from .graph_inputs import DeclaredInput


class Original(NamedTuple):
    """The file from which a network was imported."""

    model: onnx.ModelProto
    path: Path | None
    """Its path, if it was read from a file."""
    inputs: tuple[DeclaredInput, ...]
    has_batch: tuple[bool, ...]
    """For each input, whether its first axis is the batch."""
    literal: int | None
    """The fixed number of examples; None if it is dynamic."""
    batch_axes: tuple[int, ...]
    """The batch axis of each output."""
    open_batch: bool = False
    """Whether the file permits any number of examples, although it was imported for one."""


TOLERANCE = 1e-5
"""Maximum difference, relative to an output's largest value, that is attributed to single-precision rounding."""
BATCHES = (2, 3)
_NUMPY = {"tensor(float)": np.float32, "tensor(double)": np.float64, "tensor(float16)": np.float16}
_INTEGERS = {"tensor(int64)": np.int64, "tensor(int32)": np.int32, "tensor(bool)": np.bool_}


def compare(source: Original, graph: Graph, weights: WeightSource) -> Comparison:
    """Runs the source and the spec on the same inputs.

    Args:
        source: the imported file.
        graph: the network of its spec.
        weights: its tensors by their names in the spec.

    Raises:
        BackendError: NS704, ONNX Runtime is not installed; NS873, it cannot run one of the files.
    """
    largest, constant = 0.0, True
    choices: list[dict[str, int]] = legal_samples(graph, 2) if graph.dims else [{}]
    batches = BATCHES if source.literal in (None, 1) else (source.literal,)
    skipped: list[str] = []
    with tempfile.TemporaryDirectory(prefix="netspec-import-") as folder:
        theirs = _open(_source_file(source, Path(folder)), "the source")
        path = Path(folder) / "spec.onnx"
        write(graph, path, Options(), weights)
        ours = _open(path, "the file that netspec wrote")
        for sizes in choices:
            for number, batch in enumerate(batches):
                arrays = random_inputs(graph.at(sizes) if graph.dims else graph, batch, number)
                inputs = [np.asarray(arrays[name]) for name in graph.inputs]
                expected = _run_source(source, theirs, inputs, batch)
                actual = ours(dict(zip(graph.inputs, inputs, strict=True)))
                largest = max([largest, *map(_difference, expected, actual)])
                if source.open_batch:
                    largest = max(
                        [largest, *map(_difference, expected, _run_together(source, theirs, inputs) or expected)]
                    )
                other = _run_source(source, theirs, [_moved(x) for x in inputs], batch)
                constant = constant and all(map(_is_close, expected, other))
        if constant and source.inputs:
            skipped.append("the outputs hardly depend on the inputs: their agreement says little")
    at = tuple({name: _shape(graph, value, sizes) for name, value in graph.inputs.items()} for sizes in choices)
    return Comparison(largest, TOLERANCE, "float32", tuple(batches), at, tuple(skipped))


def _shape(graph: Graph, value: int, sizes: Mapping[str, int]) -> tuple[int, ...]:
    return tuple(n.at(sizes) if is_named(n) else n for n in graph.values[value].shape)


def _source_file(source: Original, folder: Path) -> Path | bytes:
    """Returns what ONNX Runtime should open: the model itself, or the path of a file with external data."""
    if source.path is not None and _has_external(source.model):
        return source.path
    model = source.model
    if not model.ir_version or model.ir_version < 3:
        model = onnx.ModelProto()
        model.CopyFrom(source.model)
        model.ir_version = 3
    data: bytes = model.SerializeToString()
    return data


def _has_external(model: onnx.ModelProto) -> bool:
    return any(t.data_location == onnx.TensorProto.EXTERNAL for t in model.graph.initializer)


class _Runtime:
    """A file in ONNX Runtime."""

    def __init__(self, session: Any, what: str) -> None:
        self.session = session
        self.what = what
        self.types: dict[str, str] = {i.name: i.type for i in session.get_inputs()}

    def __call__(self, inputs: Mapping[str, Array]) -> list[Array]:
        kinds = _NUMPY | _INTEGERS
        feeds = {
            n: x.astype(kinds.get(self.types[n], x.dtype), copy=False) for n, x in inputs.items() if n in self.types
        }
        try:
            return [np.asarray(y) for y in self.session.run(None, feeds)]
        except Exception as error:  # its classes have no common base
            raise _rejected(self.what, error) from None


def _open(path: Path | bytes, what: str) -> _Runtime:
    from importlib import import_module
    from importlib.util import find_spec

    if find_spec("onnxruntime") is None:
        help = "--no-proof imports without comparing outputs"
        raise BackendError("NS704", "comparing outputs requires ONNX Runtime: pip install onnxruntime", help)
    ort: Any = import_module("onnxruntime")
    options = ort.SessionOptions()
    options.log_severity_level = 4
    options.intra_op_num_threads = 2
    try:
        session = ort.InferenceSession(
            str(path) if isinstance(path, Path) else path, options, providers=["CPUExecutionProvider"]
        )
    except Exception as error:  # as above
        raise _rejected(what, error) from None
    return _Runtime(session, what)


def _rejected(what: str, error: Exception) -> BackendError:
    message = " ".join(str(error).split())[:200]
    return BackendError("NS873", f"ONNX Runtime cannot run {what}: {message}", "--no-proof skips the comparison")


def _moved(x: Array) -> Array:
    return x[..., ::-1].copy() * 0.5 if x.dtype.kind == "f" else x[..., ::-1].copy()


def _run_source(source: Original, run: _Runtime, arrays: Sequence[Array], batch: int) -> list[Array]:
    """Returns the outputs of the source, with the examples on the first axis."""
    axes = source.batch_axes
    names = [i.name for i in source.inputs]
    if source.literal != 1:
        outputs = run(dict(zip(names, arrays, strict=True)))
        return [np.moveaxis(y, axis, 0) if y.ndim else y for y, axis in zip(outputs, axes, strict=True)]
    each: list[list[Array]] = []
    for example in range(batch):
        inputs = {
            i.name: x[example : example + 1] if has else x[example]
            for i, x, has in zip(source.inputs, arrays, source.has_batch, strict=True)
        }
        each.append(run({n: _in_shape(x, i) for (n, x), i in zip(inputs.items(), source.inputs, strict=True)}))
    return [np.stack(parts) for parts in zip(*each, strict=True)]


def _run_together(source: Original, run: _Runtime, inputs: Sequence[Array]) -> list[Array] | None:
    """Returns the outputs of a file for all examples at once, or None if it only supports single examples."""
    try:
        outputs = run({i.name: x for i, x in zip(source.inputs, inputs, strict=True)})
    except BackendError:
        return None
    return [np.moveaxis(y, axis, 0) if y.ndim else y for y, axis in zip(outputs, source.batch_axes, strict=True)]


def _in_shape(x: Array, declared: DeclaredInput) -> Array:
    return (
        x.reshape(x.shape)
        if x.ndim == len(declared.shape)
        else x.reshape((1,) * (len(declared.shape) - x.ndim) + x.shape)
    )


def _difference(expected: Array, actual: Array) -> float:
    """Returns the relative difference, ignoring shapes: a source for one example may have no batch axis."""
    return relative_difference(expected.reshape(-1), actual.reshape(-1))


def _is_close(a: Array, b: Array) -> bool:
    return a.shape == b.shape and bool(np.allclose(a.astype(np.float64), b.astype(np.float64), rtol=1e-4, atol=1e-12))
