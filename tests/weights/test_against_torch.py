"""Distributions compared with ``torch.nn.init``, and the defaults of our layers with those of PyTorch's."""

# Parts of torch and safetensors have no types, in calls whose results are checked by value.
# pyright: reportUnknownMemberType=false, reportUnknownVariableType=false

from __future__ import annotations

from collections.abc import Callable
from importlib import import_module
from typing import Any

import numpy as np
import pytest
import torch
from torch import nn

from netspec.ops.weight import Init, Weight
from netspec.shapes.types import TensorType, input_type
from netspec.weights import initial_values
from netspec.weights.initialisers import stream_key

from ..ops.support import make
from .support import NAMED, parameter

torch.set_num_threads(1)
stats: Any = import_module("scipy.stats")  # it has no types

TORCH: dict[str, Callable[[torch.Tensor], Any]] = {
    "he_normal": lambda t: nn.init.kaiming_normal_(t, nonlinearity="relu"),
    "he_uniform": lambda t: nn.init.kaiming_uniform_(t, nonlinearity="relu"),
    "xavier_normal": nn.init.xavier_normal_,
    "xavier_uniform": nn.init.xavier_uniform_,
    "lecun_normal": lambda t: nn.init.kaiming_normal_(t, nonlinearity="linear"),
}
SHAPES = [(300, 200), (64, 32, 5), (40, 16, 5, 5), (16, 8, 5, 5, 5)]


def same_distribution(a: Any, b: Any) -> bool:
    """Kolmogorov and Smirnov's test of two samples. At this level an honest pair in 10,000 fails; seeds are fixed."""
    return bool(stats.ks_2samp(np.ravel(a), np.ravel(b)).pvalue > 1e-4)


@pytest.mark.parametrize("shape", SHAPES, ids=str)
@pytest.mark.parametrize("kind", NAMED)
def test_named_rules(kind: str, shape: tuple[int, ...]) -> None:
    torch.manual_seed(0)
    theirs = torch.empty(shape)
    TORCH[kind](theirs)
    ours = initial_values.values(parameter(*shape, init=Init(kind)), 0)
    assert same_distribution(ours, theirs.numpy())
    if kind.endswith("uniform"):
        assert np.abs(ours).max() == pytest.approx(theirs.abs().max().item(), rel=2e-3)
    else:
        assert ours.std() == pytest.approx(theirs.std().item(), rel=0.03)


def test_the_comparison_detects_a_wrong_scale() -> None:
    torch.manual_seed(0)
    theirs = nn.init.kaiming_normal_(torch.empty(300, 200), mode="fan_out", nonlinearity="relu")
    assert not same_distribution(initial_values.values(parameter(300, 200, init=Init("he_normal")), 0), theirs.numpy())


@pytest.mark.parametrize("shape", [(300, 200), (20, 50, 3, 3)], ids=str)
def test_truncated_normal_is_cut_at_two_standard_deviations(shape: tuple[int, ...]) -> None:
    torch.manual_seed(0)
    theirs = nn.init.trunc_normal_(torch.empty(shape), std=0.02, a=-0.04, b=0.04)
    ours = initial_values.values(parameter(*shape, init=Init("truncated_normal", (0.02,))), 0)
    assert same_distribution(ours, theirs.numpy())
    assert np.abs(ours).max() <= np.float32(0.04)


@pytest.mark.parametrize("init", [Init("uniform", (0.3,)), Init("normal", (0.7,)), Init("truncated_normal", (0.7,))])
def test_pieces_are_exact_and_independent(init: Init) -> None:
    flat = initial_values.values(parameter(2, 1 << 20, init=init), 0)
    exact = {
        "uniform": stats.uniform(-0.3, 0.6),
        "normal": stats.norm(0, 0.7),
        "truncated_normal": stats.truncnorm(-2, 2, 0, 0.7),
    }[init.kind]
    for piece in flat:
        assert stats.kstest(piece[:200_000], exact.cdf).pvalue > 1e-4
    assert abs(np.corrcoef(flat[0], flat[1])[0, 1]) < 5e-3


