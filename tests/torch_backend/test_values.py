"""Every operation by value, against what PyTorch's functions make of its arguments."""

# torch is typed in part:
# pyright: reportUnknownMemberType=false, reportUnknownVariableType=false, reportUnknownArgumentType=false

from __future__ import annotations

from typing import Any

import pytest
import torch

import netspec_torch
from netspec.ops import TABLE
from tests.onnx_backend.case import Case
from tests.onnx_backend.cases import CASES
from tests.onnx_backend.support import TrainedWeights, parameter_tensors, single_operation


def ids(case: Case) -> str:
    return f"{case.op}-{'-'.join(f'{k}={v}' for k, v in case.args.items())}"[:80].replace(" ", "")


@pytest.mark.parametrize("case", CASES, ids=ids)
def test_values(case: Case) -> None:
    graph = single_operation(case.op, case.inputs, case.args)
    model = netspec_torch.build(graph, weights=TrainedWeights()).eval()
    weights = {name.removeprefix("op."): t for name, t in parameter_tensors(graph).items()}
    for batch in (1, 3):
        given = [torch.from_numpy(x.sample(batch, i)) for i, x in enumerate(case.inputs)]
        with torch.no_grad():
            expected: Any = case.reference(weights, *given)
            actual = model(*given)
        expected = [expected] if isinstance(expected, torch.Tensor) else list(expected)
        actual = [actual] if isinstance(actual, torch.Tensor) else list(actual.values())
        for ours, theirs in zip(actual, expected, strict=True):
            assert ours.shape == theirs.shape
            torch.testing.assert_close(ours, theirs, rtol=1e-5, atol=1e-6)


def test_every_operation_has_a_case() -> None:
    missing = TABLE.keys() - {case.op for case in CASES} - {"parameter", "buffer", "weight_norm", "spectral_norm"}
    assert not missing, f"add a row to tests/onnx_backend/cases.py for: {', '.join(sorted(missing))}"
