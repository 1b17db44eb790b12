"""What must hold of every network: PyTorch, ONNX and the flat spec all agree with the graph."""

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
"""FlopCounterMode sees into no fused recurrent kernel, and counts a product of ``bilinear`` that makes the features."""
CLOSE = 1e-4
"""Greatest difference between ONNX Runtime and PyTorch, relative to the greatest value of an output."""
BATCHES = (2, 1)
"""Sizes of the batch, one after the other."""


class Checked(NamedTuple):
    """What was found of one network."""

    nodes: int
    macs: bool
    """Whether its cost could be compared."""
    delicate: tuple[str, ...]
    """Outputs whose values hang on rounding: PyTorch's own, where numbers are rounded otherwise, are about as far off."""
    approximated: tuple[str, ...]
    """Outputs that agree with PyTorch's but for ONNX Runtime's approximation of the sigmoid."""


def check(text: str, folder: Path) -> Checked:
    """Everything of one network; AssertionError where something does not hold."""
    graph = netspec.loads(text)
    same(graph, flat_spec(graph))
    with _without_onednn() if any(map(_slips, graph.nodes)) else nullcontext():
        return _checked(graph, folder)


def _slips(node: Node) -> bool:
    """Whether oneDNN 3.12 may give wrong numbers, of memory that nobody wrote, with one output position along the last
    axis and a stride there (pytorch/pytorch#188426; in single precision for one channel, seen in PyTorch 2.13).
    """
    op = node.op
    if not isinstance(op, Convolution) or op.stride[-1] == 1:
        return False
    y = node.outputs[0]
    return y.shape[op.window_axes(y)[1][-1]] == 1


@contextmanager
def _without_onednn() -> Generator[None]:
    """PyTorch with its own convolutions."""
    before = torch.backends.mkldnn.enabled
    torch.backends.mkldnn.enabled = False  # type: ignore[assignment]  # a property of the module
    try:
        yield
    finally:
        torch.backends.mkldnn.enabled = before


def _checked(graph: Graph, folder: Path) -> Checked:
    model = netspec_torch.build(graph, weights=TrainedWeights()).eval()
    feeds = {batch: random_inputs(graph, batch) for batch in BATCHES}
    given = {batch: [torch.from_numpy(feeds[batch][name]) for name in graph.inputs] for batch in BATCHES}
    expected = {batch: check_facts(graph, model, given[batch]) for batch in BATCHES}
    check_source(graph, model, given[BATCHES[0]], expected[BATCHES[0]])
    counted = all(_counted(node.op) for node in graph.nodes) and _all_is_read(graph)
    if counted:
        model.requires_grad_(False)  # the counter's hooks fail on views of parameters
        check_macs(graph, model, given[BATCHES[0]])
    path = check_file(graph, folder)
    delicate: set[str] = set()
    approximated: set[str] = set()
    for batch in BATCHES:
        arrays = {n: np.asarray(t.detach()) for n, t in expected[batch].items()}
        for found, names in zip((delicate, approximated), check_values(graph, model, feeds[batch], arrays, path),
                                strict=True):
            found.update(names)
    return Checked(len(graph.nodes), counted, tuple(delicate), tuple(approximated))


def _counted(op: object) -> bool:
    return not isinstance(op, UNCOUNTED) and not getattr(op, "connections", None)


def _all_is_read(graph: Graph) -> bool:
    """Whether the outputs follow from the values of every layer: of one whose size alone is taken nothing is computed."""
    needed = set(graph.outputs.values())
    for node in reversed(graph.nodes):
        if needed.isdisjoint(node.values):
            return False
        reads = node.op.reads(graph.inputs_of(node), node.outputs)
        needed.update(v for v, read in zip(node.inputs, reads, strict=True) if read is not None)
    return True


def check_file(graph: Graph, folder: Path) -> Path:
    """The ONNX file is valid, and its shapes are inferred as ours."""
    path = write_onnx(graph, folder / "net.onnx")
    file = onnx.load(path)
    assert_inferred(file)
    assert_described(graph, file)
    return path


def check_values(
    graph: Graph, model: nn.Module, feeds: Mapping[str, Array], expected: Mapping[str, Array], path: Path
) -> tuple[tuple[str, ...], tuple[str, ...]]:
    """ONNX Runtime gives what PyTorch gives; outputs that are delicate, and those that are approximated."""
    batch = len(next(iter(feeds.values())))
    found: dict[str, Array] = {}
    for name, y in zip(graph.outputs, run(path, dict(feeds)), strict=True):
        kind = graph.values[graph.outputs[name]].shape
        assert y.shape in ((batch, *kind), (1, *kind), kind), name  # of parameters alone there is no batch
        found[name] = np.broadcast_to(y, expected[name].shape)
    far = [n for n, y in found.items() if not difference(n, y, expected[n]).relative <= CLOSE]
    if not far:
        return (), ()
    exact = _in_double(graph, model, feeds)
    near = [expected, *_shaken(graph, model, feeds)]
    delicate: list[str] = []
    for n in far:
        scale = difference(n, np.zeros_like(expected[n]), expected[n]).largest
        own = max(difference(n, y[n], exact[n]).largest for y in near)
        if own > CLOSE / SENSITIVITY_FACTOR * scale and difference(n, found[n], exact[n]).largest <= SENSITIVITY_FACTOR * own:
            delicate.append(n)
    approximated = [n for n in far if n not in delicate] and _approximated(graph, onnx.load(path), feeds, expected)
    for n in far:
        assert n in delicate or n in approximated, (
            f"{n} differs from PyTorch's by {difference(n, found[n], expected[n]).relative:.2g}"
        )
    return tuple(delicate), tuple(n for n in far if n not in delicate)


