"""``--at``: sizes of named dimensions on the command line, and ``sizes`` in Python."""

from __future__ import annotations

import csv
import io
import json
from pathlib import Path

import pytest

import netspec
from netspec.cli.size_arguments import size_points
from tests.cli_support import ran

SPEC = """netspec: 1
name: lm
dims: {n: {default: 128, max: 8192}}
inputs: {tokens: {shape: [n], dtype: int64}}
layers:
  embed: {embedding: 1000, width: 64}
  attn: {attention: 4}
  out: {dense: 1000}
expect: {macs: 12386304, params: "<= 5M", output: [128, 1000]}
"""
IMAGE = """netspec: 1
name: halves
dims: {H: 64, W: {default: 48, multiple_of: 16, min: 32, max: 96}}
input: [3, H, W]
layers:
  down: {conv2d: 8, kernel: 3, stride: 2, padding: 1}
  up: {upsample: 2}
  both: {concat: [up, input]}
"""


@pytest.fixture
def lm(tmp_path: Path) -> str:
    path = tmp_path / "lm.yaml"
    path.write_text(SPEC, encoding="utf-8")
    return str(path)


@pytest.fixture
def halves(tmp_path: Path) -> str:
    path = tmp_path / "halves.yaml"
    path.write_text(IMAGE, encoding="utf-8")
    return str(path)


def output(*arguments: str, status: int = 0) -> str:
    actual, out, errors = ran(*arguments)
    assert (actual, errors) == (status, "")
    return out


def test_one_size(lm: str) -> None:
    out = output("check", lm, "--at", "n=256")
    assert "note[NS603]: not checked, because they depend on n, which was set: macs, output\n" in out
    assert "\nout     dense         (256, 1000)  65,000  16,384,000\n" in out
    assert "\nsizes        n = 256\n" in out


