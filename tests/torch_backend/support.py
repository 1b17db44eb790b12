"""Networks built for PyTorch in two ways: by ``build``, and from the text of ``source`` alone."""

# torch is typed in part:
# pyright: reportUnknownMemberType=false, reportUnknownVariableType=false, reportUnknownArgumentType=false

from __future__ import annotations

import types
from typing import Any

import torch
from torch import Tensor, nn
from torch.nn.attention import SDPBackend, sdpa_kernel
from torch.utils.flop_counter import FlopCounterMode

import netspec
import netspec_torch
from netspec.ir import Graph
from netspec_torch.module import named_tensors

torch.set_num_threads(1)

LONGEST = 11
"""Values of integer inputs stay below this, and vocabularies above."""

UNIT = """
name: net
input: [4, 8, 8]
blocks:
  Unit:
    params: {step: 1}
    layers:
      conv: {conv2d: 4, kernel: 3, stride: $step, padding: 1}
      act: relu
      pool: {max_pool2d: 2, when: $(step == 2)}
layers:
  a: {Unit}
  b: {Unit, step: 2}
  branch.x: {conv2d: 4, kernel: 1}
  branch.y: {conv2d: 4, kernel: 1}
"""
"""A block used twice, once with an optional layer, and two layers with a dotted name."""


def random_inputs(graph: Graph, batch: int = 2, seed: int = 0) -> list[Tensor]:
    """Inputs of a network; positive, so that roots and logarithms have values."""
    generator = torch.Generator().manual_seed(seed)
    out: list[Tensor] = []
    for value in graph.inputs.values():
        kind = graph.at_default.values[value]
        shape = (batch, *kind.shape)
        if kind.dtype in ("int64", "int32"):
            out.append(torch.randint(0, LONGEST, shape, generator=generator, dtype=getattr(torch, kind.dtype)))
        elif kind.dtype == "bool":
            out.append(torch.rand(shape, generator=generator) < 0.6)
        else:
            out.append((torch.rand(shape, generator=generator) + 0.1).to(getattr(torch, kind.dtype)))
    return out


def from_text(graph: Graph) -> nn.Module:
    """The network made from its source alone, as a file is imported."""
    text = netspec_torch.source(graph)
    module = types.ModuleType("written")
    exec(compile(text, "written.py", "exec"), module.__dict__)
    classes = [c for c in vars(module).values() if isinstance(c, type) and c.__module__ == "written"]
    created = classes[-1]()
    assert isinstance(created, nn.Module)
    return created


def outputs(result: Tensor | dict[str, Tensor], graph: Graph) -> dict[str, Tensor]:
    """What a network gave, by public name."""
    if isinstance(result, Tensor):
        (name,) = graph.outputs
        return {name: result}
    return result


def check_facts(graph: Graph, model: nn.Module, given: list[Tensor]) -> dict[str, Tensor]:
    """Shapes, element types, parameters and names are those of the graph; gives the outputs."""
    model.eval()
    batch = len(given[0])
    with torch.no_grad():
        actual = outputs(model(*given), graph)
    assert list(actual) == list(graph.outputs)
    for name, value in graph.outputs.items():
        kind = graph.at_default.values[value]
        assert tuple(actual[name].shape) == (batch, *kind.shape)
        assert actual[name].dtype == getattr(torch, kind.dtype)
    tensors = dict(named_tensors(model))
    for p in graph.parameters:
        assert tuple(tensors[p.name].shape) == p.shape, p.name
        assert tensors[p.name].dtype == getattr(torch, p.dtype), p.name
        assert tensors[p.name].requires_grad == (p.trainable and not p.buffer), p.name
    assert tensors.keys() == {p.name for p in graph.parameters}
    assert set(model.state_dict()) == {p.name for p in graph.parameters if p.persistent}
    return actual


def check_source(graph: Graph, model: nn.Module, given: list[Tensor], expected: dict[str, Tensor]) -> None:
    """The network made from text alone gives the same, bit for bit."""
    other = from_text(graph).eval()
    missing, unexpected = other.load_state_dict(model.state_dict(), strict=True)
    assert not missing
    assert not unexpected
    with torch.no_grad():
        actual = outputs(other(*given), graph)
    for name, tensor in expected.items():
        torch.testing.assert_close(actual[name], tensor, rtol=0, atol=0, equal_nan=True, msg=name)


def check_macs(graph: Graph, model: nn.Module, given: list[Tensor]) -> None:
    """Multiply-accumulates are those that PyTorch counts (in attention: for its kernel of plain matrix products)."""
    with sdpa_kernel(SDPBackend.MATH), FlopCounterMode(display=False) as counter, torch.no_grad():
        model(*(x[:1] for x in given))
    assert counter.get_total_flops() == 2 * netspec.analyze(graph).macs


def check_training(graph: Graph, model: nn.Module, given: list[Tensor], without: tuple[str, ...] = ()) -> None:
    """Every trained parameter gets a gradient, of finite numbers; those ``without`` get none."""
    torch.manual_seed(0)
    model.train()
    actual = outputs(model(*given), graph)
    total = sum((t.double().square().sum() for t in actual.values() if t.is_floating_point()), torch.zeros(()))
    if not total.requires_grad:
        assert not any(p.requires_grad for p in model.parameters())
        return
    total.backward()  # type: ignore[no-untyped-call]  # torch has no type for it
    for name, p in model.named_parameters():
        if name in without:
            assert p.grad is None or not p.grad.any(), name
        else:
            assert not p.requires_grad or (p.grad is not None and p.grad.isfinite().all()), name


def loads(text: str, **params: Any) -> Graph:
    """A spec of the tests; its first line is left out."""
    return netspec.loads("netspec: 1\n" + text, **params)
