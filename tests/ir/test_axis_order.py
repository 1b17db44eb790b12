"""Channels-last graphs for backends that want channels first."""

from __future__ import annotations

import netspec
from netspec.ir import Graph
from netspec.ir.axis_order import channels_first

HEAD = "netspec: 1\nlayout: channels_last\n"


def rewritten(text: str) -> Graph:
    return channels_first(netspec.loads(HEAD + text))


def names(graph: Graph) -> list[str]:
    return [node.name for node in graph.nodes]


def sound(graph: Graph) -> None:
    """Values are numbered in order, and every node has the types that its operator infers."""
    number = len(graph.inputs)
    for node in graph.nodes:
        assert node.first_value == number
        number += len(node.outputs)
        assert all(v < node.first_value for v in node.inputs)
        assert node.outputs == tuple(graph.values[v] for v in node.values)
        inferred = node.op.infer(*graph.inputs_of(node))
        assert [t.shape for t in inferred] == [t.shape for t in node.outputs], node.name
        weights = node.op.weights(*graph.inputs_of(node))
        assert [w.shape for w in weights] == [p.shape for _, p in node.weights], node.name
    assert number == len(graph.values)
    assert len(set(names(graph))) == len(graph.nodes)


def test_a_channels_first_graph_is_returned_as_it_is() -> None:
    graph = netspec.loads("netspec: 1\ninput: [3, 8, 8]\nlayers: {conv: {conv2d: 2, kernel: 3}}")
    assert channels_first(graph) is graph


def test_one_permute_at_each_end() -> None:
    graph = rewritten("""
input: [9, 8, 3]
layers:
  conv: {conv2d: 4, kernel: 3, padding: same, activation: relu}
  norm: batch_norm
  soft: {softmax: channels}
  layer: layer_norm
  drop: {spatial_dropout: 0.5}
  left: {conv2d: 4, kernel: 1}
  sum: {add: [left, drop]}
  both: {concat: [sum, left]}
  rows: {mean: height, keepdims: true}
  up: {upsample: 2}
""")
    sound(graph)
    assert [n for n in names(graph) if "channels_" in n] == ["input.channels_first", "up.channels_last"]
    assert graph.values[graph.outputs["up"]].shape == (2, 16, 8)
    assert {n.op.channels_last for n in graph.nodes if n.op.window_rank} == {False}


def test_the_order_of_the_spec_is_kept_where_it_is_observable() -> None:
    graph = rewritten("""
input: [4, 6, 3]
layers:
  conv: {conv2d: 4, kernel: 3, padding: same}
  flatten: flatten
  scores: {dense: 2}
""")
    sound(graph)
    assert names(graph) == ["input.channels_first", "conv", "conv.channels_last", "flatten", "scores"]
    assert graph.values[graph.nodes[2].first_value].shape == (4, 6, 4)


def test_operations_that_remove_axes_restore_the_order() -> None:
    graph = rewritten("""
input: [4, 6, 3]
layers:
  conv: {conv2d: 5, kernel: 1}
  rows: {mean: 0}
  sums: {add: [rows, rows]}
  vector: {max: 0}
  pooled: {global_avg_pool, from: conv}
  all: {add: [vector, pooled]}
""")
    sound(graph)
    assert graph.values[graph.outputs["all"]].shape == (5,)


def test_a_value_is_permuted_once() -> None:
    graph = rewritten("""
input: [4, 6, 3]
layers:
  a: {conv2d: 5, kernel: 1}
  b: {conv2d: 5, kernel: 1, from: input}
  c: {reshape: [20, 6], from: a}
  d: {reshape: [20, 6], from: a}
  e: {reshape: [20, 6], from: b}
  sum: {add: [c, d, e]}
""")
    sound(graph)
    added = [n for n in names(graph) if "channels_" in n]
    assert added == ["input.channels_first", "a.channels_last", "b.channels_last"]


def test_inputs_of_different_ranks_are_broadcast_in_the_order_of_the_spec() -> None:
    graph = rewritten("""
input: [4, 6, 3]
layers:
  conv: {conv2d: 6, kernel: 1}
  gate: global_avg_pool
  scaled: {multiply: [conv, gate]}
""")
    sound(graph)
    assert graph.values[graph.outputs["scaled"]].shape == (4, 6, 6)
    assert "conv.channels_last" in names(graph)


def test_names_stay_unique() -> None:
    graph = rewritten("""
input: [4, 6, 3]
layers:
  input.channels_first: relu
  conv: {conv2d: 2, kernel: 1, from: input}
  sum: {concat: [conv, input.channels_first]}
""")
    sound(graph)
    assert "input.channels_first_" in names(graph)
