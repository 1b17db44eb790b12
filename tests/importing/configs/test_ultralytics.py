"""Files of Ultralytics: the numbers of parameters are those of its models, without the 16 fixed weights of DFL."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from netspec import Error
from netspec.formatting import format_text
from netspec.importing.configs import ImportedConfig, import_config
from netspec.importing.import_refused import ImportRefused
from tests.cli_support import ran

SCALED = """\
nc: 7
scales:
  n: [0.33, 0.25, 1024]
  m: [0.67, 0.75, 96]
backbone:
  - [-1, 1, Conv, [64, 3, 2]]
  - [-1, 1, Conv, [128, 3, 2]]
  - [-1, 3, C2f, [128, True]]
  - [-1, 2, C3k2, [128, False, 0.25]]
  - [-1, 2, C3k2, [128, True]]
  - [-1, 1, SPPF, [128, 5]]
  - [-1, 2, C2PSA, [128]]
head:
  - [-1, 1, nn.Upsample, [None, 2, "nearest"]]
  - [[-1, 0], 1, Concat, [1]]
  - [-1, 6, C3, [64, False]]
  - [[9, 6], 1, Detect, [nc]]
"""
PLAIN = """\
nc: 5
backbone:
  - [-1, 1, Conv, [16, 6, 2, 2]]
  - [-1, 1, nn.MaxPool2d, [2, 2, 0]]
  - [-1, 3, Bottleneck, [16]]
  - [-1, 1, nn.ZeroPad2d, [[0, 1, 0, 1]]]
  - [-1, 1, nn.MaxPool2d, [2, 1, 0]]
head:
  - [-1, 1, SPP, [24, [5, 9]]]
  - [-1, 2, C2, [24]]
  - [[-1], 1, Detect, [nc]]
