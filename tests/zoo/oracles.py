"""Figures of networks that timm, Keras and pytorchcv have too: prints the rows of ``beyond_torchvision.csv`` anew.

    python -m tests.zoo.oracles [timm] [keras] [pytorchcv]

Nothing here runs netspec. What papers and reference code state, which no package has, is in ``zoo_sources.csv``.
"""

# timm and pytorchcv have no types, Keras has few; what comes of them is shape and count.
# pyright: reportMissingTypeStubs=false, reportUnknownMemberType=false, reportUnknownVariableType=false
# pyright: reportUnknownArgumentType=false, reportMissingImports=false

from __future__ import annotations

import csv
import math
import os
import sys
import warnings
from collections.abc import Callable, Iterator
from functools import partial
from importlib.metadata import version
from typing import Any

import torch
from torch import nn
from torch.utils.flop_counter import FlopCounterMode

from ..vision import torchvision

Row = tuple[str, str, int, str]
"""Network, quantity, value, where the figure is from."""

TIMM = {
    "legacy_senet154": "senet@senet154", "legacy_seresnet18": "senet@se_resnet18",
    "legacy_seresnet34": "senet@se_resnet34", "legacy_seresnet50": "senet@se_resnet50",
    "legacy_seresnet101": "senet@se_resnet101", "legacy_seresnet152": "senet@se_resnet152",
    "legacy_seresnext26_32x4d": "senet@se_resnext26_32x4d", "legacy_seresnext50_32x4d": "senet@se_resnext50_32x4d",
    "legacy_seresnext101_32x4d": "senet@se_resnext101_32x4d", "legacy_xception": "xception",
    "mobilenetv1_100": "mobilenet_v1@1.0-224", "mobilenetv1_125": "mobilenet_v1 width=1.25",
    "mixer_s32_224": "mlp_mixer@s_32", "mixer_s16_224": "mlp_mixer@s_16", "mixer_b32_224": "mlp_mixer@b_32",
    "mixer_b16_224": "mlp_mixer@b_16", "mixer_l32_224": "mlp_mixer@l_32", "mixer_l16_224": "mlp_mixer@l_16",
}  # fmt: skip
SIZES = {"legacy_xception": 299}
UNTRAINED: dict[str, Any] = {"weights": None}

PYTORCHCV = {
    "zfnet": ("zfnet@a", 224), "zfnetb": ("zfnet@b", 224), "nin_cifar10": ("network_in_network@cifar10", 32),
    "shufflenet_g1_w1": ("shufflenet_v1@g1", 224), "shufflenet_g2_w1": ("shufflenet_v1@g2", 224),
    "shufflenet_g3_w1": ("shufflenet_v1@g3", 224), "shufflenet_g4_w1": ("shufflenet_v1@g4", 224),
    "shufflenet_g8_w1": ("shufflenet_v1@g8", 224), "shufflenet_g1_w3d4": ("shufflenet_v1@g1 scale=0.75", 224),
    "shufflenet_g3_w3d4": ("shufflenet_v1@g3 scale=0.75", 224), "shufflenet_g1_wd2": ("shufflenet_v1@g1_x0.5", 224),
    "shufflenet_g3_wd2": ("shufflenet_v1@g3_x0.5", 224), "shufflenet_g1_wd4": ("shufflenet_v1@g1_x0.25 stem=6", 224),
    "shufflenet_g3_wd4": ("shufflenet_v1@g3_x0.25 stem=6", 224), "resnet20_cifar10": ("cifar_resnet@20_b", 32),
    "resnet56_cifar10": ("cifar_resnet@56 shortcut=OptionB", 32),
    "resnet110_cifar10": ("cifar_resnet@110 shortcut=OptionB", 32),
    "resnet1202_cifar10": ("cifar_resnet@1202 shortcut=OptionB", 32),
    "segnet_cityscapes": ("segnet@cityscapes", 512),
}  # fmt: skip


def main(chosen: list[str]) -> None:
    """Prints the rows of the packages named, or of all."""
    packages = {"timm": from_timm, "keras": from_keras, "pytorchcv": from_pytorchcv}
    out = csv.writer(sys.stdout, lineterminator="\n")
    for name in chosen or packages:
        out.writerows(packages[name]())


def counted(make: Callable[[], nn.Module], size: int) -> tuple[int, int]:
    """Parameters and multiply-accumulates for an image of that size, as PyTorch counts them, without storage."""
    with torch.device("meta"), warnings.catch_warnings():
        warnings.simplefilter("ignore")
        net = make().eval()
    with FlopCounterMode(display=False) as counter, torch.no_grad():
        net(torch.empty(1, 3, size, size, device="meta"))
    return sum(p.numel() for p in net.parameters()), counter.get_total_flops() // 2


