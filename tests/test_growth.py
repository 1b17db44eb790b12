"""Time grows linearly with a spec, and not at all with the numbers in it."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest

from netspec import limits
from netspec.analysis import analyze, receptive_field
from netspec.checking.expectations import check_expectations
from netspec.checking.spec import Spec
from netspec.ir.tree import Branch, Leaf
from netspec.language.elaboration.budget import Budget
from netspec.language.flatten import flat_spec
from tests.cli_support import checked
from tests.timing import Stopwatch, frozen_heap

pytestmark = pytest.mark.slow

N = limits.SIZE - 1
NUMBERS: dict[str, tuple[str, str, str]] = {
    "lstm": ("[5, 8]", f"{{lstm: 1, num_layers: {N}}}", f"num_layers must be an integer from 1 to 1,000; found {N}"),
    "adaptive_avg_pool2d": (
        "[3, 8, 8]",
        f"{{adaptive_avg_pool2d: {N}}}",
        "'adaptive_avg_pool2d' gives a tensor of more than 2^81 elements: tensors stay below 2^60",
    ),
    "adaptive_max_pool2d": (
        "[3, 8, 8]",
        f"{{adaptive_max_pool2d: {N}}}",
        "'adaptive_max_pool2d' gives a tensor of more than 2^81 elements: tensors stay below 2^60",
    ),
    "channel_shuffle": (
        "[8, 4, 4]",
        f"{{channel_shuffle: {N}}}",
        f"{N} groups must divide channels for 'channel_shuffle'; found 8",
    ),
    "channel_shuffle of as many channels": (f"[{N}, 4, 4]", f"{{channel_shuffle: {N}}}", ""),
    "pixel_shuffle": (
        "[8, 4, 4]",
        f"{{pixel_shuffle: {N}}}",
        f"{N**2} must divide channels for 'pixel_shuffle' by {N}; found 8",
    ),
    "pixel_unshuffle": (
        "[8, 4, 4]",
        f"{{pixel_unshuffle: {N}}}",
        f"{N} must divide height for 'pixel_unshuffle' by {N}; found 4",
    ),
    "max_unpool2d": (
        "[3, 8, 8]",
        f"{{max_unpool2d: {N}, like: input}}",
        f"size must be below 2^31, as the integers of PyTorch's windows are; found {N}",
    ),
    "dot_product_attention": (
        "[8, 8]",
        f"{{dot_product_attention: {N}, from: [input, input, input]}}",
        f"heads must divide the features of 'dot_product_attention': 8 in {N} heads",
    ),
    "dot_product_attention of as many features": (
        f"[8, {N}]",
        f"{{dot_product_attention: {N}, from: [input, input, input]}}",
        "",
    ),
    "causal attention": (f"[{N}, 8]", "{attention: 2, causal: true}", ""),
    "split": (
        f"[{N}]",
        f"{{split: {N}}}",
        f"parts must be a number of equal parts, or a list of sizes, at most 10,000; found {N}",
    ),
    "upsample": ("[3, 8]", f"{{upsample, size: {N}}}", ""),
    "roll": ("[3, 8]", f"{{roll: {N}, axis: 1}}", ""),
    "conv1d": (
        f"[3, {N}]",
        f"{{conv1d: {N}, kernel: {N}, padding: same, dilation: 3}}",
        f"kernel must be below 2^31, as the integers of PyTorch's windows are; found {N}",
    ),
    "conv_transpose1d": ("[3, 8]", f"{{conv_transpose1d: 3, kernel: {N // 1024}, stride: {N // 1024}}}", ""),
    "depthwise_conv1d": ("[1, 8]", f"{{depthwise_conv1d, kernel: 1, multiplier: {N}}}", ""),
    "connections": (f"[{N}, 2, 2]", "{conv2d: 1, kernel: 1, connections: [[0]]}", ""),
    "expand": ("[1]", f"{{expand: [{N}]}}", ""),
}
"""The input of a network, its layer, and the message about it, if there is one."""


@pytest.mark.parametrize("name", NUMBERS)
def test_numbers_take_no_time(name: str) -> None:
    shape, layer, message = NUMBERS[name]
    stopwatch = Stopwatch()
    result = Spec("<text>", f"netspec: 1\ninput: {shape}\nlayers:\n  b: {layer}\n").elaborate()
    problems = [d for d in result.diagnostics if d.severity == "error"]
    assert [d.message for d in problems] == [message] * bool(message)
    if result.graph is not None:
        analysis = analyze(result.graph)
        assert all(analysis.receptive_fields.of(v) is not None for v in result.graph.outputs.values())
        flat_spec(result.graph)
    assert stopwatch.within(1)


def test_a_long_window_over_a_long_period() -> None:
    text = (
        "netspec: 1\ninput: [1, 4096]\nlayers:\n  - {roll: 7, axis: -1}\n  - {conv1d: 1, kernel: 4095, padding: same}\n"
    )
    stopwatch = Stopwatch()
    result = Spec("<text>", text).elaborate()
    field = analyze(result.require_graph()).receptive_fields.of(2)
    assert field is not None
    assert [str(f) for f in field] == ["4095-4096"]
    assert stopwatch.within(3)


def test_windows_over_a_long_period_are_charged(monkeypatch: pytest.MonkeyPatch) -> None:
    """Each of these reads a period of 4,096 positions: the analysis ends, and leaves out the fields of further ones."""
    monkeypatch.setattr(receptive_field, "BASE_WORK", 500_000)
    layers = "".join(f"  c{i}: {{conv1d: 1, kernel: 4096, padding: same, from: r}}\n" for i in range(50))
    text = f"netspec: 1\ninput: [1, 4096]\nlayers:\n  r: {{roll: 7, axis: -1}}\n{layers}  m: {{add: [{names(50, 'c{i}')}]}}\n"
    analysis = analyze(Spec("<text>", text).elaborate().require_graph())
    computed = [analysis.receptive_fields.of(v) is not None for v in range(2, 52)]
    assert computed == [True] * 9 + [False] * 41  # each takes 4,096 * (13 + 1 + 1) steps


# -- growth ------------------------------------------------------------------------------------------------------------
HEAD = "netspec: 1\ninput: [4]\n"


def lines(n: int, form: str, indent: str = "  ") -> str:
    """n entries, one on each line."""
    return "".join(f"{indent}{form.format(i=i)}\n" for i in range(n))


def names(n: int, form: str) -> str:
    """n names with commas between them."""
    return ", ".join(form.format(i=i) for i in range(n))


GROWING: dict[str, Callable[[int], str]] = {
    "layers": lambda n: HEAD + "layers:\n" + lines(n, "d{i}: {{dense: 4, activation: relu}}"),
    "copies": lambda n: HEAD + f"layers: {{s: {{dense: 4, repeat: {n}}}}}\n",
    "blocks": lambda n: HEAD + f"blocks: {{B: {{layers: [{{dense: 4}}]}}}}\nlayers: {{s: {{B, repeat: {n}}}}}\n",
    "concat of names": lambda n: (
        HEAD + "layers:\n" + lines(n, "r{i}: relu") + f"  m: {{concat: [{names(n, 'r{i}')}]}}\n"
    ),
    "concat of a star": lambda n: HEAD + f"layers:\n  s: {{relu, repeat: {n}}}\n  m: {{concat: [s.*]}}\n",
    "unread inputs": lambda n: f"netspec: 1\ninputs: {{{names(n, 'i{i}: [4]')}}}\nlayers: {{r: {{relu, from: i0}}}}\n",
    "unread layers": lambda n: HEAD + "layers:\n" + lines(n, "r{i}: {{relu, from: input}}"),
    "parts": lambda n: (
        f"netspec: 1\ninput: [{n // 2}]\nlayers:\n  s: {{split: {n // 2}}}\n"
        + lines(n // 2, "r{i}: {{relu, from: s.{i}}}")
        + f"outputs: [{names(n // 2, 'r{i}')}]\n"
    ),
    "parts of listed sizes": lambda n: (
        f"netspec: 1\ninput: [{n // 2}]\nlayers:\n  s: {{split: [{names(n // 2, '1')}]}}\n  m: {{add: [s.*]}}\n"
    ),
    "outputs of a block": lambda n: (
        HEAD
        + f"blocks:\n  B: {{layers: {{s: {{relu, repeat: {n}}}}}, outputs: {{{names(n, 'o{i}: s.{i}')}}}}}\n"
        + "layers:\n  b: B\n  m: {add: [b.*]}\n"
    ),
    "inputs of a block": lambda n: (
        HEAD
        + f"blocks:\n  B: {{inputs: [{names(n, 'i{i}')}], layers: {{m: {{add: [{names(n, 'i{i}')}]}}}}}}\n"
        + f"layers:\n  s: {{relu, repeat: {n}}}\n  m: {{B, from: [s.*]}}\n"
    ),
    "arguments of a block": lambda n: (
        HEAD
        + f"blocks:\n  B: {{params: {{{names(n, 'p{i}: 1')}}}, layers: [relu]}}\n"
        + f"layers: {{b: {{B, {names(n, 'p{i}: 2')}}}}}\n"
    ),
    "parameters": lambda n: HEAD + f"params: {{{names(n, 'p{i}: 1')}}}\nlayers: [relu]\n",
    "columns": lambda n: (
        HEAD + f"layers:\n  s: {{relu, each: {{columns: [{names(n, 'c{i}')}], rows: [[{names(n, '1')}]]}}}}\n"
    ),
    "rows": lambda n: HEAD + f"layers:\n  s: {{dense: $c, each: {{columns: c, rows: {{{names(n, 'r{i}: 4')}}}}}}}\n",
    "parallel copies of rows": lambda n: (
        HEAD
        + f"layers:\n  s: {{rescale: $c, repeat: {n // 2}, parallel: true, each: {{columns: c, rows: [1, 2]}}}}\n"
        + "  m: {add: s.*.*}\n"
    ),
    "mapped": lambda n: HEAD + f"layers:\n  s: {{relu, repeat: {n}}}\n  m: {{relu, map: s.*}}\n",
    "expectations": lambda n: (
        HEAD + f"layers: {{s: {{relu, repeat: {n}}}}}\nexpect:\n  shapes:\n" + lines(n, "s.{i}: [4]", "    ")
    ),
    "dotted parts": lambda n: HEAD + f"layers:\n  a: relu\n  b: {{relu, from: {'.'.join(['a'] * n)}}}\n",
    "hidden characters": lambda n: HEAD + 'layers:\n  a: {"' + "\\u200b" * n + '": 3}\n',
}
"""Texts of n parts."""


@pytest.mark.parametrize("name", GROWING)
def test_time_is_linear(name: str) -> None:
    seconds: list[float] = []
    for n in (2000, 8000):
        text = GROWING[name](n)
        with frozen_heap():
            stopwatch = Stopwatch()
            result = Spec("<text>", text).elaborate()
            if result.graph is not None:
                analysis = analyze(result.graph)
                check_expectations(result, analysis)
                analysis.receptive_fields.of(0)
                flat_spec(result.graph)
            seconds.append(stopwatch.seconds)
    assert seconds[1] < max(12 * seconds[0], 2.0), seconds


@pytest.mark.parametrize("options", [(), ("--unfold",), ("--depth", "1"), ("--format", "json")], ids=" ".join)
@pytest.mark.parametrize(("name", "kind"), [("copies", Leaf), ("blocks", Branch)])
def test_reports_list_copies_in_linear_work(
    name: str, kind: type[Leaf | Branch], options: tuple[str, ...], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Counted, as times are too uncertain: the items of all lists of copies that a report asks for."""
    path, listed = tmp_path / "spec.yaml", [0]

    def copies(item: Leaf | Branch) -> tuple[Leaf | Branch, ...]:
        out = (item, *item.further_copies)
        listed[-1] += len(out)
        return out

    monkeypatch.setattr(kind, "copies", property(copies))
    for n in (100, 400):
        path.write_text(GROWING[name](n), encoding="utf-8")
        listed.append(0)
        assert checked(str(path), *options)[0] == 0
    assert listed[2] <= 5 * listed[1]


