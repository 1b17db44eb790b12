"""Copies side by side, chains that hand several tensors on, blocks that use themselves, and layers in place of one."""

from __future__ import annotations

from collections import Counter
from pathlib import Path
from random import Random

import pytest

import netspec
from netspec import limits
from netspec.language.flatten import flat_spec
from netspec_torch import source
from tests.random_networks.checks import check
from tests.random_networks.names import compare

HEAD = "netspec: 1\ninput: [4, 8, 8]\n"
BLOCKS = """
blocks:
  Conv: {params: {d: 1, first: 4}, layers: {c: {conv2d: $first, kernel: 3, dilation: $d, padding: $d}, relu: relu}}
  Cell:
    inputs: [p, q]
    layers: {a: {conv2d: 4, kernel: 1, from: p}, p: {add: [a, q]}, q: {tanh, from: p}}
    outputs: {p: p, q: q}
  Keep: {inputs: [p, q], layers: {q: {add: [p, q]}}, outputs: {q: q}}
  Rows: {inputs: [maps.*], layers: {y.$(index): {tanh, from: maps.$(index), repeat: 2, parallel: true}}, outputs: y.*}
  Kept:
    inputs: [p, maps.*]
    layers: {s: {add: [p, maps.0]}, t: {tanh, from: maps.1}}
    outputs: {a: s, b: t}
  Tree:
    params: {n: int, half: $('Tree' if n > 1 else 'Conv')}
    layers:
      a: {Tree: $(n - 1), when: $(n > 1)}
      b: {$half: $(n - 1 if n > 1 else 1)}
      s: {add: [a, b, input]}
"""


def reads(text: str) -> dict[str, list[str]]:
    """What every layer reads, by name; under an empty name, the outputs."""
    graph = netspec.loads(HEAD + BLOCKS + text)
    layers = {n.name: [graph.value_name(v) for v in n.inputs] for n in graph.nodes}
    return {**layers, "": [graph.value_name(v) for v in graph.outputs.values()]}


