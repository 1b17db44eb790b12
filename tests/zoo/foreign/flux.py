"""Flux of diffusers, which is not a requirement of the tests."""

# diffusers has no types:
# pyright: reportUnknownMemberType=false, reportUnknownVariableType=false, reportUnknownArgumentType=false

from __future__ import annotations

from collections.abc import Mapping
from functools import partial
from importlib import import_module
from typing import Any

import torch
from torch import Tensor, nn

from ...vision import torchvision
from .cases import Case
from .language_models import SINGLE


def flux(**arguments: Any) -> nn.Module:
    """The transformer; without arguments, that of FLUX.1 dev."""
    torchvision()
    code = import_module("diffusers.models.transformers.transformer_flux")
    module: nn.Module = code.FluxTransformer2DModel(guidance_embeds=True, **arguments)
    return module


def patches(x: Tensor) -> Tensor:
    """Squares of 2 by 2 positions in a row, as the pipeline of diffusers packs them."""
    b, c, h, w = x.shape
    return x.view(b, c, h // 2, 2, w // 2, 2).permute(0, 2, 4, 1, 3, 5).reshape(b, h * w // 4, 4 * c)


def image(module: Any, inputs: Mapping[str, Tensor]) -> Tensor:
    """The output in the form of the image."""
    x, text = inputs["image"], inputs["text"]
    b, c, h, w = x.shape
    places = torch.zeros(h // 2, w // 2, 3)
    places[..., 1], places[..., 2] = torch.arange(h // 2)[:, None], torch.arange(w // 2)
    outputs: Any = module(
        hidden_states=patches(x),
        encoder_hidden_states=text,
        pooled_projections=inputs["pooled"],
        timestep=inputs["t"][:, 0],
        guidance=inputs["guidance"][:, 0],
        img_ids=places.reshape(-1, 3),
        txt_ids=torch.zeros(text.shape[1], 3),
    )
    out: Tensor = outputs.sample.view(b, h // 2, w // 2, c, 2, 2)
    return out.permute(0, 3, 1, 4, 2, 5).reshape(b, c, h, w)


SIZES: dict[str, Any] = {"in_channels": 8, "num_layers": 2, "num_single_layers": 2, "axes_dims_rope": (4, 6, 6)} | {
    "attention_head_dim": 16,
    "num_attention_heads": 2,
    "joint_attention_dim": 24,
    "pooled_projection_dim": 20,
}


def cases() -> list[Case]:
    """Small, and the number of parameters of the released model."""
    ours = "latent=2 depth=2 single=2 heads=2 head=16 features=24 pooled=20 still=2 H=8 W=12 m=5"
    return [Case(f"flux {ours}", partial(flux, **SIZES), image, published=flux, limit=SINGLE)]
