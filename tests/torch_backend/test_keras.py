"""Windows against Keras 3 on its PyTorch backend, with the same weights: values in every combination of arguments.

Keras works with the channels last, and so do these networks (``layout: channels_last``).
"""

# keras is typed in part:
# pyright: reportUnknownMemberType=false, reportUnknownVariableType=false, reportUnknownArgumentType=false
# pyright: reportMissingTypeStubs=false

from __future__ import annotations

import itertools
import os
import warnings
from collections.abc import Iterator, Sequence
from typing import Any

os.environ["KERAS_BACKEND"] = "torch"

import numpy as np
import pytest
import torch
from torch import Tensor
from torch.nn import functional as F

with warnings.catch_warnings():
    warnings.simplefilter("ignore")  # of its own imports
    import keras  # type: ignore[import-untyped]  # it has no types

import netspec

torch.set_num_threads(1)

CHANNELS = 4
SIZES = {1: (9,), 2: (8, 7), 3: (5, 6, 4)}
"""Odd and even: the odd pixel of ``same`` shows."""
RANKS = (1, 2, 3)
PADDINGS = ("valid", "same")


def sizes(rank: int, most: int) -> Iterator[tuple[int, ...]]:
    """Kernels or windows: of one size, and for several axes of different ones."""
    yield from ((n,) * rank for n in range(1, most + 1))
    if rank > 1:
        yield (2, 3, 1)[:rank]


def ours(layer: str, rank: int, weights: dict[str, Tensor], x: Tensor, last: str = "") -> Tensor:
    """What netspec's network of one layer gives."""
    shape = [*SIZES[rank], CHANNELS]
    graph = netspec.loads(f"netspec: 1\nlayout: channels_last\ninput: {shape}\nlayers:\n  op: {layer}\n{last}")
    model = netspec.build(graph).eval()
    model.load_state_dict({f"op.{name}": w.contiguous() for name, w in weights.items()})
    with torch.no_grad():
        actual = model(x)
    assert isinstance(actual, Tensor)
    assert tuple(actual.shape[1:]) == graph.values[-1].shape
    return actual


def random_input(rank: int) -> Tensor:
    return torch.randn(2, *SIZES[rank], CHANNELS, generator=torch.Generator().manual_seed(rank))


def theirs(layer: Any, x: Tensor) -> tuple[Tensor, list[Tensor]]:
    """What a Keras layer gives, and its weights, drawn at random."""
    layer.build((None, *x.shape[1:]))
    numbers = np.random.default_rng(0)
    weights = [numbers.normal(size=w.shape).astype(np.float32) for w in layer.weights]
    layer.set_weights(weights)
    with torch.no_grad():
        actual = layer(x)
    return actual, [torch.from_numpy(w) for w in weights]


def flow(value: Sequence[int]) -> str:
    return str(list(value))


def moved(kernel: Tensor) -> Tensor:
    """(kernel…, a, b) as (b, a, kernel…)."""
    rank = kernel.ndim - 2
    return kernel.permute(rank + 1, rank, *range(rank))


def depthwise(kernel: Tensor) -> Tensor:
    """(kernel…, channels, multiplier) as (channels * multiplier, 1, kernel…)."""
    rank = kernel.ndim - 2
    return kernel.permute(rank, rank + 1, *range(rank)).flatten(0, 1)[:, None]


def steps() -> list[tuple[int, int]]:
    """Strides and dilations; Keras takes one of them above 1."""
    return [(1, 1), (2, 1), (3, 1), (1, 2), (1, 3)]


@pytest.mark.parametrize("rank", RANKS)
def test_convolution(rank: int) -> None:
    x = random_input(rank)
    paddings = (*PADDINGS, "causal") if rank == 1 else PADDINGS
    for kernel, (stride, dilation), padding, groups in itertools.product(
        sizes(rank, 4 if rank < 3 else 3), steps(), paddings, (1, 2)
    ):
        if padding == "valid" and any(dilation * (k - 1) + 1 > n for k, n in zip(kernel, SIZES[rank], strict=True)):
            continue
        cls = getattr(keras.layers, f"Conv{rank}D")
        layer = cls(6, kernel, strides=stride, padding=padding, dilation_rate=dilation, groups=groups)
        expected, (w, b) = theirs(layer, x)
        text = (
            f"{{conv{rank}d: 6, kernel: {flow(kernel)}, stride: {stride}, dilation: {dilation}, "
            f"padding: {padding}, groups: {groups}}}"
        )
        torch.testing.assert_close(
            ours(text, rank, {"weight": moved(w), "bias": b}, x), expected, rtol=1e-4, atol=1e-4, msg=text
        )


@pytest.mark.parametrize("rank", [1, 2])
def test_depthwise_and_separable(rank: int) -> None:
    x = random_input(rank)
    for kernel, (stride, dilation), padding, multiplier in itertools.product(sizes(rank, 3), steps(), PADDINGS, (1, 2)):
        same: dict[str, Any] = {
            "strides": stride,
            "padding": padding,
            "dilation_rate": dilation,
            "depth_multiplier": multiplier,
        }
        args = f"stride: {stride}, dilation: {dilation}, padding: {padding}, multiplier: {multiplier}}}"
        expected, (w, b) = theirs(getattr(keras.layers, f"DepthwiseConv{rank}D")(kernel, **same), x)
        text = f"{{depthwise_conv{rank}d: {flow(kernel)}, {args}"
        torch.testing.assert_close(
            ours(text, rank, {"weight": depthwise(w), "bias": b}, x), expected, rtol=1e-4, atol=1e-4, msg=text
        )
        expected, (w, p, b) = theirs(getattr(keras.layers, f"SeparableConv{rank}D")(5, kernel, **same), x)
        text = f"{{separable_conv{rank}d: 5, kernel: {flow(kernel)}, {args}"
        weights = {"depthwise.weight": depthwise(w), "pointwise.weight": moved(p), "pointwise.bias": b}
        torch.testing.assert_close(ours(text, rank, weights, x), expected, rtol=1e-4, atol=1e-4, msg=text)


