"""Grad-CAM on tokens, and attention rollout, against direct computations in PyTorch."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np
import pytest
import torch
from torch.nn import functional as F

import netspec
import netspec_see as see
from netspec.diagnostics import Error
from netspec_see.attention_rollout import attention_weights
from netspec_see.layer_lookup import find_layer
from netspec_see.token_grids import GivenGrid, require_grid

from .last_layers import LastLayer, last_layer
from .support import graph_of, tensor

TINY: dict[str, Any] = {"size": 24, "patch": 8, "width": 12, "heads": 2, "depth": 3, "classes": 5}
VIT = netspec.load("vit", **TINY)
NET = see.network(VIT, seed=1)
IMAGE = np.random.default_rng(0).random((3, 24, 24), dtype=np.float32)
WEIGHTS = {p.name: tensor(NET.parameter(p)) for p in NET.graph.parameters}
SWIN = see.network(netspec.load("swin", size=56, width=8, head=4, depths=[1, 2], classes=5), seed=1)
MEAN_OF_TOKENS = graph_of(
    """
  embed: {conv2d: 8, kernel: 4, stride: 4}
  patches: {flatten: 1}
  tokens: {permute: [1, 0]}
  attend: {attention: 2}
  norm: layer_norm
  mean: {mean: 0}
  fc: {dense: 3}
""",
    "[3, 8, 12]",
)


def vit_by_hand(image: torch.Tensor, at: int, patches: torch.Tensor | None = None) -> dict[str, Any]:
    """The network in plain PyTorch: its scores, the attention of each layer, and the input of the attention ``at``.

    ``patches`` replaces that input.
    """
    w = WEIGHTS
    x = F.conv2d(image[None], w["conv_proj.weight"], w["conv_proj.bias"], stride=8)[0].flatten(1).T
    x = torch.cat([w["class_token"][0], x]) + w["encoder.pos_embedding"][0]
    attention: list[torch.Tensor] = []
    given: torch.Tensor | None = None
    for i in range(3):
        p = f"encoder.layers.encoder_layer_{i}"
        y = F.layer_norm(x, (12,), w[f"{p}.ln_1.weight"], w[f"{p}.ln_1.bias"], 1e-6)
        if i == at:
            y = y if patches is None else patches
            given = y
        qkv = F.linear(y, w[f"{p}.self_attention.in_proj_weight"], w[f"{p}.self_attention.in_proj_bias"])
        q, k, v = (part.reshape(10, 2, 6).transpose(0, 1) for part in qkv.chunk(3, -1))
        attention.append((q @ k.mT / 6**0.5).softmax(-1))
        y = (attention[-1] @ v).transpose(0, 1).reshape(10, 12)
        x = x + F.linear(y, w[f"{p}.self_attention.out_proj.weight"], w[f"{p}.self_attention.out_proj.bias"])
        y = F.layer_norm(x, (12,), w[f"{p}.ln_2.weight"], w[f"{p}.ln_2.bias"], 1e-6)
        y = F.gelu(F.linear(y, w[f"{p}.mlp.0.weight"], w[f"{p}.mlp.0.bias"]))
        x = x + F.linear(y, w[f"{p}.mlp.3.weight"], w[f"{p}.mlp.3.bias"])
    x = F.layer_norm(x, (12,), w["encoder.ln.weight"], w["encoder.ln.bias"], 1e-6)
    scores = F.linear(x[0], w["heads.head.weight"], w["heads.head.bias"])
    return {"scores": scores, "attention": attention, "given": given}


def resized(heat: torch.Tensor, size: tuple[int, int]) -> torch.Tensor:
    return F.interpolate(heat[None, None], size, mode="bilinear")[0, 0]


def test_grad_cam_of_a_vision_transformer() -> None:
    """By default before the last attention: after it, the scores depend on the class token alone."""
    result = see.grad_cam(NET, IMAGE, 2)
    assert (result.layer, result.grid) == ("encoder.layers.encoder_layer_2.ln_1", (3, 3))
    given: torch.Tensor = vit_by_hand(tensor(IMAGE), 2)["given"].detach().requires_grad_()
    scores = vit_by_hand(tensor(IMAGE), 2, given)["scores"]
    assert scores[2].item() == pytest.approx(result.score, rel=1e-4)
    (gradient,) = torch.autograd.grad(scores[2], given)
    heat = F.relu((gradient[1:].mean(0) * given[1:]).sum(1)).reshape(3, 3).detach()
    assert heat.max() > 0
    np.testing.assert_allclose(result.values, resized(heat, (24, 24)).numpy(), atol=1e-6)


def test_rollout_of_a_vision_transformer() -> None:
    """Abnar & Zuidema 2020, section 3: A = 0.5 W + 0.5 I, multiplied over the layers; the row of the class token."""
    attention = vit_by_hand(tensor(IMAGE), 0)["attention"]
    for ours, theirs in zip(attention_weights(NET, IMAGE, 3), attention, strict=True):
        torch.testing.assert_close(ours, theirs, atol=1e-5, rtol=1e-4)
    flow = torch.eye(10)
    for each in attention:
        flow = torch.matmul(0.5 * each.mean(0) + 0.5 * torch.eye(10), flow)
    assert torch.allclose(flow.sum(1), torch.ones(10), atol=1e-5)
    result = see.rollout(NET, IMAGE)
    assert (result.method, result.grid, result.layer) == ("rollout", (3, 3), None)
    np.testing.assert_allclose(result.values, resized(flow[0, 1:].reshape(3, 3), (24, 24)).numpy(), atol=1e-5)


def test_rollout_without_a_class_token_is_the_mean_over_rows() -> None:
    net = see.network(MEAN_OF_TOKENS, seed=0)
    image = np.random.default_rng(1).random((3, 8, 12), dtype=np.float32)
    (weights,) = attention_weights(net, image, 1)
    flow = 0.5 * weights.mean(0) + 0.5 * torch.eye(6)
    expected = resized(flow.mean(0).reshape(2, 3), (8, 12)).numpy()
    np.testing.assert_allclose(see.rollout(net, image).values, expected, atol=1e-6)
    assert see.grad_cam(net, image, 0).layer == "norm"


def test_weights_under_a_mask_and_in_groups() -> None:
    graph = graph_of(
        """
  embed: {conv2d: 8, kernel: 4, stride: 4}
  patches: {flatten: 1}
  tokens: {permute: [1, 0]}
  key: {dense: 4}
  attend: {dot_product_attention: 2, kv_heads: 1, causal: true, scale: 0.7, from: [tokens, key, key]}
  fc: {dense: 3}
