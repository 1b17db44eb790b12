"""``netspec see`` looks into a network with named dimensions at their defaults, or at sizes of ``--at``."""

from __future__ import annotations

import json
from pathlib import Path

import netspec
import netspec_see as see
from tests.cli_support import ran

from .support import picture

SPEC = """netspec: 1
name: any
dims: {H: 12, W: 12}
input: [3, H, W]
layers:
  conv: {conv2d: 4, kernel: 3, padding: 1}
  gap: global_avg_pool
  fc: {dense: 3}
"""


def activations(folder: Path, *words: str) -> list[int]:
    """The shape of the maps that the command finds."""
    (folder / "any.yaml").write_text(SPEC, encoding="utf-8")
    image = str(picture(folder / "x.png", (20, 16)))
    arguments = ("activations", str(folder / "any.yaml"), "--image", image, "--layers", "conv", "--format", "json")
    status, out, err = ran("see", *arguments, *words)
    assert status == 0, err
    shape: list[int] = json.loads(out)["layers"][0]["shape"]
    return shape


def test_at_the_defaults(tmp_path: Path) -> None:
    assert activations(tmp_path) == [4, 12, 12]


def test_at_other_sizes(tmp_path: Path) -> None:
    assert activations(tmp_path, "--at", "H=16", "--at", "W=20") == [4, 16, 20]


def test_position_and_sizes_of_a_window(tmp_path: Path) -> None:
    (tmp_path / "any.yaml").write_text(SPEC, encoding="utf-8")
    arguments = ("window", str(tmp_path / "any.yaml"), "conv", "--image", str(picture(tmp_path / "x.png")))
    status, out, err = ran("see", *arguments, "--at", "15,3", "--at", "H=16", "--format", "json")
    assert status == 0, err
    assert json.loads(out)["position"] == [15, 3]
    assert ran("see", *arguments, "--at", "H=16", "--format", "json").status == 0
    status, _, err = ran("see", *arguments, "--at", "15,3")
    assert (status, err) == (
        1,
        "error[NS817]: layer 'conv' has rows 0 to 11 and columns 0 to 11; found row 15, column 3\n",
    )
    assert "error: argument --at: 'H=' is not NAME=SIZE, such as H=256" in ran("see", *arguments, "--at", "H=").err


def test_python() -> None:
    graph = netspec.loads(SPEC)
    assert see.network(graph).graph.values[1].shape == (4, 12, 12)
