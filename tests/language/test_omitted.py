"""Layers that `when` leaves out, and references that are expressions."""

from __future__ import annotations

from pathlib import Path

import pytest

import netspec
from tests.random_networks.checks import check

HEAD = "netspec: 1\ninput: [3, 8, 8]\nparams: {on: true, off: false, names: [a, b], empty: [], src: a, op: concat}\n"


def reads(text: str) -> dict[str, list[str]]:
    """What every layer reads, by name; under an empty name, the outputs."""
    graph = netspec.loads(HEAD + text)
    layers = {n.name: [graph.value_name(v) for v in n.inputs] for n in graph.nodes}
    return {**layers, "": [graph.value_name(v) for v in graph.outputs.values()]}


GONE = "t: {parameter: [3, 1, 1], when: $off}"
VALID = {
    "its input is left out, too": (
        f"layers: {{{GONE}, u: {{rescale: 2, from: t, when: $off}}, a: {{relu, from: input}}, s: {{add: [a, u], when: $off}}}}",
        {"a": ["input"], "": ["a"]},
    ),
    "a name that does not exist": (
        "layers: {a: relu, b: {abs, from: typo, when: $off}, c: {tanh, from: a}}",
        {"a": ["input"], "c": ["a"], "": ["c"]},
    ),
    "an expression that cannot be evaluated": (
        "layers: {a: relu, b: {abs, from: $(typo), when: $off}, c: {tanh, from: a}}",
        {"a": ["input"], "c": ["a"], "": ["c"]},
    ),
    "an item of a list": ("layers: [relu, {abs, from: typo, when: $off}, tanh]", {"0": ["input"], "1": ["0"], "": ["1"]}),
    "a merge of nothing": (
        "layers: {a: relu, b: {add: $empty, when: $off}, c: {tanh, from: a}}",
        {"a": ["input"], "c": ["a"], "": ["c"]},
    ),
    "one that is left out reads another": (
        "layers: {a: relu, b: {abs, when: $off}, c: {tanh, from: b, when: $off}, d: {add: [c, input]}}",
        {"a": ["input"], "d": ["a", "input"], "": ["d"]},
    ),
    "repeated by a size that does not exist": (
        f"layers: {{{GONE}, a: relu, b: {{abs, repeat: $(t.channels), when: $off}}, c: tanh, d: {{add: [b, c]}}}}",
        {"a": ["input"], "c": ["a"], "d": ["a", "c"], "": ["d"]},
    ),
    "repeated in a list by a size that does not exist": (
        "layers: [relu, {abs, repeat: $typo, when: $off}, tanh]",
        {"0": ["input"], "1": ["0"], "": ["1"]},
    ),
    "a copy within a chain": (
        "layers: {a: relu, b: {abs, from: input, repeat: 3, when: $(index != 1)}, s: {add: [a, b]}}",
        {"a": ["input"], "b.0": ["input"], "b.2": ["b.0"], "s": ["a", "b.2"], "": ["s"]},
    ),
    "the first copy": (
        "layers: {a: relu, b: {abs, from: input, repeat: 2, when: $(index > 0)}, s: {add: [a, b]}}",
        {"a": ["input"], "b.1": ["input"], "s": ["a", "b.1"], "": ["s"]},
    ),
    "the first copy in a list": (
        "layers: [relu, {abs, from: input, repeat: 2, when: $(index > 0)}, {add: 0}]",
        {"0": ["input"], "1": ["input"], "2": ["1", "0"], "": ["2"]},
    ),
    "a copy within a list": (
        "layers: [relu, {abs, from: input, repeat: 3, when: $(index != 1)}, {add: 0}]",
        {"0": ["input"], "1": ["input"], "2": ["1"], "3": ["2", "0"], "": ["3"]},
    ),
    "the first copy of layers in the list around": (
        "layers: [relu, {inline: [abs], from: input, repeat: 2, when: $(index > 0)}, {add: 0}]",
        {"0": ["input"], "1": ["input"], "2": ["1", "0"], "": ["2"]},
    ),
    "the last of repeated parameters": (
        "layers: {t: {parameter: [3, 1, 1], repeat: 2, when: $(index == 0)}, s: {add: [input, t.0]}}",
        {"t.0": [], "s": ["input", "t.0"], "": ["s"]},
    ),
    "a condition on its input": (
        "layers: {a: relu, b: {abs, from: a, when: $(incoming.channels > 3)}, c: {add: [b, input]}}",
        {"a": ["input"], "c": ["a", "input"], "": ["c"]},
    ),
    "the operation of a parameter": (
        "layers: {a: relu, b: abs, c: {$op: [a, b], when: $off}, d: {add: [b, c]}}",
        {"a": ["input"], "b": ["a"], "d": ["b", "a"], "": ["d"]},
    ),
    "names in a mapping of arguments": (
        "layers: {a: relu, b: abs, c: {add: {from: [a, b]}, when: $off}, d: {add: [b, c]}}",
        {"a": ["input"], "b": ["a"], "d": ["b", "a"], "": ["d"]},
    ),
    "a list of names": (
        "layers: {a: relu, b: abs, c: {add: $names}}",
        {"a": ["input"], "b": ["a"], "c": ["a", "b"], "": ["c"]},
    ),
    "false in a list": (
        "layers: {a: relu, b: abs, c: {add: \"$(['a' if off else false, 'input', 'b' if on else false])\"}}",
        {"a": ["input"], "b": ["a"], "c": ["input", "b"], "": ["c"]},
    ),
    "lists in a written list": (
        "layers: {a: relu, b: abs, c: {concat: [$src, $names, $('a' if off else false), $empty]}}",
        {"a": ["input"], "b": ["a"], "c": ["a", "a", "b"], "": ["c"]},
    ),
    "a list of one replaces the previous layer": (
        "layers: {a: relu, b: {abs, from: input}, c: {add: \"$(['a'])\"}, d: {add: b}}",
        {"a": ["input"], "b": ["input"], "c": ["a"], "d": ["c", "b"], "": ["d"]},
    ),
    "numbers of layers": (
        "layers: [relu, abs, {tanh, from: $(2 / 2)}, {add: $(range(3))}]",
        {"0": ["input"], "1": ["0"], "2": ["1"], "3": ["0", "1", "2"], "": ["3"]},
    ),
    "inputs of a block": (
        "blocks: {B: {inputs: [x, y], layers: {s: {add: [x, y]}}}}\nlayers: {a: relu, b: abs, c: {B, from: $names}}",
        {"a": ["input"], "b": ["a"], "c.s": ["a", "b"], "": ["c.s"]},
    ),
    "an argument that names a layer": (
        "layers: {a: {max_pool2d: 2}, b: {upsample: 2, like: $off}, c: {upsample, from: a, like: $src, scale: null}, "
        "d: {upsample, from: c, like: $('b' if on else false), scale: null}}",
        {"a": ["input"], "b": ["a"], "c": ["a", "a"], "d": ["c", "b"], "": ["d"]},
    ),
    "no weights to share": (
        "layers: {a: {conv2d: 3, kernel: 1}, b: {conv2d: 3, kernel: 1, share: $('a' if off else false)}}",
        {"a": ["input"], "b": ["a"], "": ["b"]},
    ),
    "an output that is false": (
        "layers: {a: relu}\noutputs: {x: $('b' if off else false), y: $src}",
        {"a": ["input"], "": ["a"]},
    ),
    "a list of outputs": (
        "layers: {a: relu, b: {abs, from: input}}\noutputs: [$names, $off]",
        {"a": ["input"], "b": ["input"], "": ["a", "b"]},
    ),
    "the outputs of a block": (
        "blocks: {B: {params: {n: list}, layers: {a: relu, b: abs}, outputs: $n}}\n"
        "layers: {u: {B: [b, a]}, s: {add: [u.*]}, t: {add: u}}",
        {"u.a": ["input"], "u.b": ["u.a"], "s": ["u.b", "u.a"], "t": ["s", "u.b"], "": ["t"]},
    ),
    "a copy of an operation with several outputs": (
        "layers: {flat: flatten, c: {unsqueeze: 0}, l: {lstm: 3, repeat: 2}, s: {add: [l.0, l, l.output]}}",
        {"flat": ["input"], "c": ["flat"], "l.0": ["c"], "l.1": ["l.0.output"],
         "s": ["l.0.output", "l.1.output", "l.1.output"], "": ["s"]},
    ),
}  # fmt: skip


