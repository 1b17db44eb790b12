"""Checks of a network: PyTorch, ONNX and the flat spec all agree with the graph."""

# onnx and torch are typed in part:
# pyright: reportUnknownMemberType=false, reportUnknownVariableType=false, reportUnknownArgumentType=false

from __future__ import annotations

import copy
from collections.abc import Generator, Mapping
from contextlib import contextmanager, nullcontext
from pathlib import Path
from typing import Any, NamedTuple

import numpy as np
import onnx
import onnxruntime as ort  # type: ignore[import-untyped]  # it has no types
import torch
from torch import Tensor, nn
from torch.utils._python_dispatch import TorchDispatchMode

import netspec
import netspec_torch
from netspec.formatting import format_text
from netspec.ir import Graph, Node
from netspec.language.flatten import flat_spec
from netspec.ops.common.filters import Convolution
from netspec.ops.dense import Bilinear
from netspec.ops.recurrent import Recurrent
from netspec_onnx.verification.differences import SENSITIVITY_FACTOR, difference
from netspec_onnx.verification.random_inputs import random_inputs
from netspec_onnx.verification.torch_module import Module
from tests.language.test_flatten import same
from tests.onnx_backend.support import Array, TrainedWeights, assert_described, assert_inferred, run, write_onnx
from tests.torch_backend.support import check_facts, check_macs, check_source, outputs

UNCOUNTED = (Recurrent, Bilinear)
"""FlopCounterMode does not see into fused recurrent kernels, and counts an extra product in ``bilinear``."""
CLOSE = 1e-4
"""The largest difference between ONNX Runtime and PyTorch, relative to the largest value of an output."""
BATCHES = (2, 1)
"""The batch sizes."""


class Checked(NamedTuple):
    """The result of checking one network."""

    nodes: int
    macs: bool
    """Whether its cost could be compared with PyTorch's count."""
    rounding_sensitive: tuple[str, ...]
    """Outputs that depend on rounding: PyTorch's own differ about as much if numbers are rounded differently."""
    approximated: tuple[str, ...]
    """Outputs that agree with PyTorch's except for ONNX Runtime's approximation of the sigmoid."""


def check(text: str, folder: Path) -> Checked:
    """Checks one network; raises AssertionError if something is wrong."""
    graph = netspec.loads(text)
    if not any(node.op.bodies for node in graph.nodes):  # layers along an axis need blocks
        flat = flat_spec(graph)
        assert format_text(flat) == flat
        same(graph, flat)
    with without_onednn() if any(map(_is_miscomputed, graph.nodes)) else nullcontext():
        return _checked(graph, folder)


def _is_miscomputed(node: Node) -> bool:
    """Whether oneDNN 3.12 may return wrong numbers from uninitialised memory: with one output position along the last
    axis and a stride there (pytorch/pytorch#188426; in single precision for one channel, seen in PyTorch 2.13).
    """
    op = node.op
    if not isinstance(op, Convolution) or op.stride[-1] == 1:
        return False
    y = node.outputs[0]
    return y.shape[op.window_axes(y)[1][-1]] == 1


@contextmanager
def without_onednn() -> Generator[None]:
    """Uses PyTorch's own convolutions and recurrent layers."""
    before = torch.backends.mkldnn.enabled
    torch.backends.mkldnn.enabled = False  # type: ignore[assignment]  # a property of the module
    try:
        yield
    finally:
        torch.backends.mkldnn.enabled = before


