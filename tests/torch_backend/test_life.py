"""Every operation through what modules go through: compiled, exported, in other formats, and back for gradients."""

# torch is typed in part, and rows take functions of one to five tensors:
# pyright: reportUnknownMemberType=false, reportUnknownVariableType=false, reportUnknownArgumentType=false

from __future__ import annotations

import copy
from contextlib import nullcontext
from typing import Any

import pytest
import torch
from torch import Tensor, nn

import netspec_torch
from netspec.ir import Graph
from tests.drafts import Draft
from tests.onnx_backend.case import Case
from tests.onnx_backend.cases import CASES
from tests.onnx_backend.support import TrainedWeights, parameter_tensors, single_operation
from tests.random_networks.checks import without_onednn

from .test_values import ids

LAYOUTS = {4: torch.channels_last, 5: torch.channels_last_3d}
UNTRACED = {"attention", "rnn", "lstm", "gru"}
OTHER_GRADIENTS = {"roi_align", "stop_gradient"}
"""Operations whose references have other gradients: of boxes, and where none passes."""
"""Operations whose rows put the weights into a module of PyTorch, out of which no gradient comes."""


def created(case: Case) -> tuple[Graph, nn.Module, list[Tensor]]:
    """The network of one operation, and inputs for two examples."""
    graph = single_operation(case.op, case.inputs, case.args)
    given = [torch.from_numpy(x.sample(2, i)) for i, x in enumerate(case.inputs)]
    return graph, netspec_torch.build(graph, weights=TrainedWeights()).eval(), given


def together() -> tuple[nn.Module, tuple[Tensor, ...]]:
    """A network of a row of every operation side by side, and inputs for it."""
    draft = Draft("everything")
    given: list[Tensor] = []
    ends: list[int] = []
    for op, case in {case.op: case for case in reversed(CASES)}.items():
        values = [
            draft.input(*x.shape, name=f"{op}_{i}", dtype=x.dtype, named=x.named) for i, x in enumerate(case.inputs)
        ]
        given += [torch.from_numpy(x.sample(2, i)) for i, x in enumerate(case.inputs)]
        first = draft.add(op, op, *values, **case.args)
        ends += range(first, len(draft.values))
    return netspec_torch.build(draft.graph(*ends), weights=TrainedWeights()).eval(), tuple(given)


def values(result: Any) -> list[Tensor]:
    return [result] if isinstance(result, Tensor) else list(result.values())


@pytest.mark.parametrize("training", [False, True])
def test_compiles_whole(training: bool) -> None:
    model, given = together()
    model.train(training)
    twin = copy.deepcopy(model)
    compiled = torch.compile(model, fullgraph=True, backend="eager")
    torch.manual_seed(0)
    actual = values(compiled(*given))
    torch.manual_seed(0)
    torch.testing.assert_close(actual, values(twin(*given)))


def test_exports_for_any_batch() -> None:
    model, given = together()
    batch = torch.export.Dim("batch", min=2, max=64)
    program = torch.export.export(model, given, dynamic_shapes=tuple({0: batch} for _ in given))
    three = [torch.cat([x, x[:1]]) for x in given]
    torch.testing.assert_close(values(program.module()(*three)), values(model(*three)))


@pytest.mark.parametrize("case", CASES, ids=ids)
def test_autocast_and_memory_formats(case: Case) -> None:
    _, model, given = created(case)
    with torch.no_grad():
        expected = values(model(*given))
        # oneDNN has no LSTM in bfloat16 on CPUs without AVX-512.
        own = without_onednn() if case.op == "lstm" else nullcontext()
        with own, torch.autocast("cpu", dtype=torch.bfloat16):
            actual = values(model(*given))
        assert [y.shape for y in actual] == [y.shape for y in expected]
        for rank, layout in LAYOUTS.items():
            if any(x.dim() == rank for x in given):
                moved = copy.deepcopy(model).to(memory_format=layout)  # type: ignore[call-overload]  # nn.Module.to has it
                turned = [x.to(memory_format=layout) if x.dim() == rank else x for x in given]
                torch.testing.assert_close(values(moved(*turned)), expected)


@pytest.mark.parametrize("case", [case for case in CASES if case.op not in OTHER_GRADIENTS], ids=ids)
def test_gradients(case: Case) -> None:
    """Of inputs and weights they are those of what the row says the operation is."""
    graph, model, given = created(case)
    trained = [p.name for p in graph.parameters if p.trainable and not p.buffer]
    weights = {name: t.requires_grad_(name in trained) for name, t in parameter_tensors(graph).items()}
    ours, theirs = ([x.clone().requires_grad_(x.is_floating_point()) for x in given] for _ in range(2))
    actual = values(model(*ours))
    expected: Any = case.reference({n.removeprefix("op."): t for n, t in weights.items()}, *theirs)
    expected = [expected] if isinstance(expected, Tensor) else list(expected)
    generator = torch.Generator().manual_seed(0)
    pulls = [torch.rand(y.shape, generator=generator) for y in actual]
    assert any(y.requires_grad for y in actual) >= any(y.requires_grad for y in expected)
    pull(actual, pulls)
    pull(expected, pulls)
    for a, b in zip(ours, theirs, strict=True):
        agree(a.grad, b.grad)
    for name in trained if case.op not in UNTRACED else ():
        agree(model.get_parameter(name).grad, weights[name].grad)


def pull(outputs: list[Tensor], pulls: list[Tensor]) -> None:
    """Goes back from outputs with a gradient for each."""
    pairs = [(y, g) for y, g in zip(outputs, pulls, strict=True) if y.requires_grad]
    if pairs:
        torch.autograd.backward([y for y, _ in pairs], [g for _, g in pairs])


def agree(a: Tensor | None, b: Tensor | None) -> None:
    """The same gradients; one of nothing is as good as zeros."""
    if a is None or b is None:
        rest = b if a is None else a
        assert rest is None or not rest.any()
    else:
        torch.testing.assert_close(a, b, rtol=1e-4, atol=1e-5)