def _approximated(
    graph: Graph, file: onnx.ModelProto, feeds: Mapping[str, Array], expected: Mapping[str, Array]
) -> list[str]:
    """The outputs that agree once ONNX Runtime's own sigmoid is written out: it is right to 1e-7 of its greatest value,
    which is little where it is far smaller itself.
    """
    nodes = list(file.graph.node)
    del file.graph.node[:]
    for node in nodes:
        if node.op_type != "Sigmoid":
            file.graph.node.append(node)
            continue
        (x,), (y,) = node.input, node.output
        one = onnx.numpy_helper.from_array(np.ones((), np.float32), f"{y}/one")
        file.graph.initializer.append(one)
        steps = [("Neg", [x]), ("Exp", [f"{y}/1"]), ("Add", [f"{y}/2", one.name]), ("Reciprocal", [f"{y}/3"])]
        file.graph.node.extend(
            onnx.helper.make_node(kind, inputs, [f"{y}/{i}" if i < len(steps) else y])
            for i, (kind, inputs) in enumerate(steps, 1)
        )
    if len(file.graph.node) == len(nodes):
        return []
    session = ort.InferenceSession(file.SerializeToString(), providers=["CPUExecutionProvider"])
    made: list[Array] = [np.asarray(y) for y in session.run(None, dict(feeds))]
    found = zip(graph.outputs, made, strict=True)
    return [n for n, y in found if difference(n, np.broadcast_to(y, expected[n].shape), expected[n]).relative <= CLOSE]


class _Rounding(TorchDispatchMode):  # type: ignore[no-untyped-call]  # torch has no type for it
    """Rounds what every operation gives otherwise, by a step in the last place (Parker 1997, Monte Carlo Arithmetic).

    The exponential within an ELU is rounded as well, before one is taken off: ONNX Runtime computes it so.
    """

    def __init__(self, seed: int) -> None:
        super().__init__()  # type: ignore[no-untyped-call]  # as above
        self.generator = torch.Generator().manual_seed(seed)

    def rounded(self, x: Any) -> Any:
        """A tensor of numbers in single precision a step away; anything else as it is."""
        if not isinstance(x, Tensor) or x.dtype != torch.float32:
            return x
        return x * (1 + torch.randint(-1, 2, x.shape, generator=self.generator) * 2.0**-23)

    def elu(self, x: Tensor, alpha: float = 1.0, scale: float = 1.0, input_scale: float = 1.0) -> Tensor:
        """The operation in steps."""
        return scale * torch.where(x > 0, x, alpha * (self.rounded(torch.exp(input_scale * x)) - 1))

    def __torch_dispatch__(self, func: Any, types: Any, args: Any = (), kwargs: Any = None) -> Any:
        out = self.elu(*args) if func is torch.ops.aten.elu.default else func(*args, **(kwargs or {}))
        if any(r.alias_info is not None for r in func._schema.returns):  # a view, or written over: nothing new
            return out
        return tuple(map(self.rounded, out)) if isinstance(out, tuple) else self.rounded(out)


def _shaken(graph: Graph, model: nn.Module, feeds: Mapping[str, Array]) -> list[dict[str, Array]]:
    """The outputs for inputs and weights, and in half of them results of all operations, that are rounded otherwise."""
    weights = [t for t in (*model.parameters(), *model.buffers()) if t.is_floating_point()]
    kept = [t.detach().clone() for t in weights]
    out: list[dict[str, Array]] = []
    with torch.no_grad():
        for trial in range(8):
            rounding = _Rounding(trial)
            for t, exact in zip(weights, kept, strict=True):
                t.copy_(rounding.rounded(exact))
            given = [rounding.rounded(torch.from_numpy(feeds[n])) for n in graph.inputs]
            with rounding if trial % 2 else nullcontext():
                result = model(*given)
            out.append({n: np.asarray(t).copy() for n, t in outputs(result, graph).items()})
        for t, exact in zip(weights, kept, strict=True):
            t.copy_(exact)
    return out


def _in_double(graph: Graph, model: nn.Module, feeds: Mapping[str, Array]) -> dict[str, Array]:
    """The outputs in double precision."""
    exact = Module(graph, copy.deepcopy(model))
    exact.use_double()
    return dict(zip(graph.outputs, exact(dict(feeds)), strict=True))