def _checked(graph: Graph, folder: Path) -> Checked:
    model = netspec_torch.build(graph, weights=TrainedWeights()).eval()
    arrays = {batch: random_inputs(graph, batch) for batch in BATCHES}
    inputs = {batch: [torch.from_numpy(arrays[batch][name]) for name in graph.inputs] for batch in BATCHES}
    expected = {batch: check_facts(graph, model, inputs[batch]) for batch in BATCHES}
    check_source(graph, model, inputs[BATCHES[0]], expected[BATCHES[0]])
    counted = all(_counted(node.op) for node in graph.nodes) and _all_is_read(graph)
    if counted:
        model.requires_grad_(False)  # the counter's hooks fail on views of parameters
        check_macs(graph, model, inputs[BATCHES[0]])
    path = check_file(graph, folder)
    sensitive: set[str] = set()
    approximated: set[str] = set()
    for batch in BATCHES:
        expected_arrays = {n: np.asarray(t.detach()) for n, t in expected[batch].items()}
        more_sensitive, more_approximated = check_values(graph, model, arrays[batch], expected_arrays, path)
        sensitive.update(more_sensitive)
        approximated.update(more_approximated)
    return Checked(len(graph.nodes), counted, tuple(sensitive), tuple(approximated))


def _counted(op: object) -> bool:
    return not isinstance(op, UNCOUNTED) and not any(getattr(op, a, None) for a in ("connections", "sinks"))


def _all_is_read(graph: Graph) -> bool:
    """Whether the outputs depend on the values of every layer: PyTorch computes nothing for one whose size alone is used."""
    needed = set(graph.outputs.values())
    for node in reversed(graph.nodes):
        if needed.isdisjoint(node.values):
            return False
        reads = node.op.reads(graph.inputs_of(node), node.outputs)
        needed.update(v for v, read in zip(node.inputs, reads, strict=True) if read is not None)
    return True


def check_file(graph: Graph, folder: Path, *, weights: bool = True) -> Path:
    """Writes the ONNX file; it is valid, and ONNX infers the same shapes."""
    path = write_onnx(graph, folder / "net.onnx", weights=weights)
    file = onnx.load(path)
    assert_inferred(file)
    assert_described(graph, file)
    return path


def check_values(
    graph: Graph, model: nn.Module, arrays: Mapping[str, Array], expected: Mapping[str, Array], path: Path
) -> tuple[tuple[str, ...], tuple[str, ...]]:
    """Compares ONNX Runtime with PyTorch; returns outputs that depend on rounding, and those that are approximated."""
    batch = len(next(iter(arrays.values())))
    actual: dict[str, Array] = {}
    for name, y in zip(graph.outputs, run(path, dict(arrays)), strict=True):
        kind = graph.values[graph.outputs[name]].shape
        assert y.shape in ((batch, *kind), (1, *kind), kind), name  # of parameters alone there is no batch
        actual[name] = np.broadcast_to(y, expected[name].shape)
    differing = [n for n, y in actual.items() if not difference(n, y, expected[n]).relative <= CLOSE]
    if not differing:
        return (), ()
    fixes_types = any(node.op.name == "cast" for node in graph.nodes)  # its results are not to be float64
    exact = expected if fixes_types else _in_double(graph, model, arrays)
    if fixes_types:
        differing = [n for n in differing if not difference(n, actual[n], expected[n]).relative <= 10 * CLOSE]
    references = [expected, *_outputs_with_rounding(graph, model, arrays)]
    sensitive: list[str] = []
    for n in differing:
        scale = difference(n, np.zeros_like(expected[n]), expected[n]).largest
        own = max(difference(n, y[n], exact[n]).largest for y in references)
        if (
            own > CLOSE / SENSITIVITY_FACTOR * scale
            and difference(n, actual[n], exact[n]).largest <= SENSITIVITY_FACTOR * own
        ):
            sensitive.append(n)
    approximated = [n for n in differing if n not in sensitive] and _approximated(
        graph, onnx.load(path), arrays, expected
    )
    for n in differing:
        assert n in sensitive or n in approximated, (
            f"{n} differs from PyTorch's by {difference(n, actual[n], expected[n]).relative:.2g}"
        )
    return tuple(sensitive), tuple(n for n in differing if n not in sensitive)


