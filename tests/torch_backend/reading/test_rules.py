"""Every family of rules: a tiny module is read, and the spec computes what it does."""

# Calls of functions of any kind.
# pyright: reportUnknownLambdaType=false, reportUnknownMemberType=false, reportUnknownArgumentType=false
# pyright: reportUnknownVariableType=false

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest
import torch
from torch import nn
from torch.nn import functional as F

import netspec

from .support import Function, imported, normal, operations

IDS = torch.tensor([[1, 4, 2], [0, 0, 5]])
Case = tuple[Callable[..., Any], dict[str, Any], tuple[torch.Tensor, ...], str]


def weight(*shape: int) -> nn.Parameter:
    return nn.Parameter(torch.randn(shape, generator=torch.Generator().manual_seed(1)))


CASES: dict[str, Case] = {
    # convolutions and windows
    "convolution": (lambda m, x: m.conv(x), {"conv": nn.Conv2d(4, 6, 3, 2, 1, groups=2)}, (normal(4, 9, 8),), "conv2d"),
    "transposed": (lambda m, x: m.up(x), {"up": nn.ConvTranspose2d(4, 6, 3, 2, 1, 1)}, (normal(4, 5, 4),), "conv_transpose2d"),
    "computed filters": (
        lambda m, x: F.conv2d(x, m.w * 2, m.b), {"w": weight(5, 4, 3, 3), "b": weight(5)}, (normal(4, 6, 5),),
        "parameter rescale parameter conv2d",
    ),
    "standardised filters": (
        lambda m, x: F.conv2d(x, F.batch_norm(m.w.reshape(1, 5, -1), None, None, training=True).reshape_as(m.w)),
        {"w": weight(5, 4, 3, 3)}, (normal(4, 6, 5),), "parameter reshape layer_norm reshape conv2d",
    ),
    "max pool": (lambda m, x: F.max_pool2d(x, 3, 2, 1, ceil_mode=True), {}, (normal(2, 8, 7),), "max_pool2d"),
    "average pool": (
        lambda m, x: F.avg_pool2d(x, 2, count_include_pad=False), {}, (normal(2, 8, 6),), "avg_pool2d",
    ),
    "adaptive pools": (
        lambda m, x: F.adaptive_avg_pool2d(x, 2) + F.adaptive_max_pool2d(x, 2), {}, (normal(2, 8, 6),),
        "adaptive_avg_pool2d adaptive_max_pool2d add",
    ),
    "resize": (
        lambda m, x: F.interpolate(x, scale_factor=2, mode="bilinear"), {}, (normal(2, 4, 3),), "upsample",
    ),
    "antialiased": (
        lambda m, x: F.interpolate(x, size=(4, 3), mode="bicubic", antialias=True), {}, (normal(2, 8, 9),), "upsample",
    ),
    "borders": (lambda m, x: F.pad(x, (1, 2, 0, 1), mode="reflect"), {}, (normal(2, 4, 5),), "pad"),
    "borders of both kinds": (lambda m, x: F.pad(x, (1, -1)), {}, (normal(2, 5),), "pad"),
    "removed borders": (lambda m, x: F.pad(x, (-1, 0)), {}, (normal(2, 5),), "crop"),
    "shuffles": (
        lambda m, x: F.pixel_unshuffle(F.pixel_shuffle(x, 2), 2), {}, (normal(4, 3, 2),), "pixel_shuffle pixel_unshuffle",
    ),
    "windows of images in the batch": (
        lambda m, x: F.max_pool2d(m.conv(x.view(-1, 3, 4, 4)), 2).view(x.shape[0], -1, 5, 2, 2),
        {"conv": nn.Conv2d(3, 5, 3, padding=1)}, (normal(6, 4, 4),),
        "reshape parameter reshape permute parameter conv3d permute reshape max_pool2d reshape",
    ),
    "heads with the same filters": (
        lambda m, x: m.conv(x.reshape(-1, 3, 4, 4)).view(x.shape[0], -1, 4, 4),
        {"conv": nn.Conv2d(3, 3, 3, padding=1, groups=3)}, (normal(6, 4, 4),),
        "reshape reshape depthwise_conv2d reshape reshape",
    ),
    "positions in space and time": (
        lambda m, x: x + (m.space[None].expand(2, -1, -1) + m.time[:, None]).reshape(6, 4),
        {"space": weight(3, 4), "time": weight(2, 4)}, (normal(6, 4),),
        "parameter reshape expand parameter reshape add reshape add",
    ),
    "a table of positions": (
        lambda m, x: x + m.conv(torch.ones(x.shape[0], 2, 4, 5)), {"conv": nn.Conv2d(2, 3, 1)}, (normal(3, 4, 5),),
        "buffer conv2d add",
    ),
    "columns": (lambda m, x: F.unfold(x, 2), {}, (normal(3, 4, 5),), "unfold2d"),
    "weight norm": (
        lambda m, x: m.conv(x), {"conv": torch.nn.utils.parametrizations.weight_norm(nn.Conv1d(4, 6, 3), dim=2)},
        (normal(4, 5),), "parameter square sum sqrt parameter reshape divide reshape multiply parameter conv1d",
    ),
    # dense and lookup
    "dense": (lambda m, x: m.fc(x), {"fc": nn.Linear(4, 6)}, (normal(3, 4),), "dense"),
    "turned dense": (
        lambda m, x: torch.addmm(m.b, x.view(-1, 4), m.w), {"w": weight(4, 6), "b": weight(6)}, (normal(4),),
        "parameter reshape matmul reshape parameter add",
    ),
    "embedding": (lambda m, i: m.table(i), {"table": nn.Embedding(7, 4)}, (IDS,), "embedding"),
    "tied": (
        lambda m, i: F.linear(m.table(i), m.table.weight), {"table": nn.Embedding(7, 4)}, (IDS,), "embedding dense",
    ),
    # norms
    "batch norm": (lambda m, x: m.bn(x), {"bn": nn.BatchNorm2d(4)}, (normal(4, 3, 2),), "batch_norm"),
    "layer norm": (lambda m, x: m.ln(x), {"ln": nn.LayerNorm([3, 4], bias=False)}, (normal(5, 3, 4),), "layer_norm"),
    "rms norm": (lambda m, x: m.norm(x), {"norm": nn.RMSNorm(4, eps=1e-6)}, (normal(3, 4),), "rms_norm"),
    "group norm": (lambda m, x: m.gn(x), {"gn": nn.GroupNorm(2, 4)}, (normal(4, 3, 2),), "group_norm"),
    "instance norm": (lambda m, x: m.norm(x), {"norm": nn.InstanceNorm1d(4)}, (normal(4, 5),), "instance_norm"),
    "length": (lambda m, x: x / x.norm(dim=-1, keepdim=True), {}, (normal(3, 4),), "square sum sqrt divide"),
    # each element by itself
    "activations": (
        lambda m, x: F.gelu(F.silu(F.hardswish(x)), approximate="tanh"), {}, (normal(5),), "hard_swish silu gelu",
    ),
    "formulas": (
        lambda m, x: torch.log1p(x.abs()) + x**3 + torch.minimum(x, x * 2), {}, (normal(5),),
        "abs formula formula add rescale formula add",
    ),
    "bounds": (lambda m, x: x.clamp(min=0.1).clamp(max=m.high), {"high": weight(5)}, (normal(5),), "clamp parameter formula"),
    "gain": (lambda m, x: x * m.weight, {"weight": weight(4)}, (normal(3, 4),), "parameter channel_scale"),
    "numbers": (lambda m, x: (2 - x) / 4 + 1, {}, (normal(3),), "rescale rescale rescale"),
    "choice by values": (
        lambda m, x: torch.where(x > 0.5, x, -1.0), {}, (normal(4),), "formula formula",
    ),
    "in place": (lambda m, x: F.relu(x * 2, inplace=True).add_(1).mul_(3), {}, (normal(4),), "rescale relu rescale rescale"),
    # reductions
    "reductions": (
        lambda m, x: x.mean((1, 2)) + x.amax((1, 2)) - x.var((1, 2)) + x.sum((1, 2)), {}, (normal(3, 4, 2),),
        "mean max add var subtract sum add",
    ),
    "position": (lambda m, x: x.argmax(-1), {}, (normal(3, 4),), "argmax"),
    "positions of tokens": (
        lambda m, i: m.table((i != 0).cumsum(1)), {"table": nn.Embedding(7, 4)}, (IDS,),
        "formula cumsum embedding",
    ),
    # shapes
    "heads": (
        lambda m, x: x.reshape(x.shape[0], 3, 2, 2).transpose(1, 2).flatten(2), {}, (normal(3, 4),),
        "reshape permute reshape",
    ),
    "windows in the batch": (
        lambda m, x: m.fc(x.view(-1, 2, 2, 4).reshape(-1, 4, 4)).view(x.shape[0], 2, 4, 5), {"fc": nn.Linear(4, 5)},
        (normal(8, 4),), "reshape reshape dense",
    ),
    "class token": (
        lambda m, x: torch.cat([m.token.expand(x.shape[0], -1, -1), x], 1), {"token": weight(1, 1, 4)}, (normal(3, 4),),
        "parameter concat",
    ),
    "parts": (lambda m, x: torch.cat(x.chunk(2, -1)[::-1], -1) + x[..., ::1], {}, (normal(3, 4),), "split concat add"),
    "slices": (lambda m, x: x[:, 1:, 0] + x[:, :2, 3], {}, (normal(3, 4),), "slice select slice select add"),
    "copies": (lambda m, x: x.repeat(1, 2, 1).repeat_interleave(2, -1), {}, (normal(3, 4),), "concat reshape expand reshape"),
    "order": (lambda m, x: x.flip(1).roll(1, 2), {}, (normal(3, 4),), "flip roll"),
    "squeezed": (lambda m, x: x.unsqueeze(1).squeeze(1).squeeze(-1), {}, (normal(3, 1),), "reshape reshape reshape"),
    # products and attention
    "product": (lambda m, x, y: x @ y.transpose(1, 2), {}, (normal(3, 4), normal(5, 4)), "permute matmul"),
    "einsum": (
        lambda m, x, y: torch.einsum("bhqd,bkd->bhqk", x, y), {}, (normal(2, 3, 4), normal(5, 4)),
        "permute reshape matmul reshape",
    ),
    "attention": (
        lambda m, x: F.scaled_dot_product_attention(x, x, x, is_causal=True), {}, (normal(2, 5, 4),),
        "dot_product_attention",
    ),
    "masked attention": (
        lambda m, x: F.scaled_dot_product_attention(x, x, x, attn_mask=m.mask), {"mask": torch.eye(5)[None, None] - 0.5},
        (normal(2, 5, 4),), "buffer dot_product_attention",
    ),
    "module of attention": (
        lambda m, x: m.attn(x, x, x, need_weights=False)[0], {"attn": nn.MultiheadAttention(4, 2, batch_first=True)},
        (normal(5, 4),), "attention",
    ),
    # positions by number
    "gathered": (lambda m, x: x[:, m.rows], {"rows": torch.tensor([2, 0])}, (normal(3, 4),), "buffer gather"),
    "two axes": (
        lambda m, x: x[:, :, m.a, m.b], {"a": torch.tensor([0, 1]), "b": torch.tensor([2, 0])}, (normal(2, 3, 4),),
        "buffer rescale buffer add reshape gather",
    ),
    "along": (lambda m, x: torch.gather(x, 1, x.argsort(1)), {}, (normal(4),), "sort take_along"),
    "last token": (
        lambda m, x: x[torch.arange(x.shape[0]), x[..., 0].argmax(-1)], {}, (normal(5, 4),),
        "select argmax reshape take_along reshape",
    ),
    "chosen": (lambda m, x: x.topk(2, -1)[0], {}, (normal(5),), "top_k"),
    # recurrence, signals
    "lstm": (lambda m, x: m.rnn(x)[0], {"rnn": nn.LSTM(4, 3, 2, batch_first=True, bidirectional=True)}, (normal(5, 4),), "lstm"),
    "gru": (lambda m, x: m.rnn(x)[1].transpose(0, 1), {"rnn": nn.GRU(4, 3, batch_first=True)}, (normal(5, 4),), "gru"),
    "a step of lstm": (
        lambda m, x: m.lstm(x[:, 0], (x[:, 1], x[:, 2]))[0], {"lstm": nn.LSTMCell(4, 4)}, (normal(3, 4),),
        "select select select parameter parameter dense parameter parameter dense add split sigmoid sigmoid sigmoid tanh "
        "multiply multiply add tanh multiply",
    ),
    "a step of gru": (
        lambda m, x: m.gru(x[:, 0], x[:, 1]), {"gru": nn.GRUCell(4, 4)}, (normal(2, 4),),
        "select select parameter parameter dense split parameter parameter dense split add sigmoid add sigmoid multiply "
        "add tanh subtract multiply add",
    ),
    "sampling": (
        lambda m, x, y: F.grid_sample(x, y.tanh(), align_corners=False), {}, (normal(2, 4, 5), normal(3, 3, 2)),
        "tanh grid_sample",
    ),
    # constants
    "sines": (
        lambda m, x: x + torch.sin(torch.arange(24.0).reshape(6, 4) / 7), {}, (normal(6, 4),), "buffer add",
    ),
    "a mask by example": (
        lambda m, x: x.masked_fill(torch.ones(x.shape[0], 3, 4).triu(1).bool(), -1e9).softmax(-1), {}, (normal(3, 4),),
        "buffer add softmax",
    ),
    "a mask that excludes nothing": (
        lambda m, x: torch.where(torch.ones(x.shape[0], 3, 4).bool(), m.bias, -1e9) + x.masked_fill(
            torch.zeros(x.shape[0], 3, 4).bool(), 0.5
        ),
        {"bias": nn.Parameter(torch.rand(3, 4))}, (normal(3, 4),), "parameter add",
    ),
    "rows that are masked": (
        lambda m, x: x.masked_fill(m.mask, -1e9).softmax(-1), {"mask": torch.ones(3, 4).triu().bool()}, (normal(3, 4),),
        "buffer formula softmax",
    ),
    "writes": (lambda m, x: _written(x), {}, (normal(5),), "slice rescale slice concat slice slice concat"),
}  # fmt: skip


