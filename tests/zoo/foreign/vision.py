"""Vision networks of timm."""

# timm has no types:
# pyright: reportMissingTypeStubs=false, reportUnknownMemberType=false, reportUnknownVariableType=false

from __future__ import annotations

from collections.abc import Mapping
from functools import partial
from importlib import import_module
from typing import Any

import torch
from torch import Tensor, nn

from ...vision import torchvision
from .cases import Case
from .language_models import SINGLE, transformer
from .timm_models import BY_SIZE, MODELS

SMALL = " H=64 W=64"


def timm(model: str, **arguments: Any) -> nn.Module:
    """An untrained model of timm."""
    torchvision()
    import timm

    module: nn.Module = timm.create_model(model, **arguments)
    return module


def segmentation(model: str, encoder: str, classes: int) -> nn.Module:
    """An untrained model of segmentation_models_pytorch."""
    torchvision()
    import segmentation_models_pytorch  # type: ignore[import-not-found, unused-ignore] # no requirement of the tests

    module: nn.Module = getattr(segmentation_models_pytorch, model)(encoder, encoder_weights=None, classes=classes)
    return module


MAE_SMALL = {
    "image_size": 64,
    "hidden_size": 32,
    "intermediate_size": 128,
    "num_hidden_layers": 2,
    "num_attention_heads": 2,
    "decoder_hidden_size": 16,
    "decoder_intermediate_size": 64,
    "decoder_num_hidden_layers": 1,
    "decoder_num_attention_heads": 2,
    "layer_norm_eps": 1e-6,
}


def features(module: Any, inputs: Mapping[str, Tensor]) -> Any:
    """What a model of timm computes before its head."""
    return module.forward_features(*inputs.values())


