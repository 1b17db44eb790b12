"""A small network of every spec in the zoo: a variant, parameters and input shapes."""

from __future__ import annotations

from collections.abc import Mapping
from types import MappingProxyType
from typing import Any, NamedTuple

from netspec.ir import Graph
from tests.zoo.support import spec

from .support import ActiveWeights


class Small(NamedTuple):
    """A choice of variant and parameters."""

    variant: str | None = None
    settings: Mapping[str, Any] = MappingProxyType({})
    shape: tuple[int, ...] | None = None
    """The shape of the only input."""
    gain: float = 1.0
    """The scale of channels for which the output depends on the input."""
    sizes: Mapping[str, int] = MappingProxyType({})
    """Numbers for named dimensions, in place of their defaults."""


IMAGE = (3, 64, 64)
TINY = (3, 32, 32)

SMALL: dict[str, Small] = {
    "alexnet_2012": Small("two_gpus", {"classes": 10}, (3, 67, 67)),
    "bert": Small("tiny", {"vocabulary": 1000}, sizes={"n": 24}),
    "c3d": Small("ucf101", {}, (3, 16, 32, 32)),
    "cifar_resnet": Small("20"),
    "convnext": Small("tiny", {}, TINY),
    "deeplabv3": Small("resnet50", {}, IMAGE),
    "deeplabv3_mobilenet_v3": Small(None, {}, IMAGE),
    "densenet": Small("121", {}, IMAGE),
    "densenet_cifar": Small("40-12", {}, (3, 16, 16)),
    "edsr": Small("baseline_x2", {}, (3, 12, 12)),
    "efficientnet": Small("b0", {}, IMAGE, gain=1.5),
    "espcn": Small("x2"),
    "fcn": Small("resnet50", {}, IMAGE),
    "filters": Small(None, {}, (44, 59, 3)),
    "filters_3d": Small(None, {}, (7, 44, 59, 3)),
    "googlenet": Small("with_aux"),
    "gpt2": Small("small", {"vocabulary": 1000, "context": 32, "depth": 2, "width": 128}),
    "inception_v3": Small("without_aux", {}, (3, 96, 96)),
    "laplacian": Small(None, {}, (44, 59, 1)),
    "large_image": Small(None, {}, (80, 90, 3)),
    "lraspp": Small(None, {}, IMAGE),
    "maxvit": Small("t", {"depths": [1, 1, 1, 1]}),
    "mlp_mixer": Small("s_32", {"depth": 2}),
    "mnasnet": Small("0_5", {}, IMAGE),
    "mobilenet_v1": Small("0.25-128"),
    "mobilenet_v2": Small("0.35-96"),
    "mobilenet_v3": Small("small", {}, IMAGE),
    "mvit": Small("v2_s", {"size": 64, "stages": [1, 2, 2, 1]}),
    "network_in_network": Small("cifar10"),
    "pooling": Small("stochastic"),
    "regnet": Small("y_400mf", {}, IMAGE),
    "resnet": Small("18", {}, IMAGE),
    "segnet": Small("camvid", {}, TINY),
    "senet": Small("se_resnet18", {}, IMAGE),
    "seq2seq": Small("luong", {"source_words": 100, "target_words": 120, "width": 64}),
    "shufflenet_v1": Small("g3_x0.25", {}, IMAGE),
    "shufflenet_v2": Small("x0_5", {}, IMAGE),
    "siamese": Small(),
    "squeezenet": Small("squeezenet1_1", {}, IMAGE),
    "srcnn": Small("9-1-5"),
    "swin": Small("t", {"depths": [2, 2, 1, 1]}),
    "swin3d": Small("t", {"window": [8, 2, 2], "depths": [2, 2, 1, 1]}, (3, 16, 64, 64)),
    "swin_v2": Small("t", {"depths": [2, 2, 1, 1]}),
    "tcn": Small("adding_600", {}, (2, 60)),
    "textcnn": Small("trec"),
    "unet": Small("original", {}, (1, 188, 188)),
    "vgg16": Small(None, {"classes": 10}, TINY),
    "video_resnet": Small("r2plus1d_18", {}, (3, 4, 32, 32)),
    "vit": Small("b_32", {"depth": 2}),
    "wavenet": Small(None, {"stacks": 2}, (256, 400)),
    "xception": Small(None, {}, (95, 95, 3), gain=0.5),
    "yolov3": Small("320", {}, IMAGE),
    "zfnet": Small("a", {"classes": 10}, (3, 96, 96)),
}
"""Other specs are used without changes."""

TOO_LARGE = ("s3d", "unet3d", "vgg")
"""Specs that need large inputs, and VGG, whose layers ``vgg16`` has; all_variants.py runs them."""


def small(name: str) -> tuple[Graph, ActiveWeights]:
    """The graph of a spec's small network, with numbers for all sizes, and weights for it."""
    chosen = SMALL.get(name, Small())
    loaded = spec(name).elaborate(chosen.variant, chosen.settings, sizes=chosen.sizes)
    if chosen.shape is not None:
        assert loaded.graph is not None
        (only,) = loaded.graph.inputs
        loaded = spec(name).elaborate(chosen.variant, chosen.settings, {only: chosen.shape})
    assert loaded.graph is not None, [str(d) for d in loaded.diagnostics]
    return loaded.graph.at_default, ActiveWeights(gain=chosen.gain)