CASES = {
    "side by side": (
        "layers: {r: relu, t: {tanh, repeat: 2, parallel: true}, c: {add: t.*}, d: {add: t.1}}",
        {"r": ["input"], "t.0": ["r"], "t.1": ["r"], "c": ["t.0", "t.1"], "d": ["c", "t.1"], "": ["d"]},
    ),
    "side by side, by row, each from another": (
        "layers: {r: {tanh, parallel: true, repeat: 2}, "
        "t: {leaky_relu: $s, from: r.$(row), parallel: true, each: {columns: s, rows: {low: 0.1, high: 0.2}}}, "
        "c: {add: [t.low, t.*]}}",
        {"r.0": ["input"], "r.1": ["input"], "t.low": ["r.0"], "t.high": ["r.1"],
         "c": ["t.low", "t.low", "t.high"], "": ["c"]},
    ),
    "side by side, by row and number": (
        "layers: {t: {leaky_relu: $s, parallel: true, repeat: 2, each: {columns: s, rows: [0.1, 0.2]}}, c: {add: t.*.*}}",
        {"t.0.0": ["input"], "t.0.1": ["input"], "t.1.0": ["input"], "t.1.1": ["input"],
         "c": ["t.0.0", "t.0.1", "t.1.0", "t.1.1"], "": ["c"]},
    ),
    "side by side under names of their own": (
        "layers: {p.$(index + 3): {tanh, parallel: true, repeat: 2}, c: {add: p.*}, d: {add: p.4}}",
        {"p.3": ["input"], "p.4": ["input"], "c": ["p.3", "p.4"], "d": ["c", "p.4"], "": ["d"]},
    ),
    "side by side in a list": (
        "layers: [relu, {tanh, repeat: 2, parallel: true}, {add: [1, 2]}]",
        {"0": ["input"], "1": ["0"], "2": ["0"], "3": ["1", "2"], "": ["3"]},
    ),
    "side by side as outputs": (
        "layers: {t: {tanh, repeat: 2, parallel: $(1 < 2)}}\noutputs: t.*",
        {"t.0": ["input"], "t.1": ["input"], "": ["t.0", "t.1"]},
    ),
    "side by side, one left out": (
        "layers: {r: relu, t: {tanh, repeat: 3, parallel: true, when: $(index != 1)}, c: {add: t.*}}",
        {"r": ["input"], "t.0": ["r"], "t.2": ["r"], "c": ["t.0", "r", "t.2"], "": ["c"]},
    ),
    "a name for the row": (
        "layers:\n  s:\n    each: {as: stage, rows: [1, 2]}\n    layers: {a: {leaky_relu: $(0.1 * stage + 0.2 * row), each: {rows: [1]}}}",
        {"s.0.a.0": ["input"], "s.1.a.0": ["s.0.a.0"], "": ["s.1.a.0"]},
    ),
    "all handed on": (
        "layers: {r: relu, c: {Cell, from: [r, input], repeat: 2, carry: true}, s: {add: [c.p, c.q, c.0.p]}}",
        {"r": ["input"], "c.0.a": ["r"], "c.0.p": ["c.0.a", "input"], "c.0.q": ["c.0.p"],
         "c.1.a": ["c.0.p"], "c.1.p": ["c.1.a", "c.0.q"], "c.1.q": ["c.1.p"], "s": ["c.1.p", "c.1.q", "c.0.p"], "": ["s"]},
    ),
    "one handed on, by name": (
        "layers: {r: relu, c: {Keep, from: {p: r, q: input}, repeat: 2, carry: [q]}}",
        {"r": ["input"], "c.0.q": ["r", "input"], "c.1.q": ["r", "c.0.q"], "": ["c.1.q"]},
    ),
    "the first handed on": (
        "layers: {r: relu, c: {Cell, from: [r, input], repeat: 2, carry: false}, s: {add: [c.p, c.q, c.0.q]}}",
        {"r": ["input"], "c.0.a": ["r"], "c.0.p": ["c.0.a", "input"], "c.0.q": ["c.0.p"],
         "c.1.a": ["c.0.p"], "c.1.p": ["c.1.a", "input"], "c.1.q": ["c.1.p"], "s": ["c.1.p", "c.1.q", "c.0.q"], "": ["s"]},
    ),
    "handed through a copy that is left out": (
        "layers: {r: relu, c: {Keep, from: [r, input], repeat: 3, carry: [q], when: $(index != 1)}, "
        "d: {Keep, from: [r, c], repeat: 2, carry: [q], when: $(index > 0)}}",
        {"r": ["input"], "c.0.q": ["r", "input"], "c.2.q": ["r", "c.0.q"], "d.1.q": ["r", "c.2.q"], "": ["d.1.q"]},
    ),
    "any number handed on": (
        "layers: {r: relu, m: {Rows, from: [r, input], repeat: 2, carry: true}, s: {add: m.*.0}}",
        {"r": ["input"], "m.0.y.0": ["r"], "m.0.y.1": ["input"], "m.1.y.0": ["m.0.y.0"], "m.1.y.1": ["m.0.y.1"],
         "s": ["m.0.y.0", "m.1.y.0"], "": ["s"]},
    ),
    "any number beside one that stays": (
        "layers: {r: relu, k: {Kept, from: [r, input, r], repeat: 2, carry: [maps]}, s: {add: [k.a, k.b]}}",
        {"r": ["input"], "k.0.s": ["r", "input"], "k.0.t": ["r"], "k.1.s": ["r", "k.0.s"], "k.1.t": ["k.0.t"],
         "s": ["k.1.s", "k.1.t"], "": ["s"]},
    ),
    "a block that uses itself": (
        "layers: {t: {Tree: 2}}",
        {"t.a.b.c": ["input"], "t.a.b.relu": ["t.a.b.c"], "t.a.s": ["input", "t.a.b.relu", "input"],
         "t.b.b.c": ["t.a.s"], "t.b.b.relu": ["t.b.b.c"], "t.b.s": ["t.a.s", "t.b.b.relu", "t.a.s"],
         "t.s": ["t.a.s", "t.b.s", "input"], "": ["t.s"]},
    ),
    "layers in place of one": (
        "layers: {r: relu, t: {inline: {a$(index): tanh, b$(index): {add: r}}, repeat: 2}, s: {add: [t, a0]}}",
        {"r": ["input"], "a0": ["r"], "b0": ["a0", "r"], "a1": ["b0"], "b1": ["a1", "r"], "s": ["b1", "a0"], "": ["s"]},
    ),
    "layers in place of one, by row": (
        "layers: {r: relu, t: {inline: {a.$(row): {leaky_relu: $s}}, from: input, each: {columns: s, rows: [0.1, 0.2]}}, s: {add: r}}",
        {"r": ["input"], "a.0": ["input"], "a.1": ["a.0"], "s": ["a.1", "r"], "": ["s"]},
    ),
    "a parameter that is called like a key": (
        "layers: {c: {Conv: {d: 1, first: 4}, repeat: 2, first: {d: 2}}}",
        {"c.0.c": ["input"], "c.0.relu": ["c.0.c"], "c.1.c": ["c.0.relu"], "c.1.relu": ["c.1.c"], "": ["c.1.relu"]},
    ),
}  # fmt: skip


