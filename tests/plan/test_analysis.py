"""Blocks one after the other, and layers that devices can divide."""

from __future__ import annotations

import pytest

import netspec
from netspec.analysis.block_chain import block_chain
from netspec.analysis.tensor_split import tensor_split

LLAMA = {
    "self_attn.q_proj": "columns",
    "self_attn.k_proj": "columns",
    "self_attn.v_proj": "columns",
    "self_attn.o_proj": "rows",
    "mlp.gate_proj": "columns",
    "mlp.up_proj": "columns",
    "mlp.down_proj": "rows",
}
SPLITS: dict[str, tuple[dict[str, str], int, int | None]] = {
    "gpt2": ({"attn.c_attn": "columns", "attn.c_proj": "rows", "mlp.c_fc": "columns", "mlp.c_proj": "rows"}, 12, 1024),
    "llama@llama3_70b": (LLAMA, 8, 2048),
    "vit": ({"self_attention": "heads", "mlp.0": "columns", "mlp.3": "rows"}, 12, 197),
    "gpt_neox": ({"mlp.dense_h_to_4h": "columns", "mlp.dense_4h_to_h": "rows"}, 24576, None),
    "resnet@50": ({}, 1, None),
}


@pytest.mark.parametrize("name", SPLITS)
def test_divided_layers(name: str) -> None:
    graph = netspec.load(name).at_default
    split = tensor_split(graph, block_chain(graph))
    layers, largest, sequence = SPLITS[name]
    assert {layer.name: layer.side for layer in split.layers} == layers
    assert {layer.parts for layer in split.layers} <= {1, 3}
    assert split.sequence == sequence
    assert all(largest % each.count == 0 or each.count % largest == 0 for each in split.counts)
    assert split.largest() == largest


CHAINS: dict[str, tuple[int, str, list[str], int]] = {
    "gpt2": (12, "", ["transformer.wte.weight"], 0),
    "llama@llama3_8b": (32, "", [], 1),
    "resnet@50": (16, "", [], 0),
    "convnext": (18, "layers stand between its blocks", [], 0),
    "vgg16": (0, "it has fewer than two blocks", [], 0),
    "bert": (12, "it has several inputs or outputs", [], 0),
}


@pytest.mark.parametrize("name", CHAINS)
def test_chains_of_blocks(name: str) -> None:
    graph = netspec.load(name).at_default
    chain = block_chain(graph)
    assert (len(chain.blocks), chain.obstacle, list(chain.tied), len(chain.further)) == CHAINS[name]
    nodes = [*chain.before, *(node for nodes in chain.nodes for node in nodes), *chain.after]
    assert {node.name for node in nodes} == {node.name for node in graph.nodes}
    assert chain.carried is None or len(chain.carried) == len(chain.blocks) + 1
