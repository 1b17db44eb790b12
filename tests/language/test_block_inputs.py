"""Inputs of blocks: none, any number of tensors, and by name; names of layers with conditions."""

from __future__ import annotations

from collections import Counter
from pathlib import Path
from random import Random

import pytest

import netspec
from tests.random_networks.checks import check
from tests.random_networks.names import compare

HEAD = "netspec: 1\ninputs: {a: [4, 8, 8], b: [4, 8, 8]}\nparams: {on: true, off: false}\n"
BLOCKS = """
blocks:
  Bias: {inputs: [], params: {n: int}, layers: {t: {parameter: [$n, 1, 1]}, tanh: {tanh, from: t}}}
  Join:
    inputs: [x, kids.*]
    params: {n: $(len(kids)), high: "$(kids[n - 1].height if n else x.height)"}
    layers: {cat: {concat: [x, kids.*]}, conv: {conv2d: $(high + n), kernel: 1}}
  Attend: {inputs: [x, mask.*], layers: {a: {dot_product_attention: 1, mask: mask.*, from: [x, x, x]}}}
  Many: {inputs: [x.*], layers: {first: {relu, from: x.0}, rest: {add: [first, x.*]}}}
"""


def reads(text: str) -> dict[str, list[str]]:
    """What every layer reads, by name; under an empty name, the outputs."""
    graph = netspec.loads(HEAD + BLOCKS + text)
    layers = {n.name: [graph.value_name(v) for v in n.inputs] for n in graph.nodes}
    return {**layers, "": [graph.value_name(v) for v in graph.outputs.values()]}


CASES = {
    "no inputs: not the layer before": (
        "layers: {r: {add: [a, b]}, t: {Bias: 4}, s: {multiply: t}}",
        {"r": ["a", "b"], "t.t": [], "t.tanh": ["t.t"], "s": ["r", "t.tanh"], "": ["s"]},
    ),
    "any number of tensors": (
        "layers: {j: {Join, from: [a, b, a]}, k: Join, l: {Join, from: {kids: [a, {from: b, when: $off}, false]}}}",
        {
            "j.cat": ["a", "b", "a"], "j.conv": ["j.cat"], "k.cat": ["j.conv"], "k.conv": ["k.cat"],
            "l.cat": ["k.conv", "a"], "l.conv": ["l.cat"], "": ["l.conv"],
        },
    ),
    "none, where an argument names them": (
        "layers: {s: {add: [a, b]}, p: {reshape: [4, 64]}, m: {parameter: [4, 4]}, u: Attend, v: {Attend, from: [u, m]}}",
        {"s": ["a", "b"], "p": ["s"], "m": [], "u.a": ["p"] * 3, "v.a": ["u.a", "u.a", "u.a", "m"], "": ["v.a"]},
    ),
    "a name with a condition": (
        "layers:\n  r: {relu, from: a}\n  s: {add: {from: b, when: $on}}\n  t: {concat: [s, {from: r, when: $off}, "
        "{from: b, when: $on}]}\noutputs: [t, {from: typo.*, when: $off}]",
        {"r": ["a"], "s": ["r", "b"], "t": ["s", "b"], "": ["t"]},
    ),
    "an argument and a share with a condition": (
        "layers:\n  c: {conv2d: 4, kernel: 1, from: a}\n  p: {max_pool2d: 2}\n"
        "  u: {upsample, like: {from: b, when: $on}, scale: null}\n"
        "  d: {conv2d: 4, kernel: 1, share: {from: typo, when: $off}}\n  e: {add: b}",
        {"c": ["a"], "p": ["c"], "u": ["p", "b"], "d": ["u"], "e": ["d", "b"], "": ["e"]},
    ),
}  # fmt: skip


@pytest.mark.parametrize(("text", "expected"), CASES.values(), ids=CASES)
def test_reads(text: str, expected: dict[str, list[str]]) -> None:
    assert reads(text) == expected


def test_networks(tmp_path: Path) -> None:
    text = "layers: {t: {Bias: 4}, r: {multiply: [a, t]}, j: {Join, from: [r, b]}, k: {Join, from: [j, b]}, m: {Many, from: [k, j, j]}}"
    check(HEAD + BLOCKS + text, tmp_path)
    compare(HEAD + BLOCKS.replace("$(high + n)", "6") + text, Random(0), Counter())  # with named dimensions
