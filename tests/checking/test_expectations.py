"""Expectations: the names of shapes, figures of any size, and how many problems are listed."""

from __future__ import annotations

from pathlib import Path

import pytest

from netspec import limits
from netspec.analysis import analyze
from netspec.checking.expectations import check_expectations, failed_expectations
from netspec.checking.spec import Spec
from tests.timing import Stopwatch

SPEC = """
netspec: 1
input: [4, 8, 8]
blocks:
  Pair: {layers: {conv: {conv2d: 4, kernel: 3, padding: 1}, pool: {max_pool2d: 2}}}
layers:
  stem: {conv2d: 4, kernel: 1, activation: glu}
  wide: {conv2d: 4, kernel: 1}
  pairs: {Pair: {}, repeat: 2}
  halves: {split: 2, axis: 0}
output: halves.1
expect: {shapes: {SHAPE}}
"""


@pytest.mark.parametrize(
    "shape",
    [
        "input: [4, 8, 8]",
        "stem: [2, 8, 8]",
        "pairs: [4, 2, 2]",
        "pairs.0: [4, 4, 4]",
        "pairs.0.conv: [4, 8, 8]",
        "halves: [2, 2, 2]",
        "halves.1: [2, 2, 2]",
    ],
)
def test_names_of_shapes(shape: str, tmp_path: Path) -> None:
    loaded = Spec("spec.yaml", SPEC.replace("SHAPE", shape), folder=tmp_path).elaborate()
    assert loaded.graph is not None, [str(d) for d in loaded.diagnostics]
    assert check_expectations(loaded, analyze(loaded.graph)) == []
    wrong = SPEC.replace("SHAPE", shape.split(":", maxsplit=1)[0] + ": [1]")
    loaded = Spec("spec.yaml", wrong, folder=tmp_path).elaborate()
    assert loaded.graph is not None
    assert [d.code for d in check_expectations(loaded, analyze(loaded.graph))] == ["NS601"]


HUGE = "\n".join(
    [
        "netspec: 1",
        "input: [536_870_912, 1_073_741_824]",  # 2^59 elements: floats between 2^58 and 2^59 are 64 apart
        "layers: [relu]",
        "expect: {activations: WRITTEN}",
    ]
)


@pytest.mark.parametrize(
    ("written", "message"),
    [
        ("1", "activations must be 1; found "),
        ('"<= 5M"', "activations must be <= 5M; found "),
        ('"1M +- 1%"', "activations must be 1M +- 1%; found "),
        ('">= 9T"', ""),
        ("576_460_752_303_423_488", ""),
        ("576_460_752_303_423_489", "activations must be 576,460,752,303,423,489; found "),
        ('"<= 576460752303423487"', "activations must be <= 576460752303423487; found "),
        (f'"<= {"9" * 90}"', ""),
        (f'">= {"9" * 500}"', "activations must be a number, or a bound: "),
    ],
)
def test_figures_beyond_the_precision_of_float(written: str, message: str) -> None:
    result = Spec("spec.yaml", HUGE.replace("WRITTEN", written)).elaborate()
    actual = check_expectations(result, analyze(result.require_graph()))
    assert [d.message[: len(message)] for d in actual] == [message] * bool(message)


@pytest.mark.parametrize(
    ("written", "label"),
    [
        ("190", "+2 (+1.05%)"),
        ('"190 +- 1.05%"', "+2 (+1.05%)"),
        ('"190 +- 1.06%"', None),
        ('"0.19k +- 1%"', "+2 (+1.05%)"),
        ('"193.5 +- 0.7%"', "-2 (-0.78%)"),
        ('"193.5 +- 0.8%"', None),
        ('"0 +- 5%"', None),
    ],
)
def test_tolerance_is_exact(written: str, label: str | None) -> None:
    text = f"netspec: 1\ninput: [3, 8, 8]\nlayers: [relu]\nexpect: {{activations: {written}}}\n"
    result = Spec("spec.yaml", text).elaborate()
    actual = check_expectations(result, analyze(result.require_graph()))
    assert [d.label for d in actual] == ([label] if label or written.startswith('"0 ') else [])


@pytest.mark.parametrize(
    ("entry", "code"),
    [("layer{i}: [3, 8, 9]", "NS601"), ("leyar{i}x: [3, 8, 8]", "NS604"), ("layer{i}: $nothing", "NS402")],
)
def test_expectations_beyond_the_hundredth_are_only_counted(entry: str, code: str) -> None:
    names = range(4000)
    text = "netspec: 1\ninput: [3, 8, 8]\nlayers:\n" + "".join(f"  layer{i}: relu\n" for i in names)
    text += "expect:\n  shapes:\n" + "".join(f"    {entry.format(i=i)}\n" for i in names)
    result = Spec("spec.yaml", text).elaborate()
    analysis = analyze(result.require_graph())
    stopwatch = Stopwatch()
    actual, further = failed_expectations(result, analysis)
    assert stopwatch.within(4)
    assert {d.code for d in actual} == {code}
    assert (len(actual), further) == (limits.DIAGNOSTICS, 4000 - limits.DIAGNOSTICS)
    if code == "NS604":
        assert actual[7].help == "did you mean 'layer7'?"


