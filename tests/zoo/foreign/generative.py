"""Generative networks, of which the authors' code is written again."""

from __future__ import annotations

import math
from collections.abc import Mapping
from functools import partial
from importlib import import_module
from itertools import pairwise
from typing import Any

import torch
from torch import Tensor, nn
from torch.nn import functional as F

from ...vision import torchvision
from .cases import Case
from .paper_modules import Parts


class Residual(nn.Module):
    """The residual block of CycleGAN's generator."""

    def __init__(self, channels: int) -> None:
        super().__init__()
        self.conv_block = nn.Sequential(
            nn.ReflectionPad2d(1),
            nn.Conv2d(channels, channels, 3),
            nn.InstanceNorm2d(channels),
            nn.ReLU(),
            nn.ReflectionPad2d(1),
            nn.Conv2d(channels, channels, 3),
            nn.InstanceNorm2d(channels),
        )

    def forward(self, x: Tensor) -> Tensor:
        """The sum of the input and what is computed from it."""
        total: Tensor = x + self.conv_block(x)
        return total


def cycle_generator(blocks: int, width: int = 64) -> nn.Module:
    """CycleGAN's generator with ``blocks`` residual blocks."""
    parts: list[nn.Module] = [nn.ReflectionPad2d(3), nn.Conv2d(3, width, 7), nn.InstanceNorm2d(width), nn.ReLU()]
    for c in (width, 2 * width):
        parts += [nn.Conv2d(c, 2 * c, 3, 2, 1), nn.InstanceNorm2d(2 * c), nn.ReLU()]
    parts += [Residual(4 * width) for _ in range(blocks)]
    for c in (4 * width, 2 * width):
        parts += [nn.ConvTranspose2d(c, c // 2, 3, 2, 1, 1), nn.InstanceNorm2d(c // 2), nn.ReLU()]
    module = nn.Module()
    module.add_module("model", nn.Sequential(*parts, nn.ReflectionPad2d(3), nn.Conv2d(width, 3, 7), nn.Tanh()))
    return module


def run_model(module: nn.Module, inputs: Mapping[str, Tensor]) -> Any:
    """The outputs of the submodule ``model``."""
    return module.get_submodule("model")(*inputs.values())


def diffusion_unet() -> nn.Module:
    """The network of Stable Diffusion 1.5, narrower."""
    torchvision()
    diffusers: Any = import_module("diffusers")  # no requirement of the tests

    module: nn.Module = diffusers.UNet2DConditionModel(
        sample_size=16, block_out_channels=(32, 64, 64, 64), cross_attention_dim=768, attention_head_dim=4
    )
    return module


def run_diffusion(module: Any, inputs: Mapping[str, Tensor]) -> Any:
    """The noise that the network sees in the sample."""
    return module(inputs["sample"], inputs["timestep"][:, 0], inputs["context"]).sample


def autoencoder(model: str, widths: tuple[int, ...], **more: Any) -> nn.Module:
    """An autoencoder of diffusers."""
    torchvision()
    diffusers: Any = import_module("diffusers")  # no requirement of the tests

    module: nn.Module = getattr(diffusers, model)(
        block_out_channels=widths,
        layers_per_block=2,
        down_block_types=("DownEncoderBlock2D",) * len(widths),
        up_block_types=("UpDecoderBlock2D",) * len(widths),
        **more,
    )
    return module


def run_autoencoder(module: Any, inputs: Mapping[str, Tensor]) -> Any:
    """The picture from the mean of the latent values, or from the nearest codes."""
    return module(inputs["input"]).sample


class Skip(nn.Module):
    """A block of pix2pix's generator, in which the next one is."""

    def __init__(self, outer: int, inner: int, within: nn.Module | None) -> None:
        super().__init__()
        down: list[nn.Module] = [nn.LeakyReLU(0.2), nn.Conv2d(outer, inner, 4, 2, 1, bias=False)]
        if within is not None:
            down += [nn.BatchNorm2d(inner), within]
        wide = inner if within is None else 2 * inner
        up = (nn.ReLU(), nn.ConvTranspose2d(wide, outer, 4, 2, 1, bias=False), nn.BatchNorm2d(outer))
        self.model = nn.Sequential(*down, *up)

    def forward(self, x: Tensor) -> Tensor:
        """The input beside what is made of it."""
        return torch.cat([x, self.model(x)], 1)


def pix2pix(width: int, depth: int) -> nn.Module:
    """pix2pix's generator, whose activations leave the input as it is."""
    sizes = [width * min(2**level, 8) for level in range(depth)]
    block: nn.Module | None = None
    for outer, inner in reversed(list(pairwise(sizes))):
        block = Skip(outer, inner, block)
    assert block is not None
    module, ends = nn.Module(), nn.Module()
    last = (nn.ReLU(), nn.ConvTranspose2d(2 * width, 3, 4, 2, 1), nn.Tanh())
    ends.add_module("model", nn.Sequential(nn.Conv2d(3, width, 4, 2, 1, bias=False), block, *last))
    module.add_module("model", ends)
    return module


def run_ends(module: nn.Module, inputs: Mapping[str, Tensor]) -> Any:
    """The outputs of the submodule ``model.model``."""
    return module.get_submodule("model.model")(*inputs.values())


def dit(size: int, latent: int, patch: int, width: int, depth: int, heads: int, classes: int) -> nn.Module:
    """Peebles & Xie 2022, with the shapes of the authors' code."""
    side = size // patch

    def modulated(x: Tensor, shift: Tensor, scale: Tensor) -> Tensor:
        return F.layer_norm(x, x.shape[-1:], eps=1e-6) * (1 + scale[:, None]) + shift[:, None]

    def layer(block: Any, x: Tensor, c: Tensor) -> Tensor:
        m = block.adaLN_modulation(c).chunk(6, 1)
        q, k, v = block.attn.qkv(modulated(x, m[0], m[1])).unflatten(-1, (3, heads, -1)).permute(2, 0, 3, 1, 4)
        x = x + m[2][:, None] * block.attn.proj(F.scaled_dot_product_attention(q, k, v).transpose(1, 2).flatten(2))
        hidden = F.gelu(block.mlp.fc1(modulated(x, m[3], m[4])), approximate="tanh")
        total: Tensor = x + m[5][:, None] * block.mlp.fc2(hidden)
        return total

    def run(net: Any, x: Tensor, t: Tensor, y: Tensor) -> Tensor:
        rate = torch.exp(-math.log(10_000) * torch.arange(128, dtype=x.dtype) / 128)
        c = net.t_embedder.mlp(torch.cat([(t * rate).cos(), (t * rate).sin()], -1))
        c = c + net.y_embedder.embedding_table(y[:, 0])
        x = net.x_embedder.proj(x).flatten(2).transpose(1, 2) + net.pos_embed
        for block in net.blocks:
            x = layer(block, x, c)
        x = net.final_layer.linear(modulated(x, *net.final_layer.adaLN_modulation(c).chunk(2, 1)))
        patches = x.view(len(x), side, side, patch, patch, -1)
        return torch.einsum("nhwpqc->nchpwq", patches).reshape(len(x), -1, size, size)

    def modulation(parts: int) -> nn.Module:
        return nn.Sequential(nn.SiLU(), nn.Linear(width, parts * width))

    blocks = (
        Parts(
            None,
            attn=Parts(None, qkv=nn.Linear(width, 3 * width), proj=nn.Linear(width, width)),
            mlp=Parts(None, fc1=nn.Linear(width, 4 * width), fc2=nn.Linear(4 * width, width)),
            adaLN_modulation=modulation(6),
        )
        for _ in range(depth)
    )
    return Parts(
        run,
        x_embedder=Parts(None, proj=nn.Conv2d(latent, width, patch, patch)),
        t_embedder=Parts(None, mlp=nn.Sequential(nn.Linear(256, width), nn.SiLU(), nn.Linear(width, width))),
        y_embedder=Parts(None, embedding_table=nn.Embedding(classes + 1, width)),
        pos_embed=nn.Parameter(torch.randn(1, side**2, width), requires_grad=False),
        blocks=nn.ModuleList(blocks),
        final_layer=Parts(None, linear=nn.Linear(width, patch**2 * 2 * latent), adaLN_modulation=modulation(2)),
    )


def cases() -> list[Case]:
    """All of them."""
    return [
        Case("pix2pix H=256 W=256", partial(pix2pix, 64, 8), run_ends),
        *(
            Case(
                f"dit@{v} size=8 width=32 depth=2 heads=4 classes=10",
                partial(dit, 8, 4, 2, 32, 2, 4, 10),
                published=partial(dit, 32, 4, 2, *sizes, 1000),
                limit=1e-6,  # our angles are of single precision
            )
            for v, sizes in (
                ("s_2", (384, 12, 6)),
                ("b_2", (768, 12, 12)),
                ("l_2", (1024, 24, 16)),
                ("xl_2", (1152, 28, 16)),
            )
        ),
        *(
            Case(
                f"cyclegan@resnet_{n}blocks H=32 W=32",
                partial(cycle_generator, n),
                run_model,
            )
            for n in (6, 9)
        ),
        Case(
            "sd_unet size=16 heads=4 stages=[[32,true],[64,true],[64,true],[64,false]]",
            diffusion_unet,
            run_diffusion,
            limit=1e-5,
        ),
        *(
            Case(
                f"vq_vae@{variant}{settings}",
                partial(autoencoder, model, widths, **more),
                run_autoencoder,
                counts_macs=model != "VQModel",  # cdist, which finds the nearest code there, is not counted
            )
            for variant, settings, model, widths, more in (
                ("kl_small", "", "AutoencoderKL", (32, 64), {"latent_channels": 4}),
                ("kl_sd", " size=16", "AutoencoderKL", (128, 256, 512, 512), {"latent_channels": 4}),
                ("vq_small", "", "VQModel", (32, 64), {"num_vq_embeddings": 64}),
            )
        ),
    ]
