"""Parameters and layers whose names are below another layer: ``fc.bias`` where ``fc`` has no bias, ``conv.stride``."""

# torch is typed in part:
# pyright: reportUnknownMemberType=false, reportUnknownVariableType=false, reportUnknownArgumentType=false

from __future__ import annotations

import copy
import pickle
from pathlib import Path
from typing import Any

import pytest
import torch

import netspec
import netspec_torch
from netspec.ir import Graph
from netspec.ops import TABLE, find
from netspec.ops.reference import spec_of
from netspec_onnx.verification.verify import verify
from tests.onnx_backend.support import TrainedWeights, write_onnx

from .support import check_facts, check_source, check_training, loads, outputs, random_inputs

BIAS = """
input: [2]
layers:
  fc: {dense: 2, bias: false, from: input}
  fc.bias: {parameter: [2], init: {constant: 5}}
  o: {add: [fc, fc.bias]}
"""
NAMES = """
input: [3, 8, 8]
layers:
  conv: {conv2d: 4, kernel: 3, bias: false}
  conv.bias: {parameter: [4, 1, 1], init: {constant: 5}, freeze: true}
  biased: {add: [conv, conv.bias]}
  conv.stride: relu
  conv.forward: {batch_norm, affine: false}
  conv.forward.weight: {parameter: [4, 1, 1], init: {constant: 3}}
  scaled: {multiply: [conv.forward, conv.forward.weight]}
  conv.add_module: {buffer: [4, 1, 1], init: {constant: 2}, persistent: false}
  shifted: {add: [scaled, conv.add_module]}
  conv.deep.down: {conv2d: 4, kernel: 1, init: {weight: {constant: 0.5}}}
  conv.deep.further: {layers: [{conv2d: 4, kernel: 1}, relu, flatten]}
"""
PART = """
input: [4, 8]
layers:
  attn: {attention: 2, bias: false}
  attn.out_proj.bias: {parameter: [8], init: {constant: 3}}
  attn.in_proj_bias: {parameter: [8], init: {constant: 4}}
  o: {add: [attn, attn.out_proj.bias, attn.in_proj_bias]}
"""
CHAIN = """
input: [2]
layers:
  chain: {layers: [{dense: 2, bias: false}, relu, {dense: 3}]}
  middle: relu
  chain.extra: {dense: 3}
  chain.0.bias: {parameter: [3], init: {constant: 1}}
  chain.own: {parameter: [3], init: {constant: 2}}
  o: {add: [chain.extra, chain.0.bias, chain.own]}
"""
BLOCKS = """
input: [2]
blocks:
  B:
    params: {n: 3}
    layers: {fc: {dense: $n, bias: false}, shape: {reshape: [1, $n]}, flat: flatten}
layers:
  b: B
  c: {B: 5}
  b.fc.bias: {parameter: [5], init: {constant: 2}}
  o: {add: [c, b.fc.bias]}
  b.n: {dense: 3}
  b.last: {dense: 3}
  copies: {B: 3, repeat: 2}
  copies.1.fc.bias: {parameter: [3], init: {constant: 2}}
  end: {add: [copies, copies.1.fc.bias]}
"""
SHARED = """
input: [2]
layers:
  fc: {dense: 2, bias: false, from: input}
  fc.bias: {parameter: [2], init: {constant: 5}}
  o: {add: [fc, fc.bias]}
  again: {dense: 2, share: fc}
"""
OPTIONAL = """
input: [4]
blocks:
  B:
    params: {biased: true, there: true}
    layers:
      fc: {dense: 4, bias: false, when: $there}
      fc.bias: {parameter: [4], init: {constant: 2}, when: $biased}
      o: {add: [fc, fc.bias], when: $biased}
      act: relu
layers:
  a: B
  b: {B, biased: false}
  c: {B, there: false}
  d: {B, there: false, biased: false}
"""
FOLDED = """
input: [3, 8, 8]
layers:
  conv: {conv2d: 4, kernel: 3, bias: false}
  norm: batch_norm
  conv.bias: {parameter: [4, 1, 1], init: {constant: 2}}
  o: {add: [norm, conv.bias]}
"""
SPECS = {
    "bias": BIAS,
    "names of attributes": NAMES,
    "part": PART,
    "chain": CHAIN,
    "blocks": BLOCKS,
    "shared": SHARED,
    "optional": OPTIONAL,
    "folded": FOLDED,
}


def test_a_bias_of_ones_own_is_added_once() -> None:
    graph = loads(BIAS)
    model = netspec_torch.build(graph).eval()
    assert model(torch.zeros(1, 2)).tolist() == [[5.0, 5.0]]
    assert list(model.state_dict()) == ["fc.weight", "fc.bias"]
    assert 'attach(self.fc, "bias", nn.Parameter(torch.full((2,), 5.0)))' in netspec_torch.source(graph)


