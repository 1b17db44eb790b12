"""Networks whose weights and values have several floating-point types: values, gradients, and the text."""

# torch is typed in part.
# mypy: disable-error-code="no-untyped-call"
# pyright: reportUnknownMemberType=false, reportUnknownVariableType=false, reportUnknownArgumentType=false

from __future__ import annotations

import pytest
import torch
from torch import Tensor
from torch.nn import functional as F

import netspec_torch

from .support import check_facts, check_source, check_training, loads, random_inputs

MIXED = """
dtype: bfloat16
blocks:
  Mlp: {params: {n: int}, layers: {up: {dense: $n, activation: gelu}, down: {dense: $(input.features)}}}
inputs: {tokens: {shape: [7], dtype: int64}}
layers:
  embed: {embedding: 40, width: 16}
  norm: {rms_norm, dtype: float32}
  mlp: {Mlp: 24, dtype: float64}
  half: {Mlp: 24, dtype: bfloat16}
  mask: {buffer: [7, 7], dtype: float32, init: {constant: 0.3}}
  mix: {dot_product_attention: 2, mask: mask, from: [half, half, half]}
  gain: {channel_scale, dtype: float16}
  head: {dense: 5, dtype: float32}
  total: {sum: 0, from: tokens, dtype: float32}
outputs: [head, total]
"""


def test_values_and_types_of_every_layer() -> None:
    """The module's are those of the same network written by hand, with its weights."""
    graph = loads(MIXED)
    model = netspec_torch.build(graph)
    (tokens,) = given = random_inputs(graph)
    actual = check_facts(graph, model, given)
    w = model.state_dict()

    def mlp(x: Tensor, name: str) -> Tensor:
        up = F.gelu(F.linear(x, w[f"{name}.up.weight"], w[f"{name}.up.bias"]))
        return F.linear(up, w[f"{name}.down.weight"], w[f"{name}.down.bias"])

    x = F.rms_norm(w["embed.weight"][tokens].float(), (16,), w["norm.weight"])
    x = mlp(mlp(x.double(), "mlp").bfloat16(), "half").unflatten(-1, (2, 8)).transpose(1, 2)
    x = F.scaled_dot_product_attention(x, x, x, attn_mask=w["mask"].bfloat16()).transpose(1, 2).flatten(-2)
    x = (x.half() * w["gain.weight"]).float()
    torch.testing.assert_close(actual["head"], F.linear(x, w["head.weight"], w["head.bias"]))
    torch.testing.assert_close(actual["total"], tokens.sum(1).float())
    check_source(graph, model, given, actual)
    check_training(graph, model, given)


def test_one_type_for_all_weights_is_one_statement() -> None:
    layers = (
        "layers: [{conv2d: 8, kernel: 3, init: orthogonal}, batch_norm, relu, {channel_scale}, flatten, {dense: 4}]"
    )
    graph = loads(f"dtype: bfloat16\ninput: [3, 6, 6]\n{layers}\n")
    text = netspec_torch.source(graph)
    assert text.count("torch.bfloat16") == text.count("self.to(torch.bfloat16)") == 1
    model = netspec_torch.build(graph)
    given = random_inputs(graph)
    check_source(graph, model, given, check_facts(graph, model, given))
    check_training(graph, model, given)


def test_layers_name_their_type_where_there_are_several() -> None:
    text = netspec_torch.source(loads(MIXED))
    for line in (
        "nn.Embedding(40, 16, dtype=torch.bfloat16)",
        "nn.RMSNorm(16)",
        "nn.Linear(24, 16, dtype=torch.float64)",
        "ChannelScale(16).to(torch.float16)",
        "x = x.to(torch.float32)",
    ):
        assert line in text


@pytest.mark.parametrize("init", ["he_normal", "orthogonal", "{truncated_normal: 0.02}", "[[0.1, 0.2], [0.3, 0.4]]"])
@pytest.mark.parametrize("dtype", ["float16", "float64"])
@pytest.mark.parametrize("of_all", [True, False])
def test_initial_values_of_a_parameter(init: str, dtype: str, of_all: bool) -> None:
    """In a network of one type, and beside another."""
    layers = f"p: {{parameter: [2, 2], init: {init}, dtype: {dtype}}}\n  d: {{dense: 2, from: input}}"
    graph = loads(f"dtype: {dtype if of_all else 'float32'}\ninput: [2]\nlayers:\n  {layers}\noutputs: [p, d]\n")
    model, given = netspec_torch.build(graph), random_inputs(graph)
    check_source(graph, model, given, check_facts(graph, model, given))
