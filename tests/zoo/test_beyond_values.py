"""Weights of timm and of Keras give the same outputs in our networks."""

# timm has no types, Keras has few.
# pyright: reportMissingTypeStubs=false, reportUnknownMemberType=false, reportUnknownVariableType=false
# pyright: reportUnknownArgumentType=false, reportMissingImports=false

from __future__ import annotations

import os
from collections.abc import Iterator
from typing import Any

import numpy as np
import pytest
import torch
from torch import Tensor, nn

import netspec_torch

from ..vision import torchvision
from .perturbed import perturbed
from .support import spec

TIMM: list[tuple[str, str, tuple[int, ...]]] = [
    ("senet@se_resnet18", "legacy_seresnet18", (3, 64, 64)),
    ("senet@se_resnet50", "legacy_seresnet50", (3, 64, 64)),
    ("senet@se_resnext26_32x4d", "legacy_seresnext26_32x4d", (3, 64, 64)),
    ("mlp_mixer@s_32", "mixer_s32_224", (3, 224, 224)),
]


@pytest.fixture(autouse=True)
def _one_thread() -> Iterator[None]:
    before = torch.get_num_threads()
    torch.set_num_threads(1)
    yield
    torch.set_num_threads(before)


def _ours(network: str, shape: tuple[int, ...]) -> nn.Module:
    name, _, variant = network.partition("@")
    graph = spec(name).elaborate(variant or None, shapes={"input": shape}).graph
    assert graph is not None
    return netspec_torch.build(graph, device="cpu").eval()


def _assert_same(got: Tensor, want: Tensor) -> None:
    assert got.shape == want.shape
    assert float(want.std()) > 1e-3 * float(want.abs().max()), "an output that says nothing"
    assert float((got - want).abs().max() / want.abs().max()) < 1e-5


@pytest.mark.parametrize(("network", "model", "shape"), TIMM, ids=[m for _, m, _ in TIMM])
def test_timm(network: str, model: str, shape: tuple[int, ...]) -> None:
    torchvision()
    timm = pytest.importorskip("timm")
    theirs: nn.Module = timm.create_model(model).eval()
    state = perturbed(theirs.state_dict())
    ours = _ours(network, shape)
    ours.load_state_dict(state, strict=True)
    x = torch.randn(2, *shape, generator=torch.Generator().manual_seed(1))
    with torch.no_grad():
        _assert_same(ours(x), theirs(x))


def _keras_name(name: str, variable: str) -> tuple[str, str]:
    """Where Keras has a tensor of Xception: its layer and its variable."""
    parts = name.split(".")
    norm = {"weight": "gamma", "bias": "beta", "running_mean": "moving_mean", "running_var": "moving_variance"}
    if parts[0] == "predictions":
        return parts[0], {"weight": "kernel", "bias": "bias"}[variable]
    if parts[0].startswith("block1_"):
        return (parts[0], "kernel") if parts[1] == "0" else (f"{parts[0]}_bn", norm[variable])
    shortcuts = {"block2": "", "block3": "_1", "block4": "_2", "block13": "_3"}
    if parts[1] == "shortcut":
        return f"conv2d{shortcuts[parts[0]]}", "kernel"
    if parts[1] == "shortcut_bn":
        return f"batch_normalization{shortcuts[parts[0]]}", norm[variable]
    # block5.sep.0.conv.depthwise, block2.sep1.bn, block14_sepconv1.conv.pointwise
    number = int(parts[2]) + 1 if parts[1] == "sep" else parts[1].removeprefix("sep")
    layer = parts[0] if parts[0].startswith("block14") else f"{parts[0]}_sepconv{number}"
    if "bn" in parts:
        return f"{layer}_bn", norm[variable]
    return layer, {"depthwise": "depthwise_kernel", "pointwise": "pointwise_kernel"}[parts[-1]]


def _as_keras(t: Tensor, variable: str) -> Any:
    """Keras has filters last, of depthwise ones the multiplier; dense kernels the other way round."""
    array = t.numpy()
    if array.ndim == 4:
        return array.transpose((2, 3, 0, 1) if variable == "depthwise_kernel" else (2, 3, 1, 0))
    return array.T


def test_keras_xception() -> None:
    """Padding as TensorFlow has it, channels last, separable convolutions."""
    os.environ.setdefault("KERAS_BACKEND", "torch")
    keras = pytest.importorskip("keras")
    keras.backend.clear_session()
    shape = (95, 95, 3)
    theirs = keras.applications.Xception(weights=None, input_shape=shape)
    ours = _ours("xception", shape)
    for name, t in perturbed(ours.state_dict()).items():
        if not name.endswith("num_batches_tracked"):
            layer, variable = _keras_name(*name.rsplit(".", 1))
            {v.name: v for v in theirs.get_layer(layer).variables}[variable].assign(_as_keras(t, variable))
    x = np.random.default_rng(0).standard_normal((2, *shape)).astype(np.float32)
    with torch.no_grad():
        want = theirs(x, training=False)
        got = ours(torch.from_numpy(x))
    _assert_same(got, want)