@pytest.mark.parametrize("shape", [(5, 7), (7, 5), (6, 6), (1, 4)], ids=str)
def test_identity_of_a_matrix(shape: tuple[int, ...]) -> None:
    ours = initial_values.values(parameter(*shape, init=Init("identity")), 0)
    np.testing.assert_array_equal(ours, nn.init.eye_(torch.empty(shape)).numpy())


@pytest.mark.parametrize("shape", [(5, 7, 3), (7, 5, 4), (6, 6, 3, 3), (3, 8, 2, 5), (4, 2, 3, 2, 1)], ids=str)
def test_identity_of_a_bank_of_filters(shape: tuple[int, ...]) -> None:
    ours = initial_values.values(parameter(*shape, init=Init("identity")), 0)
    np.testing.assert_array_equal(ours, nn.init.dirac_(torch.empty(shape)).numpy())


def test_identity_across_pieces() -> None:
    ours = initial_values.values(parameter(1500, 1400, init=Init("identity")), 0)
    np.testing.assert_array_equal(ours, np.eye(1500, 1400, dtype=np.float32))


@pytest.mark.parametrize("shape", [(30, 50), (50, 30), (16, 4, 3, 3), (64, 4, 3, 3)], ids=str)
def test_orthogonal(shape: tuple[int, ...]) -> None:
    torch.manual_seed(0)
    flat = initial_values.values(parameter(*shape, init=Init("orthogonal")), 0).reshape(shape[0], -1).astype(np.float64)
    theirs = nn.init.orthogonal_(torch.empty(shape)).reshape(shape[0], -1).numpy()
    gram = flat @ flat.T if flat.shape[0] <= flat.shape[1] else flat.T @ flat
    np.testing.assert_allclose(gram, np.eye(len(gram)), atol=1e-6)
    assert same_distribution(flat, theirs)


@pytest.mark.parametrize("shape", [(600, 700), (700, 600), (600, 600), (1300, 1)], ids=str)
def test_orthogonal_is_the_decomposition(shape: tuple[int, ...]) -> None:
    """The columns are made orthogonal some at a time; together they are those of LAPACK's Q."""
    ours = initial_values.values(parameter(*shape, init=Init("orthogonal"), dtype="float64"), 0)
    seeds = np.random.SeedSequence(stream_key(0, parameter(*shape).name), spawn_key=(0,))
    sampled = np.random.Generator(np.random.SFC64(seeds)).standard_normal(shape)
    wide = shape[0] < shape[1]
    q, r = np.linalg.qr(sampled.T if wide else sampled)
    q *= np.sign(np.diag(r))
    np.testing.assert_allclose(ours, q.T if wide else q, atol=1e-12)


