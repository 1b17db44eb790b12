"""``netspec check``: formats, options, exit statuses, colour, width, several specs, standard input, watching."""

from __future__ import annotations

import csv
import gc
import io
import json
import os
import subprocess
import sys
import time
from contextlib import suppress
from pathlib import Path

import pytest

from netspec.cli import check
from netspec.cli.main import parser
from tests.cli_support import checked, ran

ROOT = Path(__file__).resolve().parents[2]
SMALL = (
    "netspec: 1\nname: small\nparams: {classes: 10}\ninput: [3, 8, 8]\nlayers:\n"
    "  conv: {conv2d: 4, kernel: 3, activation: relu}\n  flat: flatten\n  fc: {dense: $classes}\n"
    "expect: {params: 1562}\n"
)


@pytest.fixture
def spec(tmp_path: Path) -> Path:
    path = tmp_path / "small.yaml"
    path.write_text(SMALL, encoding="utf-8")
    return path


def test_table(spec: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("COLUMNS", "80")
    status, out = checked(str(spec))
    assert status == 0
    assert (
        out
        == """\
small

layer  operation      output     params   MACs
────────────────────────────────────────────────
input  input          (3, 8, 8)
conv   conv2d + relu  (4, 6, 6)     112  3,888
flat   flatten        (144)           -      -
fc     dense          (10)        1,450  1,440
────────────────────────────────────────────────
parameters     1,562  all trainable
MACs           5,328  5.33 k
FLOPs         10,656  10.7 k; 2 × MACs
activations      298  154 of convolutions and dense layers
connections    5,482  5.48 k
weights      6.1 KiB  float32
input        (3, 8, 8)
output       (10)       fc
"""
    )


@pytest.mark.parametrize("width", [40, 60, 80, 120])
@pytest.mark.parametrize("name", ["vgg16", "resnet@152", "gpt2@xl", "googlenet@with_aux", "siamese"])
def test_no_line_is_wider_than_the_terminal(name: str, width: int, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("COLUMNS", str(width))
    _, out = checked(name)
    assert max(map(len, out.splitlines())) <= max(width, 56)


def test_json(spec: Path) -> None:
    status, out = checked(str(spec), "--format", "json", "--batch", "4")
    (report,) = json.loads(out)
    assert status == 0
    assert (report["report"], report["name"], report["variant"], report["ok"], report["batch"]) == (
        1,
        "small",
        None,
        True,
        4,
    )
    assert report["totals"]["params"] == 1562
    assert report["totals"]["macs"] == 4 * 5328
    assert [layer["name"] for layer in report["layers"]] == ["conv", "flat", "fc"]
    assert report["layers"][0]["receptive_field"][0] == {
        "input": "input",
        "axis": "height",
        "size": [3, 3],
        "stride": 1,
        "offset": 0,
    }
    assert report["layers"][0]["line"] == 6
    assert report["diagnostics"] == []


def test_json_of_what_is_wrong(tmp_path: Path) -> None:
    path = tmp_path / "wrong.yaml"
    path.write_text(SMALL.replace("kernel", "kernal"), encoding="utf-8")
    status, out = checked(str(path), "--format", "json")
    (report,) = json.loads(out)
    assert status == 1
    assert not report["ok"]
    (d,) = report["diagnostics"]
    assert (d["code"], d["severity"], d["line"], d["column"]) == ("NS213", "error", 6, 21)
    assert d["help"] == "did you mean 'kernel'?"


def test_csv(spec: Path) -> None:
    _, out = checked(str(spec), "--format", "csv", "--columns", "name,params")
    rows = list(csv.DictReader(io.StringIO(out)))
    assert [r["name"] for r in rows] == ["conv", "flat", "fc"]
    assert [r["params"] for r in rows] == ["112", "0", "1450"]


def test_markdown(spec: Path) -> None:
    _, out = checked(str(spec), "--format", "markdown")
    assert "| `conv` |" in out
    assert "1,562" in out


def test_github(tmp_path: Path) -> None:
    path = tmp_path / "wrong.yaml"
    path.write_text(SMALL.replace("1562", "1563"), encoding="utf-8")
    status, out = checked(str(path), "--format", "github")
    assert status == 1
    assert out == f"::error file={path},line=9,col=18,title=netspec NS601::params must be 1,563; found 1,562\n"


def test_expectations_are_skipped_with_set(spec: Path) -> None:
    status, out = checked(str(spec), "--set", "classes=5")
    assert status == 0
    assert "note[NS603]: not checked, because it depends on classes, which was set: params" in out
    assert "(5)" in out


@pytest.mark.parametrize(
    ("words", "status", "says"),
    [
        (["--columns", "name,parms"], 2, "there is no column 'parms'; did you mean 'params'?"),
        (["--sort", "size"], 2, "there is no column 'size'"),
        (["--batch", "0"], 2, "is not a positive integer"),
        (["--depth", "-1"], 2, ""),
        (["--set", "classes"], 2, "'classes' is not NAME=VALUE"),
        (
            ["--set", "clases=3"],
            1,
            "error[NS218]: there is no parameter 'clases'\n --> --set clases=3\n  = help: did you mean 'classes'?\n",
        ),
        (["--format", "xml"], 2, "invalid choice"),
        (["nowhere.yaml"], 1, "the file cannot be read: there is no such file"),
    ],
)
def test_wrong_usage(spec: Path, words: list[str], status: int, says: str) -> None:
    got, out = checked(str(spec), *words)
    assert got == status
    assert says in out


def test_sort_and_columns(spec: Path) -> None:
    _, out = checked(str(spec), "--sort", "params", "--columns", "name,params")
    names = [line.split()[0] for line in out.splitlines() if line[:4] in ("conv", "flat", "fc  ")]
    assert names == ["fc", "conv", "flat"]


def test_columns_by_heading(spec: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("COLUMNS", "80")
    status, out = checked(str(spec), "--sort", "MACs", "--columns", "layer,MACs %,params %")
    assert status == 0
    assert out.split("───\n")[0].splitlines()[2:] == ["layer  MACs %  params %", "─" * 45]
    assert out.splitlines()[4:7] == ["conv     73.0       7.2", "fc       27.0      92.8", "flat        -         -"]
    assert "layer,MACs%" not in checked(str(spec), "--format", "csv", "--columns", "layer,MACs %")[1]
    assert (
        checked(str(spec), "--format", "csv", "--columns", "layer,MACs %")[1].splitlines()[0]
        == "spec,variant,name,macs%"
    )


def test_help_about_columns(monkeypatch: pytest.MonkeyPatch) -> None:
    """Without a spec, as --help."""
    monkeypatch.setenv("COLUMNS", "80")
    status, out, err = ran("check", "--columns", "help")
    assert (status, err) == (0, "")
    assert (
        out
        == """\
column           heading        value
name             layer          full name of the layer; in a tree without the
                                names above it
op               operation      operation, with that of its activation
inputs           inputs         the layers and network inputs that it reads
output           output         shape of its (first) output
dtype            type           type of the elements of its (first) output
params           params         parameters, trainable or frozen; shared ones at
                                the first layer that uses them
params%          params %       the same, in percent of those of the network
trainable        trainable      trainable parameters
active           active params  parameters that one position uses: of copies,
                                those that it chooses
buffers          buffers        elements of running statistics and tables
macs             MACs           multiply-accumulates
macs%            MACs %         the same, in percent of those of the network
macs_needed      MACs needed    multiply-accumulates without those of scores
                                that an attention excludes
flops            FLOPs          floating-point operations: 2 × MACs
activations      activations    elements of its outputs
connections      connections    weights used, bias included, summed over output
                                positions
receptive_field  rec. field     size of the receptive field along each axis of
                                the input
"""
    )


def test_unfold(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("COLUMNS", "80")
    _, folded = checked("gpt2")
    _, unfolded = checked("gpt2", "--unfold")
    assert "  h.0 … 11     Block × 12 " in folded
    assert "--unfold shows them all." in folded
    assert [unfolded.count(f"{name} ") for name in ("ln_1", "(each)", "Block  ")] == [12, 0, 12]
    assert "(each)" not in unfolded


def test_depth(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("COLUMNS", "80")
    _, out = checked("resnet@50", "--depth", "1")
    assert "layer3   Bottleneck × 6" in out
    assert "layer3.0" not in out


def test_several(spec: Path, tmp_path: Path) -> None:
    wrong = tmp_path / "wrong.yaml"
    wrong.write_text(SMALL.replace("1562", "1"), encoding="utf-8")
    status, out = checked(str(spec), str(wrong), "vgg@A")
    assert status == 1
    lines = out.splitlines()
    assert lines[0] == f"ok   {spec!s:<44}           1,562 params    5.33 k MACs"
    assert any(line.startswith("FAIL") and "wrong.yaml" in line for line in lines)
    assert lines[-1] == "2 of 3 valid"


def test_pattern_with_all(tmp_path: Path) -> None:
    for name in "ab":
        text = SMALL + "variants: {x: {classes: 3}, y: {classes: 4}}\n"
        (tmp_path / f"{name}.yaml").write_text(text, encoding="utf-8")
    status, out = checked(f"{tmp_path}/*.yaml@all")
    assert status == 0
    assert out.splitlines()[-1] == "4 specs, all valid"


def test_standard_input() -> None:
    status, out, _ = ran("check", "-", stdin=SMALL.encode())
    assert status == 0
    assert "1,562" in out
    status, out, _ = ran("check", "-", stdin=b"\xff")
    assert status == 1
    assert (
        out
        == "error[NS102]: the file is not UTF-8: byte 0xFF on line 1\n --> <stdin>\n  = help: save it as UTF-8\n\n1 error\n"
    )


def test_colour_only_when_asked_or_on_a_terminal(spec: Path) -> None:
    assert "\x1b[" not in checked(str(spec))[1]
    assert "\x1b[" in checked(str(spec), "--color", "always")[1]


def test_unknown_command() -> None:
    assert ran("chek", "x")[::2] == (2, "netspec: there is no command 'chek'; did you mean 'check'?\n")


def test_help_lists_the_commands() -> None:
    status, out, _ = ran("--help")
    assert status == 0
    assert "check specs: shapes, parameters, cost, expectations" in out


def test_watch(spec: Path) -> None:
    """Checks again when the file changes; Ctrl-C ends it."""
    command = [sys.executable, "-u", "-m", "netspec", "check", str(spec), "--watch"]
    env = {**os.environ, "PYTHONPATH": str(ROOT)}
    process = subprocess.Popen(command, stdout=subprocess.PIPE, text=True, env=env, cwd=ROOT)
    try:
        assert process.stdout is not None
        lines: list[str] = []
        for line in process.stdout:
            lines.append(line)
            if line.startswith("watching"):
                if "error" in "".join(lines):
                    break
                time.sleep(0.1)
                spec.write_text(SMALL.replace("1562", "7"), encoding="utf-8")
        assert "params must be 7; found 1,562" in "".join(lines)
        assert "watching 1 file; Ctrl-C stops" in lines[-1]
    finally:
        process.kill()
        process.wait()
        if process.stdout is not None:
            process.stdout.close()


def test_broken_pipe(spec: Path) -> None:
    env = {**os.environ, "PYTHONPATH": str(ROOT)}
    script = f"{sys.executable} -m netspec check vgg16 | head -1"
    done = subprocess.run(script, shell=True, capture_output=True, text=True, env=env, cwd=ROOT, check=True)
    assert done.stdout == "vgg16\n"
    assert "Traceback" not in done.stderr


WATCHED = """
netspec: 1
input: [3, 16, 16]
blocks:
  Unit:
    params: {width: int}
    layers:
      conv: {conv2d: "$(width * 2 - width + EDIT - EDIT)", kernel: 3, padding: 1}
      merge: {add: [conv, input], when: "$(incoming.channels == width)"}
layers:
  units: {Unit: 3, repeat: 3}
  last: {dense: MISSING}
"""


@pytest.mark.parametrize("missing", ["10", "$nothing"])
def test_watching_does_not_grow(missing: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A thousand edits leave nothing behind, although the entry point turns garbage collection off."""
    path = tmp_path / "spec.yaml"
    objects: list[int] = []

    def edit(_: float = 0) -> None:
        if len(objects) == 1000:
            raise KeyboardInterrupt
        number = len(objects) % 200 + 10  # caches are bounded: they hold all of these
        path.write_text(WATCHED.replace("EDIT", str(number)).replace("MISSING", missing), encoding="utf-8")
        os.utime(path, (len(objects), len(objects)))
        objects.append(len(gc.get_objects()))

    monkeypatch.setattr(time, "sleep", edit)
    monkeypatch.setattr(sys, "stdout", io.StringIO())
    edit()
    gc.collect()
    gc.freeze()  # a collection then takes no longer than in a process of its own
    gc.disable()
    try:
        with suppress(KeyboardInterrupt):
            check.run(parser("check").parse_args(["check", str(path), "--watch"]))
    finally:
        gc.enable()
        gc.unfreeze()
    assert len(objects) == 1000
    assert max(objects[800:]) < objects[300] + 300