""",
        "[3, 8, 12]",
    )
    net = see.network(graph, seed=0)
    image = np.random.default_rng(1).random((3, 8, 12), dtype=np.float32)
    q, k = (tensor(a.values) for a in see.activations(net, image, ["tokens", "key"]))
    scores = 0.7 * q.reshape(6, 2, 4).transpose(0, 1) @ k.T
    expected = scores.masked_fill(torch.ones(6, 6).triu(1).bool(), -torch.inf).softmax(-1)
    torch.testing.assert_close(attention_weights(net, image, 1)[0], expected, atol=1e-5, rtol=1e-4)


def test_grad_cam_of_swin_takes_the_last_stage() -> None:
    image = np.random.default_rng(0).random((3, 56, 56), dtype=np.float32)
    result = see.grad_cam(SWIN, image, 1)
    assert (result.layer, result.grid) == ("norm", (7, 7))
    (norm,) = see.activations(SWIN, image, ["norm"])
    weight = {p.name: tensor(SWIN.parameter(p)) for p in SWIN.graph.parameters}["head.weight"][1] / 49
    heat = F.relu((tensor(norm.values) * weight[:, None, None]).sum(0))
    np.testing.assert_allclose(result.values, resized(heat, (56, 56)).numpy(), atol=1e-5)


LAYERS = {
    "resnet@18": ("layer4.1.add", (7, 7)),
    "vgg16": ("block5_pool", (7, 7)),
    "swin": ("norm", (7, 7)),
    "swin_v2": ("permute", (8, 8)),
    "hiera@tiny": ("blocks.11.add2", (7, 7)),
    "mlp_mixer": ("norm", (14, 14)),
    "maxvit": ("blocks.3.layers.1.layers.grid_attention.image", (7, 7)),
    "mobilevit": ("final_conv", (8, 8)),
    "gmlp": ("norm", (14, 14)),
    # The scores depend on the class token, which the last attention reads the patches for.
    "vit": ("encoder.layers.encoder_layer_11.ln_1", (14, 14)),
    "deit": ("blocks.11.attn.qkv", (14, 14)),
    "dinov2": ("blocks.11.attn.qkv", (37, 37)),
    "cait": ("blocks_token_only.1.attn.v", (14, 14)),
}


@pytest.mark.parametrize("spec", LAYERS)
def test_grad_cam_takes_the_last_grid_of_networks_of_the_zoo(spec: str) -> None:
    layer, grid = LAYERS[spec]
    assert last_layer(netspec.load(spec).at_default) == LastLayer(layer, grid, grid)


UNROLLED = """
  embed: {conv2d: 3, kernel: 2, stride: 2}
  patches: {rearrange: "c h w -> (h w) c"}
  unrolled: {rearrange: "(y a x b) c -> (a b x y) c", y: 2, a: 2, x: 4, b: 2}
  act: relu
  pooled: {rearrange: "(p n) c -> n c", p: 4, by: max}
  mean: {mean: 0}
  fc: {dense: 3}
