"""CenterNet and RT-DETR."""

# transformers has types that pyright does not resolve where it is not installed:
# pyright: reportMissingImports=false, reportUnknownMemberType=false, reportUnknownVariableType=false

from __future__ import annotations

import re
from collections.abc import Mapping
from functools import partial
from importlib import import_module
from typing import Any

from torch import Tensor, nn

from ...vision import torchvision
from .cases import Case
from .language_models import SINGLE
from .vision import Deformed

SIZES: dict[str, dict[str, Any]] = {
    "r18": {"depths": [2, 2, 2, 2], "hidden_expansion": 0.5, "decoder_layers": 3},
    "r34": {"hidden_expansion": 0.5, "decoder_layers": 4},
    "r50": {},
    "r101": {
        "depths": [3, 4, 23, 3],
        "encoder_hidden_dim": 384,
        "encoder_ffn_dim": 2048,
        "decoder_in_channels": [384] * 3,
    },
}
BASIC = {"layer_type": "basic", "hidden_sizes": [64, 128, 256, 512]}


def rt_detr(variant: str, **sizes: Any) -> nn.Module:
    """RT-DETR with ``sizes`` that differ from the variant's, without what it needs for training alone."""
    torchvision()
    transformers: Any = import_module("transformers")
    chosen: dict[str, Any] = {"depths": [3, 4, 6, 3], "num_labels": 80, **SIZES[variant], **sizes}
    kind: dict[str, Any] = BASIC if "hidden_expansion" in chosen else {}
    stages = [f"stage{i}" for i in (2, 3, 4)]
    backbone = transformers.RTDetrResNetConfig(depths=chosen.pop("depths"), out_features=stages, **kind)
    config = transformers.RTDetrConfig(
        backbone_config=backbone,
        encoder_in_channels=backbone.hidden_sizes[1:],
        num_denoising=0,
        attn_implementation="eager",
        **chosen,
    )
    module: nn.Module = transformers.RTDetrForObjectDetection(config)
    return module


def detected(module: nn.Module, inputs: Mapping[str, Tensor]) -> list[Tensor]:
    """Scores and boxes after all layers, and those that the queries come from."""
    outputs: Any = module(pixel_values=inputs["input"])
    first = [outputs.enc_topk_logits, outputs.enc_topk_bboxes]
    return [outputs.intermediate_logits, outputs.intermediate_reference_points, *first]


def head_name(name: str) -> str:
    """In transformers, the heads of the layers are beside them."""
    return re.sub(r"decoder\.layers\.(\d+)\.(bbox|class)_embed", r"decoder.\2_embed.\1", name)


class CenterNet(nn.Module):
    """The authors' network on a ResNet: three steps up, and a head for each kind of map."""

    def __init__(self) -> None:
        super().__init__()
        torchvision()
        self.backbone: Any = import_module("torchvision.models").resnet18()
        del self.backbone.fc
        steps: list[nn.Module] = []
        for a, b in ((512, 256), (256, 128), (128, 64)):
            up = nn.ConvTranspose2d(b, b, 4, 2, 1, bias=False)
            steps += [Deformed(nn.Conv2d(a, b, 3)), nn.BatchNorm2d(b), nn.ReLU(), up, nn.BatchNorm2d(b), nn.ReLU()]
        self.deconv_layers = nn.Sequential(*steps)
        self.hm, self.wh, self.reg = (
            nn.Sequential(nn.Conv2d(64, 64, 3, padding=1), nn.ReLU(), nn.Conv2d(64, n, 1)) for n in (80, 2, 2)
        )

    def forward(self, x: Tensor) -> list[Tensor]:
        """The heatmap, the sizes and the offsets."""
        b = self.backbone
        x = b.maxpool(b.relu(b.bn1(b.conv1(x))))
        x = self.deconv_layers(b.layer4(b.layer3(b.layer2(b.layer1(x)))))
        return [self.hm(x), self.wh(x), self.reg(x)]


def centernet_name(name: str) -> str:
    """Ours are the authors'."""
    if name.startswith("deconv_layers."):
        return name.replace("conv_offset_mask", "conv_offset").replace(".conv.", ".")
    return name if name.startswith(("hm.", "wh.", "reg.")) else f"backbone.{name}"


def cases() -> list[Case]:
    """All of them."""
    return [
        Case("centernet@resnet18 H=64 W=96", CenterNet, names=centernet_name),
        *(
            Case(
                f"rt_detr@{variant} H=128 W=160 queries=20",
                partial(rt_detr, variant, num_queries=20),
                detected,
                names=head_name,
                published=partial(rt_detr, variant),
                limit=SINGLE,
                counts_macs=False,  # the sum over the places that a query looks at is a product and a sum there
            )
            for variant in SIZES
        ),
    ]
