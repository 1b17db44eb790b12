"""The comparison of a spec with its model, by value."""

from __future__ import annotations

import os
import tempfile
import warnings
from collections.abc import Callable, Generator, Mapping, Sequence
from contextlib import contextmanager
from importlib import import_module
from pathlib import Path
from typing import Any

from netspec.backend import BackendError, find
from netspec.importing import DraftNetwork
from netspec.importing.assemble import weight_names
from netspec.importing.comparing import relative_difference
from netspec.importing.imported_weights import GivenWeights
from netspec.importing.source import Comparison
from netspec.ir import Graph

from ..json_values import is_list, is_mapping
from ..saved_models.model_file import ModelFile
from ..tensors import SpecTensor, Tensors, Variable
from .input_sizes import random_inputs, sizes_to_run
from .keras_model import load_model
from .random_weights import RandomStore

TOLERANCES = {"float64": 1e-9, "float32": 1e-4}
"""The largest difference that rounding explains, relative to the largest number of an output."""
BATCHES = (2, 3)


def compare(
    file: ModelFile,
    network: DraftNetwork,
    tensors: Mapping[str, SpecTensor],
    variables: Sequence[Variable],
    graph: Graph,
) -> Comparison:
    """Run the spec in PyTorch and the model in Keras, on the same random weights and inputs.

    Args:
        file: of the model.
        network: the drafts that were made of it.
        tensors: those of the spec, by name.
        variables: of the model, in the order of its layers.
        graph: the network of the spec.

    Raises:
        BackendError: NS704, Keras or PyTorch is not installed; NS834, Keras cannot run the model.
    """
    os.environ.setdefault("KERAS_BACKEND", "torch")
    numbers, names = Tensors(tensors, RandomStore(), file.name), weight_names(network)
    weights = {p.name: numbers[names[p.name]] for p in graph.parameters if names.get(p.name) in tensors}
    skipped: list[str] = []
    with tempfile.TemporaryDirectory() as folder:
        dtype = "float64"
        try:
            with _precision("float64"):
                theirs = load_model(file, variables, Path(folder), dtype, skipped)
                results = _run(theirs, graph, dtype)
        except BackendError as error:
            dtype = "float32"
            try:
                with _precision("float32"):
                    theirs = load_model(file, variables, Path(folder), dtype, skipped)
                    results = _run(theirs, graph, dtype)
            except BackendError:
                raise error from None
            skipped.append(f"outputs were compared in float32: in float64, {error.message}")
    ours = _module(graph, weights, dtype)
    largest = 0.0
    shapes: list[Mapping[str, tuple[int, ...]]] = []
    for inputs, expected in results:
        largest = max([largest, *map(relative_difference, expected, ours(inputs))])
        shape = {name: tuple(x.shape[1:]) for name, x in inputs.items()}
        if shape not in shapes:
            shapes.append(shape)
    return Comparison(largest, TOLERANCES[dtype], dtype, BATCHES, tuple(shapes), tuple(skipped))


Results = list[tuple[dict[str, Any], list[Any]]]
"""Inputs by name, and what the model gives for them."""


def _run(model: Callable[[Sequence[Any]], Mapping[str, Any] | Sequence[Any]], graph: Graph, dtype: str) -> Results:
    """The inputs at every number of examples and size, and what the model gives for them, in the graph's order."""
    results: Results = []
    sizes = sizes_to_run(graph)
    for number, batch in enumerate(BATCHES):
        at = graph.at(sizes[number % len(sizes)]) if graph.dims else graph
        inputs = random_inputs(at, batch, dtype)
        returned = model(list(inputs.values()))
        outputs = [returned[name] for name in graph.outputs] if is_mapping(returned) else list(returned)
        results.append((inputs, outputs))
    return results


def _module(graph: Graph, weights: Mapping[str, Any], dtype: str) -> Callable[[Mapping[str, Any]], list[Any]]:
    """The spec as a function of arrays by name."""
    built: Any = find("torch")
    torch: Any = import_module("torch")  # not a static import: PyTorch belongs to another backend
    module = built.build(graph, weights=GivenWeights(weights)).eval().to(getattr(torch, dtype))

    def run(inputs: Mapping[str, Any]) -> list[Any]:
        tensors = [torch.from_numpy(array) for array in inputs.values()]
        default = torch.get_default_dtype()
        torch.set_default_dtype(getattr(torch, dtype))  # for tensors that the module makes
        try:
            with torch.no_grad():
                returned: Any = module(*tensors)
        finally:
            torch.set_default_dtype(default)
        if is_mapping(returned):
            returned = [returned[name] for name in graph.outputs]
        return [y.numpy() for y in (returned if is_list(returned) else [returned])]

    return run


@contextmanager
def _precision(dtype: str) -> Generator[None]:
    """Let Keras compute in a type. On PyTorch it turns results of float64 into float32 unless its table says so."""
    try:
        keras: Any = import_module("keras")
    except ImportError:
        raise BackendError("NS704", "comparing outputs requires Keras", "`pip install keras`") from None
    before = keras.config.floatx()
    table: Any = getattr(import_module("keras.src.backend.common.dtypes"), "BIT64_TO_BIT32_DTYPE", {})
    double = table.get("float64")
    if dtype == "float64":
        table["float64"] = "float64"
    keras.config.set_floatx(dtype)
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            yield
    finally:
        keras.config.set_floatx(before)
        if double is not None:
            table["float64"] = double