def test_a_table_of_several_sizes(lm: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("COLUMNS", "80")
    table = """\
lm

    n  output              MACs           FLOPs  activations    memory
──────────────────────────────────────────────────────────────────────
2,048  2048×1000    701,497,344   1,402,994,688    2,310,144   8.8 MiB
8,192  8192×1000  9,248,440,320  18,496,880,640    9,240,576  35.2 MiB
──────────────────────────────────────────────────────────────────────
145,640 parameters (568.9 KiB) at every size.
Memory is that of the outputs of all layers, for one example.

"""
    assert output("check", lm, "--at", "n=2048,8192") == table
    monkeypatch.setenv("COLUMNS", "60")
    narrow = output("check", lm, "--at", "n=2048,8192", "--batch", "32").splitlines()
    assert narrow[4] == "2,048  32×2048×1000  22.4 G  44.9 G       73.9 M  282.0 MiB"


def test_a_size_that_is_not_promised(lm: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("COLUMNS", "80")
    expected = """\
at n = 131072:
error[NS229]: 'n' is promised to be at most 8192; found 131072
 --> --at n=131072
  = help: the nearest such size is 8192

lm

      n        MACs       FLOPs  activations   memory
─────────────────────────────────────────────────────
    256  28,966,912  57,933,824      288,768  1.1 MiB
131,072       NS229
─────────────────────────────────────────────────────
145,640 parameters (568.9 KiB) at every size.
Memory is that of the outputs of all layers, for one example.

"""
    assert output("check", lm, "--at", "n=256,131072", status=1) == expected


def test_sizes_in_other_formats(lm: str) -> None:
    rows = list(csv.DictReader(io.StringIO(output("check", lm, "--at", "n=256,9999", "--format", "csv", status=1))))
    assert [(row["n"], row["ok"], row["macs"]) for row in rows] == [("256", "true", "28966912"), ("9999", "false", "")]
    reports = json.loads(output("check", lm, "--at", "n=256,9999", "--format", "json", status=1))
    assert [(r["at"], r["ok"]) for r in reports] == [({"n": 256}, True), ({"n": 9999}, False)]
    for form in ("csv", "markdown", "table"):
        text = output("check", lm, "--at", "n=256,512", "--at", "\x1b[31m=1,2", "--format", form, status=1)
        assert "\x1b" not in text
        assert "[31m" in text
    assert output("check", lm, "--at", "n=256,512", "--format", "markdown") == (
        "## lm\n\n"
        "| n | output | MACs | FLOPs | activations | memory |\n"
        "| ---: | --- | ---: | ---: | ---: | ---: |\n"
        "| 256 | 256×1000 | 28,966,912 | 57,933,824 | 288,768 | 1.1 MiB |\n"
        "| 512 | 512×1000 | 74,711,040 | 149,422,080 | 577,536 | 2.2 MiB |\n\n"
        "145,640 parameters (568.9 KiB) at every size.\n"
        "Memory is that of the outputs of all layers, for one example.\n"
    )
    assert (
        output("check", lm, "--at", "n=9,9999", "--format", "github", status=1).count("::error file=--at n=9999") == 1
    )


def test_lists_go_in_pairs(halves: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("COLUMNS", "80")
    lines = output("check", halves, "--at", "H=32,64", "--at", "W=48,96").splitlines()
    assert [line.split()[:2] for line in lines if line.startswith(("32", "64"))] == [["32", "48"], ["64", "96"]]
    lines = output("check", halves, "--at", "H=32,64", "--at", "W=48").splitlines()
    assert [line.split()[:2] for line in lines if line.startswith(("32", "64"))] == [["32", "48"], ["64", "48"]]
    assert "The other dimensions have their defaults: W = 48." in output("check", halves, "--at", "H=32,64")
    status, out, errors = ran("check", halves, "--at", "H=32,64", "--at", "W=48,96,32")
    assert (status, out) == (1, "")
    assert errors == (
        "error[NS229]: lists of sizes go in pairs: 'H' has 2 sizes, and 'W' has 3\n"
        " --> --at H=32,64\n"
        "  = help: give both the same number of sizes, or one of them a single size\n"
    )


def test_points() -> None:
    assert size_points([]) == [{}]
    assert size_points([("a", (1, 2)), ("b", (3,)), ("a", (5,))]) == [{"a": 5, "b": 3}]


@pytest.mark.parametrize(
    ("option", "message"),
    [
        ("W=33", "'W' is promised to be a multiple of 16 from 32 to 96; found 33\n --> --at W=33\n  = help: the nearest such size is 32\n"),
        ("W=200", "'W' is promised to be a multiple of 16 from 32 to 96; found 200\n --> --at W=200\n  = help: the nearest such size is 96\n"),
        ("w=64", "there is no named dimension 'w'\n --> --at w=64\n  = help: did you mean 'W'?\n"),
        ("depth=64", "there is no named dimension 'depth'\n --> --at depth=64\n  = help: named dimensions: H, W\n"),
        (
            "N=3",
            "'N' is the batch axis, which is not a named dimension\n --> --at N=3\n"
            "  = help: `check --batch 3` counts examples; `export … -o FILE.onnx --at N=3` fixes their number\n",
        ),
        ("H=0", "a size must be a positive integer below 2^40; found 0\n --> --at H=0\n"),
    ],
)  # fmt: skip
def test_invalid_sizes(halves: str, option: str, message: str) -> None:
    assert output("check", halves, "--at", option, status=1) == f"error[NS229]: {message}\n1 error\n"


def test_a_spec_without_named_dimensions(tmp_path: Path) -> None:
    path = tmp_path / "fixed.yaml"
    path.write_text("netspec: 1\ninput: [3, 8, 8]\nlayers: [relu]\n", encoding="utf-8")
    assert output("check", str(path), "--at", "H=3", status=1) == (
        "error[NS229]: there is no named dimension 'H'\n --> --at H=3\n"
        "  = help: the spec names none ('dims')\n\n1 error\n"
    )


def test_the_integer_rules_refuse_a_size(halves: str) -> None:
    out = output("check", halves, "--at", "H=63", status=1)
    assert out.startswith(
        "error[NS513]: the inputs of 'concat' differ in height: 64 and 63; only channels may differ\n"
    )


@pytest.mark.parametrize("text", ["H", "H=", "=3", "H=x", "H=-3", "H=1.5", "H=1,2", "H=99999999999999999999"])
def test_a_wrong_option(halves: str, text: str) -> None:
    status, _, errors = ran("explain", halves, "down", "--at", text)
    assert status == 2
    assert errors.endswith(f"netspec explain: error: argument --at: '{text}' is not NAME=SIZE, such as H=256\n")
    if text != "H=1,2":
        status, _, errors = ran("check", halves, "--at", text)
        form = "is not NAME=SIZE or NAME=SIZE,SIZE, such as H=256 or n=2048,8192"
        assert errors.endswith(f"netspec check: error: argument --at: '{text}' {form}\n")


def test_names_in_one_option(halves: str) -> None:
    _, _, errors = ran("check", halves, "--at", "H=64,W=64")
    assert errors.endswith("such as H=256 or n=2048,8192; every name has its own --at\n")


def test_other_commands(halves: str, tmp_path: Path) -> None:
    assert "= 48 at W = 96" not in output("explain", halves, "down", "--at", "W=96")
    assert "floor((96 + 1 + 1 - 3) / 2) + 1 = 48" in output("explain", halves, "down", "--at", "W=96")
    assert "floor((H + 1 + 1 - 3) / 2) + 1 = (H + 1)//2 = 32 at H = 64" in output("explain", halves, "down")
    assert "\ninput: [3, H, 96]\n" in output("expand", halves, "--at", "W=96")
    picture = tmp_path / "x.svg"
    output("draw", halves, "-o", str(picture), "--at", "W=96", "--quiet")
    assert ">3×H×96<" in picture.read_text(encoding="utf-8")


def test_the_batch_of_a_file(halves: str, tmp_path: Path) -> None:
    onnx = pytest.importorskip("onnx")
    path = tmp_path / "x.onnx"
    output("export", halves, "-o", str(path), "--at", "N=2", "--at", "H=32", "--at", "W=48", "--quiet")
    shape = onnx.load(str(path)).graph.input[0].type.tensor_type.shape
    assert [axis.dim_value for axis in shape.dim] == [2, 3, 32, 48]
    status, _, errors = ran("export", halves, "-o", str(tmp_path / "x.py"), "--at", "N=2")
    assert (status, errors) == (1, "error[NS711]: 'batch' has no meaning for PyTorch source\n")


def test_formulas(halves: str, lm: str) -> None:
    out = output("check", halves, "--formulas")
    assert out.endswith(
        "\n\n"
        "MACs                  = 108*((H + 1)//2)*W\n"
        "activations           = 11*H*W + 20*((H + 1)//2)*W\n"
        "bytes of activations  = 44*H*W + 80*((H + 1)//2)*W\n"
    )
    assert "\n```text\nMACs                  = 128*n*n + 80384*n\n" in output(
        "check", lm, "--formulas", "--format", "markdown"
    )
    assert "MACs      " not in output("check", lm, "--formulas", "--at", "n=8").splitlines()[-1]


def test_python(halves: str) -> None:
    sizes = {"H": 32, "W": 96}
    graph = netspec.load(halves, sizes=sizes)
    assert graph.values[-1].shape == (11, 32, 96)
    assert (graph.dims, graph.sizes) == ({}, sizes)
    named = netspec.loads(IMAGE, sizes={"W": 96})
    assert [*map(str, named.values[-1].shape)] == ["11", "H", "96"]
    assert (list(named.dims), named.sizes, named.at_default.sizes) == (["H"], {"W": 96}, {"W": 96, "H": 64})
    assert netspec.analyze(halves, sizes=sizes).macs == netspec.analyze(graph).macs
    with pytest.raises(netspec.SpecError, match=r"'W' is promised to be a multiple of 16 from 32 to 96; found 33"):
        netspec.load(halves, sizes={"W": 33})
    with pytest.raises(TypeError):
        netspec.load(halves, sizes={"W": 3.5})  # type: ignore[dict-item]  # a wrong argument, on purpose
