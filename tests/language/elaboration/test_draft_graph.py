"""Drafts of scopes and nodes: names that can be taken once, and how they are frozen."""

from __future__ import annotations

from dataclasses import FrozenInstanceError

import pytest

from netspec import limits
from netspec.diagnostics import LocatedError
from netspec.language.elaboration.draft_graph import DraftGraph, ScopeTree
from netspec.language.elaboration.inference import Inference

from .support import TRACE, add_image


def test_names_are_full_and_taken_once() -> None:
    tree = ScopeTree()
    block = tree.open("stage.1", tree.root, TRACE)
    assert tree.claim(tree.root, "conv", 0) == "conv"
    assert tree.claim(block, "conv", 0) == "stage.1.conv"
    assert block.local_name("stage.1.conv") == "conv"
    assert tree.root.local_name("conv") == "conv"
    with pytest.raises(LocatedError, match=r"there are two layers named 'stage\.1\.conv'") as caught:
        tree.claim(block, "conv", 0)
    assert caught.value.code == "NS303"


def test_a_full_name_has_a_limit() -> None:
    tree = ScopeTree()
    tree.claim(tree.root, "a" * limits.DOTTED_NAME, 0)
    with pytest.raises(LocatedError) as caught:
        tree.claim(tree.root, "b" * (limits.DOTTED_NAME + 1), 0)
    assert caught.value.code == "NS907"


def test_scopes_are_frozen_with_their_parents() -> None:
    tree = ScopeTree()
    outer = tree.open("a", tree.root, TRACE)
    inner = tree.open("a.b", outer, TRACE)
    inner.block, inner.copy, inner.left_out = "Block", (1, 2), ["c"]
    assert [s.depth for s in tree.scopes] == [0, 1, 2]
    root, a, b = tree.freeze()
    assert (root.name, root.parent, a.parent, b.parent) == ("", None, root, a)
    assert (b.block, b.copy, b.left_out, b.local_name) == ("Block", (1, 2), ("c",), "b")
    with pytest.raises(FrozenInstanceError):
        b.block = "Other"  # type: ignore[misc]  # pyright: ignore[reportAttributeAccessIssue]  # must not be possible


def test_nodes_number_their_values_and_find_their_scopes() -> None:
    tree, graph = ScopeTree(), DraftGraph()
    image = add_image(graph, 6, 8, 8)
    scope = tree.open("a", tree.root, TRACE)
    types = graph.types_of([image])
    op, outputs, _ = Inference().infer("split", {"parts": [2, 4]}, types, False, 0)
    split = graph.add_node("a.split", "a.split", op, (image,), outputs, (), scope, TRACE)
    assert list(split.values) == [1, 2]
    assert [t.shape for t in graph.types] == [(6, 8, 8), (2, 8, 8), (4, 8, 8)]
    assert graph.producers == [None, split, split]
    assert graph.read == {image}
    (node,) = graph.freeze(tree.freeze())
    assert (node.name, node.scope.name, list(node.values), node.inputs) == ("a.split", "a", [1, 2], (0,))