def _written(x: torch.Tensor) -> torch.Tensor:
    y = x.clone()
    y[:, 2:] *= 3
    return y


@pytest.mark.parametrize("case", CASES)
def test_rule(case: str) -> None:
    function, parts, inputs, expected = CASES[case]
    graph, comparison, _ = imported(Function(function, **parts), *inputs)
    assert comparison.largest <= 1e-9, comparison
    assert comparison.dtype == "float64"
    assert operations(graph) == expected


def test_channels_last_throughout() -> None:
    """Permutations behind the input and before the output are the layout of the spec."""

    def forward(m: Any, x: torch.Tensor) -> torch.Tensor:
        padded = F.pad(x.permute(0, 3, 1, 2), (0, 1, 0, 1), value=-torch.inf)
        y: torch.Tensor = m.conv(F.max_pool2d(padded, 2))
        return y.permute(0, 2, 3, 1)

    module = Function(forward, conv=nn.Conv2d(3, 4, 1))
    result = netspec.from_torch(module, (normal(5, 7, 3),))
    assert result.text(flat=True).partition("layers:\n")[2].splitlines()[:2] == [
        "  max_pool2d: {max_pool2d: 2, padding: same}",
        "  conv: {conv2d: 4, kernel: 1}",
    ]
    assert "layout: channels_last\ninputs: {inputs_0: [5, 7, 3]}\n" in result.text(flat=True)