@pytest.mark.parametrize(("text", "expected"), CASES.values(), ids=CASES)
def test_reads(text: str, expected: dict[str, list[str]]) -> None:
    assert reads(text) == expected


MAPPED: dict[str, tuple[str, dict[str, list[str]], list[str]]] = {
    "once for each": (
        "layers: {r: relu, m: {Conv: {d: 1}, map: [input, r]}, s: {add: m.*}}",
        {"r": ["input"], "m.0.c": ["input"], "m.0.relu": ["m.0.c"], "m.1.c": ["r"], "m.1.relu": ["m.1.c"],
         "s": ["m.0.relu", "m.1.relu"], "": ["s"]},
        ["m.c.weight", "m.c.bias"],
    ),
    "an item of a list, over copies": (
        "layers: [{relu, repeat: 2}, {conv2d: 4, kernel: 1, map: [0, 1]}, {add: 2.*}]",
        {"0": ["input"], "1": ["0"], "2.0": ["0"], "2.1": ["1"], "3": ["2.0", "2.1"], "": ["3"]},
        ["2.weight", "2.bias"],
    ),
    "with further inputs by name": (
        "layers: {r: relu, m: {Keep, from: {q: input}, map: [r, input]}, s: {add: m.*}}",
        {"r": ["input"], "m.0.q": ["r", "input"], "m.1.q": ["input", "input"], "s": ["m.0.q", "m.1.q"], "": ["s"]},
        [],
    ),
    "a weight of its own for each, and a name that is an expression": (
        "layers: {r: relu, m$(2): {layers: {c.$(index): {conv2d: 4, kernel: 1, bias: false}}, map: [input, r]}, s: {add: m2.*}}",
        {"r": ["input"], "m2.0.c.0": ["input"], "m2.1.c.1": ["r"], "s": ["m2.0.c.0", "m2.1.c.1"], "": ["s"]},
        ["m2.c.0.weight", "m2.c.1.weight"],
    ),
    "in each other": (
        "layers:\n  r: relu\n  m: {layers: {n: {conv2d: 4, kernel: 1, bias: false, map: [input, r]}, s: {add: n.*}}, map: [input, r]}\n"
        "  s: {add: m.*}",
        {"r": ["input"], "m.0.n.0": ["input"], "m.0.n.1": ["r"], "m.0.s": ["m.0.n.0", "m.0.n.1"], "m.1.n.0": ["r"],
         "m.1.n.1": ["r"], "m.1.s": ["m.1.n.0", "m.1.n.1"], "s": ["m.0.s", "m.1.s"], "": ["s"]},
        ["m.n.weight"],
    ),
}  # fmt: skip


