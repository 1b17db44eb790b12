# onnx and torch are typed in part:
# pyright: reportUnknownMemberType=false

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
import onnx
import pytest
import torch

from netspec.backend import BackendError
from netspec.ops import TABLE

from .case import SINCE, WITHOUT_KERNEL, Case, opsets
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


@pytest.mark.parametrize(("case", "opset"), [
    pytest.param(c, n, id=f"{ids(c)}-{n}") for c in CASES for n in opsets(c.op, *OPSETS) if n < WITHOUT_KERNEL.get(c.op, 99)
])  # fmt: skip
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
    tested_elsewhere |= {"weight_norm", "spectral_norm"}  # of weights; see tests/torch_backend/test_parametrisations.py
    missing = TABLE.keys() - {case.op for case in CASES} - tested_elsewhere
    assert not missing, f"add a row to tests/onnx_backend/cases.py for: {', '.join(sorted(missing))}"


@pytest.mark.parametrize("op", SINCE)
def test_an_operator_set_without_an_operation_is_an_error(op: str, tmp_path: Path) -> None:
    case = next(c for c in CASES if c.op == op)
    message = f"'{op}' needs opset {SINCE[op]} or later; found {SINCE[op] - 1}"
    with pytest.raises(BackendError, match=message):
        write_onnx(single_operation(op, case.inputs, case.args), tmp_path / "one.onnx", opset=SINCE[op] - 1)
