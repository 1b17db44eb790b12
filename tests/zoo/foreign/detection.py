"""Detectors of effdet, torchvision and ultralytics."""

# effdet and timm have no types:
# pyright: reportMissingTypeStubs=false, reportMissingImports=false, reportUnknownMemberType=false
# pyright: reportUnknownVariableType=false, reportUnknownArgumentType=false, reportUntypedBaseClass=false
# pyright: reportUnknownParameterType=false

from __future__ import annotations

from collections.abc import Mapping
from functools import partial
from importlib import import_module
from typing import Any

import torch
from torch import Tensor, nn

from ...vision import torchvision
from .cases import Case


class NeckAndHeads(nn.Module):
    """A detector of effdet without its backbone, whose three maps are inputs."""

    def __init__(self, model: str, size: int) -> None:
        super().__init__()
        torchvision()
        from effdet import (  # type: ignore[import-not-found, unused-ignore] # no requirement of the tests
            EfficientDet,
            get_efficientdet_config,
        )

        config: Any = get_efficientdet_config(model)
        config.image_size = (size, size)
        whole: Any = EfficientDet(config, pretrained_backbone=False)
        self.fpn, self.class_net, self.box_net = whole.fpn, whole.class_net, whole.box_net

    def forward(self, *maps: Tensor) -> list[Tensor]:
        """The classes of all levels, then the boxes."""
        levels: Any = self.fpn(list(maps))
        return [*self.class_net(levels), *self.box_net(levels)]


def pyramid(model: str, **levels: Any) -> nn.Module:
    """A detector of torchvision on ResNet-50, as with trained weights: statistics are frozen."""
    torchvision()
    resnet: Any = import_module("torchvision.models.resnet")
    detection: Any = import_module("torchvision.models.detection")
    frozen: Any = import_module("torchvision.ops").misc.FrozenBatchNorm2d
    body = detection.backbone_utils._resnet_fpn_extractor(resnet.resnet50(weights=None, norm_layer=frozen), 5, **levels)
    module: nn.Module = getattr(detection, model)(body, 91, **anchors(detection) if model == "RetinaNet" else {})
    return module


def anchors(detection: Any) -> dict[str, Any]:
    """Nine at each place, of five levels."""
    sizes = tuple((n, int(n * 2 ** (1 / 3)), int(n * 2 ** (2 / 3))) for n in (32, 64, 128, 256, 512))
    return {"anchor_generator": detection.anchor_utils.AnchorGenerator(sizes, ((0.5, 1.0, 2.0),) * len(sizes))}


def retinanet() -> nn.Module:
    """With two levels more, made of level 5."""
    torchvision()
    extra = import_module("torchvision.ops.feature_pyramid_network").LastLevelP6P7(256, 256)
    return pyramid("RetinaNet", returned_layers=[2, 3, 4], extra_blocks=extra)


def ssd() -> nn.Module:
    """SSD300 on VGG-16."""
    torchvision()
    module: nn.Module = import_module("torchvision.models.detection").ssd300_vgg16(weights=None, weights_backbone=None)
    return module


def dense_part(module: Any, inputs: Mapping[str, Tensor]) -> Any:
    """What is computed before boxes are decoded and chosen."""
    return module.head(list(module.backbone(inputs["input"]).values()))


def two_stages(module: Any, inputs: Mapping[str, Tensor]) -> list[Any]:
    """Of proposals on all levels, and of regions."""
    scores, offsets = module.rpn.head(list(module.backbone(inputs["image"]).values()))
    regions = module.roi_heads.box_head(inputs["regions"].flatten(0, 1))
    of_regions = [x.unflatten(0, inputs["regions"].shape[:2]) for x in module.roi_heads.box_predictor(regions)]
    return [*scores, *offsets, *of_regions]


class Detr(nn.Module):
    """The network at the end of DETR's paper, by its names, on a backbone whose statistics are frozen."""

    def __init__(self) -> None:
        super().__init__()
        torchvision()
        frozen: Any = import_module("torchvision.ops").misc.FrozenBatchNorm2d
        self.backbone: Any = import_module("torchvision.models.resnet").resnet50(weights=None, norm_layer=frozen)
        del self.backbone.fc
        self.conv = nn.Conv2d(2048, 256, 1)
        self.transformer = nn.Transformer(256, 8, 6, 6, batch_first=True)
        self.linear_class, self.linear_bbox = nn.Linear(256, 92), nn.Linear(256, 4)
        self.query_pos = nn.Parameter(torch.rand(100, 256))
        self.row_embed, self.col_embed = (nn.Parameter(torch.rand(50, 128)) for _ in range(2))

    def forward(self, x: Tensor) -> list[Tensor]:
        """Classes and boxes of the queries."""
        b = self.backbone
        x = b.maxpool(b.relu(b.bn1(b.conv1(x))))
        h = self.conv(b.layer4(b.layer3(b.layer2(b.layer1(x)))))
        height, width = h.shape[-2:]
        columns = self.col_embed[:width].unsqueeze(0).repeat(height, 1, 1)
        rows = self.row_embed[:height].unsqueeze(1).repeat(1, width, 1)
        source = torch.cat([columns, rows], -1).flatten(0, 1) + 0.1 * h.flatten(2).transpose(1, 2)
        embedded = self.transformer(source, self.query_pos.expand(len(x), -1, -1))
        return [self.linear_class(embedded), self.linear_bbox(embedded).sigmoid()]


def yolo(model: str) -> nn.Module:
    """A YOLO of ultralytics."""
    torchvision()
    module: nn.Module = import_module("ultralytics.nn.tasks").DetectionModel(f"{model}.yaml", ch=3, verbose=False)
    return module


def decoded(module: Any, inputs: Mapping[str, Tensor]) -> Any:
    """Boxes and scores."""
    return module(inputs["input"])[0]


def cases() -> list[Case]:
    """All of them."""
    return [
        Case("retinanet H=64 W=64", retinanet, dense_part),
        Case("faster_rcnn H=64 W=64 n=3", partial(pyramid, "FasterRCNN"), two_stages),
        Case("ssd", ssd, dense_part),
        Case("detr H=64 W=96", Detr),
        *(
            Case(f"{family}@{size} size=64", partial(yolo, f"{family}{size}"), decoded)
            for family in ("yolov8", "yolo11", "yolo12")
            for size in "nsmlx"
        ),
        *(
            Case(
                f"efficientdet@{v} size=128",
                partial(NeckAndHeads, f"efficientdet_{v}", 128),
                counts_macs=False,  # a sum with weights is a product and a sum there
            )
            for v in ("d0", "d1", "d2", "d3")
        ),
    ]
