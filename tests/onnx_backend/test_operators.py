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
from .support import assert_described, assert_inferred, assert_types_allowed, one, run, tensors, written

OPSETS = (13, 18, 20, 23)
"""Both ends of the range, the default, and the one in between that changed most operands."""


def ids(case: Case) -> str:
    return f"{case.op}-{'-'.join(f'{k}={v}' for k, v in case.args.items())}"[:80].replace(" ", "")


@pytest.mark.parametrize("opset", OPSETS)
@pytest.mark.parametrize("case", CASES, ids=ids)
def test_values_types_and_shapes(case: Case, opset: int, tmp_path: Path) -> None:
    graph = one(case.op, case.inputs, case.args)
    path = written(graph, tmp_path / "one.onnx", opset=opset)
    model = onnx.load(path)
    assert_inferred(model)
    assert_described(graph, model)
    assert_types_allowed(model)
    weights = {name.removeprefix("op."): t for name, t in tensors(graph).items()}
    for batch in (1, 3):
        feeds = {f"x{i}": x.draw(batch, i) for i, x in enumerate(case.inputs)}
        with torch.no_grad():
            wanted: Any = case.reference(weights, *(torch.from_numpy(x) for x in feeds.values()))
        wanted = [wanted] if isinstance(wanted, torch.Tensor) else list(wanted)
        for ours, theirs in zip(run(path, feeds), wanted, strict=True):
            assert ours.shape == tuple(theirs.shape)
            np.testing.assert_allclose(ours, theirs.numpy(), rtol=1e-4, atol=1e-5)


def test_every_operation_has_a_case() -> None:
    built_elsewhere = {"parameter", "buffer"}  # they have no input: tests/onnx_backend/test_batch.py
    missing = TABLE.keys() - {case.op for case in CASES} - built_elsewhere
    assert not missing, f"add a row to tests/onnx_backend/cases.py for: {', '.join(sorted(missing))}"
