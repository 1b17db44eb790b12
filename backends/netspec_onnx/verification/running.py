"""Networks as functions of NumPy arrays: a file in ONNX Runtime, and the PyTorch module; and random inputs for them."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from pathlib import Path
from typing import Any, TypeAlias

import numpy as np

from netspec.backend import BackendError
from netspec.ir import Graph
from netspec.ops.dense import Embedding, Gather
from netspec.shapes.types import TensorType
from netspec.weights.numpy_types import Array

Feeds: TypeAlias = dict[str, Array]
Reference: TypeAlias = Callable[[Feeds], Sequence[Array]]
Results: TypeAlias = dict[int, Sequence[Array]]
"""Outputs in order, by batch size."""

TREMBLE = 2.0**-22
"""Relative change of a number, four times what rounding it to single precision may do."""


class Session:
    """A file in ONNX Runtime."""

    def __init__(self, path: Path) -> None:
        from importlib import import_module

        ort: Any = import_module("onnxruntime")  # it has no types
        options = ort.SessionOptions()
        options.log_severity_level = 4
        try:
            runtime: Any = ort.InferenceSession(str(path), options, providers=["CPUExecutionProvider"])
        except Exception as error:  # its classes have no common base
            raise _refused(error) from None
        self._runtime = runtime
        self.inputs: dict[str, str] = {i.name: i.type for i in self._runtime.get_inputs()}
        kinds = [o.type for o in self._runtime.get_outputs()] + list(self.inputs.values())
        self.dtype = next((d for d in ("bfloat16", "float16") if f"tensor({d})" in kinds), "float32")

    def __call__(self, feeds: Feeds) -> list[Array]:
        """The outputs for some inputs, which are taken in float32 whatever the file's element type."""
        cast_feeds = {
            n: x.astype(np.float16) if self.inputs[n] == "tensor(float16)" else x for n, x in feeds.items()
        }
        try:
            return [np.asarray(y) for y in self._runtime.run(None, cast_feeds)]
        except Exception as error:
            raise _refused(error) from None


def _refused(error: Exception) -> BackendError:
    """What ONNX Runtime says, in one line."""
    said = " ".join(str(error).split())
    return BackendError("NS714", f"ONNX Runtime cannot run the file: {said[:200]}")


def session(path: Path) -> Session:
    """The file in ONNX Runtime. Raises BackendError NS704 where that is not installed."""
    from importlib.util import find_spec

    if find_spec("onnxruntime") is None:
        raise BackendError("NS704", "--verify needs ONNX Runtime: pip install onnxruntime")
    return Session(path)


class Module:
    """A module of PyTorch as a function of NumPy arrays by name."""

    def __init__(self, graph: Graph, module: Any) -> None:
        from importlib import import_module

        self._torch: Any = import_module("torch")  # as data: this is not its backend
        self._graph, self._module = graph, module.eval()
        self._double = False
        self._draw: Any = None

    def widen(self) -> None:
        """From here on in double precision."""
        self._module.double()
        self._double = True

    def tremble(self, seed: int) -> None:
        """From here on weights and inputs are others, by as little as single precision rounds in a few steps."""
        torch = self._torch
        self._draw = torch.Generator().manual_seed(seed)
        with torch.no_grad():
            for t in (*self._module.parameters(), *self._module.buffers()):
                if t.is_floating_point():
                    t.mul_(self._near_one(t))

    def _near_one(self, like: Any) -> Any:
        noise = self._torch.empty_like(like).uniform_(-TREMBLE, TREMBLE, generator=self._draw)
        return noise.add_(1)

    def at(self, batches: Iterable[int]) -> Results:
        """The outputs for random inputs, by batch size."""
        return {batch: self(drawn(self._graph, batch)) for batch in batches}

    def __call__(self, feeds: Feeds) -> list[Array]:
        """The outputs in order."""
        torch = self._torch
        given = [torch.from_numpy(feeds[name]) for name in self._graph.inputs]
        before = torch.get_default_dtype()
        if self._double:
            given = [x.double() if x.is_floating_point() else x for x in given]
            if self._draw is not None:
                given = [x * self._near_one(x) if x.is_floating_point() else x for x in given]
            torch.set_default_dtype(torch.float64)  # for what is made while it runs
        try:
            with torch.no_grad():
                out: Any = self._module(*given)
        finally:
            torch.set_default_dtype(before)
        if isinstance(out, torch.Tensor):
            return [np.asarray(out.detach())]
        named: list[Any] = [out[name] for name in self._graph.outputs] if isinstance(out, Mapping) else list(out)
        return [np.asarray(y.detach()) for y in named]


def drawn(graph: Graph, batch: int, seed: int = 0) -> Feeds:
    """Random inputs: numbers from -1 to 1, and whole numbers that every look-up of them has a row for."""
    generator = np.random.default_rng([seed, batch])
    feeds: Feeds = {}
    for name, value in graph.inputs.items():
        kind = graph.values[value]
        shape = (batch, *kind.shape)
        if kind.dtype == "bool":
            feeds[name] = generator.random(shape) < 0.5
        elif kind.dtype in ("int64", "int32"):
            feeds[name] = generator.integers(0, rows(graph, value), shape).astype(kind.dtype)
        else:
            feeds[name] = generator.uniform(-1, 1, shape).astype(np.float64 if kind.dtype == "float64" else np.float32)
    return feeds


def rows(graph: Graph, value: int) -> int:
    """The least number of rows among the tables that whole numbers are looked up in, also after they were moved."""
    least = 1 << 15
    moved = {value}
    for node in graph.nodes:
        if isinstance(node.op, Embedding) and node.inputs[0] in moved:
            least = min(least, node.op.vocabulary)
        elif isinstance(node.op, Gather) and node.inputs[1] in moved:
            kind: TensorType = graph.values[node.inputs[0]]
            least = min(least, kind.shape[node.op.axis])
        elif moved.intersection(node.inputs):
            moved.update(node.values)
    return least
