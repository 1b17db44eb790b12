"""Encoders and decoders of segmentation in transformers."""

# transformers has types that pyright does not resolve where it is not installed:
# pyright: reportMissingImports=false, reportUnknownMemberType=false, reportUnknownVariableType=false

from __future__ import annotations

from collections.abc import Mapping, Sequence
from functools import partial
from importlib import import_module
from typing import Any

import torch
from torch import Tensor, nn

from ...vision import torchvision
from .cases import Case
from .language_models import SINGLE, transformer

SAM2_SIZES: dict[str, dict[str, Any]] = {
    "tiny": {},
    "small": {"blocks_per_stage": [1, 2, 11, 2], "global_attention_blocks": [7, 10, 13]},
    "base_plus": {
        "hidden_size": 112,
        "num_attention_heads_per_stage": [2, 4, 8, 16],
        "blocks_per_stage": [2, 3, 16, 3],
        "global_attention_blocks": [12, 16, 20],
        "window_positional_embedding_background_size": [14, 14],
    },
    "large": {
        "hidden_size": 144,
        "num_attention_heads_per_stage": [2, 4, 8, 16],
        "blocks_per_stage": [2, 6, 36, 4],
        "global_attention_blocks": [23, 33, 43],
        "window_size_per_stage": [8, 4, 16, 8],
    },
}


def sam2(variant: str, **sizes: Any) -> nn.Module:
    """The image encoder of SAM 2, with ``sizes`` that differ from the variant's."""
    torchvision()
    transformers: Any = import_module("transformers")
    chosen: dict[str, Any] = {**SAM2_SIZES[variant], **sizes}
    widths = [chosen.get("hidden_size", 96) * 2**stage for stage in range(4)]
    backbone = transformers.Sam2HieraDetConfig(embed_dim_per_stage=widths, attn_implementation="eager", **chosen)
    return transformer(
        "Sam2VisionModel", "Sam2VisionConfig", backbone_config=backbone, backbone_channel_list=widths[::-1]
    )


def maps(module: nn.Module, inputs: Mapping[str, Tensor]) -> list[Tensor]:
    """The last map of the backbone, and those of the neck, the finest first."""
    outputs: Any = module(pixel_values=inputs["input"])
    return [outputs.last_hidden_state, *outputs.fpn_hidden_states]


class PixelsAndQueries(nn.Module):
    """Mask2Former without its backbone, whose maps are inputs."""

    def __init__(self, channels: Sequence[int], classes: int = 133, **sizes: int) -> None:
        super().__init__()
        torchvision()
        config: Any = import_module("transformers").Mask2FormerConfig(**sizes)
        code: Any = import_module("transformers.models.mask2former.modeling_mask2former")
        self.pixels = code.Mask2FormerPixelDecoder(config, list(channels))
        self.queries = code.Mask2FormerTransformerModule(config.feature_size, config)
        self.class_predictor = nn.Linear(config.hidden_dim, classes + 1)

    def forward(self, *maps: Tensor) -> list[Tensor]:
        """Scores and masks before and after all layers."""
        decoded = self.pixels(list(maps), output_attentions=False, output_hidden_states=False, return_dict=True)
        outputs = self.queries(decoded.multi_scale_features, decoded.mask_features)
        scores = [self.class_predictor(x.transpose(0, 1)) for x in outputs.intermediate_hidden_states]
        return [torch.stack(scores, 1), torch.stack(outputs.masks_queries_logits, 1)]


HOMES = (
    ("pixel_decoder.", "pixels."),
    ("transformer.predicted.0.layernorm", "queries.decoder.layernorm"),
    ("transformer.predicted.0.mask_embedder", "queries.decoder.mask_predictor.mask_embedder"),
    ("transformer.predicted.0.class_predictor", "class_predictor"),
    ("transformer.layers.", "queries.decoder.layers."),
    ("transformer.", "queries."),
)
"""Beginnings of names: ours, and those of the modules above."""


def home(name: str) -> str:
    """The name in the module above."""
    ours, theirs = next(pair for pair in HOMES if name.startswith(pair[0]))
    return theirs + name[len(ours) :]


MASK2FORMER_SMALL = {
    "feature_size": 32,
    "mask_feature_size": 32,
    "hidden_dim": 32,
    "encoder_feedforward_dim": 40,
    "encoder_layers": 2,
    "decoder_layers": 5,
    "num_attention_heads": 4,
    "dim_feedforward": 48,
    "num_queries": 7,
}


def cases() -> list[Case]:
    """All of them."""
    return [
        Case(
            "mask2former size=64 channels=[8,12,16,20] width=32 heads=4 queries=7 hidden=40 wide=48 rounds=2 depth=4 classes=5",
            partial(PixelsAndQueries, (8, 12, 16, 20), 5, **MASK2FORMER_SMALL),
            names=home,
            published=partial(PixelsAndQueries, (256, 512, 1024, 2048)),
            limit=SINGLE,
            counts_macs=False,  # the sum over the places that a query looks at is a product and a sum there
        ),
        *(
            Case(
                f"sam2@{v} size=256 depths=[1,2,3,1] whole=[4]",
                partial(sam2, v, blocks_per_stage=[1, 2, 3, 1], global_attention_blocks=[4]),
                maps,
                published=partial(sam2, v),
                limit=SINGLE,  # the neck enlarges in single precision
                counts_macs=False,  # transformers multiplies the heads of each position, too, and drops the result
            )
            for v in SAM2_SIZES
        ),
    ]
