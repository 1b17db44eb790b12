"""The autoencoder of Stable Audio, of diffusers, which is not a requirement of the tests."""

# diffusers has no types:
# pyright: reportUnknownMemberType=false, reportUnknownVariableType=false

from __future__ import annotations

from collections.abc import Mapping
from functools import partial
from importlib import import_module
from typing import Any

from torch import Tensor, nn

from ...vision import torchvision
from .cases import Case

SMALL: dict[str, Any] = {
    "encoder_hidden_size": 8,
    "downsampling_ratios": [2, 4],
    "channel_multiples": [1, 2],
    "decoder_channels": 8,
    "decoder_input_channels": 4,
}


def oobleck(**sizes: Any) -> nn.Module:
    """The autoencoder; without sizes, that of Stable Audio Open."""
    torchvision()
    code = import_module("diffusers.models.autoencoders.autoencoder_oobleck")
    module: nn.Module = code.AutoencoderOobleck(**sizes)
    return module


def reconstructed(module: Any, inputs: Mapping[str, Tensor]) -> Tensor:
    """What becomes of the mean."""
    sound: Tensor = module(inputs["input"]).sample
    return sound


def gain_and_direction(name: str) -> str:
    """The name of a weight before the parametrisations of today's PyTorch."""
    for ours, theirs in (("original0", "weight_g"), ("original1", "weight_v")):
        name = name.replace(f"parametrizations.weight.{ours}", theirs)
    return name


def cases() -> list[Case]:
    """Small, and the number of parameters of the released model."""
    ours = "stable_audio_vae width=8 latent=4 widths=[8,8,16] strides=[2,4] n=64"
    return [Case(ours, partial(oobleck, **SMALL), reconstructed, gain_and_direction, published=oobleck)]