@pytest.mark.parametrize(("text", "expected"), VALID.values(), ids=VALID)
def test_reads(text: str, expected: dict[str, list[str]]) -> None:
    assert reads(text) == expected


@pytest.mark.parametrize(("text", "expected"), VALID.values(), ids=VALID)
def test_backends(text: str, expected: dict[str, list[str]], tmp_path: Path) -> None:
    check(HEAD + text, tmp_path)


INVALID = {
    "a merge reads it": (
        f"layers: {{{GONE}, u: {{rescale: 2, from: t, when: $off}}, s: {{add: [input, u]}}}}",
        "NS304", "'u' is left out by its 'when', and no input can stand for it: its first input 't' is left out by its "
        "'when', too", "u]",
    ),
    "the next layer reads it": (
        "layers: {aa: relu, b: {abs, from: a, when: $off}, c: tanh}",
        "NS304", "'b' is left out by its 'when', and no input can stand for it: no layer before this is named 'a'", "tanh",
    ),
    "a block reads it": (
        "layers: {b: {abs, from: typo, when: $off}, c: [tanh]}",
        "NS304", "'b' is left out by its 'when', and no input can stand for it: no layer before this is named 'typo'",
        "c: [",
    ),
    "it is the last layer": (
        f"layers: {{{GONE}, last: {{relu, from: t, when: $off}}}}",
        "NS304", "'last' is left out by its 'when', and no input can stand for it: its first input 't' is left out by its "
        "'when', too", "last",
    ),
    "an expression reads it": (
        f"layers: {{{GONE}, a: {{dense: 4, axis: $(1 - t.channels)}}}}",
        "NS304", "'t' is left out by its 'when', and has no input to stand for it", "t.channels",
    ),
    "an output reads it": (
        f"layers: {{{GONE}, a: relu}}\noutputs: {{x: a, y: t}}",
        "NS304", "'t' is left out by its 'when', and has no input to stand for it", "t}",
    ),
    "no copies": (
        "layers: {t: {parameter: [3, 1, 1], repeat: 0}, a: {add: [input, t]}}",
        "NS304", "'t' has no copies, and has no input to stand for it", "t]}",
    ),
    "a later layer is not its input": (
        "layers: {a: relu, b: {abs, from: d, when: $off}, d: {tanh, from: a}, c: {add: [b, d]}}",
        "NS304", "'b' is left out by its 'when', and no input can stand for it: 'd' is defined further down: a layer reads "
        "only what precedes it", "b, d",
    ),
    "inside it": (
        "layers: {e: {layers: {x: relu}, when: $off}, c: {add: [input, e.x]}}",
        "NS304", "'e' is left out by its 'when': there is no 'x' in it", "e.x",
    ),
    "everything inside it": (
        "layers: {e: {layers: {x: relu}, when: $off}, c: {add: e.*}}",
        "NS304", "'e' is left out by its 'when': it contains nothing that '.*' could stand for", "e.*",
    ),
    "its weights": (
        "layers: {a: {conv2d: 3, kernel: 1}, b: {conv2d: 3, kernel: 1, when: $off}, c: {conv2d: 3, kernel: 1, share: b}}",
        "NS304", "'b' is left out by its 'when': it has no weights to share", "b}}",
    ),
    "a condition on an input that does not exist": (
        "layers: {a: relu, b: {abs, from: typo, when: $(incoming.channels > 3)}}",
        "NS301", "no layer before this is named 'typo'", "typo",
    ),
    "a list that ends up empty": (
        "layers: {a: relu, b: {add: \"$(['a' if off else false])\"}}",
        "NS305", "at least one name of a layer is needed here; the list is empty", '"$([',
    ),
    "written names that are all false": (
        "layers: {a: relu, b: {add: [$off, $empty]}}",
        "NS305", "at least one name of a layer is needed here; the list is empty", "[$off",
    ),
    "a name that is true": (
        "layers: {a: {relu, from: $on}}", "NS203", "the name of a layer is needed here; found true", "$on}",
    ),
    "a name that is a tensor": (
        "layers: {a: relu, b: {abs, from: $(a)}}", "NS203", "the name of a layer is needed here; found a tensor", "$(a)",
    ),
    "a name that is half a number": (
        "layers: [relu, {abs, from: $(1 / 2)}]", "NS203", "the name of a layer is needed here; found 0.5", "$(1 / 2)",
    ),
    "an argument that names several layers": (
        "layers: {a: relu, b: abs, c: {upsample, like: $names, scale: null}}",
        "NS305", "'like' names one layer; found 2", "$names",
    ),
    "the weights of several layers": (
        "layers: {a: {conv2d: 3, kernel: 1, repeat: 2}, b: {conv2d: 3, kernel: 1, share: a.*}}",
        "NS305", "'share' names one layer; found 2", "a.*",
    ),
    "several inputs of layers in the list around": (
        "layers: [{inline: [relu], from: [input, input]}]", "NS305", "'inline' takes 1 input (input); found 2", "[input,",
    ),
}  # fmt: skip


@pytest.mark.parametrize(("text", "code", "message", "at"), INVALID.values(), ids=INVALID)
def test_problems(text: str, code: str, message: str, at: str) -> None:
    with pytest.raises(netspec.SpecError) as caught:
        netspec.loads(HEAD + text)
    (problem,) = caught.value.diagnostics
    assert (problem.code, problem.message) == (code, message)
    assert problem.location is not None
    line = (HEAD + text).split("\n")[problem.location.line - 1]
    assert line[problem.location.column - 1 :].startswith(at), line[problem.location.column - 1 :]