def convit(module: Any, inputs: Mapping[str, Tensor]) -> Any:
    """Scores; timm works out the distances between patches in single precision."""
    x = next(iter(inputs.values()))
    for block in module.blocks:
        if hasattr(block.attn, "get_rel_indices"):
            block.attn.rel_indices = block.attn.get_rel_indices((x.shape[-1] // 16) ** 2).to(x.dtype)
    return module(x)


class ReleasedMae(nn.Module):
    """The masked autoencoder of transformers with the names of the released weights, which join query, key and value."""

    def __init__(self, **arguments: Any) -> None:
        super().__init__()
        self.model = transformer("ViTMAEForPreTraining", "ViTMAEConfig", **arguments)

    def forward(self, image: Tensor, noise: Tensor) -> list[Tensor]:
        """What the decoder makes of all patches, and which were hidden."""
        outputs: Any = self.model(image, noise=noise)
        return [outputs.logits, outputs.mask]

    def state_dict(self, *args: Any, **kwargs: Any) -> dict[str, Any]:  # type: ignore[override]  # fewer overloads than nn.Module's
        """One tensor for the three layers of an attention."""
        given = self.model.state_dict()
        state: dict[str, Tensor] = {}
        for name, tensor in given.items():
            if ".k_proj." in name or ".v_proj." in name:
                continue
            if ".q_proj." in name:
                tensor = torch.cat([given[name.replace(".q_", f".{c}_")] for c in "qkv"])
            for theirs, ours in MAE_NAMES:
                name = name.replace(theirs, ours)
            state[name] = tensor
        return state


MAE_NAMES = (
    ("decoder.decoder_layers", "decoder_blocks"),
    ("decoder.", ""),
    ("vit.embeddings.position_embeddings", "pos_embed"),
    ("vit.embeddings.patch_embeddings.projection", "patch_embed.proj"),
    ("vit.embeddings.", ""),
    ("vit.layers", "blocks"),
    ("vit.layernorm", "norm"),
    ("attention.q_proj", "attn.qkv"),
    ("attention.o_proj", "attn.proj"),
    ("layernorm_before", "norm1"),
    ("layernorm_after", "norm2"),
)
"""Parts of names: of transformers, and of the released weights."""


def clip(text: Mapping[str, Any], image: Mapping[str, Any], /, **more: Any) -> nn.Module:
    """Both encoders."""
    heads = {name: {"attn_implementation": "eager"} for name in ("text_config", "vision_config")}
    return transformer(
        "CLIPModel",
        "CLIPConfig",
        text_config={**heads["text_config"], **text},
        vision_config={**heads["vision_config"], **image},
        **more,
    )


def agreement(module: nn.Module, inputs: Mapping[str, Tensor]) -> list[Tensor]:
    """Of each image with its text, and the features of both."""
    outputs: Any = module(input_ids=inputs["tokens"], pixel_values=inputs["image"])
    return [outputs.logits_per_image.diag(), outputs.text_embeds, outputs.image_embeds]


def end_last(inputs: dict[str, Tensor]) -> None:
    """The greatest token ends the texts, at different places."""
    for place, tokens in enumerate(inputs["tokens"], 5):
        tokens.clamp_(max=97)[place] = 98


CLIP_TEXT = {
    "vocab_size": 99,
    "hidden_size": 24,
    "intermediate_size": 96,
    "num_hidden_layers": 2,
    "num_attention_heads": 4,
    "max_position_embeddings": 11,
    "eos_token_id": 98,
    "bos_token_id": 1,
    "pad_token_id": 0,
}
CLIP_IMAGE = {
    "image_size": 16,
    "patch_size": 8,
    "hidden_size": 32,
    "intermediate_size": 128,
    "num_hidden_layers": 2,
    "num_attention_heads": 4,
}
CLIP_LARGE: tuple[Any, ...] = (
    {"hidden_size": 768, "intermediate_size": 3072, "num_attention_heads": 12},
    {
        "hidden_size": 1024,
        "intermediate_size": 4096,
        "num_hidden_layers": 24,
        "num_attention_heads": 16,
        "patch_size": 14,
    },
)


class Deformed(nn.Module):
    """A deformable convolution, tap by tap and corner by corner (Zhu et al. 2018, Equation 1)."""

    def __init__(self, replaced: nn.Conv2d) -> None:
        super().__init__()
        self.stride = replaced.stride[0]
        self.weight = nn.Parameter(replaced.weight.detach().clone())
        self.bias = None if replaced.bias is None else nn.Parameter(replaced.bias.detach().clone())
        self.conv_offset = nn.Conv2d(replaced.in_channels, 27, 3, self.stride, 1)

    def forward(self, x: Tensor) -> Tensor:
        """The sum over the taps of their values, each weighted."""
        offsets, mask = self.conv_offset(x).split([18, 9], 1)
        total = torch.stack([self.tap(t, x, offsets, mask[:, t : t + 1].sigmoid()) for t in range(9)]).sum(0)
        return total if self.bias is None else total + self.bias[:, None, None]

    def tap(self, t: int, x: Tensor, offsets: Tensor, mask: Tensor) -> Tensor:
        """What one tap adds: values between four pixels, of which those outside are zero."""
        height, width = x.shape[-2:]
        rows, columns = (torch.arange(n, dtype=x.dtype) * self.stride - 1 for n in offsets.shape[-2:])
        y, z = rows[:, None] + t // 3 + offsets[:, 2 * t], columns + t % 3 + offsets[:, 2 * t + 1]
        value = torch.zeros(())
        for corner in range(4):
            row, column = y.floor() + corner // 2, z.floor() + corner % 2
            inside = (row >= 0) & (row < height) & (column >= 0) & (column < width)
            share = (1 - (y - row).abs()) * (1 - (z - column).abs()) * inside
            index = row.clamp(0, height - 1) * width + column.clamp(0, width - 1)
            pixels = x.flatten(2).gather(2, index.long().flatten(1)[:, None].expand(-1, x.shape[1], -1))
            value = value + pixels.view(*x.shape[:2], *share.shape[1:]) * share[:, None]
        return torch.einsum("bchw,oc->bohw", value * mask, self.weight[:, :, t // 3, t % 3])


def dcn() -> nn.Module:
    """ResNet-50 with deformable convolutions in all stages but the first."""
    torchvision()
    module: Any = import_module("torchvision.models").resnet50()
    for stage in (module.layer2, module.layer3, module.layer4):
        for block in stage:
            block.conv2 = Deformed(block.conv2)
    network: nn.Module = module
    return network


def swinir(**arguments: Any) -> nn.Module:
    """A network of spandrel, which has the authors' code."""
    torchvision()
    code = import_module("spandrel.architectures.SwinIR.__arch.SwinIR")
    module: nn.Module = code.SwinIR(window_size=8, num_heads=[6] * len(arguments["depths"]), mlp_ratio=2, **arguments)
    return module


def cases() -> list[Case]:
    """All of them."""
    return [
        *(Case(reference + SMALL, partial(timm, model)) for reference, model in MODELS.items()),
        *(
            Case(f"{reference} size=64", partial(timm, model, img_size=64), published=partial(timm, model))
            for reference, model in BY_SIZE.items()
        ),
        *(
            Case(
                f"convit@{v} size=64",
                partial(timm, f"convit_{v}", img_size=64),
                convit,
                published=partial(timm, f"convit_{v}"),
            )
            for v in ("tiny", "small")
        ),
        *(
            Case(f"efficientformer@{v}", partial(timm, f"efficientformer_{v}"), unused=("attention_bias_idxs",))
            for v in ("l1", "l3", "l7")
        ),
        *(Case(f"caformer@{v} size=64", partial(timm, f"caformer_{v}")) for v in ("s18", "s36", "m36", "b36")),
        Case(
            "deit3@huge_14 size=56",
            partial(timm, "deit3_huge_patch14_224", img_size=56),
            published=partial(timm, "deit3_huge_patch14_224"),
        ),
        *(
            Case(
                f"eva02@{v}_14_336 size=56",
                partial(timm, f"eva02_{v}_patch14_336", img_size=56, num_classes=1000),
                published=partial(timm, f"eva02_{v}_patch14_336", num_classes=1000),
                limit=1e-6,  # timm turns by sines and cosines of single precision
            )
            for v in ("tiny", "small")
        ),
        *(
            Case(
                f"dinov2@{v}{further} size=56",
                partial(timm, f"vit_{v.replace('_', '_patch')}{further}_dinov2", img_size=56, num_classes=0),
                published=partial(timm, f"vit_{v.replace('_', '_patch')}{further}_dinov2", num_classes=0),
            )
            for v, further in (
                ("small_14", ""),
                ("base_14", ""),
                ("large_14", ""),
                ("giant_14", ""),
                ("small_14", "_reg4"),
                ("giant_14", "_reg4"),
            )
        ),
        *(
            Case(
                f"siglip@{v} size={4 * patch}",
                partial(timm, f"vit_{model}", img_size=4 * patch),
                published=partial(timm, f"vit_{model}"),
            )
            for v, model, patch in (
                ("base_16", "base_patch16_siglip_224", 16),
                ("large_16", "large_patch16_siglip_256", 16),
                ("so400m_14", "so400m_patch14_siglip_224", 14),
            )
        ),
        *(
            Case(
                f"mae@{v} size=64 width=32 depth=2 heads=2 decoder=[16,1,2]",
                partial(ReleasedMae, **MAE_SMALL),
                published=partial(ReleasedMae, **more),
                limit=1e-6,  # its sines are of single precision
            )
            for v, more in (
                ("base", {}),
                (
                    "large",
                    {
                        "hidden_size": 1024,
                        "intermediate_size": 4096,
                        "num_hidden_layers": 24,
                        "num_attention_heads": 16,
                    },
                ),
            )
        ),
        *(
            Case(
                f"{reference} H=64 W=64",
                partial(timm, model, block_args={"attn_layer": layer}),
                counts_macs=layer != "eca",  # there, the batch is within a convolution's channels
            )
            for reference, model, layer in (
                ("ecanet@50", "resnet50", "eca"),
                ("ecanet@101", "resnet101", "eca"),
                ("cbam@50", "resnet50", "cbam"),
            )
        ),
        Case("dcn@50 H=64 W=64", dcn),
        *(
            Case(
                f"dinov3@{v}_16 H=64 W=48",
                partial(timm, f"vit_{v}_patch16_dinov3", img_size=(64, 48), num_classes=0, global_pool="token"),
                limit=1e-6,  # timm turns by sines and cosines of single precision
            )
            for v in ("small", "base", "large")
        ),
        *(
            Case(
                f"clip@{v} size=16 patch=8 width=32 depth=2 heads=4 text=[24,2,4] vocabulary=99 n=11 joint=16",
                partial(clip, CLIP_TEXT, CLIP_IMAGE, projection_dim=16),
                agreement,
                published=partial(clip, *published, **joint),
                limit=SINGLE,
                prepare=end_last,
            )
            for v, published, joint in (
                ("b_32", ({}, {}), {}),
                ("b_16", ({}, {"patch_size": 16}), {}),
                ("l_14", CLIP_LARGE, {"projection_dim": 768}),
            )
        ),
        *(
            Case(
                f"swinir@{v} size=16",
                partial(swinir, img_size=16, embed_dim=width, depths=[6] * n, upscale=scale, upsampler=upsampler),
                limit=1e-6,  # the mean of the colours is of single precision there
            )
            for v, width, n, scale, upsampler in (
                ("classical_x2", 180, 6, 2, "pixelshuffle"),
                ("classical_x4", 180, 6, 4, "pixelshuffle"),
                ("light_x2", 60, 4, 2, "pixelshuffledirect"),
                ("light_x4", 60, 4, 4, "pixelshuffledirect"),
            )
        ),
        *(
            Case(
                f"sam_vit@{v} size=256 depth=3 whole=[1]",
                partial(timm, f"samvit_{v}_patch16", img_size=256, depth=3, global_attn_indexes=(1,)),
                features,
                published=partial(timm, f"samvit_{v}_patch16"),
            )
            for v in ("base", "large", "huge")
        ),
        *(Case(f"segformer@{v} H=64 W=64", partial(segmentation, "Segformer", f"mit_{v}", 150)) for v in ("b0", "b2")),
    ]
