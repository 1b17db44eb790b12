"""Weight norm and spectral norm: names, values and training steps of ``torch.nn.utils.parametrizations``."""

# torch and onnxruntime are typed in part:
# mypy: disable-error-code="no-untyped-call"
# pyright: reportUnknownMemberType=false, reportUnknownVariableType=false, reportUnknownArgumentType=false

from __future__ import annotations

import copy
from pathlib import Path

import onnxruntime as ort  # type: ignore[import-untyped]  # it has no types
import pytest
import torch
from torch import nn
from torch.nn.utils import parametrizations

import netspec
import netspec_onnx
from netspec_torch import source
from tests.vision import torchvision

ROWS = [
    ("[4, 9]", "{conv1d: 6, kernel: 3, weights: {weight: {weight_norm: 2}}}", nn.Conv1d(4, 6, 3), "weight_norm", 2),
    ("[5]", "{dense: 3, weights: {weight: {weight_norm}}}", nn.Linear(5, 3), "weight_norm", 0),
    ("[5]", "{dense: 3, weights: {weight: {spectral_norm}}}", nn.Linear(5, 3), "spectral_norm", 0),
    (
        "[4, 5, 6]",
        "{conv_transpose2d: 3, kernel: 2, weights: {weight: {spectral_norm: 1}}}",
        nn.ConvTranspose2d(4, 3, 2),
        "spectral_norm",
        1,
    ),
]


@pytest.mark.parametrize(("shape", "layer", "module", "name", "axis"), ROWS)
def test_pytorch_has_the_same(shape: str, layer: str, module: nn.Module, name: str, axis: int, tmp_path: Path) -> None:
    (tmp_path / "net.yaml").write_text(f"netspec: 1\ninput: {shape}\nlayers:\n  op: {layer}\n", encoding="utf-8")
    graph = netspec.load(tmp_path / "net.yaml")
    ours = netspec.build(graph)
    theirs = nn.Sequential()
    theirs.add_module("op", getattr(parametrizations, name)(copy.deepcopy(module), dim=axis))
    assert {k: v.shape for k, v in ours.state_dict().items()} == {k: v.shape for k, v in theirs.state_dict().items()}
    if name == "weight_norm":  # initially the weight is the one that is stored
        state = ours.state_dict()
        stored = state["op.parametrizations.weight.original1"]
        others = [a for a in range(stored.ndim) if a != axis]
        norms = torch.linalg.vector_norm(stored, dim=others, keepdim=True)
        torch.testing.assert_close(state["op.parametrizations.weight.original0"], norms)
    x = torch.randn(3, *graph.input_types["input"].shape)
    ours.load_state_dict(theirs.state_dict())
    for _ in range(2):
        for model in (ours, theirs):
            optimizer = torch.optim.SGD(model.parameters(), 0.1)
            model(x).square().mean().backward()
            optimizer.step()
        for key, value in theirs.state_dict().items():
            torch.testing.assert_close(ours.state_dict()[key], value, rtol=1e-4, atol=1e-5, msg=key)
    torch.testing.assert_close(ours.eval()(x), theirs.eval()(x), rtol=1e-4, atol=1e-5)
    netspec_onnx.export(graph, tmp_path / "net.onnx")
    session = ort.InferenceSession(tmp_path / "net.onnx")
    actual = torch.from_numpy(session.run(None, {"input": x.numpy()})[0])
    torch.testing.assert_close(actual, netspec.build(graph).eval()(x).detach(), rtol=1e-4, atol=1e-5)


def test_initial_values_of_the_written_text(tmp_path: Path) -> None:
    (tmp_path / "net.yaml").write_text(
        "netspec: 1\ninput: [8]\nlayers:\n  a: {dense: 5, weights: {weight: {weight_norm}}}\n"
        "  b: {dense: 6, weights: {weight: {spectral_norm}}}\n",
        encoding="utf-8",
    )
    names: dict[str, object] = {}
    exec(source(netspec.load(tmp_path / "net.yaml")), names)
    net = names["Net"]
    assert isinstance(net, type)
    for state in (net().state_dict(), netspec.build(tmp_path / "net.yaml").state_dict()):
        v = state["a.parametrizations.weight.original1"]
        torch.testing.assert_close(state["a.parametrizations.weight.original0"], v.norm(dim=1, keepdim=True))
        w = state["b.parametrizations.weight.original"]
        u, v = state["b.parametrizations.weight.0._u"], state["b.parametrizations.weight.0._v"]
        torch.testing.assert_close(u @ w @ v, torch.linalg.matrix_norm(w, 2), rtol=0.05, atol=0)
        assert all(abs(t.norm() - 1) < 1e-5 for t in (u, v))


def test_scaled_standardisation(tmp_path: Path) -> None:
    """Brock et al. 2021, NFNets, Equation 1, as timm has it: a block in place of the weights of all convolutions."""
    torchvision()
    from timm.layers import ScaledStdConv2d  # type: ignore[attr-defined, unused-ignore] # it has no types

    (tmp_path / "net.yaml").write_text(
        "netspec: 1\ninput: [4, 9, 9]\ndefaults: {conv2d: {weights: {weight: {Scaled: 1.7}}}}\nblocks:\n"
        "  Scaled:\n    params: {gamma: float}\n    layers:\n"
        "      gain: {parameter: ['$(input.shape[0])', 1, 1, 1], init: ones}\n"
        "      centred: {layer_norm: {axis: [1, 2, 3], affine: false, eps: 1e-6}}\n"
        "      scaled: {multiply: gain}\n"
        "      out: {rescale: '$(gamma / sqrt(prod(input.shape) / input.shape[0]))'}\n"
        "layers:\n  conv: {conv2d: 6, kernel: 3, groups: 2, padding: 1, stride: 2}\n",
        encoding="utf-8",
    )
    ours = netspec.build(tmp_path / "net.yaml")
    theirs = nn.Sequential()
    theirs.add_module("conv", ScaledStdConv2d(4, 6, 3, stride=2, padding=1, groups=2, gamma=1.7, eps=1e-6))
    state = {name: torch.randn_like(tensor) for name, tensor in ours.state_dict().items()}
    theirs.load_state_dict(state)
    ours.load_state_dict(state)
    x = torch.randn(2, 4, 9, 9)
    torch.testing.assert_close(ours(x), theirs(x), rtol=1e-4, atol=1e-5)
