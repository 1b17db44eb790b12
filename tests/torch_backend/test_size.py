"""Source of large networks: it takes time linear in their layers, and Python can read it."""

from __future__ import annotations

import ast
from collections.abc import Callable

import pytest
import torch

import netspec
from netspec_torch.python.file import write
from tests.timing import Stopwatch, frozen_heap

pytestmark = pytest.mark.slow

HEAD = "netspec: 1\ninput: [4]\n"


def names(n: int, form: str) -> str:
    """n names with commas between them."""
    return ", ".join(form.format(i=i) for i in range(n))


def lines(n: int, form: str) -> str:
    """n layers, one on each line."""
    return "".join(f"  {form.format(i=i)}\n" for i in range(n))


LARGE: dict[str, Callable[[int], str]] = {
    "chain": lambda n: HEAD + "layers:\n" + lines(n, "d{i}: {{dense: 4}}"),
    "copies": lambda n: HEAD + f"layers:\n  s: {{dense: 4, repeat: {n}}}\n",
    "rows": lambda n: HEAD + f"layers:\n  s: {{dense: $c, each: {{columns: c, rows: [{names(n, '4')}]}}}}\n",
    "blocks": lambda n: (
        HEAD + "blocks: {B: {layers: {d: {dense: 4}, a: {add: input}}}}\n" + f"layers: {{s: {{B, repeat: {n // 2}}}}}\n"
    ),
    "distinct blocks": lambda n: (
        HEAD
        + "blocks:\n"
        + lines(n // 4, "B{i}: {{layers: {{d: {{dense: 4}}, a: {{add: input}}}}}}")
        + "layers:\n"
        + lines(n // 4, "s{i}: B{i}")
    ),
    "fan-out": lambda n: (
        HEAD + "layers:\n" + lines(n, "d{i}: {{dense: 4, from: input}}") + f"  m: {{add: [{names(n, 'd{i}')}]}}\n"
    ),
    "star": lambda n: HEAD + f"layers:\n  s: {{dense: 4, repeat: {n}}}\n  m: {{concat: [s.*]}}\n",
    "inputs": lambda n: (
        f"netspec: 1\ninputs: {{{names(n, 'i{i}: [4]')}}}\nlayers:\n  m: {{add: [{names(n, 'i{i}')}]}}\n"
    ),
    "outputs": lambda n: (
        HEAD + "layers:\n" + lines(n, "d{i}: {{dense: 4, from: input}}") + f"outputs: [{names(n, 'd{i}')}]\n"
    ),
    "inputs of a block": lambda n: (
        HEAD
        + f"blocks:\n  B: {{inputs: [{names(n, 'i{i}')}], layers: {{m: {{add: [{names(n, 'i{i}')}]}}}}}}\n"
        + f"layers:\n  s: {{dense: 4, repeat: {n}}}\n  m: {{B, from: [s.*]}}\n"
    ),
    "outputs of a block": lambda n: (
        HEAD
        + f"blocks:\n  B: {{layers: {{s: {{dense: 4, repeat: {n}}}}}, outputs: [s.*]}}\n"
        + "layers:\n  b: B\n  m: {add: [b.*]}\n"
    ),
    "parts": lambda n: f"netspec: 1\ninput: [{n}]\nlayers:\n  s: {{split: {n}}}\n  m: {{add: [s.*]}}\n",
}


@pytest.mark.parametrize("name", LARGE)
def test_source_takes_linear_time(name: str) -> None:
    seconds: list[float] = []
    for n in (1500, 6000):
        graph = netspec.loads(LARGE[name](n))
        with frozen_heap():
            stopwatch = Stopwatch()
            write(graph)
            seconds.append(stopwatch.seconds)
    assert seconds[1] < max(12 * seconds[0], 2.0), seconds


@pytest.mark.parametrize("operation", ["add", "multiply", "average", "maximum", "concat"])
@pytest.mark.parametrize("count", [1001, 3000])
def test_python_reads_merges_of_many_inputs(operation: str, count: int) -> None:
    text = HEAD + f"layers:\n  s: {{identity, repeat: {count}}}\n  m: {{{operation}: [s.*]}}\n"
    graph = netspec.loads(text)
    ast.parse(write(graph).text)
    x = torch.full((1, 4), 1.0)
    y = netspec.build(graph)(x)
    expected = {"add": x * count, "concat": x.repeat(1, count)}.get(operation, x)
    assert torch.equal(y, expected)
