"""Weights that several layers have: they are one tensor, and stay one."""

# torch is typed in part, and what a module holds is looked at by its own dicts:
# pyright: reportUnknownMemberType=false, reportUnknownVariableType=false, reportUnknownArgumentType=false
# pyright: reportPrivateUsage=false

from __future__ import annotations

import copy
import pickle
import sys
from collections.abc import Callable
from types import ModuleType
from typing import Any

import pytest
import torch
from torch import Tensor, nn

import netspec_torch
from netspec.ir import Graph

from .support import check_facts, check_source, check_training, from_text, loads, outputs, random_inputs

BLOCKS = """
input: [4, 6, 6]
blocks:
  Inner: {layers: {conv: {conv2d: 4, kernel: 1}, norm: batch_norm, act: relu}}
layers:
  conv: {conv2d: 4, kernel: 3, padding: same}
  norm: batch_norm
  inner: Inner
  same: {Inner, share: inner}
  last: {batch_norm, share: norm}
  deep: {layers: {conv2: {conv2d: 4, kernel: 3, padding: same, share: conv}, norm2: {batch_norm, share: norm}, act: tanh}}
"""
ODD = """
input: [2, 6, 6]
layers:
  forward: {conv2d: 2, kernel: 1}
  type: {batch_norm, from: forward}
  training: {layers: {norm: {batch_norm, share: type}, act: relu}}
  state_dict: {layers: {to: {conv2d: 2, kernel: 1, share: forward}, norm: {batch_norm, share: type}, act: relu}}
"""
RECURRENT = """
input: [5, 4]
layers:
  first: {lstm: 4}
  then: {layers: {again: {lstm: 4, share: first}, act: relu}}
"""
NUMBERED = """
input: [3, 8, 8]
layers:
  - {conv2d: 3, kernel: 3, padding: 1}
  - relu
  - {conv2d: 3, kernel: 3, padding: 1, stride: 2, share: "0"}
"""
GAP = """
input: [3, 8, 8]
layers: [batch_norm, {add: ["0", "0"]}, {batch_norm: {eps: 0.1}, share: "0", activation: relu}]
"""
SPECS = {"blocks": BLOCKS, "odd names": ODD, "recurrent": RECURRENT, "numbered": NUMBERED, "gap in the numbers": GAP}


def names_of(model: nn.Module) -> dict[str, int]:
    """Every name under which a module holds a tensor, and the tensor's identity."""
    return {
        f"{prefix}.{key}".lstrip("."): id(tensor)
        for prefix, module in model.named_modules(remove_duplicate=False)
        for key, tensor in [*module._parameters.items(), *module._buffers.items()]
        if tensor is not None
    }


def partition(model: nn.Module) -> set[frozenset[str]]:
    """The names that each tensor has."""
    by_tensor: dict[int, set[str]] = {}
    for name, tensor in names_of(model).items():
        by_tensor.setdefault(tensor, set()).add(name)
    return {frozenset(names) for names in by_tensor.values()}


def materialised(model: nn.Module, state: dict[str, Tensor]) -> nn.Module:
    """By way of the device that holds shapes alone, as large models are loaded."""
    empty = copy.deepcopy(model).to("meta").to_empty(device="cpu")
    empty.load_state_dict(state)
    return empty


def assigned(model: nn.Module, state: dict[str, Tensor]) -> nn.Module:
    """The tensors of a state dict themselves."""
    empty = copy.deepcopy(model).to("meta")
    empty.load_state_dict(state, assign=True)
    return empty


MOVES: dict[str, Callable[[nn.Module], nn.Module]] = {
    "deepcopy": copy.deepcopy,
    "pickle": lambda model: pickle.loads(pickle.dumps(model)),
    "to double and back": lambda model: model.double().float(),
    "to half and back": lambda model: model.half().float(),
    "within another": lambda model: nn.Sequential(model).double().float()[0],
    "by way of meta": lambda model: materialised(model, model.state_dict()),
    "assigned": lambda model: assigned(model, model.state_dict()),
}


def created(graph: Graph, how: str) -> nn.Module:
    model = netspec_torch.build(graph)
    if how == "built":
        return model
    written = from_text(graph)
    written.load_state_dict(model.state_dict())
    return written


@pytest.mark.parametrize("how", ["built", "written"])
@pytest.mark.parametrize("text", SPECS.values(), ids=SPECS)
def test_tied_tensors_stay_one(text: str, how: str, monkeypatch: pytest.MonkeyPatch) -> None:
    graph = loads(text)
    model = created(graph, how).eval()
    if how == "written":  # a pickle names the file that was imported
        file = ModuleType("written")
        vars(file).update(type(model).forward.__globals__)
        monkeypatch.setitem(sys.modules, "written", file)
    expected = check_facts(graph, model, random_inputs(graph))
    tied = partition(model)
    assert len(tied) == len(graph.parameters)
    assert max(map(len, tied)) > 1
    for name, move in MOVES.items():
        moved = move(copy.deepcopy(model)).eval()
        assert partition(moved) == tied, name
        assert set(moved.state_dict()) == {p.name for p in graph.parameters}, name
        assert len(list(moved.parameters())) == sum(not p.buffer for p in graph.parameters), name
        if "half" not in name:
            with torch.no_grad():
                actual = outputs(moved(*random_inputs(graph)), graph)
            assert all(torch.equal(actual[n], expected[n]) for n in expected), name
    check_source(graph, model, random_inputs(graph), expected)
    check_training(graph, model, random_inputs(graph, 4))


def test_running_statistics_are_gathered_together_after_a_move() -> None:
    graph = loads(BLOCKS)
    model = netspec_torch.build(graph).double().float().train()
    model(*random_inputs(graph, 4))
    state = model.state_dict()
    assert state["norm.num_batches_tracked"] == 3, "three layers have it"
    model.eval()
    assert all(torch.equal(t, state[n]) for n, t in from_state(graph, state).state_dict().items())


def from_state(graph: Graph, state: dict[str, Any]) -> nn.Module:
    """The network of the text alone, with the weights of a state dict."""
    model = from_text(graph)
    model.load_state_dict(state)
    return model


def test_what_a_user_has_replaced_is_left_alone() -> None:
    graph = loads(BLOCKS)
    model = netspec_torch.build(graph)
    mine = nn.BatchNorm2d(4)
    model.get_submodule("deep").register_module("norm2", mine)
    model.double()
    assert mine.weight is not model.get_parameter("norm.weight")
    assert torch.equal(mine.weight, torch.ones(4, dtype=torch.float64))
    assert "deep.norm2.weight" in model.state_dict()
    other = copy.deepcopy(model)
    assert set(other.state_dict()) == set(model.state_dict())


def test_compiles_and_exports() -> None:
    graph = loads(BLOCKS)
    model = netspec_torch.build(graph).eval()
    (x,) = random_inputs(graph)
    expected = model(x)
    compiled = torch.compile(model, fullgraph=True, backend="eager")
    torch.testing.assert_close(compiled(x), expected)
    program = torch.export.export(model, (x,))
    torch.testing.assert_close(program.module()(x), expected)
