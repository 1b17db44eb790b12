"""Which network of the zoo is which of torchvision's."""

from __future__ import annotations

import csv
from typing import NamedTuple

from .support import DATA


class Figures(NamedTuple):
    """A row of ``torchvision.csv``: what torchvision publishes of one set of weights."""

    builder: str
    entry: str
    params: int
    giga_macs: float
    """Multiply-adds in 1e9, rounded to three decimals."""
    crop: str
    macs: int | None
    """Recomputed elsewhere; None where only the rounded figure is known."""


def published() -> list[Figures]:
    """All rows."""
    with (DATA / "torchvision.csv").open(newline="", encoding="utf-8") as f:
        return [
            Figures(
                r["weights_enum"].removesuffix("_Weights").lower(),
                r["entry"],
                int(r["num_params"]),
                float(r["ops_1e9_multiply_adds"]),
                r["input_crop"],
                int(r["recomputed_macs"] or 0) or None,
            )
            for r in csv.DictReader(f)
        ]


NETWORKS: dict[str, str] = {
    "alexnet": "alexnet",
    **{f"convnext_{v}": f"convnext@{v}" for v in ("tiny", "small", "base", "large")},
    **{f"densenet{n}": f"densenet@densenet{n}" for n in (121, 161, 169, 201)},
    **{f"efficientnet_{v}": f"efficientnet@{v}" for v in (*(f"b{n}" for n in range(8)), "v2_s", "v2_m", "v2_l")},
    "googlenet": "googlenet@without_aux",
    "inception_v3": "inception_v3@without_aux",
    "maxvit_t": "maxvit@t",
    **{f"mnasnet{v}": f"mnasnet@{v}" for v in ("0_5", "0_75", "1_0", "1_3")},
    "mobilenet_v2": "mobilenet_v2@1.0-224",
    **{f"mobilenet_v3_{v}": f"mobilenet_v3@{v}" for v in ("large", "small")},
    **{f"regnet_x_{v}": f"regnet@x_{v}" for v in ("400mf", "800mf", "1_6gf", "3_2gf", "8gf", "16gf", "32gf")},
    **{f"regnet_y_{v}": f"regnet@y_{v}" for v in ("400mf", "800mf", "1_6gf", "3_2gf", "8gf", "16gf", "32gf", "128gf")},
    **{
        name: f"resnet@{name}"
        for name in (
            "resnet18",
            "resnet34",
            "resnet50",
            "resnet101",
            "resnet152",
            "resnext50_32x4d",
            "resnext101_32x8d",
            "resnext101_64x4d",
            "wide_resnet50_2",
            "wide_resnet101_2",
        )
    },
    **{f"shufflenet_v2_{v}": f"shufflenet_v2@{v}" for v in ("x0_5", "x1_0", "x1_5", "x2_0")},
    **{f"squeezenet{v}": f"squeezenet@{v}" for v in ("1_0", "1_1")},
    **{f"swin_{v}": f"swin@{v}" for v in "tsb"},
    **{f"swin_v2_{v}": f"swin_v2@{v}" for v in "tsb"},
    **{f"vgg{n}{bn}": f"vgg@vgg{n}{bn}" for n in (11, 13, 16, 19) for bn in ("", "_bn")},
    **{f"vit_{v}": f"vit@{v}" for v in ("b_16", "b_32", "l_16", "l_32", "h_14")},
    **{f"{head}_{net}": f"{head}@{net}" for head in ("fcn", "deeplabv3") for net in ("resnet50", "resnet101")},
    "deeplabv3_mobilenet_v3_large": "deeplabv3_mobilenet_v3",
    "lraspp_mobilenet_v3_large": "lraspp",
    **{name: f"video_resnet@{name}" for name in ("r3d_18", "mc3_18", "r2plus1d_18")},
    "s3d": "s3d",
    **{f"mvit_{v}": f"mvit@{v}" for v in ("v1_b", "v2_s")},
    **{f"swin3d_{v}": f"swin3d@{v}" for v in "tsb"},
}
"""torchvision's builders, and the networks of the zoo that have the same state dict."""

FINE_TUNED: dict[tuple[str, str], str] = {
    ("vit_b_16", "384"): "vit@b_16_384",
    ("vit_l_16", "512"): "vit@l_16_512",
    ("vit_h_14", "518"): "vit@h_14_518",
    ("regnet_y_16gf", "384"): "regnet@y_16gf_384",
    ("regnet_y_32gf", "384"): "regnet@y_32gf_384",
    ("regnet_y_128gf", "384"): "regnet@y_128gf_384",
}
"""Weights for another size of input, by builder and size."""

WITH_AUXILIARY: dict[str, str] = {"googlenet": "googlenet@with_aux", "inception_v3": "inception_v3@with_aux"}
"""Networks whose auxiliary classifiers are a choice."""
