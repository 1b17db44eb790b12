"""Every operation: shapes, parameters, names, cost, gradients, and that the text alone gives the same."""

# torch is typed in part:
# pyright: reportUnknownMemberType=false, reportUnknownVariableType=false, reportUnknownArgumentType=false

from __future__ import annotations

import pytest
import torch

import netspec_torch
from netspec.ops import find
from netspec.ops.dense import Bilinear
from netspec.ops.recurrent import Recurrent
from tests.onnx_backend.case import Case
from tests.onnx_backend.cases import CASES
from tests.onnx_backend.support import single_operation

from .support import check_facts, check_macs, check_source, check_training
from .test_values import ids

NO_COUNT = ("connections", "sinks")
"""Arguments with which PyTorch counts otherwise: a sink is one more key of zeros."""
UNCOUNTED = (Recurrent, Bilinear)
"""FlopCounterMode sees into no fused recurrent kernel, and counts a product of ``bilinear`` that makes the features."""


@pytest.mark.parametrize("case", CASES, ids=ids)
def test_facts(case: Case) -> None:
    graph = single_operation(case.op, case.inputs, case.args)
    model = netspec_torch.build(graph)
    given = [
        torch.from_numpy(abs(x.sample(3, i)) if x.dtype == "float32" else x.sample(3, i))
        for i, x in enumerate(case.inputs)
    ]
    expected = check_facts(graph, model, given)
    check_source(graph, model, given, expected)
    if not issubclass(find(case.op), UNCOUNTED) and not any(map(case.args.get, NO_COUNT)):
        check_macs(graph, model, given)
    check_training(graph, model, given)