def _approximated(
    graph: Graph, file: onnx.ModelProto, arrays: Mapping[str, Array], expected: Mapping[str, Array]
) -> list[str]:
    """The outputs that agree once ONNX Runtime's sigmoid is replaced by its formula: its error is up to 1e-7 absolute,
    which is much for small values.
    """
    nodes = list(file.graph.node)
    del file.graph.node[:]
    for node in nodes:
        if node.op_type != "Sigmoid":
            file.graph.node.append(node)
            continue
        (x,), (y,) = node.input, node.output
        unit = onnx.numpy_helper.from_array(np.ones((), np.float32), f"{y}/one")
        file.graph.initializer.append(unit)
        steps = [("Neg", [x]), ("Exp", [f"{y}/1"]), ("Add", [f"{y}/2", unit.name]), ("Reciprocal", [f"{y}/3"])]
        file.graph.node.extend(
            onnx.helper.make_node(kind, inputs, [f"{y}/{i}" if i < len(steps) else y])
            for i, (kind, inputs) in enumerate(steps, 1)
        )
    if len(file.graph.node) == len(nodes):
        return []
    session = ort.InferenceSession(file.SerializeToString(), providers=["CPUExecutionProvider"])
    results: list[Array] = [np.asarray(y) for y in session.run(None, dict(arrays))]
    actual = zip(graph.outputs, results, strict=True)
    return [n for n, y in actual if difference(n, np.broadcast_to(y, expected[n].shape), expected[n]).relative <= CLOSE]


class _Rounding(TorchDispatchMode):  # type: ignore[no-untyped-call]  # torch has no type for it
    """Changes the result of every operation by a step in the last place (Parker 1997, Monte Carlo Arithmetic).

    So is the exponential within an ELU, before one is subtracted, because ONNX Runtime computes it that way.
    """

    def __init__(self, seed: int) -> None:
        super().__init__()  # type: ignore[no-untyped-call]  # as above
        self.generator = torch.Generator().manual_seed(seed)

    def rounded(self, x: Any) -> Any:
        """A single-precision tensor with random rounding; anything else unchanged."""
        if not isinstance(x, Tensor) or x.dtype != torch.float32:
            return x
        return x * (1 + torch.randint(-1, 2, x.shape, generator=self.generator) * 2.0**-23)

    def elu(self, x: Tensor, alpha: float = 1.0, scale: float = 1.0, input_scale: float = 1.0) -> Tensor:
        """ELU in steps."""
        return scale * torch.where(x > 0, x, alpha * (self.rounded(torch.exp(input_scale * x)) - 1))

    def __torch_dispatch__(self, func: Any, types: Any, args: Any = (), kwargs: Any = None) -> Any:
        out = self.elu(*args) if func is torch.ops.aten.elu.default else func(*args, **(kwargs or {}))
        if any(r.alias_info is not None for r in func._schema.returns):  # a view or an in-place result: no new numbers
            return out
        return tuple(map(self.rounded, out)) if isinstance(out, tuple) else self.rounded(out)


def _outputs_with_rounding(graph: Graph, model: nn.Module, arrays: Mapping[str, Array]) -> list[dict[str, Array]]:
    """Outputs with randomly rounded inputs and weights and, in every second trial, results of all operations."""
    weights = [t for t in (*model.parameters(), *model.buffers()) if t.is_floating_point()]
    originals = [t.detach().clone() for t in weights]
    out: list[dict[str, Array]] = []
    with torch.no_grad():
        for trial in range(8):
            rounding = _Rounding(trial)
            for t, exact in zip(weights, originals, strict=True):
                t.copy_(rounding.rounded(exact))
            inputs = [rounding.rounded(torch.from_numpy(arrays[n])) for n in graph.inputs]
            with rounding if trial % 2 else nullcontext():
                output = model(*inputs)
            out.append({n: np.asarray(t).copy() for n, t in outputs(output, graph).items()})
        for t, exact in zip(weights, originals, strict=True):
            t.copy_(exact)
    return out


def _in_double(graph: Graph, model: nn.Module, arrays: Mapping[str, Array]) -> dict[str, Array]:
    """The outputs in double precision."""
    exact = Module(graph, copy.deepcopy(model))
    exact.use_double()
    return dict(zip(graph.outputs, exact(dict(arrays)), strict=True))
