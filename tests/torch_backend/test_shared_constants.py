"""Equal constants are one tensor, wherever a module is moved; the state dict and the values do not change."""

# torch is typed in part, and what a module holds is looked at by its own dicts:
# pyright: reportUnknownMemberType=false, reportUnknownVariableType=false, reportUnknownArgumentType=false
# pyright: reportPrivateUsage=false

from __future__ import annotations

import copy
import pickle
from collections.abc import Callable
from typing import Any

import onnx
import pytest
import torch
from torch import nn

import netspec
import netspec_torch
from netspec_torch.structure.shared_constants import patterns

from .support import check_facts, check_source, check_training, from_text, loads, outputs, random_inputs

MASKS = """
input: [1024, 4]
blocks:
  Layer:
    params: {ahead: int}
    layers:
      mask: {formula: $(q + ahead >= k), for: {q: 1024, k: 1024}}
      attend: {dot_product_attention: 2, from: [input, input, input], mask: mask}
      scale: {dense: 4}
layers:
  first: {Layer, ahead: 1}
  rest: {Layer, ahead: 0, repeat: 3}
  last: {Layer, ahead: 1}
"""
"""Masks of two kinds, 1 MiB each."""
WITH_TIES = MASKS.replace("last: {", "again: {layers: {more: {dense: 4, share: first.scale}, act: relu}}\n  last: {")
SPECS = {"masks": MASKS, "tied weights besides": WITH_TIES}
MOVES: dict[str, Callable[[nn.Module], nn.Module]] = {
    "deepcopy": copy.deepcopy,
    "pickle": lambda model: pickle.loads(pickle.dumps(model)),
    "to double and back": lambda model: model.double().float(),
    "within another": lambda model: nn.Sequential(model).double().float()[0],
    "strict loading": lambda model: (model.load_state_dict(model.state_dict()), model)[1],
}


def constants(model: nn.Module) -> dict[str, Any]:
    """The constants of a module by all their names."""
    return {
        f"{path}.{key}": module._buffers[key]
        for path, module in model.named_modules()
        for key in sorted(module._non_persistent_buffers_set)
    }


def check_shared(model: nn.Module) -> None:
    masks = constants(model)
    ahead = {"first.mask", "last.mask"}
    assert masks.keys() == ahead | {f"rest.{i}.mask" for i in range(3)}
    assert len({id(masks[name]) for name in ahead}) == 1
    assert len({id(masks[name]) for name in masks.keys() - ahead}) == 1
    assert len({id(tensor) for tensor in masks.values()}) == 2


@pytest.mark.parametrize("text", SPECS.values(), ids=SPECS)
def test_equal_constants_stay_one_tensor(text: str) -> None:
    graph = loads(text)
    model = netspec_torch.build(graph)
    written = from_text(graph)
    inputs = random_inputs(graph)
    expected = check_facts(graph, model, inputs)
    check_source(graph, model, inputs, expected)
    check_training(graph, model, inputs)
    for name, move in MOVES.items():
        moved = move(copy.deepcopy(model)).eval()
        check_shared(moved)
        with torch.no_grad():
            actual = outputs(moved(*inputs), graph)
        assert all(torch.equal(actual[n], expected[n]) for n in expected), name
    for other in (written, netspec_torch.build(graph, device="meta"), copy.deepcopy(written).to("meta")):
        check_shared(other)
    check_shared(copy.deepcopy(model).to("meta").to_empty(device="cpu"))


def test_masks_are_computed_right() -> None:
    model = netspec_torch.build(loads(MASKS))
    ones = torch.ones(1024, 1024, dtype=torch.bool)
    assert torch.equal(constants(model)["last.mask"], ones.tril(1))
    assert torch.equal(constants(model)["rest.2.mask"], ones.tril())


def test_compiles_and_exports() -> None:
    graph = loads(MASKS)
    model = netspec_torch.build(graph).eval()
    (x,) = random_inputs(graph)
    expected = model(x)
    torch.testing.assert_close(torch.compile(model, fullgraph=True, backend="eager")(x), expected)
    program = torch.export.export(model, (x,), dynamic_shapes=({0: torch.export.Dim("batch", min=2, max=64)},))
    torch.testing.assert_close(program.module()(x), expected)


def test_they_count_once_and_are_stored_once(tmp_path: Any) -> None:
    graph = loads(MASKS)
    analysis = netspec.analyze(graph)
    assert (analysis.buffers, analysis.buffer_bytes) == (2 << 20, 2 << 20)
    file = tmp_path / "masks.onnx"
    netspec.export(graph, file)
    stored = [t for t in onnx.load(str(file)).graph.initializer if list(t.dims) == [1024, 1024]]
    assert len(stored) == 2


def test_small_constants_and_those_of_the_state_dict_stay_apart() -> None:
    small = netspec_torch.build(loads(MASKS.replace("1024", "16")))
    assert len({id(t) for t in constants(small).values()}) == 5
    kept = netspec_torch.build(loads(MASKS.replace("k: 1024}", "k: 1024}, persistent: true")))
    assert sum(name.endswith("mask") for name in kept.state_dict()) == 5
    random = MASKS.replace("mask: {formula: $(q + ahead >= k), for: {q: 1024, k: 1024}}", RANDOM)
    assert len({float(t.sum()) for t in constants(netspec_torch.build(loads(random))).values()}) == 5


RANDOM = "mask: {buffer: [1024, 1024], init: {normal: 1}, persistent: false}"


@pytest.mark.parametrize(
    ("names", "others", "expected"),
    [
        ("a.0.m a.1.m a.10.m", "", "a.*.m"),
        ("a.0.m a.1.m", "a.2.m", "a.0.m a.1.m"),
        ("a.0.m a.1.m", "a.m a.2.n b.2.m", "a.*.m"),
        ("a.0.b.0 a.0.b.1 a.0.c", "a.1.b.0", "a.0.b.* a.0.c"),
        ("x y", "z", "x y"),
    ],
)
def test_patterns_match_no_other_buffer(names: str, others: str, expected: str) -> None:
    assert patterns(names.split(), others.split()) == tuple(expected.split())
