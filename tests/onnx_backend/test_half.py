"""Values in half precision, by ONNX's reference implementation: ONNX Runtime refuses bfloat16 on CPUs.

A number of bfloat16 has eight binary digits, so that rounding to it is off by 2^-8 of it at most; float16 has eleven.
"""

# onnx and torch are typed in part, ml_dtypes not at all:
# pyright: reportUnknownMemberType=false, reportUnknownVariableType=false, reportUnknownArgumentType=false
# pyright: reportUnknownLambdaType=false

from __future__ import annotations

from math import sqrt
from pathlib import Path
from typing import Any

import numpy as np
import onnx
import pytest
import torch
from onnx.reference import ReferenceEvaluator

import netspec
import netspec_onnx
import netspec_torch

from .case import Case
from .cases import CASES
from .support import Array, Lively, one, tensors, written
from .test_operators import ids

KINDS: dict[str, Any] = {"bfloat16": pytest.importorskip("ml_dtypes").bfloat16, "float16": np.float16}
TORCH = {"bfloat16": torch.bfloat16, "float16": torch.float16}
UNIT = {"bfloat16": 2.0**-8, "float16": 2.0**-11}
ROUNDINGS = {"LayerNormalization": 6, "GroupNormalization": 6, "InstanceNormalization": 6, "BatchNormalization": 6}
"""Of a node: mean, deviation, variance, quotient, product and sum are rounded each (with given moments deviation, product,
variance, its root, quotient and sum); of others, the sum and the result.
"""

WRONG: dict[str, str] = {
    "local_response_norm": "goes over as many channels as there are examples",
    "max_unpool2d": "has no places beyond the first example",
    "rnn": "does not know the activation Relu",
    "conv_transpose2d groups=2": "does not know groups",
}
"""Operations that ONNX's reference implementation gets wrong in any element type, and how."""


def wrong(case: Case) -> bool:
    """Whether there is nothing to compare with."""
    return case.op in WRONG or (f"{case.op} groups={case.args.get('groups')}") in WRONG


@pytest.mark.parametrize("dtype", KINDS)
@pytest.mark.parametrize("case", [c for c in CASES if not wrong(c)], ids=ids)
def test_values_of_every_operation(case: Case, dtype: str, tmp_path: Path) -> None:
    """As of PyTorch in single precision, with weights and inputs that have so few digits."""
    graph = one(case.op, case.inputs, case.args)
    model = onnx.load(written(graph, tmp_path / "one.onnx", dtype=dtype))
    feeds = {f"x{i}": narrowed(x.draw(2, i), dtype) for i, x in enumerate(case.inputs)}
    weights = {
        n.removeprefix("op."): t.to(TORCH[dtype]).float() if t.is_floating_point() else t for n, t in tensors(graph).items()
    }
    with torch.no_grad():
        wanted: Any = case.reference(weights, *(torch.from_numpy(widened(x)) for x in feeds.values()))
    for found, expected in zip(evaluated(model, feeds), [wanted] if isinstance(wanted, torch.Tensor) else wanted, strict=True):
        assert found.shape == tuple(expected.shape)
        if found.dtype != KINDS[dtype]:
            np.testing.assert_array_equal(found, expected.numpy())
            continue
        greatest = max(1.0, float(expected.abs().max()))  # inputs are of that size
        allowed = sum(ROUNDINGS.get(n.op_type, 2) for n in model.graph.node) * UNIT[dtype] * greatest
        assert float(np.abs(widened(found) - expected.numpy()).max()) <= allowed


NETWORKS = {
    "convolutions": ("[3, 9, 8]", """[{conv2d: 6, kernel: 3, padding: 1, activation: relu}, batch_norm, {max_pool2d: 2},
        {depthwise_conv2d: {kernel: 3}}, {avg_pool2d: 2}, flatten, {dense: 5}]"""),
    "upwards": ("[3, 5, 4]", """[{conv_transpose2d: 6, kernel: 3, stride: 2}, {group_norm: 2}, gelu,
        {upsample: 2}, {conv2d: 4, kernel: 3}]"""),
    "attention": ("[6, 8]", "[{attention: 2}, layer_norm, {dense: 12, activation: gelu}, {attention: 3, causal: true}, softmax]"),
    "recurrent": ("[6, 8]", "[{lstm: 5}, {gru: 4}]"),
}  # fmt: skip


@pytest.mark.parametrize("dtype", KINDS)
@pytest.mark.parametrize("name", NETWORKS)
def test_networks_are_as_pytorchs(name: str, dtype: str, tmp_path: Path) -> None:
    """Roundings are independent: after n of them u √(n/3) is their deviation, and three times that their greatest."""
    shape, layers = NETWORKS[name]
    graph = netspec.loads(f"netspec: 1\nname: {name}\ninput: {shape}\nlayers: {layers}\n")
    path = tmp_path / "net.onnx"
    netspec_onnx.export(graph, path, source=Lively(), dtype=dtype)
    model = onnx.load(path)
    x = np.random.default_rng(0).uniform(-1, 1, (2, *graph.values[0].shape)).astype(np.float32)
    (found,) = evaluated(model, {"input": narrowed(x, dtype)})
    with torch.no_grad():
        expected = netspec_torch.build(graph, weights=Lively()).eval().to(TORCH[dtype])(torch.from_numpy(x).to(TORCH[dtype]))
    if not isinstance(expected, torch.Tensor):
        (expected,) = expected.values()
    assert found.dtype == KINDS[dtype]
    assert expected.dtype == TORCH[dtype]
    wanted = expected.float().numpy()
    roundings = 2 * sum(n.op_type != "Constant" for n in model.graph.node)  # in the file and in PyTorch
    allowed = sqrt(3 * roundings) * UNIT[dtype]
    assert float(np.abs(widened(found) - wanted).max() / np.abs(wanted).max()) <= allowed
    assert float(np.abs(wanted[0] - wanted[1]).max() / np.abs(wanted).max()) > 4 * allowed


def evaluated(model: onnx.ModelProto, feeds: dict[str, Array]) -> list[Array]:
    """The outputs of ONNX's reference implementation."""
    with np.errstate(all="ignore"):
        return [np.asarray(y) for y in ReferenceEvaluator(model).run(None, feeds)]


def narrowed(x: Array, dtype: str) -> Array:
    """In half precision where it is a number with a fraction."""
    return x.astype(KINDS[dtype]) if x.dtype == np.float32 else x


def widened(x: Array) -> Array:
    """In single precision where it is in half."""
    return x.astype(np.float32) if x.dtype in KINDS.values() else x