def test_unread_inputs_are_counted() -> None:
    result = Spec("<text>", GROWING["unread inputs"](20_000)).elaborate()
    assert {d.code for d in result.diagnostics} == {"NS311"}
    assert len(result.diagnostics) + result.hidden == 19_999


@pytest.mark.parametrize("name", ["layers", "blocks"])
def test_twenty_thousand_layers_are_answered_in_ten_seconds(name: str, tmp_path: Path) -> None:
    path = tmp_path / "large.yaml"
    path.write_text(GROWING[name](20_000), encoding="utf-8")
    stopwatch = Stopwatch()
    status, out = checked(str(path), "--format", "json")
    assert (status, '"ok": true' in out) == (0, True)
    assert stopwatch.within(10)


@pytest.mark.parametrize(
    "layers",
    [
        lines(10_000, "conv{i}: {{conv2d: 8, kernel: 3, padding: 1}}"),
        "  stage: {layers: {conv: {conv2d: 8, kernel: 3, padding: 1}, relu: relu, add: {add: input}}, repeat: 3333}\n",
    ],
)
def test_a_hundred_thousand_layers_are_within_the_limits(layers: str) -> None:
    """A tenth of these, which are those of ``benchmarks/growth.py``."""
    budget = Budget()
    Spec("<text>", f"netspec: 1\ninput: [8, 8, 8]\nlayers:\n{layers}").elaborate(budget=budget).require_graph()
    assert 10 * budget.steps < limits.STEPS + 10 * limits.NETWORK_STEPS
