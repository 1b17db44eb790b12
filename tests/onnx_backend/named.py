"""Networks with a name for every axis of their inputs but the channels, whose file runs at sizes of all kinds."""

# onnx and torch are typed in part:
# pyright: reportUnknownMemberType=false, reportUnknownVariableType=false, reportUnknownArgumentType=false

from __future__ import annotations

import inspect
from collections.abc import Callable, Generator, Mapping
from contextlib import ExitStack, contextmanager
from pathlib import Path
from random import Random
from types import MappingProxyType
from typing import Any
from unittest import mock

import numpy as np
import onnx
import onnxruntime as ort  # type: ignore[import-untyped]  # it has no types
import torch

import netspec_onnx
import netspec_torch
from netspec.checking.spec import Spec
from netspec.ir import Graph
from netspec.language.elaboration import declared_type, input_shape
from netspec.shapes.dims import Dim
from netspec.shapes.named_sizes import NamedDim, NamedSizes
from netspec.weights.weight_source import WeightSource
from netspec_onnx.verification.differences import TOLERANCE, difference
from netspec_onnx.verification.random_inputs import random_inputs

from .support import assert_inferred, session, shapes_of, size_at

AXES = {"height": "H", "width": "W", "depth": "T", "sequence": "n"}
"""Names of dimensions, by the names of axes; others are called ``n``."""

GUESSES = [
    "__bool__",
    "__lt__",
    "__le__",
    "__gt__",
    "__ge__",
    "__int__",
    "__index__",
    "__float__",
    "__round__",
    "__abs__",
    "__truediv__",
    "__rtruediv__",
    "__rfloordiv__",
    "__rmod__",
    "__pow__",
]
"""What a size can only answer for the defaults of its names."""

Shapes = Mapping[str, tuple[int, ...]]


def named_shapes(
    spec: Spec, variant: str | None, settings: Mapping[str, Any], given: Shapes
) -> tuple[Shapes, NamedSizes]:
    """The shapes of a spec's inputs, with names in place of all sizes but the channels and those of 1.

    An input after the first has the names of the first for sizes that it shares with it.
    """
    assert spec.document is not None
    parameters = {**spec.params(variant), **settings}
    dims: dict[str, NamedDim] = {}
    axes: dict[tuple[str, int], str] = {}
    shapes: dict[str, tuple[int, ...]] = {}
    for form in spec.document.inputs:
        shape = given.get(form.name) or input_shape(form, parameters)
        kind = declared_type(form, shape, spec.document.layout == "channels_last")
        shared = {d.default: d.name for d in dims.values()}
        shapes[form.name] = shape
        for a, n in enumerate(shape):
            usual = AXES.get(kind.axes[a], "n")
            name = usual if usual in dims and dims[usual].default == n else shared.get(n, usual)
            if a != kind.channel and n != 1 and dims.setdefault(name, NamedDim(name, n)).default == n:
                axes[form.name, a] = name
    named = NamedSizes(dims.values(), fix=True)
    for name, shape in shapes.items():
        shapes[name] = tuple(named.size(axes[name, a]) if (name, a) in axes else n for a, n in enumerate(shape))
    return shapes, named


def legal_values(
    graph: Graph, random: Random, count: int, tries: int = 3000, near: Mapping[str, int] = MappingProxyType({})
) -> list[dict[str, int]]:
    """Random sizes that fulfil the conditions of a network: near the defaults and below, or ``near`` others."""
    actual: list[dict[str, int]] = []
    for number in range(tries):
        values: dict[str, int] = {}
        for name, dim in sorted(graph.dims.items()):
            usual = near.get(name, dim.default)
            low = max(1, int(usual * 0.3) if number % 2 else 0)
            n = random.randint(low, max(low, min(int(usual * 1.1) + 2, dim.max or usual * 2)))
            values[name] = n - n % dim.multiple_of
        if values not in actual and is_legal(graph, values):
            actual.append(values)
        if len(actual) == count:
            break
    return actual or [{name: dim.default for name, dim in graph.dims.items()}]


def is_legal(graph: Graph, values: Mapping[str, int]) -> bool:
    """Whether sizes fulfil what is promised and the conditions of a network."""
    promised = all(graph.dims[name].allows(n) for name, n in values.items())
    return promised and all(c.holds(c.difference.at(values)) for c in graph.conditions)


