"""Figures of language models. ``python -m tests.analysis.language_figures`` checks all that are published."""

from __future__ import annotations

import pytest

import netspec
from netspec.analysis.language_model import language_model

from .language_figures import ROWS, Published, differences

DECODER = """
netspec: 1
dims: {n: {default: 8, max: 4096}}
input: {shape: [n], dtype: int64, axes: [sequence]}
layers:
  embed: {embedding: 50, width: 32}
  norm: layer_norm
  q: {dense: 32, bias: false}
  k: {dense: 16, bias: false, from: norm}
  v: {dense: 16, bias: false, from: norm}
  attend: {dot_product_attention: 4, from: [q, k, v], kv_heads: 2, causal: true}
  o: {dense: 32, bias: false}
  sum: {add: [o, embed]}
  wide: {dense: 128, activation: gelu}
  narrow: {dense: 32}
  out: {add: [narrow, sum]}
  head: {dense: 50}
"""


@pytest.mark.parametrize("row", [row for row in ROWS if row.network in ("llama@llama3_8b", "gpt_oss@20b")])
def test_published_figures(row: Published) -> None:
    assert differences(row) == []


def test_a_decoder_counted_by_hand() -> None:
    model = language_model(netspec.loads(DECODER), (1, 2, 4096, 8192))
    assert model is not None
    attention, mlp, head = 2 * 32 * 32 + 2 * 32 * 16, 32 * 128 + 128 * 32, 32 * 50
    assert model.part_params == {
        "embedding": 50 * 32, "attention": attention + 64, "MLP": mlp + 128 + 32, "experts": 0, "head": head + 50, "other": 0,
    }  # fmt: skip
    assert model.without_embedding == model.params - 50 * 32
    assert model.token_cache_elements == model.latent_cache_elements == 2 * 16
    assert model.token_cache_bytes == 4 * 2 * 16
    assert model.weight_bytes["int4"] == -(-model.params // 2)
    last = model.contexts[-1]
    assert [c.context for c in model.contexts] == [2, 4096]  # of one token there is no other before
    assert last.cache_bytes == 4096 * 4 * 2 * 16
    # the last token: all products, and its scores and sums over 4,096 positions
    assert last.decode_flops == 2 * (attention + mlp + head + 2 * 32 * 4096)
    # on average a token sees half of the positions
    assert last.prefill_flops == 2 * (attention + mlp + head) + 2 * 32 * 4097


def test_latents_are_what_a_cache_keeps() -> None:
    text = DECODER.replace(
        "k: {dense: 16, bias: false, from: norm}",
        "latent: {dense: 8, bias: false, from: norm}\n  k: {dense: 16, bias: false}",
    )
    model = language_model(
        netspec.loads(
            text.replace("v: {dense: 16, bias: false, from: norm}", "v: {dense: 16, bias: false, from: latent}")
        )
    )
    assert model is not None
    assert (model.token_cache_elements, model.latent_cache_elements) == (32, 8)


def test_other_networks_are_no_language_models() -> None:
    assert language_model(netspec.load("lenet5")) is None
    assert language_model(netspec.loads(DECODER.replace("causal: true", "causal: false"))) is None
