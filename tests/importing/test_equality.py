"""Networks that are the same though they are written otherwise, and those that are not."""

from __future__ import annotations

from dataclasses import replace

import pytest

import netspec
from netspec.importing.equality import differences

SAME = [
    ("a: {conv2d: 4, kernel: 3, padding: 1}\n b: relu", "a: {conv2d: 4, kernel: 3, padding: same, activation: relu}"),
    ("a: {max_pool2d: 1}\n b: {add: input}", "a: {max_pool2d: 1}\n c: {add: [input, a]}"),
    ("a: flatten\n b: identity", "a: {reshape: [192]}"),
    ("a: {rms_norm, axis: 0}", "a: {rms_norm, axis: channels}"),
]
DIFFERENT = [
    ("a: relu", "a: relu6", ["only in the flat spec: relu 'a'", "only in the other: relu6 'a'"]),
    ("a: {conv2d: 4, kernel: 3}", "a: {conv2d: 4, kernel: 3, padding: 1}", ["conv2d 'a'", "conv2d 'a'"]),
    ("a: {conv2d: 4, kernel: 1}", "b: {conv2d: 4, kernel: 1}", ["conv2d 'a'", "conv2d 'b'"]),
    ("a: {conv2d: 4, kernel: 1}", "a: {conv2d: 4, kernel: 1, freeze: true}", ["conv2d 'a'", "conv2d 'a'"]),
    ("a: {conv2d: 3, kernel: 1, init: zeros}", "a: {conv2d: 3, kernel: 1}", ["conv2d", "conv2d"]),
]


def graphs(*layers: str) -> list[netspec.Graph]:
    """Networks with the same name of their output."""
    graphs = [netspec.loads(f"netspec: 1\ninput: [3, 8, 8]\nlayers:\n {text}\n") for text in layers]
    return [replace(graph, outputs=dict.fromkeys(["y"], *graph.outputs.values())) for graph in graphs]


@pytest.mark.parametrize(("first", "second"), SAME)
def test_same(first: str, second: str) -> None:
    assert differences(*graphs(first, second)) == []


@pytest.mark.parametrize(("first", "second", "expected"), DIFFERENT)
def test_different(first: str, second: str, expected: list[str]) -> None:
    *listed, ends = differences(*graphs(first, second))
    assert ends == "other outputs: y and y"
    assert len(listed) == len(expected)
    assert all(part in text for part, text in zip(expected, listed, strict=True))


def test_only_the_first_layers_that_differ_are_listed() -> None:
    first, second = graphs("a: relu\n b: tanh\n c: tanh", "a: relu6\n b: tanh\n c: tanh")
    assert differences(first, second) == [
        "only in the flat spec: relu 'a'",
        "only in the other: relu6 'a'",
        "other outputs: y and y",
    ]
