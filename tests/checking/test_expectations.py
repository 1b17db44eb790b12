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
    found = check_expectations(result, analyze(result.require_graph()))
    assert [d.message[: len(message)] for d in found] == [message] * bool(message)


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
    found = check_expectations(result, analyze(result.require_graph()))
    assert [d.label for d in found] == ([label] if label or written.startswith('"0 ') else [])


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
    found, further = failed_expectations(result, analysis)
    assert stopwatch.within(4)
    assert {d.code for d in found} == {code}
    assert (len(found), further) == (limits.DIAGNOSTICS, 4000 - limits.DIAGNOSTICS)
    if code == "NS604":
        assert found[7].help == "did you mean 'layer7'?"