@pytest.mark.parametrize("rank", RANKS)
def test_pooling(rank: int) -> None:
    x = random_input(rank)
    for size, stride, padding in itertools.product(sizes(rank, 4), (None, 1, 2, 3), PADDINGS):
        more = "" if stride is None else f", stride: {stride}"
        for kind, cls, rest in (
            ("max", "MaxPooling", ""),
            ("avg", "AveragePooling", ", count_include_pad: false"),
        ):
            text = f"{{{kind}_pool{rank}d: {flow(size)}, padding: {padding}{more}{rest}}}"
            actual = ours(text, rank, {}, x)
            expected = getattr(keras.layers, f"{cls}{rank}D")(size, strides=stride, padding=padding)(x)
            if kind == "avg" and padding == "same":
                exact, uneven = averaged(x, size, size if stride is None else (stride,) * rank)
                # On PyTorch, Keras repeats the border where the padding is uneven, and averages over that too; in
                # TensorFlow, and where it is even, padding does not count.
                expected = exact if uneven else expected
                torch.testing.assert_close(exact, expected, msg=text)
            torch.testing.assert_close(actual, expected, msg=text)


def averaged(x: Tensor, size: Sequence[int], stride: Sequence[int]) -> tuple[Tensor, bool]:
    """Means of what windows with padding ``same`` see of the input; whether the padding is uneven somewhere."""
    pads: list[int] = []
    for n, k, s in zip(x.shape[1:-1], size, stride, strict=True):
        total = max((-(-n // s) - 1) * s + k - n, 0)
        pads = [total // 2, total - total // 2, *pads]
    pool: Any = (F.avg_pool1d, F.avg_pool2d, F.avg_pool3d)[len(size) - 1]
    first = x.movedim(-1, 1)
    both = [pool(F.pad(t, pads), tuple(size), tuple(stride)) for t in (first, torch.ones_like(first))]
    return (both[0] / both[1]).movedim(1, -1), pads[::2] != pads[1::2]


def transposed_cases(rank: int) -> Iterator[tuple[tuple[int, ...], int, int, str, int | None]]:
    for kernel, (stride, dilation), padding in itertools.product(sizes(rank, 4 if rank < 3 else 3), steps(), PADDINGS):
        yield kernel, stride, dilation, padding, None
        yield from ((kernel, stride, dilation, padding, extra) for extra in range(stride if stride > 1 else 0))


@pytest.mark.parametrize("rank", RANKS)
def test_transposed(rank: int) -> None:
    x = random_input(rank)
    for kernel, stride, dilation, padding, extra in transposed_cases(rank):
        layer = getattr(keras.layers, f"Conv{rank}DTranspose")(
            5, kernel, strides=stride, padding=padding, dilation_rate=dilation, output_padding=extra
        )
        expected, (w, b) = theirs(layer, x)
        more = "" if extra is None else f", output_padding: {extra}"
        text = (
            f"{{conv_transpose{rank}d: 5, kernel: {flow(kernel)}, stride: {stride}, dilation: {dilation}, "
            f"padding: {padding}{more}}}"
        )
        actual = ours(text, rank, {"weight": moved(w), "bias": b}, x)
        torch.testing.assert_close(actual, expected, rtol=1e-4, atol=1e-4, msg=text)


def test_flatten_takes_the_channels_last() -> None:
    x = random_input(2)
    layer = keras.layers.Dense(3)
    expected, (w, b) = theirs(layer, keras.layers.Flatten()(x))
    actual = ours("flatten", 2, {}, x)
    torch.testing.assert_close(actual, x.flatten(1))
    torch.testing.assert_close(actual @ w + b, expected)


def test_vgg16() -> None:
    """Keras's VGG16 with its weights copied: its first dense layer sees (height, width, channels), ours the channels
    first.
    """
    with torch.device("cpu"):
        theirs_model = keras.applications.VGG16(weights=None, classes=10)  # pyright: ignore[reportArgumentType] - as documented
    model = netspec.build(netspec.load("vgg16", classes=10), device="meta")
    state: dict[str, Tensor] = {}
    for layer in theirs_model.layers:
        if not layer.weights:
            continue
        w, b = (v.value.detach() for v in layer.weights)
        if w.ndim == 2:
            if layer.name == "fc1":
                w = w.reshape(7, 7, 512, -1).permute(2, 0, 1, 3).flatten(0, 2)
            w = w.T
        else:
            w = moved(w)
        state |= {f"{layer.name}.weight": w, f"{layer.name}.bias": b}
    model.load_state_dict(state, assign=True)
    x = torch.rand(1, 224, 224, 3, generator=torch.Generator().manual_seed(0))
    with torch.no_grad():
        expected = theirs_model(x)
        actual = model.eval()(x.movedim(-1, 1))
    torch.testing.assert_close(actual, expected, rtol=1e-4, atol=1e-6)
