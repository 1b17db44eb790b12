"""Cost: published MACs, connections and activations, and PyTorch's own counter of operations."""

from __future__ import annotations

from collections.abc import Callable

import pytest
import torch
from torch.utils.flop_counter import FlopCounterMode

from netspec.analysis import analyze
from netspec.ir import Graph
from tests.analysis.networks import lenet5, resnet, unet, vgg
from tests.drafts import Draft


@pytest.mark.parametrize(
    ("network", "macs", "source"),
    [
        (lambda: vgg("A", (1, 1, 2, 2, 2)), 7_609_090_048, "torchvision vgg11"),
        (lambda: vgg("D", (2, 2, 3, 3, 3)), 15_470_264_320, "torchvision vgg16"),
        (lambda: resnet("r18", "BasicBlock", (2, 2, 2, 2)), 1_814_073_344, "torchvision resnet18"),
        (lambda: resnet("r50", "Bottleneck", (3, 4, 6, 3)), 4_089_184_256, "torchvision resnet50"),
        (unet, 150_428_424_448, "fvcore on Ronneberger et al. 2015, Figure 1"),
    ],
    ids=lambda v: v if isinstance(v, str) else "",
)
def test_published_macs(network: Callable[[], Graph], macs: int, source: str) -> None:
    actual = analyze(network())
    assert actual.macs == macs
    assert actual.flops == 2 * macs


def test_connections_of_lenet5() -> None:
    """LeCun et al. 1998, Section II.B, row by row; 340,908 in all."""
    a = analyze(lenet5())
    assert {row.name: row.connections for row in a.layers if row.connections} == {
        "c1": 122_304,
        "s2": 5_880,
        "c3": 151_600,
        "s4": 2_000,
        "c5": 48_120,
        "f6": 10_164,
        "output": 840,
    }
    assert a.connections == 340_908


def test_activations_of_convolutions_are_those_of_pycls() -> None:
    """pycls, MODEL_ZOO.md: ResNet-50 has 11.1 million."""
    assert round(analyze(resnet("r50", "Bottleneck", (3, 4, 6, 3))).weighted_activations / 1e6, 1) == 11.1


def test_pytorch_counts_the_same_operations() -> None:
    net = Draft()
    x = net.input(6, 10, 12)
    x = net.add("conv", "conv2d", x, filters=8, kernel=3, stride=2, padding=1, groups=2, activation="relu")
    x = net.add("up", "conv_transpose2d", x, filters=4, kernel=[3, 2], stride=2)
    x = net.add("flat", "flatten", x)
    net.add("out", "dense", x, units=7)
    module = torch.nn.Sequential(
        torch.nn.Conv2d(6, 8, 3, stride=2, padding=1, groups=2),
        torch.nn.ReLU(),
        torch.nn.ConvTranspose2d(8, 4, (3, 2), stride=2),
        torch.nn.Flatten(),
        torch.nn.LazyLinear(7),
    )
    sample = torch.zeros(1, 6, 10, 12)
    module(sample)
    counter = FlopCounterMode(display=False)
    with counter:
        module(sample)
    assert analyze(net.graph()).flops == counter.get_total_flops()


def activations(net: Draft) -> list[tuple[int, int]]:
    """Activations, and those of layers with MACs, for each layer."""
    return [(row.activations, row.weighted_activations) for row in analyze(net.graph()).layers]


def test_a_layer_with_its_activation_counts_once() -> None:
    net = Draft()
    x = net.input(3, 8, 8)
    x = net.add("conv", "conv2d", x, filters=4, kernel=3, activation="relu")
    net.add("relu", "relu", x)
    assert activations(net) == [(144, 144), (144, 0)]


def test_an_activation_that_halves_the_channels_counts_its_output() -> None:
    net = Draft()
    x = net.input(3, 8, 8)
    net.add("conv", "conv2d", x, filters=4, kernel=3, activation="glu")
    assert activations(net) == [(72, 72)]


def test_further_outputs_count_and_learned_tensors_do_not() -> None:
    net = Draft()
    x = net.input(6, 8, dtype="float32")
    x = net.add("parts", "split", x, parts=2, axis=0, activation="relu")
    table = net.add("table", "parameter", shape=[3, 8])
    net.add("sum", "add", x, table)
    assert activations(net) == [(48, 0), (0, 0), (24, 0)]
