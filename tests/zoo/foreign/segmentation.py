"""Encoders and decoders of segmentation in transformers."""

# transformers has types that pyright does not resolve where it is not installed:
# pyright: reportMissingImports=false, reportUnknownMemberType=false, reportUnknownVariableType=false

from __future__ import annotations

from collections.abc import Mapping
from functools import partial
from importlib import import_module
from typing import Any

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


def cases() -> list[Case]:
    """All of them."""
    return [
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