@pytest.mark.parametrize("text", SPECS.values(), ids=SPECS)
def test_module_source_and_onnx_agree(text: str, tmp_path: Path) -> None:
    graph = loads(text)
    model = netspec_torch.build(graph, weights=TrainedWeights())
    given = random_inputs(graph, 4)
    expected = check_facts(graph, model, given)
    check_source(graph, model, given, expected)
    check_training(graph, copy.deepcopy(model), given)
    for options in ({}, {"functions": True}, {"optimize": True}):
        result = verify(graph, write_onnx(graph, tmp_path / "net.onnx", **options), TrainedWeights())
        assert not result.problems, options
        assert result.differences[0].relative < 1e-5, options


@pytest.mark.parametrize("text", SPECS.values(), ids=SPECS)
def test_lives_as_any_module(text: str) -> None:
    graph = loads(text)
    model = netspec_torch.build(graph, weights=TrainedWeights()).eval()
    given = random_inputs(graph, 4)
    expected = outputs(model(*given), graph)

    def check(other: Any) -> None:
        actual = outputs(other(*given), graph)
        assert all(torch.equal(actual[name], expected[name]) for name in expected)

    check(copy.deepcopy(model))
    check(pickle.loads(pickle.dumps(model)))
    check(copy.deepcopy(model).double().float())
    check(torch.compile(copy.deepcopy(model), fullgraph=True, backend="eager"))
    fresh = netspec_torch.build(graph, seed=1).eval()
    fresh.load_state_dict(model.state_dict())
    check(fresh)
    empty = copy.deepcopy(model).to("meta").to_empty(device="cpu")
    if not any(not p.persistent for p in graph.parameters):
        empty.load_state_dict(model.state_dict())
        check(empty)
    if not any(name in text for name in ("conv.forward", "b.n:")):  # there, PyTorch's getattr has something else
        batch = torch.export.Dim("batch", min=2, max=64)
        check(torch.export.export(model, tuple(given), dynamic_shapes=({0: batch},)).module())
        state = {**dict(model.named_parameters()), **dict(model.named_buffers())}
        calls = torch.func.functional_call(fresh, state, tuple(given))
        assert all(torch.equal(outputs(calls, graph)[name], expected[name]) for name in expected)


OPTIONAL_WEIGHTS = [(op, a) for op in TABLE for a in ("bias", "affine") if a in find(op).arguments]
"""Every operation with an argument that leaves out weights."""


def example(op: str, argument: str, value: str, rest: str = "") -> Graph:
    """The example of an operation with an argument, and further lines."""
    *lines, layer = spec_of(op).splitlines()
    content = layer.removeprefix("  layer: ").strip("{}")
    content = ", ".join(part for part in content.split(", ") if not part.startswith(f"{argument}:"))
    return netspec.loads("\n".join([*lines, f"  layer: {{{content}, {argument}: {value}}}", rest]))


@pytest.mark.parametrize(("op", "argument"), OPTIONAL_WEIGHTS)
def test_an_operation_does_not_see_what_is_named_like_its_optional_weights(
    op: str, argument: str, tmp_path: Path
) -> None:
    """The output is that of the layer alone; every parameter below it is an output of its own."""
    full = dict(example(op, argument, "true").nodes[0].weights)
    alone = example(op, argument, "false")
    left = dict(alone.nodes[0].weights)
    own = {name: p.shape for name, p in full.items() if name not in left and not p.buffer}
    assert own
    layers = [f"  layer.{name}: {{parameter: {list(shape)}, init: {{constant: 5}}}}" for name, shape in own.items()]
    outputs_ = ", ".join(["layer", *(f"layer.{name}" for name in own)])
    graph = example(op, argument, "false", "\n".join([*layers, f"outputs: [{outputs_}]"]))
    given = random_inputs(graph)
    model = netspec_torch.build(graph, weights=TrainedWeights())
    actual = check_facts(graph, model, given)
    check_source(graph, model, given, actual)
    with torch.no_grad():  # as check_facts: oneDNN's recurrent layers, which have no gradients, round differently
        expected = netspec_torch.build(alone, weights=TrainedWeights()).eval()(*given)
    first = expected if isinstance(expected, torch.Tensor) else next(iter(expected.values()))
    assert torch.equal(actual["layer"], first)
    for name in own:
        assert bool((actual[f"layer.{name}"] == 5).all())
    for options in ({}, {"optimize": True}):
        result = verify(graph, write_onnx(graph, tmp_path / "net.onnx", **options), TrainedWeights())
        assert not result.problems, options