@contextmanager
def without_guesses() -> Generator[None]:
    """The ONNX backend asks no size for what only holds at the defaults."""

    def refusing(name: str) -> Callable[..., Any]:
        original = getattr(Dim, name)

        def method(self: Dim, *args: Any) -> Any:
            frame = inspect.currentframe()
            assert frame is not None
            assert frame.f_back is not None
            asking = frame.f_back.f_globals["__name__"]
            assert not asking.startswith("netspec_onnx"), f"{asking} asks {name} of {self}"
            return original(self, *args)

        return method

    with ExitStack() as patches:
        for name in GUESSES:
            patches.enter_context(mock.patch.object(Dim, name, refusing(name)))
        yield


def write_named(graph: Graph, path: Path, source: WeightSource, **options: Any) -> onnx.ModelProto:
    """Writes the file, checks it, and returns the model without weights."""
    with without_guesses():
        netspec_onnx.export(graph, path, source=source, **options)
        model = netspec_onnx.model(graph, **options)
    onnx.checker.check_model(str(path), full_check=True)
    if not options.get("functions"):
        assert_inferred(model, {name: d.default for name, d in graph.dims.items()})
    return model


def assert_agrees(
    path: Path,
    source: WeightSource,
    numbers: Callable[[Mapping[str, int]], Graph],
    sizes: list[dict[str, int]],
    dtype: str = "float32",
    low: float = -1.0,
) -> float:
    """One file gives at each of the sizes what the PyTorch module of that size gives; returns the least change.

    Args:
        path: the file.
        source: the source of its weights.
        numbers: the network at sizes of the names, by the integer rules.
        sizes: values of the names.
        dtype: element type of the file.
        low: the least input; from 0 on all are positive.
    """
    file: Any = session(path)
    change = 1.0
    for seed, values in enumerate(sizes):
        graph = numbers(values)
        module = netspec_torch.build(graph, weights=source).eval()
        feeds = random_inputs(graph, 2, seed)
        if low >= 0:
            feeds = {name: np.abs(x) for name, x in feeds.items()}
        with torch.no_grad():
            out: Any = module(*[torch.from_numpy(x) for x in feeds.values()])
        expected = [out] if isinstance(out, torch.Tensor) else list(out.values() if isinstance(out, Mapping) else out)
        if dtype == "float16":
            feeds = {n: x.astype(np.float16) if x.dtype == np.float32 else x for n, x in feeds.items()}
        for name, y, reference in zip(graph.outputs, file.run(None, feeds), expected, strict=True):
            kind = graph.values[graph.outputs[name]]
            assert y.shape in ((2, *kind.shape), (1, *kind.shape), kind.shape), (values, name, y.shape)
            actual = difference(name, np.broadcast_to(y, tuple(reference.shape)), reference.numpy())
            assert actual.relative < TOLERANCE[dtype], (values, actual)
            if y.ndim > kind.rank and len(y) == 2:
                change = min(change, difference(name, y[0], y[1]).relative)
    return change


def assert_shapes_at(path: Path, graph: Graph, values: Mapping[str, int]) -> None:
    """Every value in the file has the shape that its formulas say, at sizes of the names."""
    model = onnx.load(path)
    formulas = {name: shape for name, (_, shape) in shapes_of(model.graph.value_info).items()}
    known = {name: shape for name, shape in formulas.items() if not any(is_unknown(n) for n in shape)}
    assert len(known) >= len(formulas) // 2
    model.graph.output.extend(v for v in model.graph.value_info if v.name in known)
    file: Any = ort.InferenceSession(model.SerializeToString(), providers=["CPUExecutionProvider"])
    outputs = [o.name for o in model.graph.output]
    for name, y in zip(outputs, file.run(None, random_inputs(graph.at(values), 2)), strict=True):
        if name in known:
            expected = [n if isinstance(n, int) else size_at(n, {**values, "N": 2}) for n in known[name]]
            assert list(y.shape) == expected, (name, known[name])


def is_unknown(size: int | str) -> bool:
    """Whether a size of a helper value is a name of its own, not a formula."""
    return isinstance(size, str) and "/" in size.replace("//", "")
