"""The source of every spec has one class for a block, but for blocks whose uses compute different things."""

from __future__ import annotations

import re

import pytest

import netspec_torch
from netspec import zoo

from .support import graph

SEVERAL = {
    "mlp_mixer": {"MLP": 2},  # over tokens, between two permutations, and over channels
    "mvit": {"Attention": 2, "BlockV1": 3, "Pool": 2},  # with pooled queries, keys, both; and widened
    "mvit@v2_s": {"Along": 2, "Attention": 2, "BlockV2": 3, "Pool": 2},
}


@pytest.mark.parametrize("name", [*zoo.names(""), "efficientnet@v2_s", "mvit@v2_s"])
def test_one_class_for_a_block(name: str) -> None:
    net = graph(name)
    scopes = {node.scope for node in net.nodes}
    for scope in list(scopes):
        while scope.parent is not None:
            scope = scope.parent
            scopes.add(scope)
    blocks = {scope.block for scope in scopes if scope.block is not None}
    classes = re.findall(r"^class (\w+)\(", netspec_torch.source(net), re.MULTILINE)
    count = {block: sum(re.fullmatch(rf"{block}\d?", c) is not None for c in classes) for block in blocks}
    assert {block: n for block, n in count.items() if n > 1} == SEVERAL.get(name, {})
