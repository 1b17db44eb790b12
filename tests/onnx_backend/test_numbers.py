"""Every number among the arguments of operations, from tiny to huge: rejected, or the same in PyTorch and ONNX."""

# onnx, onnxruntime and torch are typed in part:
# pyright: reportUnknownMemberType=false, reportUnknownVariableType=false, reportUnknownArgumentType=false

from __future__ import annotations

import json
import math
from pathlib import Path
from typing import Any

import numpy as np
import onnx
import pytest
import torch

import netspec_torch
from netspec.ir import Graph
from netspec.ops import ArgumentError, find
from netspec.shapes.shape_error import ShapeError

from .case import Case
from .cases import CASES
from .support import Array, Input, TrainedWeights, assert_inferred, run, single_operation, write_onnx

MOST_ELEMENTS = 100_000
NUMBERS: tuple[float, ...] = (
    0, -0.0, 1e-45, 1e-40, 1e-38, 1.2e-38, 1e-12, 0.5, -1.0, 7, 101, 1e5, -1e10, 2**62, 2**63, 1e20, -1e30, 1e38, -1e38,
    3.4e38, 3.41e38, 10**39, 1e300, -1e300, math.nan, math.inf, -math.inf,
)  # fmt: skip
BEYOND_FLOAT32 = tuple(v for v in NUMBERS if not abs(v) <= 3.4028234663852886e38)


def number_arguments(case: Case) -> list[str]:
    """The arguments that accept numbers other than integers."""
    every = find(case.op).arguments.items()
    return [name for name, a in every if '"number"' in json.dumps(a.validator.schema, default=str)]


def rows() -> list[tuple[Case, str]]:
    """Each number of each operation, once for each other choice that its case makes."""
    out: dict[tuple[str, str, str], tuple[Case, str]] = {}
    for case in CASES:
        for name in number_arguments(case):
            others = {k: v for k, v in case.args.items() if k in ("mode", "p", "size", "approximate")}
            out.setdefault((case.op, name, str(others)), (case, name))
    return list(out.values())


def network(case: Case, name: str, value: float) -> tuple[Graph, tuple[Input, ...]] | None:
    """The network of the case with that number, and its inputs; None if it is rejected or too large to run."""
    args: dict[str, Any] = {**case.args, name: value}
    inputs = case.inputs
    if case.op == "upsample":
        args = {k: v for k, v in args.items() if k not in ("size", "like")}
        inputs = inputs[:1]
    try:
        graph = single_operation(case.op, inputs, args)
    except (ArgumentError, ShapeError):
        return None
    too_large = any(math.prod(x.shape) > MOST_ELEMENTS for x in graph.values)
    return None if too_large else (graph, inputs)


@pytest.mark.parametrize(("case", "name"), rows(), ids=lambda v: v if isinstance(v, str) else v.op)
def test_numbers_are_rejected_or_work_in_both_backends(case: Case, name: str, tmp_path: Path) -> None:
    accepted = 0
    for value in NUMBERS:
        built = network(case, name, value)
        if built is None:
            continue
        assert value not in BEYOND_FLOAT32
        accepted += 1
        graph, inputs = built
        feeds = {f"x{i}": x.sample(2, i) for i, x in enumerate(inputs)}
        path = write_onnx(graph, tmp_path / "one.onnx")
        assert_inferred(onnx.load(path))
        for actual, expected in zip(run(path, feeds), _pytorch(graph, feeds), strict=True):
            finite = np.abs(expected[np.isfinite(expected)])
            tolerance = 1e-5 * max(1.0, float(finite.max(initial=0)))
            np.testing.assert_allclose(actual, expected, rtol=1e-3, atol=tolerance, equal_nan=True)
    assert accepted >= 2


def _pytorch(graph: Graph, feeds: dict[str, Array]) -> list[Array]:
    """The outputs of the module."""
    module = netspec_torch.build(graph, weights=TrainedWeights()).eval()
    with torch.no_grad():
        result: Any = module(*map(torch.from_numpy, feeds.values()))
    outputs = [result] if isinstance(result, torch.Tensor) else list(result.values())
    return [y.numpy() for y in outputs]


@pytest.mark.parametrize("p", [1, 1.5, 3, 7])
def test_the_norm_of_a_window_is_that_of_absolute_values(p: float, tmp_path: Path) -> None:
    """An odd power of a negative number is negative."""
    graph = single_operation("lp_pool2d", (Input((3, 6, 8)),), {"size": 2, "p": p})
    x = Input((3, 6, 8)).sample(2, 0)
    (actual,) = run(write_onnx(graph, tmp_path / "one.onnx"), {"x0": x})
    windows = torch.from_numpy(x).abs().pow(p).unfold(2, 2, 2).unfold(3, 2, 2)
    expected = windows.sum((-1, -2)).pow(1 / p).numpy()
    np.testing.assert_allclose(actual, expected, rtol=1e-4)
    np.testing.assert_allclose(_pytorch(graph, {"x0": x})[0], expected, rtol=1e-4)
