"""Values in half precision, by ONNX's reference implementation: ONNX Runtime rejects bfloat16 on CPUs.

bfloat16 has eight binary digits, so its relative rounding error is at most 2^-8; float16 has eleven.
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
from netspec.backend import OnnxDtype
from tests.cli_support import ran

from .case import Case
from .cases import CASES
from .support import ActiveWeights, Array, parameter_tensors, single_operation, write_onnx
from .test_operators import ids

KINDS: dict[str, Any] = {"bfloat16": pytest.importorskip("ml_dtypes").bfloat16, "float16": np.float16}
TORCH = {"bfloat16": torch.bfloat16, "float16": torch.float16}
UNIT = {"bfloat16": 2.0**-8, "float16": 2.0**-11}
ROUNDINGS = {"LayerNormalization": 6, "GroupNormalization": 6, "InstanceNormalization": 6, "BatchNormalization": 6}
"""Roundings of a node: mean, deviation, variance, quotient, product and sum (with stored moments: deviation, product,
variance, its root, quotient and sum); of other nodes, the sum and the result.
"""

WRONG: dict[str, str] = {
    "local_response_norm": "uses the batch size as the number of channels",
    "max_unpool2d": "supports only the first example",
    "grid_sample": "knows the names of modes of operator set 20 alone",
    "recurrence": "its Scan supports the first axis alone",
    "rnn": "lacks the activation Relu",
    "conv_transpose2d groups=2": "lacks groups",
}
"""Operations that ONNX's reference implementation computes wrongly in every element type, and how."""


def is_wrong_in_reference(case: Case) -> bool:
    """Whether ONNX's reference implementation cannot be used for a case."""
    amounts = np.ravel(case.args.get("amount", 0)) if case.op == "pad" else np.zeros(1)
    return bool((amounts < 0).any()) or case.op in WRONG or (f"{case.op} groups={case.args.get('groups')}") in WRONG


@pytest.mark.parametrize("dtype", KINDS)
@pytest.mark.parametrize("case", [c for c in CASES if not is_wrong_in_reference(c)], ids=ids)
def test_values_of_every_operation(case: Case, dtype: str, tmp_path: Path) -> None:
    """Compared with PyTorch in single precision, with weights and inputs rounded to half precision."""
    graph = single_operation(case.op, case.inputs, case.args)
    model = onnx.load(write_onnx(graph, tmp_path / "one.onnx", dtype=dtype))
    feeds = {f"x{i}": narrow(x.sample(2, i), dtype) for i, x in enumerate(case.inputs)}
    weights = {
        n.removeprefix("op."): t.to(TORCH[dtype]).float() if t.is_floating_point() else t
        for n, t in parameter_tensors(graph).items()
    }
    with torch.no_grad():
        expected: Any = case.reference(weights, *(torch.from_numpy(widen(x)) for x in feeds.values()))
    for actual, reference in zip(
        evaluate(model, feeds), [expected] if isinstance(expected, torch.Tensor) else expected, strict=True
    ):
        assert actual.shape == tuple(reference.shape)
        if actual.dtype != KINDS[dtype]:
            np.testing.assert_array_equal(actual, reference.numpy())
            continue
        largest = max(1.0, float(reference.abs().max()))  # the scale of the inputs
        allowed = sum(ROUNDINGS.get(n.op_type, 2) for n in model.graph.node) * UNIT[dtype] * largest
        assert float(np.abs(widen(actual) - reference.numpy()).max()) <= allowed


NETWORKS = {
    "convolutions": ("[3, 9, 8]", """[{conv2d: 6, kernel: 3, padding: 1, activation: relu}, batch_norm, {max_pool2d: 2},
        {depthwise_conv2d: {kernel: 3}}, {avg_pool2d: 2}, flatten, {dense: 5}]"""),
    "upsampling": ("[3, 5, 4]", """[{conv_transpose2d: 6, kernel: 3, stride: 2}, {group_norm: 2}, gelu,
        {upsample: 2}, {conv2d: 4, kernel: 3}]"""),
    "attention": ("[6, 8]", "[{attention: 2}, layer_norm, {dense: 12, activation: gelu}, {attention: 3, causal: true}, softmax]"),
    "recurrent": ("[6, 8]", "[{lstm: 5}, {gru: 4}]"),
}  # fmt: skip


