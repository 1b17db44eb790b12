"""Warnings: valid specs with something that is probably not meant, in every command and report."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

import netspec
from netspec.ir import Graph
from netspec.language.flatten import flat_spec
from netspec.report.html import render
from netspec.report.printable import printable_analysis
from netspec.report.select_rows import select_rows
from tests.cli_support import ran

WARNED = """netspec: 1
name: warned
input: [224, 224, 3]
layers:
  conv1: {conv2d: 64, kernel: 3, padding: same}
"""
WARNING = """warning[NS527]: 'input' is read as 224 channels of 224 × 3: without 'layout', the channels come first
 --> warned.yaml:3:8
  |
3 | input: [224, 224, 3]
  |        ^
  = 'conv1' (conv2d, line 5) slides over the last two axes
  = help: `layout: channels_last`, or `input: [3, 224, 224]`; `layout: channels_first` if it is meant
"""


@pytest.fixture
def warned(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> str:
    monkeypatch.chdir(tmp_path)
    Path("warned.yaml").write_text(WARNED, encoding="utf-8")
    Path("fine.yaml").write_text(WARNED.replace("input:", "layout: channels_last\ninput:"), encoding="utf-8")
    return "warned.yaml"


def test_check_shows_and_counts(warned: str) -> None:
    status, out, err = ran("check", warned)
    assert (status, err) == (0, "")
    assert out.startswith(WARNING + "\nwarned\n\nlayer")
    assert "129,088" in out
    assert out.endswith("\n1 warning\n")


def test_check_of_several(warned: str) -> None:
    status, out, _ = ran("check", "fine.yaml", warned)
    assert status == 0
    assert [line[:16] for line in out.splitlines() if line.startswith(("ok", "warn "))] == [
        "ok   fine.yaml  ",
        "warn warned.yaml",
    ]
    assert out.endswith("2 specs, all valid, 1 warning\n")


def test_strict_makes_it_an_error(warned: str) -> None:
    status, out, _ = ran("check", "--strict", warned)
    assert status == 1
    assert out.startswith(WARNING.replace("warning[", "error["))
    assert out.endswith("\n1 error\n")
    status, out, _ = ran("check", "--strict", warned, "fine.yaml")
    assert status == 1
    assert out.endswith("1 of 2 valid\n")
    assert ran("check", "--strict", "fine.yaml")[0] == 0


@pytest.mark.parametrize(("options", "severity", "ok"), [((), "warning", True), (("--strict",), "error", False)])
def test_json(warned: str, options: tuple[str, ...], severity: str, ok: bool) -> None:
    status, out, _ = ran("check", warned, "--format", "json", *options)
    (report,) = json.loads(out)
    (d,) = report["diagnostics"]
    assert (status == 0, report["ok"], d["code"], d["severity"], d["line"]) == (ok, ok, "NS527", severity, 3)
    assert report["totals"]["params"] == 129_088


def test_other_formats(warned: str) -> None:
    assert ran("check", warned, "--format", "github")[1].startswith(
        "::warning file=warned.yaml,line=3,col=8,title=netspec NS527::"
    )
    assert "- **warning NS527** (`warned.yaml:3`): " in ran("check", warned, "--format", "markdown")[1]


@pytest.mark.parametrize(
    "command",
    [
        ("export", "warned.yaml", "-o", "net.py"),
        ("export", "warned.yaml", "-o", "net.py", "--quiet"),
        ("draw", "warned.yaml", "-o", "net.dot"),
        ("expand", "warned.yaml"),
        ("explain", "warned.yaml", "conv1"),
    ],
    ids=lambda words: " ".join(words[::3]),
)
def test_other_commands_print_it_to_standard_error(warned: str, command: tuple[str, ...]) -> None:
    status, _, err = ran(*command)
    assert (status, err) == (0, WARNING)
    for written in ("net.py", "net.dot"):
        Path(written).unlink(missing_ok=True)
    status, out, err = ran(*command, "--strict")
    assert (status, out, err) == (1, "", WARNING.replace("warning[", "error["))
    assert not Path("net.py").exists()
    assert not Path("net.dot").exists()


def test_see(warned: str) -> None:
    words = ("see", "filters", warned, "conv1", "-o", "net.png")
    status, _, err = ran(*words)
    assert status == 0
    assert err.startswith(WARNING)
    Path("net.png").unlink()
    assert ran(*words, "--strict") == (1, "", WARNING.replace("warning[", "error["))
    assert not Path("net.png").exists()


def test_python(warned: str) -> None:
    graph = netspec.load(warned)
    (warning,) = graph.warnings
    assert (warning.code, warning.severity) == ("NS527", "warning")
    analysis = printable_analysis(graph)
    text = str(analysis)
    assert text == str(netspec.analyze(warned))
    assert text.startswith(WARNING.splitlines()[0] + "\n --> warned.yaml:3:8\n  = 'conv1'")
    assert "<strong>warning NS527</strong>" in render(select_rows(analysis))
    assert netspec.load("fine.yaml").warnings == ()


def silenced() -> Graph:
    return netspec.loads(WARNED.replace("input:", "layout: channels_first\ninput:"))


def test_the_default_layout_silences_it_and_is_kept() -> None:
    assert silenced().warnings == ()
    flat = flat_spec(silenced())
    assert "layout: channels_first" in flat
    assert netspec.loads(flat).warnings == ()
    assert "layout" not in flat_spec(netspec.loads(WARNED))


@pytest.mark.parametrize(
    ("shape", "layer"),
    [
        ("[16, 16, 2]", "{conv2d: 8, kernel: 3, padding: same}"),
        ("[15, 16, 3]", "{conv2d: 8, kernel: 3, padding: same}"),
        ("[16, 15, 3]", "{conv2d: 8, kernel: 3, padding: same}"),
        ("[16, 16, 5]", "{max_pool2d: 2}"),
        ("[16, 16, 3]", "flatten"),
        ("[16, 16, 16, 3]", "{conv3d: 8, kernel: 3, padding: same}"),
        ("[15, 3]", "{conv1d: 8, kernel: 3, padding: same}"),
        ("[3, 16, 16]", "{conv2d: 8, kernel: 3}"),
    ],
)
def test_other_inputs_are_not_warned_of(shape: str, layer: str) -> None:
    assert netspec.loads(f"{{netspec: 1, input: {shape}, layers: {{x: {layer}}}}}").warnings == ()


@pytest.mark.parametrize("channels", [1, 3, 4])
def test_every_2d_window(channels: int) -> None:
    for layer in (
        "{conv2d: 8, kernel: 1}",
        "{max_pool2d: 1}",
        "{depthwise_conv2d: 1}",
        "{global_avg_pool, keepdims: true}",
    ):
        graph = netspec.loads(f"{{netspec: 1, input: [16, 16, {channels}], layers: {{x: {layer}}}}}")
        assert len(graph.warnings) == (0 if "global" in layer else 1)
