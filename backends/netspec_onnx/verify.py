"""Running a file in ONNX Runtime, and setting what comes out against the spec's shapes and the PyTorch module.

PyTorch is asked through the registry of backends. Where it is not installed, the file is compared with one that was
written without any options, which shows what folding and narrower numbers have changed.
"""

from __future__ import annotations

import tempfile
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from typing import Any, NamedTuple, TypeAlias, cast

import numpy as np

from netspec.backend import BackendError, find, lacking
from netspec.ir import Graph
from netspec.ops.dense import Embedding, Gather
from netspec.types import TensorType
from netspec.weights.dtypes import Array
from netspec.weights.source import Source

Feeds: TypeAlias = dict[str, Array]
Reference: TypeAlias = Callable[[Feeds], Sequence[Array]]

TOLERANCE = {"float32": 1e-4, "float16": 2e-2, "bfloat16": 1e-1}
"""Greatest difference allowed, relative to the greatest value of the output."""

BATCHES = (1, 2)


class Difference(NamedTuple):
    """How far apart the values of an output are, over all batch sizes."""

    output: str
    largest: float
    relative: float
    """Relative to the greatest value of the output."""


class Verified(NamedTuple):
    """What a run of the file has shown."""

    against: str
    """What the values were compared with: ``PyTorch`` or ``the plain file``."""
    batches: tuple[int, ...]
    differences: tuple[Difference, ...]
    problems: tuple[str, ...]
    """What is wrong, a line each; empty where all is well."""

    def lines(self) -> list[str]:
        """What there is to say, for people."""
        sizes = " and ".join(map(str, self.batches))
        if self.problems:
            return list(self.problems)
        worst = max(self.differences, key=lambda d: d.relative)
        return [
            f"ONNX Runtime: shapes as in the spec and values as {self.against}'s at batch sizes {sizes}; "
            f"largest difference {worst.largest:.2g} ({worst.relative:.1g} of the largest value) in '{worst.output}'"
        ]


def verify(graph: Graph, path: Path, source: Source, *, batches: tuple[int, ...] = BATCHES) -> Verified:
    """Runs the file at some batch sizes.

    Args:
        graph: the network that the file was made of.
        path: the file.
        source: where its weights came from.
        batches: how many examples to run at a time.

    Raises:
        BackendError: NS704, ONNX Runtime is not installed; NS712, the file holds no weights; NS714, ONNX
            Runtime refuses it (on a CPU most of what is in bfloat16).
    """
    run = session(path)
    wanted = set(run.inputs) ^ set(graph.inputs)
    if wanted:
        raise BackendError("NS712", f"a file without weights cannot be run; '{min(wanted)}' is an input of it")
    with tempfile.TemporaryDirectory() as folder:
        against, reference = other(graph, source, Path(folder))
        problems: list[str] = []
        worst: dict[str, Difference] = {}
        for batch in batches:
            feeds = drawn(graph, batch)
            found = run(feeds)
            for (name, value), y, wanted_y in zip(graph.outputs.items(), found, reference(feeds), strict=True):
                kind = graph.values[value]
                if tuple(y.shape) not in ((batch, *kind.shape), (1, *kind.shape), kind.shape):
                    problems.append(f"'{name}' has shape {tuple(y.shape)} in ONNX Runtime; {kind.shape} is expected")
                else:
                    # What follows from parameters alone has no batch axis in the file, or one of 1.
                    difference = apart(name, np.broadcast_to(y, wanted_y.shape), wanted_y)
                    if name not in worst or difference.relative > worst[name].relative:
                        worst[name] = difference
    limit = TOLERANCE[run.dtype]
    problems += [
        f"'{d.output}' differs from {against}'s by {d.largest:.2g}, {d.relative:.1g} of its largest value; "
        f"{limit:g} is allowed"
        for d in worst.values() if not d.relative <= limit
    ]
    return Verified(against, batches, tuple(worst.values()), tuple(problems))


def apart(name: str, found: Array, expected: Array) -> Difference:
    """How far apart two arrays are; a difference that is no number counts as infinite."""
    if found.shape != expected.shape:
        return Difference(name, float("inf"), float("inf"))
    a, b = found.astype(np.float64), expected.astype(np.float64)
    same = (a == b) | (np.isnan(a) & np.isnan(b))
    with np.errstate(invalid="ignore"):
        differences = np.where(same, 0.0, np.abs(a - b))
    largest = float(differences.max(initial=0.0))
    if np.isnan(largest):
        largest = float("inf")
    scale = float(np.abs(b[np.isfinite(b)]).max(initial=0.0))
    return Difference(name, largest, largest / scale if scale else largest)


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


def other(graph: Graph, source: Source, folder: Path) -> tuple[str, Reference]:
    """What to compare with: PyTorch's module, or the plain file of the same graph."""
    torch = find("torch")
    if not lacking(torch):
        return "PyTorch", from_torch(graph, cast(Any, torch).build(graph, weights=source))
    from . import export

    plain = folder / "plain.onnx"
    export(graph, plain, source=source)
    return "the plain file", Session(plain)


def from_torch(graph: Graph, module: Any) -> Reference:
    """A function of NumPy arrays from a module that takes the graph's inputs in order."""
    from importlib import import_module

    torch: Any = import_module("torch")  # as data: this is not its backend
    module.eval()

    def run(feeds: Feeds) -> list[Array]:
        with torch.no_grad():
            out: Any = module(*(torch.from_numpy(feeds[name]) for name in graph.inputs))
        if isinstance(out, torch.Tensor):
            return [np.asarray(out.detach())]
        named: list[Any] = [out[name] for name in graph.outputs] if isinstance(out, Mapping) else list(out)
        return [np.asarray(y.detach()) for y in named]

    return run


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
