"""The generator of StyleGAN2, written after the paper with the names of the authors' weights."""

from __future__ import annotations

from collections.abc import Sequence
from functools import partial
from typing import Any

import torch
from torch import Tensor, nn
from torch.nn import functional as F

from .cases import Case
from .paper_modules import Parts, learned

SQUARE = torch.tensor([1.0, 3.0, 3.0, 1.0])[:, None] * torch.tensor([1.0, 3.0, 3.0, 1.0]) / 16


def dense(inputs: int, outputs: int, rate: float = 1.0) -> nn.Module:
    """A layer that learns at ``rate``, whose weights are scaled when it runs."""

    def run(layer: Any, x: Tensor) -> Tensor:
        return F.linear(x, layer.weight * rate / inputs**0.5, layer.bias * rate)

    return Parts(run, weight=nn.Parameter(torch.randn(outputs, inputs) / rate), bias=learned(outputs))


def blurred(x: Tensor) -> Tensor:
    """By a filter of 4 by 4, with one row and column less."""
    return F.conv2d(x, SQUARE.to(x).expand(x.shape[1], 1, 4, 4), padding=1, groups=x.shape[1])


def doubled(x: Tensor) -> Tensor:
    """Twice the size, by the same filter."""
    return F.conv_transpose2d(x, SQUARE.to(x).expand(x.shape[1], 1, 4, 4), stride=2, padding=1, groups=x.shape[1])


def activated(x: Tensor) -> Tensor:
    """Of the same variance."""
    return F.leaky_relu(x, 0.2) * 2**0.5


def styled(inputs: int, outputs: int, width: int, size: int, *, up: bool) -> nn.Module:
    """Section 2.2, with the input and the output scaled in place of the weights."""

    def run(layer: Any, x: Tensor, w: Tensor) -> Tensor:
        style = layer.affine(w)
        scaled = layer.weight * style[:, None, :, None, None]
        x = x * style[:, :, None, None]
        if up:
            x = blurred(F.conv_transpose2d(x, layer.weight.transpose(0, 1), stride=2))
        else:
            x = F.conv2d(x, layer.weight, padding=1)
        x = x * (scaled.square().sum((2, 3, 4)) + 1e-8).rsqrt()[:, :, None, None]
        return activated(x + layer.noise_const * layer.noise_strength + layer.bias[:, None, None])

    module = Parts(
        run,
        affine=dense(width, inputs),
        weight=learned(outputs, inputs, 3, 3),
        noise_strength=nn.Parameter(torch.zeros([])),
        bias=learned(outputs),
    )
    module.register_buffer("noise_const", torch.randn(size, size))
    return module


def colours(inputs: int, width: int) -> nn.Module:
    """Not demodulated."""

    def run(layer: Any, x: Tensor, w: Tensor) -> Tensor:
        style = layer.affine(w) / inputs**0.5
        return F.conv2d(x * style[:, :, None, None], layer.weight, layer.bias)

    return Parts(run, affine=dense(width, inputs), weight=learned(3, inputs, 1, 1), bias=learned(3))


def generator(width: int, depth: int, sizes: Sequence[int], base: int, most: int) -> nn.Module:
    """Figure 7 (b): the picture is a sum over the sizes."""

    def run(net: Any, z: Tensor) -> Tensor:
        w = z / (z.square().mean(1, keepdim=True) + 1e-8).sqrt()
        for i in range(depth):
            w = activated(getattr(net.mapping, f"fc{i}")(w))
        x = net.synthesis.b4.conv1(net.synthesis.b4.const.expand(len(z), -1, -1, -1), w)
        picture: Tensor = net.synthesis.b4.torgb(x, w)
        for size in sizes:
            block = getattr(net.synthesis, f"b{size}")
            x = block.conv1(block.conv0(x, w), w)
            picture = doubled(picture) + block.torgb(x, w)
        return picture

    first = Parts(
        None,
        const=learned(most, 4, 4),
        conv1=styled(most, most, width, 4, up=False),
        torgb=colours(most, width),
    )
    blocks, before = {"b4": first}, most
    for size in sizes:
        channels = min(base // size, most)
        blocks[f"b{size}"] = Parts(
            None,
            conv0=styled(before, channels, width, size, up=True),
            conv1=styled(channels, channels, width, size, up=False),
            torgb=colours(channels, width),
        )
        before = channels
    layers = {f"fc{i}": dense(width, width, 0.01) for i in range(depth)}
    return Parts(run, mapping=Parts(None, **layers), synthesis=Parts(None, **blocks))


def cases() -> list[Case]:
    """Both published sizes."""
    small: dict[str, Any] = {"width": 16, "depth": 3, "base": 64, "most": 6}
    settings = "width=16 depth=3 base=64 most=6"
    return [
        Case(
            f"stylegan2@{variant} {settings} sizes=[8,16,32]",
            partial(generator, sizes=(8, 16, 32), **small),
            published=partial(generator, 512, depth, sizes, 32_768, 512),
        )
        for variant, depth, sizes in (
            ("ffhq", 8, (8, 16, 32, 64, 128, 256, 512, 1024)),
            ("cifar10", 2, (8, 16, 32)),
        )
    ]
