"""PyTorch's compiler, exporter and tracer with networks whose sizes are known only at run time.

``python -m tests.torch_backend.any_size --tools`` checks all networks of the table with each of them.
"""

# torch is typed in part:
# pyright: reportUnknownMemberType=false, reportUnknownVariableType=false, reportUnknownArgumentType=false

from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest
import torch
from torch import nn
from torch.export import Dim

import netspec_torch
from netspec.ir import Graph
from netspec.shapes.sizes import Size, is_named
from tests.onnx_backend.support import ActiveWeights

from .named import named
from .support import loads, random_inputs

UNET = """
name: net
dims: {H: {default: 32, multiple_of: 16}, W: {default: 48, multiple_of: 16}}
input: [1, H, W]
blocks:
  Double: {params: {filters: int}, layers: [{conv2d: $filters, kernel: 3, padding: 1}, batch_norm, relu]}
layers:
  down1: {Double: 4}
  pool1: {max_pool2d: 4}
  down2: {Double: 8}
  pool2: {max_pool2d: 4}
  bottom: {Double: 8}
  up2: {conv_transpose2d: 8, kernel: 4, stride: 4}
  join2: {concat: [down2, up2]}
  up1: {conv_transpose2d: 4, kernel: 4, stride: 4}
  join1: {concat: [down1, up1]}
"""
GPT = """
name: net
dims: {n: {default: 12, max: 32}}
inputs: {tokens: {shape: [n], dtype: int64}}
blocks:
  Block:
    layers:
      ln: layer_norm
      qkv: {dense: 48}
      split: {split: 3}
      attend: {dot_product_attention: 2, causal: true, from: split.*}
      add: {add: [attend, input]}
layers:
  words: {embedding: 50, width: 16}
  table: {parameter: [32, 16]}
  places: {slice: 0, stop: $(tokens.shape.0), from: table}
  sum: {add: [words, places]}
  blocks: {Block, repeat: 2}
"""
BERT = """
name: net
dims: {n: {default: 12, max: 32}}
inputs: {tokens: {shape: [n], dtype: int64}, mask: {shape: [n], dtype: bool}}
layers:
  words: {embedding: 50, width: 16, from: tokens}
  row: {reshape: [1, -1], from: mask}
  attend: {attention: 2, from: words, mask: row}
  out: {add: [attend, words]}
"""
GRAPHS: dict[str, tuple[Any, list[dict[str, int]]]] = {
    "resnet": (lambda: named("resnet", "resnet18").graph, [{"H": 64, "W": 80}, {"H": 96, "W": 65}]),
    "unet": (lambda: loads(UNET), [{"H": 32, "W": 48}, {"H": 64, "W": 96}]),
    "gpt": (lambda: loads(GPT), [{"n": 8}, {"n": 11}, {"n": 31}]),
    "bert": (lambda: loads(BERT), [{"n": 8}, {"n": 11}]),
    "same": (lambda: named("autoencoder").graph, [{"H": 28, "W": 36}, {"H": 32, "W": 20}]),
    "swin": (
        lambda: named("swin", width=32, depths=[2, 2], head=16).graph,
        [{"H": 64, "W": 96}, {"H": 100, "W": 130}],
    ),
}
"""Networks, and sizes at which they are run."""


def built(name: str) -> tuple[Graph, nn.Module, list[list[torch.Tensor]]]:
    """A network, its module, and inputs of its sizes."""
    make, sizes = GRAPHS[name]
    graph: Graph = make()
    model = netspec_torch.build(graph, weights=ActiveWeights()).eval()
    return graph, model, [random_inputs(at(graph, each), seed=1) for each in sizes]


def at(graph: Graph, sizes: dict[str, int]) -> Graph:
    """A network whose inputs have numbers for the names."""

    def number(n: Size) -> int:
        return n.at(sizes) if is_named(n) else n

    return replace(graph, values=tuple(t.with_shape(tuple(map(number, t.shape))) for t in graph.values))


def check_compiles(name: str) -> None:
    """A network compiles to one graph for all sizes, if height and width differ in the first call."""
    _, model, given = built(name)
    graphs: list[Any] = []

    def backend(module: Any, inputs: Any) -> Any:
        graphs.append(inputs)
        return module.forward

    torch.compiler.reset()
    compiled = torch.compile(model, backend=backend, dynamic=True, fullgraph=True)
    with torch.no_grad():
        for inputs in given:
            torch.testing.assert_close(compiled(*inputs), model(*inputs), rtol=0, atol=0)
    assert len(graphs) == 1


@pytest.mark.parametrize("name", ["resnet", "gpt"])
def test_compiles_to_one_graph(name: str) -> None:
    check_compiles(name)


def check_exports(name: str) -> None:
    """A network is exported with automatic dimensions."""
    graph, model, given = built(name)
    auto = dict.fromkeys(range(1, 4), Dim.AUTO)
    shapes = tuple(
        {a: auto[a] for a, n in enumerate(graph.values[v].shape, 1) if is_named(n)} for v in graph.inputs.values()
    )
    with torch.no_grad():
        program = torch.export.export(model, tuple(given[0]), dynamic_shapes=shapes).module()
        for inputs in given:
            torch.testing.assert_close(program(*inputs), model(*inputs))


@pytest.mark.parametrize("name", ["same", "bert"])
def test_exports_with_automatic_dimensions(name: str) -> None:
    check_exports(name)


@pytest.mark.parametrize(("name", "dims"), [
    ("resnet", {"H": Dim("H", min=33), "W": Dim("W", min=33)}),
    ("unet", {"H": 16 * Dim("h", min=2), "W": 16 * Dim("w", min=2)}),
    ("gpt", {"n": Dim("n", min=2, max=32)}),
    ("bert", {"n": Dim("n", min=2, max=32)}),
])  # fmt: skip
def test_exports_with_named_dimensions(name: str, dims: dict[str, Any]) -> None:
    """From the size on at which no inner size is 1."""
    graph, model, given = built(name)
    shapes = tuple(
        {a: dims[str(n)] for a, n in enumerate(graph.values[v].shape, 1) if is_named(n)} for v in graph.inputs.values()
    )
    with torch.no_grad():
        program = torch.export.export(model, tuple(given[0]), dynamic_shapes=shapes).module()
        for inputs in given:
            torch.testing.assert_close(program(*inputs), model(*inputs))


@pytest.mark.parametrize("name", ["resnet", "unet", "gpt"])
def test_traces(name: str) -> None:
    """As libraries do that take features from inner layers."""
    _, model, given = built(name)
    traced = torch.fx.symbolic_trace(model)
    with torch.no_grad():
        for inputs in given:
            torch.testing.assert_close(traced(*inputs), model(*inputs), rtol=0, atol=0)
