"""Parameters: published totals, sharing, freezing, buffers, bytes."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from netspec.analysis import Figures, ParameterCount, analyze, count_parameters
from netspec.ir import Graph
from tests.analysis.networks import lenet5, resnet, vgg
from tests.drafts import Draft


@pytest.mark.parametrize(
    ("network", "params", "source"),
    [
        (lambda: vgg("A", (1, 1, 2, 2, 2)), 132_863_336, "Simonyan & Zisserman 2014, Table 2; torchvision vgg11"),
        (lambda: vgg("B", (2, 2, 2, 2, 2)), 133_047_848, "torchvision vgg13"),
        (lambda: vgg("D", (2, 2, 3, 3, 3)), 138_357_544, "torchvision vgg16, Keras VGG16"),
        (lambda: vgg("E", (2, 2, 4, 4, 4)), 143_667_240, "torchvision vgg19"),
        (lambda: resnet("r18", "BasicBlock", (2, 2, 2, 2)), 11_689_512, "torchvision resnet18"),
        (lambda: resnet("r34", "BasicBlock", (3, 4, 6, 3)), 21_797_672, "torchvision resnet34"),
        (lambda: resnet("r50", "Bottleneck", (3, 4, 6, 3)), 25_557_032, "torchvision resnet50"),
    ],
    ids=lambda v: v if isinstance(v, str) else "",
)
def test_published(network: Callable[[], Graph], params: int, source: str) -> None:
    actual = analyze(network())
    assert actual.params == params
    assert actual.frozen_params == 0
    assert actual.weight_bytes == 4 * params


def test_lenet5_row_by_row() -> None:
    graph = lenet5()
    actual = analyze(graph)
    assert {row.name: row.trainable_params for row in actual.layers if row.params} == {
        "c1": 156,
        "s2": 12,
        "c3": 1516,
        "s4": 32,
        "c5": 48_120,
        "f6": 10_164,
        "output": 0,
    }
    assert (actual.trainable_params, actual.frozen_params) == (60_000, 840)


def test_shared_weights_count_at_their_first_use() -> None:
    net = Draft()
    x = net.input(8)
    x = net.add("first", "dense", x, units=8)
    x = net.add("second", "dense", x, units=8, share="first")
    x = net.add("third", "dense", x, units=8)
    actual = count_parameters(net.graph())
    assert actual.layers == (ParameterCount(72, 72), ParameterCount(), ParameterCount(72, 72))
    assert actual.bytes_by_dtype == {"float32": 4 * 144}


def test_buffers_and_frozen_weights_are_counted_separately() -> None:
    net = Draft()
    x = net.input(4, 8, 8)
    x = net.add("conv", "conv2d", x, filters=6, kernel=3, bias=False, freeze=True)
    x = net.add("bn", "batch_norm", x)
    actual = count_parameters(net.graph())
    assert actual.layers[0] == ParameterCount(params=216)
    # gain and bias; running mean, running variance, and PyTorch's counter of batches, an int64
    assert actual.layers[1] == ParameterCount(params=12, trainable_params=12, buffers=13)
    assert actual.buffer_bytes == 12 * 4 + 8
    assert actual.bytes_by_dtype == {"float32": 228 * 4}


def test_no_weights() -> None:
    net = Draft()
    net.add("relu", "relu", net.input(3))
    actual = analyze(net.graph())
    assert actual.figures == Figures(activations=3, activation_bytes=12)
    assert actual.bytes_by_dtype == {}