"""
CLASSES = "nc: 9\nactivation: nn.ReLU()\nbackbone:\n  - [-1, 1, Conv, [16, 3, 2]]\nhead:\n  - [-1, 1, Classify, [nc]]\n"


def imported(folder: Path, text: str) -> ImportedConfig:
    """The import of a file with this text."""
    file = folder / "small.yaml"
    file.write_text(text, encoding="utf-8")
    result = import_config(str(file))
    assert format_text(result.text) == result.text
    return result


@pytest.mark.parametrize(
    ("text", "params"),
    [(SCALED, ["142_262", "364_526"]), (PLAIN, ["81_805"]), (CLASSES, ["35_033"])],
    ids=["scaled", "plain", "classes"],
)
def test_parameters_are_those_of_ultralytics(text: str, params: list[str], tmp_path: Path) -> None:
    result = imported(tmp_path, text)
    assert re.findall(r"expect: \{params: ([\d_]+)\}", result.text) == params


def test_layers_have_names_and_scales_are_variants(tmp_path: Path) -> None:
    text = imported(tmp_path, SCALED).text
    assert text[text.index("\nlayers:") :] == (
        "\nlayers:\n"
        "  conv1: {Conv: $channels.0, kernel: 3, stride: 2}\n"
        "  conv2: {Conv: $channels.1, kernel: 3, stride: 2}\n"
        "  c2f: {C2f: $channels.1, depth: $depths.1, shortcut: true}\n"
        "  c3k2_1: {C3k2: $channels.1, depth: $depths.0, e: 0.25, c3k: $deep}\n"
        "  c3k2_2: {C3k2: $channels.1, depth: $depths.0, c3k: true}\n"
        "  sppf: {SPPF: $channels.1}\n"
        "  c2psa: {C2PSA: $channels.1, depth: $depths.0}\n"
        "  up: {upsample: 2}\n"
        "  concat: {concat: [up, conv1]}\n"
        "  c3: {C3: $channels.0, depth: $depths.2, shortcut: false}\n"
        "  detect: {Detect: $(c3.channels), from: \"$(['c3', 'c2psa'][index])\", repeat: 2, parallel: true}\n"
        "\noutputs: detect.*\nvariants:\n"
        "  n: {depth: 0.33, width: 0.25, most: 1024, deep: false, expect: {params: 142_262}}\n"
        "  m: {depth: 0.67, width: 0.75, most: 96, deep: true, expect: {params: 364_526}}\n"
    )


def test_numbers_stand_where_nothing_scales(tmp_path: Path) -> None:
    text = imported(tmp_path, PLAIN).text
    assert text[text.index("\nlayers:") :] == (
        "\nlayers:\n"
        "  conv: {Conv: 16, kernel: 6, stride: 2, padding: 2}\n"
        "  pool1: {max_pool2d: 2}\n"
        "  bottleneck: {Bottleneck: 16, repeat: 3}\n"
        "  pad: {pad: [[0, 1], [0, 1]]}\n"
        "  pool2: {max_pool2d: 2, stride: 1}\n"
        "  spp: {SPP: 24, kernels: [5, 9]}\n"
        "  c2: {C2: 24, depth: 2}\n"
        "  detect: {Detect: $(c2.channels), from: c2, repeat: 1, parallel: true}\n"
        "\noutputs: detect.*\nexpect: {params: 81_805}\n"
    )


def test_all_problems_are_listed(tmp_path: Path) -> None:
    rows = (
        "[-1, 1, GhostConv, [8]]",
        "[-1, 1, HGStem, [8, 8]]",
        "[-1, 1, GhostConv, [8]]",
        "[-9, 1, Conv, [8]]",
        "[1, 2]",
    )
    with pytest.raises(ImportRefused) as caught:
        imported(tmp_path, f"activation: exec(1)\nbackbone: [{', '.join(rows)}]\nhead: []\n")
    file = tmp_path / "small.yaml"
    known = "known are SiLU, ReLU, Mish, GELU, Hardswish, ELU"
    assert str(caught.value) == (
        f"error[NS892]: 'activation': exec(1) has no equivalent here\n --> {file}\n  = help: {known}\n\n"
        f"error[NS893]: a row: must be [from, repeats, module, args]\n --> {file}\n  = row 4\n\n"
        f"error[NS892]: GhostConv: there is no equivalent block (2 times)\n --> {file}\n  = row 0, row 2\n\n"
        f"error[NS892]: HGStem: there is no equivalent block\n --> {file}\n  = row 1\n\n"
        f"error[NS893]: 'from': there is no row -9 before it\n --> {file}\n  = row 3"
    )


@pytest.mark.parametrize(
    ("text", "code"),
    [
        ("", "NS890"),
        ("[1]", "NS890"),
        ("a: [", "NS890"),
        ("netspec: 1\ninput: [3]\nlayers: [relu]\n", "NS890"),
        ("a: &a [1,1,1,1,1,1,1]\n" + "".join(f"k{i}: &a [*a, *a, *a, *a, *a, *a]\n" for i in range(9)), "NS890"),
        ("backbone: 1\nhead: []\n", "NS893"),
        ("nc: x\nbackbone: [[-1, 1, Conv, [8]]]\nhead: []\n", "NS893"),
        ("scales: {n: [1, 2]}\nbackbone: [[-1, 1, Conv, [8]]]\nhead: []\n", "NS893"),
        ("backbone: [[-1, 1, Conv, [8, 3, 2, 1, 1, 1, 1, 1]]]\nhead: []\n", "NS892"),
        ("backbone: [[-1, 1, Conv, [x]]]\nhead: []\n", "NS892"),
        ("backbone: [[-1, 1, Conv, []]]\nhead: []\n", "NS892"),
        ("backbone: [[-1, 1, nn.MaxPool2d, [a, b]]]\nhead: []\n", "NS892"),
        ("backbone: [[-1, 1, nn.Upsample, [None, 0]]]\nhead: []\n", "NS892"),
        ("backbone: [[-1, 1, Conv, [8]]]\nhead: [[[0, 0], 1, Detect, [80, 1]]]\n", "NS892"),
        ("backbone: [[-1, 1, Conv, [999999999999999999999999]]]\nhead: []\n", "NS894"),
        ("backbone: []\nhead: []\n", "NS892"),
    ],
)
def test_bad_files(text: str, code: str, tmp_path: Path) -> None:
    with pytest.raises(Error) as caught:
        imported(tmp_path, text)
    assert caught.value.code == code, str(caught.value)


def test_command(tmp_path: Path) -> None:
    file = tmp_path / "small.yaml"
    file.write_text(PLAIN, encoding="utf-8")
    said = ran("import", str(file))
    assert said.status == 0
    assert (
        "note: Detect gives its maps before boxes are made of them; the 16 fixed weights of DFL are left out\n"
        in said.err
    )
    assert ran("check", "-", stdin=said.out.encode()).status == 0