"""


def test_tokens_in_another_order_are_arranged_as_the_image() -> None:
    """As in Hiera, tokens are in the order of windows, so that pooling is a maximum over an axis."""
    net = see.network(graph_of(UNROLLED, "[3, 8, 16]"), seed=2)
    image = np.random.default_rng(3).random((3, 8, 16), dtype=np.float32)
    values = {a.layer: tensor(a.values) for a in see.activations(net, image, ["embed", "act", "pooled"])}
    arranged = {name: require_grid(net.graph, find_layer(net.graph, name)) for name in values}
    maps = {name: arranged[name].maps(x[None])[0] for name, x in values.items()}
    assert torch.equal(maps["act"], F.relu(values["embed"]))
    assert torch.equal(maps["pooled"], F.max_pool2d(F.relu(values["embed"]), 2))
    back = arranged["pooled"].with_maps(torch.zeros(1, 8, 3), maps["pooled"][None])
    assert torch.equal(back[0], values["pooled"])
    result = see.grad_cam(net, image, 1)
    weight = {p.name: tensor(net.parameter(p)) for p in net.graph.parameters}["fc.weight"][1] / 8
    heat = F.relu((maps["pooled"] * weight[:, None, None]).sum(0))
    assert (result.layer, result.grid) == ("pooled", (2, 4))
    np.testing.assert_allclose(result.values, resized(heat, (8, 16)).numpy(), atol=1e-6)


def test_a_grid_that_is_given() -> None:
    layer = "encoder.layers.encoder_layer_1.ln_1"
    usual = see.grad_cam(NET, IMAGE, 1, layer)
    assert (see.grad_cam(NET, IMAGE, 1, layer, GivenGrid(3, 3, 0, 1)).values == usual.values).all()
    other = see.grad_cam(NET, IMAGE, 1, layer, GivenGrid(1, 9))
    assert other.grid == (1, 9)
    assert np.isclose(other.values.max(), see.grad_cam(NET, IMAGE, 1, layer, GivenGrid(9, 1)).values.max(), rtol=0.2)
    shifted = see.grad_cam(NET, IMAGE, 1, layer, GivenGrid(3, 3, 0, 0))
    assert (shifted.values != usual.values).any()
    assert see.rollout(NET, IMAGE, None, GivenGrid(1, 9)).grid == (1, 9)


ERRORS: dict[str, tuple[Callable[[], object], str]] = {
    "grid": (lambda: see.grad_cam(NET, IMAGE, 1, "encoder.ln", GivenGrid(14, 14)), """\
error[NS818]: the tokens of layer 'encoder.ln' (10, 12) cannot be arranged as 14x14
  = help: AXIS:ROWSxCOLUMNS+FIRST names the axis of the tokens, 0 or 1, and how many come before the grid"""),
    "grid of no layer": (lambda: see.grad_cam(NET, IMAGE, 1, None, GivenGrid(14, 14)), """\
error[NS818]: no layer of 'vit' before the scores has tokens for a grid of 14x14"""),
    "grid of rollout": (lambda: see.rollout(NET, IMAGE, None, GivenGrid(14, 14)), """\
error[NS818]: the 10 tokens of layer 'encoder.layers.encoder_layer_2.self_attention' cannot be arranged as 14x14"""),
    "swin": (lambda: see.rollout(SWIN, np.zeros((3, 56, 56), np.float32)), """\
error[NS819]: attention rollout needs attention between the same tokens in all layers; layer 'features.1.0.attn.attend' attends within each of 4 parts
  = help: Grad-CAM has no such limits: --method grad-cam"""),
    "convolutions": (lambda: see.rollout(see.network(graph_of("  conv: {conv2d: 4, kernel: 3}\n  fc: {dense: 3, axis: 0}\n")), np.zeros((3, 12, 12), np.float32)), """\
error[NS819]: attention rollout needs attention layers; 'net' has none"""),
}  # fmt: skip


@pytest.mark.parametrize("row", ERRORS)
def test_errors(row: str) -> None:
    call, text = ERRORS[row]
    with pytest.raises(Error) as raised:
        call()
    assert str(raised.value) == text


def test_a_layer_without_positions() -> None:
    with pytest.raises(Error) as raised:
        see.grad_cam(NET, IMAGE, 1, "cls")
    assert raised.value.code == "NS803"