# -- the defaults of PyTorch's layers -------------------------------------------------------------------------------------
TOKENS = input_type((7,), "int64")
LAYERS: list[tuple[str, Callable[[], nn.Module], str, tuple[tuple[int, ...] | TensorType, ...], dict[str, Any]]] = [
    ("dense", lambda: nn.Linear(300, 200), "dense", ((300,),), {"units": 200}),
    ("conv1d", lambda: nn.Conv1d(16, 64, 5), "conv1d", ((16, 30),), {"filters": 64, "kernel": 5}),
    ("conv2d", lambda: nn.Conv2d(32, 64, 3), "conv2d", ((32, 9, 9),), {"filters": 64, "kernel": 3}),
    (
        "conv2d, groups", lambda: nn.Conv2d(32, 64, 3, groups=4), "conv2d", ((32, 9, 9),),
        {"filters": 64, "kernel": 3, "groups": 4},
    ),
    ("depthwise", lambda: nn.Conv2d(64, 64, 5, groups=64), "depthwise_conv2d", ((64, 9, 9),), {"kernel": 5}),
    ("conv3d", lambda: nn.Conv3d(8, 32, 3), "conv3d", ((8, 9, 9, 9),), {"filters": 32, "kernel": 3}),
    (
        "conv_transpose2d", lambda: nn.ConvTranspose2d(32, 64, 3), "conv_transpose2d", ((32, 9, 9),),
        {"filters": 64, "kernel": 3},
    ),
    (
        "conv_transpose2d, groups", lambda: nn.ConvTranspose2d(32, 64, 3, groups=4), "conv_transpose2d", ((32, 9, 9),),
        {"filters": 64, "kernel": 3, "groups": 4},
    ),
    (
        "conv_transpose1d", lambda: nn.ConvTranspose1d(16, 64, 5), "conv_transpose1d", ((16, 9),),
        {"filters": 64, "kernel": 5},
    ),
    ("bilinear", lambda: nn.Bilinear(40, 50, 60), "bilinear", ((40,), (50,)), {"units": 60}),
    ("embedding", lambda: nn.Embedding(500, 64), "embedding", (TOKENS,), {"vocabulary": 500, "width": 64}),
    ("prelu", nn.PReLU, "prelu", ((8, 4, 4),), {}),
    ("prelu, channels", lambda: nn.PReLU(8), "prelu", ((8, 4, 4),), {"num_parameters": 8}),
    ("batch_norm", lambda: nn.BatchNorm2d(8), "batch_norm", ((8, 4, 4),), {}),
    ("layer_norm", lambda: nn.LayerNorm(8), "layer_norm", ((5, 8),), {}),
    ("group_norm", lambda: nn.GroupNorm(2, 8), "group_norm", ((8, 4, 4),), {"groups": 2}),
    ("instance_norm", lambda: nn.InstanceNorm2d(8, affine=True), "instance_norm", ((8, 4, 4),), {"affine": True}),
    ("rms_norm", lambda: nn.RMSNorm(8), "rms_norm", ((5, 8),), {}),
    ("rnn", lambda: nn.RNN(64, 96), "rnn", ((7, 64),), {"width": 96}),
    ("lstm", lambda: nn.LSTM(64, 96, num_layers=2), "lstm", ((7, 64),), {"width": 96, "num_layers": 2}),
    ("gru", lambda: nn.GRU(64, 96, bidirectional=True), "gru", ((7, 64),), {"width": 96, "bidirectional": True}),
    ("attention", lambda: nn.MultiheadAttention(128, 4), "attention", ((7, 128),), {"heads": 4}),
]  # fmt: skip


def values_of(weight: Weight) -> Any:
    return initial_values.values(parameter(*weight.shape, init=weight.init, dtype=weight.dtype, name=weight.name), 0)


@pytest.mark.parametrize(
    ("module", "name", "inputs", "args"), [row[1:] for row in LAYERS], ids=[row[0] for row in LAYERS]
)
def test_defaults_of_layers(
    module: Callable[[], nn.Module], name: str, inputs: tuple[tuple[int, ...] | TensorType, ...], args: dict[str, Any]
) -> None:
    torch.manual_seed(1)
    theirs: dict[str, Any] = {key: value.detach().numpy() for key, value in module().state_dict().items()}
    ours = {w.name: w for w in make(name, *inputs, **args).weights}
    assert {n: w.shape for n, w in ours.items()} == {n: t.shape for n, t in theirs.items()}
    for key, weight in ours.items():
        actual, expected = values_of(weight), theirs[key]
        if np.ptp(expected) == 0:
            np.testing.assert_array_equal(actual, expected, err_msg=key)
            continue
        assert np.ptp(actual) > 0, key
        if expected.size >= 500:
            assert same_distribution(actual, expected), key
        if weight.init.kind == "uniform":
            # The least bound that the module's own numbers allow; enough of them come close to it.
            bound = weight.init.args[0]
            assert np.abs(expected).max() <= bound * (1 + 1e-6), key
            assert np.abs(expected).max() > bound * (1 - 12 / expected.size), key
            assert np.abs(actual).max() <= np.float32(bound), key
