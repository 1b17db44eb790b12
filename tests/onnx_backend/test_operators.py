# onnx and torch are typed in part:
# pyright: reportUnknownMemberType=false

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
import onnx
import pytest
import torch

from netspec.ops import TABLE

from .case import Case
from .cases import CASES
from .support import (
    assert_described,
    assert_inferred,
    assert_types_allowed,
    parameter_tensors,
    run,
    single_operation,
    write_onnx,
)

OPSETS = (13, 18, 20, 23)
"""Both ends of the range, the default, and 18, which changed most operands."""


def ids(case: Case) -> str:
    return f"{case.op}-{'-'.join(f'{k}={v}' for k, v in case.args.items())}"[:80].replace(" ", "")


@pytest.mark.parametrize("opset", OPSETS)
@pytest.mark.parametrize("case", CASES, ids=ids)
def test_values_types_and_shapes(case: Case, opset: int, tmp_path: Path) -> None:
    graph = single_operation(case.op, case.inputs, case.args)
    path = write_onnx(graph, tmp_path / "one.onnx", opset=opset)
    model = onnx.load(path)
    assert_inferred(model)
    assert_described(graph, model)
    assert_types_allowed(model)
    weights = {name.removeprefix("op."): t for name, t in parameter_tensors(graph).items()}
    for batch in (1, 3):
        feeds = {f"x{i}": x.sample(batch, i) for i, x in enumerate(case.inputs)}
        with torch.no_grad():
            expected: Any = case.reference(weights, *(torch.from_numpy(x) for x in feeds.values()))
        expected = [expected] if isinstance(expected, torch.Tensor) else list(expected)
        for actual, reference in zip(run(path, feeds), expected, strict=True):
            assert actual.shape == tuple(reference.shape)
            np.testing.assert_allclose(actual, reference.numpy(), rtol=1e-4, atol=1e-5)


def test_every_operation_has_a_case() -> None:
    tested_elsewhere = {"parameter", "buffer"}  # without inputs; see tests/onnx_backend/test_batch.py
    missing = TABLE.keys() - {case.op for case in CASES} - tested_elsewhere
    assert not missing, f"add a row to tests/onnx_backend/cases.py for: {', '.join(sorted(missing))}"
