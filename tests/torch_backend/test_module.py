"""What a module goes through in its life."""

# torch is typed in part:
# pyright: reportUnknownMemberType=false, reportUnknownVariableType=false, reportUnknownArgumentType=false

from __future__ import annotations

import copy
import pickle
import subprocess
import sys
from pathlib import Path

import pytest
import torch
from torch import Tensor, nn

import netspec
import netspec_torch
from netspec.ir import Graph

from .support import check_facts, check_source, check_training, from_text, loads, outputs, random_inputs

RESIDUAL = """
name: residual
input: [3, 16, 16]
blocks:
  Block:
    doc: Two convolutions with a shortcut.
    params: {filters: int, stride: 1}
    layers:
      conv1: {conv2d: $filters, kernel: 3, stride: $stride, padding: 1, bias: false}
      bn1: {batch_norm, activation: relu}
      conv2: {conv2d: $filters, kernel: 3, padding: 1, bias: false}
      bn2: batch_norm
      shortcut: {conv2d: $filters, kernel: 1, stride: $stride, from: input, when: $(stride > 1 or input.channels != filters)}
      add: {add: [bn2, shortcut], activation: relu}
layers:
  stem: {conv2d: 8, kernel: 3, padding: same, stride: 2, activation: relu}
  stage1: {Block: 8, repeat: 2}
  stage2: {Block: 16, repeat: 3, first: {stride: 2}}
  tokens: {flatten: height}
  rows: {permute: [1, 0]}
  attend: {attention: 4}
  lstm: {lstm: 6, bidirectional: true}
  mean: {mean: sequence}
  drop: {dropout: 0.5}
  logits: {dense: 5}
"""
TWO = """
inputs: {left: [4], right: [6]}
layers:
  a: {dense: 3, from: left}
  b: {dense: 3, from: right, activation: tanh}
  sum: {add: [a, b]}
outputs: {total: sum, right.side: b}
"""


@pytest.fixture
def graph() -> Graph:
    return loads(RESIDUAL)


@pytest.fixture
def model(graph: Graph) -> nn.Module:
    return netspec_torch.build(graph, seed=1).eval()


def given(graph: Graph) -> Tensor:
    return random_inputs(graph)[0]


def test_facts(graph: Graph, model: nn.Module) -> None:
    expected = check_facts(graph, model, random_inputs(graph))
    check_source(graph, model, random_inputs(graph), expected)
    check_training(graph, model, random_inputs(graph, 4))


def test_one_output_is_a_tensor_and_several_are_a_dict() -> None:
    graph = loads(TWO)
    actual = netspec_torch.build(graph)(*random_inputs(graph))
    assert list(actual) == ["total", "right.side"]
    assert actual["total"].shape == (2, 3)


def test_the_seed_decides(graph: Graph) -> None:
    first, same, other = (netspec_torch.build(graph, seed=s).state_dict() for s in (1, 1, 2))
    assert all(torch.equal(first[name], same[name]) for name in first)
    assert not torch.equal(first["stem.weight"], other["stem.weight"])


def test_deepcopy(graph: Graph, model: nn.Module) -> None:
    x = given(graph)
    twin = copy.deepcopy(model)
    assert torch.equal(twin(x), model(x))
    with torch.no_grad():
        next(twin.parameters()).add_(1)
    assert not torch.equal(twin(x), model(x))


def test_pickle(graph: Graph, model: nn.Module) -> None:
    x = given(graph)
    again = pickle.loads(pickle.dumps(model))
    assert type(again) is type(model)
    assert torch.equal(again(x), model(x))


