"""``netspec sizes``: what it prints, and that what it computes agrees with the integer rules."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from netspec.analysis import SizeSet
from netspec.checking.size_report import SizeReport, report_sizes
from netspec.checking.spec import Spec
from netspec.cli.main import main

ROOT = Path(__file__).parents[2]

VGG = """\
vgg16: sizes at which it works with the same weights

H, W  224 to 255
      default 224; height of 'input', width of 'input'
      224 alone: no pooling drops a row
      not 223: 'fc1.weight' would be (4096, 21504), rather than (4096, 25088)
      not 256: 'fc1.weight' would be (4096, 28672), rather than (4096, 25088)

predictions: (1000)
checked with numbers at 20 sizes
"""


def printed(capsys: pytest.CaptureFixture[str], *arguments: str) -> str:
    """What the command prints to standard output."""
    assert main(["sizes", *arguments]) == 0
    return capsys.readouterr().out


def test_a_spec_with_numbers(capsys: pytest.CaptureFixture[str]) -> None:
    assert printed(capsys, str(ROOT / "specs/vgg16.yaml")) == VGG


@pytest.mark.parametrize(
    ("spec", "lines"),
    [
        ("unet@padded", ["H, W  multiples of 16, from 16 on", "scores: (2, H, W)"]),
        ("unet@original", ["H, W  188 or more", "188 + 16k: no pooling drops a row"]),
        ("yolov3", ["H, W  from 25 on, n mod 32 in 0, 25-31"]),
        ("gpt2@small", ["n  1 to 1024"]),
        ("alexnet", ["H, W  63 or more"]),
        ("maxvit", ["H  221 to 224 (tested up to 896)", "W  221 to 224"]),
        ("resnet50", ["H, W  1 or more"]),
    ],
)
def test_networks_of_the_zoo(capsys: pytest.CaptureFixture[str], spec: str, lines: list[str]) -> None:
    text = [line.strip() for line in printed(capsys, spec).splitlines()]
    for line in lines:
        assert line in text


def test_an_invalid_spec_is_reported_as_by_check(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    path = tmp_path / "bad.yaml"
    path.write_text("netspec: 1\ninput: [3, 8, 8]\nlayers: [{conv2d: 4, kernel: 9}]\n")
    assert main(["sizes", str(path)]) == 1
    assert "error[NS510]" in capsys.readouterr().err


def test_settings_and_variants(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    path = tmp_path / "set.yaml"
    path.write_text("netspec: 1\nparams: {k: 3}\ninput: [3, 32, 32]\nlayers: [{conv2d: 4, kernel: $k}]\n")
    assert "H, W  3 or more" in printed(capsys, str(path))
    assert "H, W  9 or more" in printed(capsys, str(path), "--set", "k=9")


def test_a_network_whose_sizes_are_all_determined(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    path = tmp_path / "fixed.yaml"
    path.write_text("netspec: 1\ninput: [16]\nlayers: [{dense: 4}]\n")
    assert "no dimension can have another size than the given one" in printed(capsys, str(path))


def test_names_that_must_be_equal_are_one_name() -> None:
    text = "netspec: 1\ninputs: {x: [7, 4, 9], y: [7, 4, 9]}\nlayers: [{add: [x, y]}]\n"
    report = report_sizes(Spec("two.yaml", text), None)
    assert isinstance(report, SizeReport)
    assert {d.dim.name: [(a.input, a.role) for a in d.axes] for d in report.dimensions} == {
        "H": [("x", "height"), ("y", "height")],
        "W": [("x", "width"), ("y", "width")],
    }


def test_json(capsys: pytest.CaptureFixture[str]) -> None:
    report = json.loads(printed(capsys, "yolov3", "--format", "json"))
    height = report["dimensions"][0]
    assert {key: report[key] for key in ("name", "variant", "together")} == {
        "name": "yolov3",
        "variant": None,
        "together": [],
    }
    assert report["outputs"]["large"] == [255, "(H + 31)//32", "(W + 31)//32"]
    assert height["name"] == "H"
    assert height["legal"] == "from 25 on, H mod 32 in 0, 25-31"
    assert height["step"] == 32
    assert height["bounds"] == {"0": [32, None], **{str(r): [r, None] for r in range(25, 32)}}
    assert height["refused"][0] == {
        "size": 24,
        "reason": "the inputs of 'concat' differ in height: 4 and 3; only channels may differ (line 42)",
    }
    sizes = SizeSet(height["step"], {int(r): (low, high) for r, (low, high) in height["bounds"].items()})
    assert [n for n in (24, 25, 56, 57, 64, 65) if n in sizes] == [25, 57, 64]
