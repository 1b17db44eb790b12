"""What must hold of every network: PyTorch, ONNX and the flat spec all agree with the graph."""

# onnx and torch are typed in part:
# pyright: reportUnknownMemberType=false, reportUnknownVariableType=false, reportUnknownArgumentType=false

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import NamedTuple

import numpy as np
import onnx
import torch
from torch import nn

import netspec
import netspec_torch
from netspec.expand import expanded
from netspec.ir import Graph
from netspec.ops.dense import Bilinear
from netspec.ops.recurrent import Recurrent
from netspec_onnx.verify import apart, drawn
from tests.onnx_backend.support import Array, Drawn, assert_described, assert_inferred, run, written
from tests.test_expand import same
from tests.torch_backend.support import check_facts, check_macs, check_source, outputs

UNCOUNTED = (Recurrent, Bilinear)
"""FlopCounterMode sees into no fused recurrent kernel, and counts a product of ``bilinear`` that makes the features."""
CLOSE = 1e-4
"""Greatest difference between ONNX Runtime and PyTorch, relative to the greatest value of an output."""
BATCH = 2


class Checked(NamedTuple):
    """What was found of one network."""

    nodes: int
    macs: bool
    """Whether its cost could be compared."""
    delicate: tuple[str, ...]
    """Outputs whose values hang on rounding: PyTorch's own differ as much between single and double precision."""


def check(text: str, folder: Path) -> Checked:
    """Everything of one network; AssertionError where something does not hold."""
    graph = netspec.loads(text)
    same(graph, expanded(graph))
    model = netspec_torch.build(graph, weights=Drawn()).eval()
    feeds = drawn(graph, BATCH)
    given = [torch.from_numpy(feeds[name]) for name in graph.inputs]
    expected = check_facts(graph, model, given)
    check_source(graph, model, given, expected)
    counted = all(_counted(node.op) for node in graph.nodes)
    if counted:
        model.requires_grad_(False)  # the counter's hooks fail on views of parameters
        check_macs(graph, model, given)
    delicate = check_onnx(graph, model, feeds, {n: np.asarray(t.detach()) for n, t in expected.items()}, folder)
    return Checked(len(graph.nodes), counted, delicate)


def _counted(op: object) -> bool:
    return not isinstance(op, UNCOUNTED) and not getattr(op, "connections", None)


def check_onnx(
    graph: Graph, model: nn.Module, feeds: Mapping[str, Array], expected: Mapping[str, Array], folder: Path
) -> tuple[str, ...]:
    """The file is valid, its shapes are inferred as ours, and ONNX Runtime gives what PyTorch gives."""
    path = written(graph, folder / "net.onnx")
    file = onnx.load(path)
    assert_inferred(file)
    assert_described(graph, file)
    found: dict[str, Array] = {}
    for name, y in zip(graph.outputs, run(path, dict(feeds)), strict=True):
        kind = graph.values[graph.outputs[name]].shape
        assert y.shape in ((BATCH, *kind), (1, *kind), kind), name  # of parameters alone there is no batch
        found[name] = np.broadcast_to(y, expected[name].shape)
    far = [n for n, y in found.items() if not apart(n, y, expected[n]).relative <= CLOSE]
    if not far:
        return ()
    exact = _in_double(graph, model, feeds)
    delicate = [n for n in far if not apart(n, expected[n], exact[n]).relative <= CLOSE / 10]
    for n in far:
        assert n in delicate, f"{n} differs from PyTorch's by {apart(n, found[n], expected[n]).relative:.2g}"
    return tuple(delicate)


def _in_double(graph: Graph, model: nn.Module, feeds: Mapping[str, Array]) -> dict[str, Array]:
    """The outputs in double precision."""
    kind = torch.get_default_dtype()
    model.double()
    given = [torch.from_numpy(feeds[n]) for n in graph.inputs]
    try:
        torch.set_default_dtype(torch.float64)
        with torch.no_grad():
            result = model(*(x.double() if x.is_floating_point() else x for x in given))
    finally:
        torch.set_default_dtype(kind)
        model.float()
    return {n: np.asarray(t.detach()) for n, t in outputs(result, graph).items()}
