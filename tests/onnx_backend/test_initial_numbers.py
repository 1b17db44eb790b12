"""Initial values of every kind and size, in every type: rejected, or finite and the same in PyTorch and ONNX."""

# onnx, onnxruntime and torch are typed in part:
# pyright: reportUnknownMemberType=false, reportUnknownVariableType=false, reportUnknownArgumentType=false

from __future__ import annotations

import warnings
from pathlib import Path
from typing import Any

import numpy as np
import onnx
import pytest
import torch

import netspec
import netspec_torch
from netspec.shapes.types import DTYPES

from .support import assert_inferred, run

NUMBERS = ("0", "-1", "1e-45", "0.5", "70000", "1e38", "3.4e38", "1e39", "1e300", ".nan", "9223372036854775808",
           "1" + "0" * 39, "true", "[1]")  # fmt: skip
ONE_NUMBER = ("constant", "normal", "truncated_normal", "uniform")
INITS = (
    "zeros", "ones", "he_normal", "orthogonal", "identity",
    *(f"{{{kind}: {number}}}" for kind in ONE_NUMBER for number in NUMBERS),
    "[1, 2]", "[[1, 2], [3, 4]]", "[[1, 2], [3]]", "[]", "[[]]", "[.nan, 1]", "[1e39, 0]", "[true, false]", "[0.5, 1]",
    "[-1, 1]", "[300, 70000]", "[1099511627775, 1]", "[9223372036854775808, 1]", "[null, 1]", "[a, 1]", "5", "1.5",
    "{relative_position_index: [1]}", "{relative_position_index: [2]}", "{relative_position_index: []}",
    "{relative_position_index: 2}", "{relative_position_index: [[2, 1]]}", "{relative_position_index: [[3, 2]]}",
    "{relative_position_index: [[1, 2, 3]]}", "{relative_position_index: [4096, 4096, 4096]}",
    "{relative_position_index: null}", "{log_relative_coordinates: [2]}", "{log_relative_coordinates: [1, 1]}",
    "{log_relative_coordinates: 3}", "{log_relative_coordinates: {a: 1}}",
    "{shifted_window_mask: {size: [2], window: [1], shift: [0]}}", "{shifted_window_mask: [1]}",
    "{shifted_window_mask: {size: 2, window: 1, shift: 0}}", "{shifted_window_mask: {size: [], window: [], shift: []}}",
    "{shifted_window_mask: {size: [2, 2], window: [1], shift: 0}}", "{shifted_window_mask: null}",
    "{weight: {normal: 1e300}}", "{bias: [1, 2]}", "{weight: {relative_position_index: [2]}}",
    "{bias: {log_relative_coordinates: [1]}}", "{weight: null}", "{}", "{normal: 1, constant: 1}", "null", "nothing",
)  # fmt: skip
STORED = {
    **{f"buffer of {dtype}": (f"{{buffer: [2], dtype: {dtype}, init: %s}}", dtype, "[2]") for dtype in DTYPES},
    "square buffer": ("{buffer: [2, 2], dtype: float32, init: %s}", "float32", "[2, 2]"),
    "parameter": ("{parameter: [2], init: %s}", "float32", "[2]"),
}
"""Stored tensors, which are concatenated with an input of their type and shape."""
WEIGHTED = {
    "dense": ("{dense: 2, init: %s}", "[2]"),
    "batch_norm": ("{batch_norm, init: %s}", "[2]"),
    "lstm": ("{lstm: 2, init: %s}", "[2, 2]"),
    "prelu": ("{prelu, init: %s}", "[2]"),
}


def stored_spec(kind: str, init: str) -> str:
    """A spec of a stored tensor and an input."""
    layer, dtype, shape = STORED[kind]
    return (
        f"netspec: 1\ninput: {{shape: {shape}, dtype: {dtype}}}\nlayers:\n  table: {layer % init}\n"
        "  both: {concat: [input, table], axis: 0}\n"
    )


def weighted_spec(kind: str, init: str) -> str:
    """A spec of an operation with weights."""
    layer, shape = WEIGHTED[kind]
    return f"netspec: 1\ninput: {shape}\nlayers:\n  layer: {layer % init}\n"


def agrees(text: str, folder: Path, *, finite: bool) -> bool:
    """Whether a spec is valid; both backends then have the same values, without a warning.

    Args:
        text: the spec.
        folder: where files are written.
        finite: whether the outputs must be finite.
    """
    try:
        graph = netspec.loads(text)
    except netspec.SpecError as error:
        assert {d.code for d in error.diagnostics} <= {"NS202", "NS221", "NS568"}
        return False
    (kind,) = (graph.values[value] for value in graph.inputs.values())
    x = np.ones((2, *kind.shape), np.float32)
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        model = netspec_torch.build(graph).eval()
        path = folder / "one.onnx"
        netspec.export(graph, path)
    with torch.no_grad():
        result: Any = model(torch.from_numpy(x).to(getattr(torch, kind.dtype)))
    expected = result if isinstance(result, torch.Tensor) else next(iter(result.values()))
    assert_inferred(onnx.load(path))
    if finite:
        assert bool(expected.isfinite().all())
    if kind.dtype != "bfloat16":
        actual = run(path, {"input": x.astype(kind.dtype)})[0]
        assert str(actual.dtype) == str(expected.dtype).removeprefix("torch.")
        np.testing.assert_allclose(
            actual.astype(np.float64), expected.double().numpy(), rtol=1e-3, atol=1e-4, equal_nan=True
        )
    return True


@pytest.mark.parametrize("kind", STORED)
def test_stored_tensors_hold_their_initial_values(kind: str, tmp_path: Path) -> None:
    valid = [init for init in INITS if agrees(stored_spec(kind, init), tmp_path, finite=True)]
    dtype = STORED[kind][1]
    assert {"zeros", "ones"} <= set(valid)
    assert ("{constant: 0.5}" in valid) == ("float" in dtype)
    assert ("{constant: 70000}" in valid) == (dtype not in ("float16", "bool"))
    assert ("{normal: 0.5}" in valid) == ("float" in dtype)
    assert ("{normal: 1e38}" in valid) == (dtype == "float64")
    assert not {"{constant: 1e39}", "{normal: 1e300}", "[1e39, 0]", "[.nan, 1]"} & set(valid)


@pytest.mark.parametrize("kind", WEIGHTED)
def test_weights_hold_their_initial_values(kind: str, tmp_path: Path) -> None:
    valid = [init for init in INITS if agrees(weighted_spec(kind, init), tmp_path, finite=False)]
    assert {"zeros", "{normal: 0.5}", "{constant: 3.4e38}"} <= set(valid)
    assert not [init for init in valid if "relative" in init or "mask" in init]