@pytest.mark.parametrize(("text", "expected", "weights"), MAPPED.values(), ids=MAPPED)
def test_mapped(text: str, expected: dict[str, list[str]], weights: list[str]) -> None:
    assert reads(text) == expected
    assert [p.name for p in netspec.loads(HEAD + BLOCKS + text).parameters] == weights


NETWORK = """
layers:
  convs: {Conv: $d, parallel: true, each: {columns: d, rows: [1, 2, 3]}}
  cat: {concat: [convs.*, convs.1]}
  x: {conv2d: 4, kernel: 1}
  same: {Conv: 1, parallel: true, repeat: 2, activation: tanh}
  pair.$(index): {conv2d: 4, kernel: 1, parallel: true, repeat: 2, from: same.$(index)}
  sum: {add: [pair.*, same.1]}
  cells: {Cell, from: [sum, x], repeat: 3, carry: true}
  t: {Tree: 3, from: cells.q}
  tower: {inline: {conv.$(index): {conv2d: 4, kernel: 1}, bn.$(index): batch_norm}, repeat: 2}
  last: {add: [tower, conv.0]}
"""


RUNS = """
blocks:
  Head:
    params: {out: int}
    layers: {conv: {conv2d: 4, kernel: 1}, tower: {conv2d: 4, kernel: 1, repeat: 2}, out: {conv2d: $out, kernel: 1}}
  Mix:
    inputs: [x, context]
    params: {level: int}
    layers:
      gain: {parameter: [4, 1, 1]}
      scaled: {multiply: [x, gain]}
      conv: {conv2d: 4, kernel: 3, stride: $(1 + level), padding: 1, from: scaled}
      context: {dense: 4, from: context}
      column: {reshape: [4, 1, 1]}
      sum: {add: [conv, column]}
      pool: {max_pool2d: $(level + 1)}
      extra: {conv2d: 4, kernel: 1, when: $(level > 0)}
      bn.$(level): {batch_norm, activation: silu}
    outputs: {y: bn.$(level), z: sum}
layers:
  a: {conv2d: 4, kernel: 1}
  b: {max_pool2d: 2}
  c: global_avg_pool
  heads: {Head: 3, map: [a, b]}
  mix: {Mix: $(index), from: {context: c}, map: [a, b]}
  strided: {conv2d: 4, kernel: 3, padding: 1, stride: $(2 - index), map: [a, b]}
  sum: {add: strided.*}
  joined: {add: sum, map: [b, strided.0], activation: tanh}
  list: {layers: [{conv2d: 4, kernel: 1}, relu], map: joined.*}
  frozen: {conv2d: 2, kernel: 1, map: [list.*, sum], freeze: true, activation: sigmoid}
  last: {conv2d: 2, kernel: 1, share: frozen.0, from: sum}
outputs: [heads.*, mix.*.y, mix.*.z, frozen.*, last]
"""


@pytest.mark.parametrize("text", [BLOCKS + NETWORK, RUNS], ids=["copies", "runs"])
def test_network(text: str, tmp_path: Path) -> None:
    check(HEAD + text, tmp_path)
    compare(HEAD + text, Random(0), Counter())  # with named dimensions


def test_one_module_runs_for_each_tensor() -> None:
    text = source(netspec.loads(HEAD + RUNS))
    assert text.count("class Head") == 1
    assert text.count("= self.heads(") == 2
    assert text.count("= self.list(") == 2


def test_expand_says_what_it_cannot_write() -> None:
    with pytest.raises(netspec.SpecError, match=r"NS713.*a mapped layer within another cannot be written"):
        flat_spec(netspec.loads(HEAD + MAPPED["in each other"][0]))


def test_hostile_recursion_ends(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(limits, "STEPS", 20_000)
    tree = "blocks: {T: {params: {n: int}, layers: [{T: $(n - 1), when: $(n > 0)}, {T: $(n - 1), when: $(n > 0)}, relu]}}\n"
    for depth, code in ((40, "NS909"), (80, "NS307")):
        with pytest.raises(netspec.SpecError, match=code):
            netspec.loads(f"{HEAD}{tree}layers: [{{T: {depth}}}]")