@pytest.mark.parametrize("dtype", KINDS)
@pytest.mark.parametrize("name", NETWORKS)
def test_networks_agree_with_pytorch(name: str, dtype: OnnxDtype, tmp_path: Path) -> None:
    """Roundings are independent: n of them have a standard deviation of u √(n/3); three times that is allowed."""
    shape, layers = NETWORKS[name]
    graph = netspec.loads(f"netspec: 1\nname: {name}\ninput: {shape}\nlayers: {layers}\n")
    path = tmp_path / "net.onnx"
    netspec_onnx.export(graph, path, source=ActiveWeights(), dtype=dtype)
    model = onnx.load(path)
    x = np.random.default_rng(0).uniform(-1, 1, (2, *graph.values[0].shape)).astype(np.float32)
    (actual,) = evaluate(model, {"input": narrow(x, dtype)})
    with torch.no_grad():
        reference = (
            netspec_torch.build(graph, weights=ActiveWeights())
            .eval()
            .to(TORCH[dtype])(torch.from_numpy(x).to(TORCH[dtype]))
        )
    if not isinstance(reference, torch.Tensor):
        (reference,) = reference.values()
    assert actual.dtype == KINDS[dtype]
    assert reference.dtype == TORCH[dtype]
    expected = reference.float().numpy()
    roundings = 2 * sum(n.op_type != "Constant" for n in model.graph.node)  # in the file and in PyTorch
    allowed = sqrt(3 * roundings) * UNIT[dtype]
    assert float(np.abs(widen(actual) - expected).max() / np.abs(expected).max()) <= allowed
    assert float(np.abs(expected[0] - expected[1]).max() / np.abs(expected).max()) > 4 * allowed


def evaluate(model: onnx.ModelProto, feeds: dict[str, Array]) -> list[Array]:
    """The outputs of ONNX's reference implementation."""
    with np.errstate(all="ignore"):
        return [np.asarray(y) for y in ReferenceEvaluator(model).run(None, feeds)]


def narrow(x: Array, dtype: str) -> Array:
    """Converts floating-point numbers to half precision."""
    return x.astype(KINDS[dtype]) if x.dtype == np.float32 else x


def widen(x: Array) -> Array:
    """Converts half precision to single precision."""
    return x.astype(np.float32) if x.dtype in KINDS.values() else x


@pytest.mark.parametrize(
    ("dtype", "number", "expected"),
    [
        (
            "float16",
            "70000",
            "error[NS709]: numbers of '0.weight' do not fit float16: 70000 is beyond 65,504\n"
            "  = help: --dtype bfloat16 has the range of float32\n",
        ),
        (
            "bfloat16",
            "3.4e38",
            "error[NS709]: numbers of '0.weight' do not fit bfloat16: 3.4e+38 is beyond 3.38953e+38\n"
            "  = help: --dtype float32 has a larger range\n",
        ),
    ],
)
def test_weights_beyond_the_range_are_an_error(dtype: str, number: str, expected: str, tmp_path: Path) -> None:
    """They once became the largest number of float16."""
    spec, out = tmp_path / "spec.yaml", tmp_path / "net.onnx"
    layer = "{dense: 4, init: {weight: {constant: %s}}}"
    spec.write_text(f"netspec: 1\ninput: [4]\nlayers: [{layer % number}]\n", encoding="utf-8")
    assert ran("export", str(spec), "--dtype", dtype, "-o", str(out)) == (1, "", expected)
    assert sorted(tmp_path.iterdir()) == [spec]
    spec.write_text(f"netspec: 1\ninput: [4]\nlayers: [{layer % '65504'}]\n", encoding="utf-8")
    assert ran("export", str(spec), "--dtype", dtype, "-o", str(out)).status == 0


def test_infinities_of_a_weight_file_stay_infinite(tmp_path: Path) -> None:
    spec, weights, out = tmp_path / "spec.yaml", tmp_path / "w.pt", tmp_path / "net.onnx"
    spec.write_text("netspec: 1\ninput: [2]\nlayers: [{dense: 1}]\n", encoding="utf-8")
    numbers = [[float("inf"), float("-inf")]]
    torch.save({"0.weight": torch.tensor(numbers), "0.bias": torch.zeros(1)}, weights)
    assert ran("export", str(spec), "--weights", str(weights), "--dtype", "float16", "-o", str(out)).status == 0
    (weight,) = (t for t in onnx.load(out).graph.initializer if t.name == "0.weight")
    assert onnx.numpy_helper.to_array(weight).tolist() == numbers
