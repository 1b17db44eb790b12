"""Signals and sampling: shapes, what an output depends on, gradients; batch normalisation that is frozen."""

# torch is typed in part:
# pyright: reportUnknownMemberType=false, reportUnknownVariableType=false, reportUnknownArgumentType=false

from __future__ import annotations

import pytest

import netspec
from netspec.shapes.types import TensorType

from .support import dependence, make, shape_error


def test_transforms() -> None:
    built = make("rfft", (3, 8), axis=1)
    assert built.outputs == (TensorType((3, 5, 2), "float32", ("sequence", "channels", "")),)
    assert make("irfft", (3, 5, 2), axis=1).shape == (3, 8)
    assert make("irfft", (3, 5, 2), axis=1, size=9).shape == (3, 9)
    assert shape_error("irfft", (3, 5, 2), axis=1, size=10).startswith("NS533: a signal of size 10 has 6 frequencies")
    assert shape_error("irfft", (5, 2), axis=1).startswith("NS533")
    assert shape_error("rfft", TensorType((8,), "float16", ("",)), axis=0).startswith("NS548")


def test_grid_sample() -> None:
    built = make("grid_sample", (3, 6, 7), TensorType((4, 5, 2), "float32", ("", "", "")))
    assert (built.shape, built.axes) == ((3, 4, 5), ("channels", "height", "width"))
    seen = dependence(built)
    assert all(seen[i, :, :, j].all() == (i == j) for i in range(3) for j in range(3))
    assert shape_error("grid_sample", (3, 6, 7), (4, 5)).startswith("NS533")


def test_roi_align() -> None:
    built = make("roi_align", (3, 6, 7), TensorType((5, 4), "float32", ("", "")), size=[2, 4])
    assert (built.shape, built.axes) == ((5, 3, 2, 4), ("", "channels", "height", "width"))
    assert dependence(built)[0, 1, 0, 0, 1].all()
    assert not dependence(built)[0, 1, 0, 0, 2].any()
    assert not dependence(built, number=1)[2, :, :, :, 1].any()
    assert shape_error("roi_align", (3, 6, 7), (5, 5), size=2).startswith("NS533: 'roi_align' takes (channels, height")


def test_gradients() -> None:
    torch = pytest.importorskip("torch")
    text = "netspec: 1\ninput: [4, 8]\nlayers:\n  fc: {dense: 8}\n  f: {rfft: channels}\n  t: {irfft: channels}\n"
    model = netspec.build(netspec.loads(text))
    x = torch.randn(2, 4, 8)
    torch.testing.assert_close(model(x), model.get_submodule("fc")(x))
    model(x).square().sum().backward()
    assert all(p.grad is not None for p in model.parameters())
    text = "netspec: 1\ninputs: {x: [3, 6, 6], g: [4, 4, 2]}\nlayers:\n  s: {grid_sample, from: [x, g]}\n"
    sampler = netspec.build(netspec.loads(text))
    grid = torch.zeros(2, 4, 4, 2, requires_grad=True)
    sampler(torch.randn(2, 3, 6, 6), grid).square().sum().backward()
    assert grid.grad is not None
    assert grid.grad.abs().sum() > 0


def test_frozen_batch_norm_is_the_same_in_training() -> None:
    """Detectors keep the numbers of ImageNet; names and values are those of torchvision's FrozenBatchNorm2d."""
    torch = pytest.importorskip("torch")
    graph = netspec.loads("netspec: 1\ninput: [3, 5, 5]\nlayers:\n  norm: {batch_norm: {frozen: true}}\n")
    assert (netspec.analyze(graph).params, netspec.analyze(graph).buffers) == (0, 12)
    model = netspec.build(graph)
    state = {f"norm.{name}": torch.rand(3) + 0.5 for name in ("weight", "bias", "running_mean", "running_var")}
    model.load_state_dict(state)
    assert not list(model.parameters())
    x = torch.randn(4, 3, 5, 5)
    weight, bias, mean, var = (tensor.view(3, 1, 1) for tensor in state.values())
    scale = weight * (var + 1e-5).rsqrt()
    for training in (True, False):
        torch.testing.assert_close(model.train(training)(x), x * scale + (bias - mean * scale))
    torch.testing.assert_close(model.state_dict(), state)