FIGURES = """\
netspec: 1
input: [3, 20, 30]
layers:
  c1: {conv2d: 8, kernel: [3, 5]}
  bn: batch_norm
  c2: {conv2d: 8, kernel: [3, 1], stride: 2}
expect: {ENTRY}
"""
TWO = """\
netspec: 1
inputs: {left: [3, 40, 40], right: [3, 40, 40]}
layers:
  a: {conv2d: 4, kernel: 3, stride: 2, from: left}
  b: {conv2d: 4, kernel: 5, stride: 2, padding: 1, from: right}
  sum: {add: [a, b]}
expect: {ENTRY}
"""


def failed(text: str, entry: str) -> list[tuple[str, str, str | None]]:
    """Code, message and help of what is wrong with an expectation."""
    result = Spec("spec.yaml", text.replace("ENTRY", entry)).elaborate()
    assert result.graph is not None, [d.message for d in result.diagnostics]
    return [(d.code, d.message, d.help) for d in check_expectations(result, analyze(result.graph))]


@pytest.mark.parametrize(
    "entry",
    [
        "flops: 376_896",
        "flops: <= 0.4M",
        "buffers: 17",
        "weight_bytes: 2336",
        "weight_bytes: <= 2.4 kB",
        "weight_bytes: <= 2.3 KiB",
        "weight_bytes: 2.3 kB +- 2%",
        'weight_bytes: "> 2000 B"',
        "receptive_field: 5",
        "receptive_field: {height: 5, width: 5}",
        "receptive_field: {width: 5}",
        "receptive_field: {input: 5}",
        "receptive_field: {input: {height: [5, 5]}}",
    ],
)
def test_expectations_that_hold(entry: str) -> None:
    assert failed(FIGURES, entry) == []


@pytest.mark.parametrize(
    ("entry", "code", "message", "help"),
    [
        ("flops: 1", "NS601", "flops must be 1; found 376,896", None),
        ("buffers: <= 16", "NS601", "buffers must be <= 16; found 17", None),
        ("weight_bytes: <= 2 kB", "NS601", "weight_bytes must be <= 2 kB; found 2,336", None),
        (
            "weight_bytes: <= 2k",
            "NS602",
            "weight_bytes must be a number, or a bound: '<= 500 MiB', '>= 200', '102 MB +- 1%'; found the text '<= 2k'",
            None,
        ),
        (
            "params: <= 5 MB",
            "NS602",
            "params must be a number, or a bound: '<= 5M', '>= 200', '4.09G +- 1%'; found the text '<= 5 MB'",
            None,
        ),
        ("receptive_field: 6", "NS601", "receptive_field must be 6; found 5 in height of input", None),
        ("receptive_field: [5, 6]", "NS601", "receptive_field must be 5 to 6; found 5 in height of input", None),
        ("receptive_field: all", "NS601", "receptive_field must be all; found 5 in height of input", None),
        (
            "receptive_field: {height: 5, width: 7}",
            "NS601",
            "receptive_field must be 7; found 5 in width of input",
            None,
        ),
        (
            "receptive_field: {hieght: 5}",
            "NS604",
            "there is no axis or input 'hieght'",
            "did you mean 'height'?",
        ),
        (
            "receptive_field: {zzz: 5}",
            "NS604",
            "there is no axis or input 'zzz'",
            "the axes and inputs are height, width, input",
        ),
        (
            "receptive_field: {input: {hieght: 5}}",
            "NS604",
            "there is no axis 'hieght' of 'input'",
            "did you mean 'height'?",
        ),
        (
            "receptive_field: {height: wide}",
            "NS602",
            "receptive_field must be a number, [least, greatest], or 'all'; found the text 'wide'",
            None,
        ),
        (
            "receptive_field: [1, 2, 3]",
            "NS602",
            "receptive_field must be a number, [least, greatest], or 'all'; found [1, 2, 3]",
            None,
        ),
        ("flop: 1", "NS602", "there is no figure 'flop'", "did you mean 'flops'?"),
    ],
)
def test_expectations_that_fail(entry: str, code: str, message: str, help: str | None) -> None:
    assert failed(FIGURES, entry) == [(code, message, help)]


@pytest.mark.parametrize(
    ("entry", "messages"),
    [
        ("receptive_field: {left: 3, right: 5}", []),
        ("receptive_field: {left: {height: 3}, right: {width: 5}}", []),
        (
            "receptive_field: {left: 5, right: {width: 3}}",
            [
                "receptive_field must be 5; found 3 in height of left",
                "receptive_field must be 3; found 5 in width of right",
            ],
        ),
        ("receptive_field: {height: 3}", ["receptive_field must be 3; found 5 in height of right"]),
    ],
)
def test_receptive_fields_of_two_inputs(entry: str, messages: list[str]) -> None:
    assert [message for _, message, _ in failed(TWO, entry)] == messages


def test_a_field_that_is_all_of_an_axis() -> None:
    text = FIGURES.replace("expect:", "  rows: {mean: [2]}\nexpect:")
    assert failed(text, "receptive_field: {height: 5, width: all}") == []


def test_a_place_is_that_of_the_value() -> None:
    result = Spec("spec.yaml", FIGURES.replace("ENTRY", "receptive_field: {height: 5, width: 7}")).elaborate()
    (problem,) = check_expectations(result, analyze(result.require_graph()))
    assert problem.location is not None
    assert (problem.location.line, problem.location.column) == (7, 46)
