"""Small networks that are written as ONNX files come back as they were, and both give the same outputs."""

from __future__ import annotations

from pathlib import Path
from textwrap import dedent

import pytest

import netspec
from benchmarks.same_networks import differences
from netspec_onnx import export

NETWORKS: dict[str, str] = {
    "a frozen norm": """
        input: [3, 8, 8]
        layers: {conv: {conv2d: 4, kernel: 3}, bn: {batch_norm, frozen: true}}""",
    "a norm with its momentum": """
        input: [3, 8, 8]
        layers: {conv: {conv2d: 4, kernel: 3}, bn: {batch_norm, momentum: 0.01}}""",
    "stored tables": """
        input: [6]
        layers:
          mean: {buffer: [6], init: {normal: 1}}
          centred: {subtract: [input, mean]}
          order: {buffer: [6], dtype: int64, init: [5, 4, 3, 2, 1, 0]}
          back: {gather: 0, index: order, from: centred}""",
    "rotary positions": """
        input: [7, 12]
        layers: {q: {rotary, heads: 2}, k: {rotary, heads: 3, theta: 500_000, from: input}, both: {add: [q, k]}}""",
    "rotary positions of a part, by neighbours": """
        input: [7, 16]
        layers: {q: {rotary, heads: 2, dims: 4, pairs: interleaved}}""",
    "heads that share keys": """
        input: [7, 12]
        layers:
          q: {dense: 16}
          k: {dense: 8, from: input}
          v: {dense: 8, from: input}
          attend: {dot_product_attention, heads: 4, kv_heads: 2, causal: true, from: [q, k, v]}""",
    "norms of heads": """
        input: [7, 12]
        layers: {q: {rms_norm, heads: 3, eps: 1e-6}, out: {dense: 4}}""",
    "a gain that begins at one": """
        input: [7, 12]
        defaults: {rms_norm: {eps: 1e-6, init: zeros, weights: {weight: {formula: $(1 + incoming)}}}}
        layers: {norm: rms_norm, out: {dense: 4}}""",
    "norms without gains": """
        input: [7, 12]
        layers: {norm: {layer_norm, affine: false, eps: 1e-6}, out: {dense: 4}}""",
    "a bias that is computed": """
        input: [7, 12]
        layers:
          q_bias: {parameter: [4], init: {normal: 1}}
          zeros: {buffer: [4], init: zeros}
          bias: {concat: [q_bias, zeros], axis: 0}
          qk: {dense: 8, weights: {bias: bias}, from: input}""",
    "convolutions along a sequence": """
        inputs: {tokens: {shape: [9], dtype: int64}}
        layers: {embed: {embedding: 20, width: 6}, conv: {conv1d: 4, kernel: 3, axis: sequence}}""",
    "a scale after a norm": """
        input: [3, 8, 8]
        layers:
          conv: {conv2d: 4, kernel: 3}
          bn: batch_norm
          gamma: {parameter: [4, 1, 1], init: {constant: 0.1}}
          out: {multiply: [bn, gamma]}""",
    "a tied head with a bias of its own": """
        inputs: {tokens: {shape: [7], dtype: int64}}
        layers: {embed: {embedding: 20, width: 8}, norm: layer_norm, head: {dense: 20, share: embed}}""",
    "single numbers that are learned": """
        input: [7]
        layers: {scale: {parameter: []}, shift: {parameter: [1]}, out: {formula: $(exp(scale) * input + shift)}}""",
    "layers of positions": """
        input: [6, 5]
        layers:
          places: {formula: $((i - j) / 6), for: {i: 6, j: 2}}
          mlp: {dense: 5, from: places}
          far: {formula: "$(min(abs(i - 3), 2))", for: {i: 6}}
          embed: {embedding: 4, width: 5, from: far}
          all: {add: [input, mlp, embed]}""",
    "products of learned tensors": """
        input: [6, 5]
        layers:
          latent: {parameter: [2, 5]}
          query: {dense: 5, from: latent}
          scores: {einsum: "q c, k c -> q k", from: [query, input]}""",
    "a weight for each example": """
        inputs: {image: [4, 6, 6], style: [3]}
        layers:
          table: {parameter: [3, 8, 4, 3, 3]}
          mixed: {einsum: "k, k o i h w -> o i h w", from: [style, table]}
          conv: {conv2d: 8, kernel: 3, padding: 1, bias: false, weights: {weight: mixed}, from: image}""",
    "positions that follow from the image": """
        input: [2, 6, 6]
        layers:
          grid: {permute: [1, 2, 0]}
          sampled: {grid_sample, padding_mode: border, from: [input, grid]}""",
    "a recurrence": """
        input: [6, 4]
        layers: {decay: {sigmoid, from: input}, state: {recurrence: sequence, from: [decay, input]}}""",
    "the largest values, their places, and rows that they choose": """
        input: [6, 4]
        layers:
          score: {sum: channels}
          best: {top_k: 2, axis: 0}
          rows: {gather: 0, index: best.1, from: input}
          order: {sort: 0, from: input}
          out: {concat: [rows, order], axis: 0}""",
}


@pytest.mark.parametrize("name", NETWORKS)
def test_round_trip(name: str, tmp_path: Path) -> None:
    graph = netspec.loads(f"netspec: 1\nname: net\n{dedent(NETWORKS[name])}")
    file = tmp_path / "net.onnx"
    export(graph, file)
    imported = netspec.from_onnx(file)
    assert differences(imported.graph, graph, imported.weights) == []
    assert imported.proof.outputs is not None
    assert imported.proof.structure == "blocks"