def both(network: str, figures: tuple[int, int], source: str) -> Iterator[Row]:
    """The two rows of a network."""
    for quantity, value in zip(("params", "macs"), figures, strict=True):
        yield network, quantity, value, source


def from_timm() -> Iterator[Row]:
    """Networks of timm."""
    torchvision()
    import timm

    for model, network in TIMM.items():
        figures = counted(partial(timm.create_model, model), SIZES.get(model, 224))
        yield from both(network, figures, f"timm {version('timm')} {model}")
    huge: dict[str, Any] = {"patch_size": 14, "num_blocks": 32, "embed_dim": 1280}
    figures = counted(partial(timm.models.MlpMixer, **huge), 224)
    named = "; ".join(f"{key}={value}" for key, value in huge.items())
    yield from both("mlp_mixer@h_14", figures, f"timm {version('timm')} MlpMixer({named})")


def from_pytorchcv() -> Iterator[Row]:
    """Networks of pytorchcv."""
    from pytorchcv.model_provider import get_model  # type: ignore[import-not-found, import-untyped, unused-ignore] # not needed by tests

    for model, (network, size) in PYTORCHCV.items():
        figures = counted(partial(get_model, model), size)
        yield from both(network, figures, f"pytorchcv {version('pytorchcv')} {model}")


def from_keras() -> Iterator[Row]:
    """Networks of keras.applications, and two that Keras and TensorFlow build in their guides."""
    os.environ.setdefault("KERAS_BACKEND", "torch")
    from keras import applications  # type: ignore[import-untyped, unused-ignore] # it has no types

    models: dict[str, tuple[str, Callable[[], Any]]] = {
        "xception": ("Xception", partial(applications.Xception, **UNTRAINED)),
        "vgg16": ("VGG16", partial(applications.VGG16, **UNTRAINED)),
        "autoencoder": ("convolutional autoencoder of the Keras blog", keras_autoencoder),
        "gru_attention": ("translation with attention of TensorFlow's tutorial", keras_translation),
    }
    for alpha in (1.0, 0.75, 0.5, 0.25):
        models[f"mobilenet_v1 width={alpha}"] = (
            f"MobileNet alpha={alpha}",
            partial(applications.MobileNet, alpha=alpha, **UNTRAINED),
        )
    for alpha in (1.4, 1.3, 1.0, 0.75, 0.5, 0.35):
        models[f"mobilenet_v2 width={alpha}"] = (
            f"MobileNetV2 alpha={alpha}",
            partial(applications.MobileNetV2, alpha=alpha, **UNTRAINED),
        )
    for network, (name, make) in models.items():
        params = sum(math.prod(w.shape) for w in make().trainable_weights)
        yield network, "params", params, f"keras {version('keras')} {name}"


def keras_autoencoder() -> Any:
    """https://blog.keras.io/building-autoencoders-in-keras.html, third model."""
    from keras import Input, Sequential, layers  # type: ignore[import-untyped, unused-ignore] # as above

    return Sequential(
        [
            Input((28, 28, 1)),
            layers.Conv2D(16, 3, activation="relu", padding="same"),
            layers.MaxPooling2D(2, padding="same"),
            layers.Conv2D(8, 3, activation="relu", padding="same"),
            layers.MaxPooling2D(2, padding="same"),
            layers.Conv2D(8, 3, activation="relu", padding="same"),
            layers.MaxPooling2D(2, padding="same"),
            layers.Conv2D(8, 3, activation="relu", padding="same"),
            layers.UpSampling2D(2),
            layers.Conv2D(8, 3, activation="relu", padding="same"),
            layers.UpSampling2D(2),
            layers.Conv2D(16, 3, activation="relu"),
            layers.UpSampling2D(2),
            layers.Conv2D(1, 3, activation="sigmoid", padding="same"),
        ]
    )


def keras_translation() -> Any:
    """https://www.tensorflow.org/text/tutorials/nmt_with_attention, with its UNITS and its vocabulary."""
    from keras import Input, Model, layers  # type: ignore[import-untyped, unused-ignore] # as above

    units, words = 256, 5000
    source, target = Input((20,), dtype="int64"), Input((20,), dtype="int64")
    read = layers.Bidirectional(layers.GRU(units, return_sequences=True), merge_mode="sum")
    context = read(layers.Embedding(words, units)(source))
    state = layers.GRU(units, return_sequences=True)(layers.Embedding(words, units)(target))
    seen = layers.MultiHeadAttention(key_dim=units, num_heads=1)(query=state, value=context)
    joined = layers.LayerNormalization()(layers.Add()([state, seen]))
    return Model([source, target], layers.Dense(words)(joined))


if __name__ == "__main__":
    main(sys.argv[1:])