def test_a_pickle_loads_where_netspec_is_not(graph: Graph, model: nn.Module, tmp_path: Path) -> None:
    x = given(graph)
    torch.save(model, tmp_path / "model.pt")
    torch.save({"x": x, "y": model(x)}, tmp_path / "values.pt")
    script = """
import sys, torch, copy, pickle
class Ban:
    def find_spec(self, name, path=None, target=None):
        if name.partition(".")[0] in ("netspec", "netspec_torch"):
            raise ImportError(name)
sys.meta_path.insert(0, Ban())
model = torch.load("model.pt", weights_only=False)
values = torch.load("values.pt")
assert torch.equal(model(values["x"]), values["y"])
again = pickle.loads(pickle.dumps(copy.deepcopy(model)))
assert torch.equal(again(values["x"]), values["y"])
assert not any(name.startswith("netspec.") or name == "netspec_torch" for name in sys.modules)
"""
    done = subprocess.run([sys.executable, "-c", script], cwd=tmp_path, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr


def test_forward_imports_nothing(graph: Graph, model: nn.Module) -> None:
    x = given(graph)
    before = set(sys.modules)
    model(x)
    assert not [name for name in set(sys.modules) - before if name.startswith("netspec")]


def test_state_dict_round_trip(graph: Graph, model: nn.Module) -> None:
    other = netspec_torch.build(graph, seed=2).eval()
    other.load_state_dict(model.state_dict())
    assert torch.equal(other(given(graph)), model(given(graph)))


@pytest.mark.parametrize("dtype", [torch.float64, torch.bfloat16])
def test_other_element_types(graph: Graph, model: nn.Module, dtype: torch.dtype) -> None:
    actual = model.to(dtype)(given(graph).to(dtype))
    assert actual.dtype == dtype
    assert actual.isfinite().all()


def test_autocast(graph: Graph, model: nn.Module) -> None:
    with torch.autocast("cpu", dtype=torch.bfloat16):
        assert model(given(graph)).isfinite().all()


def test_channels_last_memory(graph: Graph, model: nn.Module) -> None:
    x = given(graph)
    expected = model(x)
    actual = model.to(memory_format=torch.channels_last)(x.to(memory_format=torch.channels_last))  # type: ignore[call-overload]  # nn.Module.to has it
    torch.testing.assert_close(actual, expected)


@pytest.mark.parametrize("training", [False, True])
def test_compiles_without_a_graph_break(graph: Graph, model: nn.Module, training: bool) -> None:
    model.train(training)
    twin = copy.deepcopy(model)
    compiled = torch.compile(model, fullgraph=True, backend="eager")
    torch.manual_seed(0)
    actual = compiled(given(graph))
    torch.manual_seed(0)
    torch.testing.assert_close(actual, twin(given(graph)))


def test_exports(graph: Graph, model: nn.Module) -> None:
    x = given(graph)
    batch = torch.export.Dim("batch", min=2, max=64)
    program = torch.export.export(model, (x,), dynamic_shapes=({0: batch},))
    three = torch.cat([x, x[:1]])
    torch.testing.assert_close(program.module()(three), model(three))


def test_meta(graph: Graph) -> None:
    model = netspec_torch.build(graph, device="meta")
    assert all(p.is_meta for p in model.parameters())
    assert model(given(graph).to("meta")).shape == (2, 5)


def test_a_wrong_shape_is_named(graph: Graph, model: nn.Module) -> None:
    with pytest.raises(ValueError, match=r"^input 'input' must be \(N, 3, 16, 16\); found \(2, 3, 16, 15\)$"):
        model(torch.zeros(2, 3, 16, 15))
    with pytest.raises(ValueError, match=r"^input 'input' must be \(N, 3, 16, 16\); found \(3, 16, 16\)$"):
        model(torch.zeros(3, 16, 16))


def test_which_input_is_named() -> None:
    model = netspec_torch.build(loads(TWO))
    with pytest.raises(ValueError, match=r"^input 'right' must be \(N, 6\); found \(2, 5\)$"):
        model(torch.zeros(2, 4), torch.zeros(2, 5))


SHARED = """
inputs: {tokens: {shape: [7], dtype: int64}}
layers:
  words: {embedding: 11, width: 6}
  first: {dense: 6}
  second: {dense: 6, share: first, activation: relu}
  norm: layer_norm
  biased: {dense: 11, share: words}
"""
TIED = """
input: [6]
blocks:
  Inner: {layers: {fc: {dense: 6}, act: relu}}
layers:
  own: {dense: 6, bias: false}
  inner: Inner
  last: {dense: 6, share: own}
  after: {Inner, share: inner}
  other: {layers: {fc: {dense: 6, bias: false, share: own}, drop: {dropout: 0.1}, out: {add: [drop, fc]}}}
"""


@pytest.mark.parametrize("text", [SHARED, TIED])
def test_shared_weights(text: str, tmp_path: Path) -> None:
    graph = loads(text)
    model = netspec_torch.build(graph)
    expected = check_facts(graph, model, random_inputs(graph))
    check_source(graph, model, random_inputs(graph), expected)
    check_training(graph, model, random_inputs(graph, 4))
    for twin in (copy.deepcopy(model), pickle.loads(pickle.dumps(model)), model.double().float()):
        assert set(twin.state_dict()) == {p.name for p in graph.parameters}
        assert len(list(twin.parameters())) == len(graph.parameters)
        twin.eval()
        actual = outputs(twin(*random_inputs(graph)), graph)
        assert all(torch.equal(actual[name], expected[name]) for name in expected)
    compiled = torch.compile(model.eval(), fullgraph=True, backend="eager")
    assert torch.equal(compiled(*random_inputs(graph)), next(iter(expected.values())))


def test_frozen_weights() -> None:
    graph = loads("""
input: [4]
blocks:
  Body: {layers: {a: {dense: 4}, b: {dense: 4, bias: false}}}
layers:
  body: {Body, freeze: true}
  chain: {layers: [{dense: 4}, relu, {dense: 4, freeze: true}]}
  scale: {channel_scale, freeze: true}
  shift: {parameter: [4], freeze: true}
  sum: {add: [scale, shift]}
  last: {Body}
""")
    model = netspec_torch.build(graph)
    expected = check_facts(graph, model, random_inputs(graph))
    check_source(graph, model, random_inputs(graph), expected)
    trained = {name for name, p in model.named_parameters() if p.requires_grad}
    assert trained == {"chain.0.weight", "chain.0.bias", "last.a.weight", "last.a.bias", "last.b.weight"}


def test_first_values_of_the_text_are_those_of_the_spec() -> None:
    graph = loads("""
input: [3, 8, 8]
layers:
  conv: {conv2d: 4, kernel: 3, init: {weight: {constant: 0.5}, bias: ones}}
  chain: {layers: [{conv2d: 4, kernel: 3, init: zeros}, relu]}
  shift: {parameter: [4, 1, 1], init: [[[1]], [[2]], [[3]], [[4]]], batch_axis: true}
  total: {add: [chain, shift]}
""")
    state = from_text(graph).state_dict()
    built = netspec_torch.build(graph).state_dict()
    assert {k: v for k, v in state.items() if k != "chain.0.bias"}.keys() == built.keys() - {"chain.0.bias"}
    assert all(torch.equal(state[name], built[name]) for name in state if name != "chain.0.bias")


def test_build_from_netspec() -> None:
    model = netspec.build("lenet5")
    assert model(torch.zeros(1, 1, 32, 32)).shape == (1, 10)
