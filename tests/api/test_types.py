"""What a type checker sees of the interface: a user's file, outside of this repository, under strict rules."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
FILE = """\
from typing import assert_type

from torch import nn

import netspec
from netspec import Analysis, Diagnostic, Drawing, Error, Graph, SpecError

graph = netspec.load("resnet@resnet18", classes=10, params={"width": [64, 128]})
assert_type(graph, Graph)
assert_type(netspec.loads("netspec: 1", "small"), Graph)
assert_type(netspec.analyze(graph), Analysis)
assert_type(netspec.analyze("vgg16").params, int)
assert_type(netspec.build("resnet@resnet18", classes=10, seed=1, device="meta"), nn.Module)
assert_type(netspec.draw(graph, style="volumes", shade_by="macs"), Drawing)
assert_type(netspec.draw("vgg16").svg(), str)
assert_type(netspec.export(graph, "net.onnx", options={"opset": 17}), None)
try:
    netspec.load("net.yaml")
except SpecError as error:
    assert_type(error.diagnostics, tuple[Diagnostic, ...])
except Error as error:
    assert_type(error.help, str | None)
assert_type(netspec.__version__, str)
"""
WRONG = """\
import netspec

netspec.draw("vgg16", style="tree")
netspec.build("vgg16", seed="one")
netspec.load("vgg16", classes={1, 2})
"""


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    pytest.importorskip("torch")
    path = tmp_path_factory.mktemp("types")
    (path / "right.py").write_text(FILE, encoding="utf-8")
    (path / "wrong.py").write_text(WRONG, encoding="utf-8")
    return path


def test_mypy(folder: Path) -> None:
    pytest.importorskip("mypy")
    settings = f"[mypy]\nstrict = true\nmypy_path = {ROOT}:{ROOT / 'backends'}\n"
    (folder / "mypy.ini").write_text(settings, encoding="utf-8")
    done = subprocess.run(
        [sys.executable, "-m", "mypy", "right.py", "wrong.py", "--python-executable", sys.executable],
        cwd=folder,
        capture_output=True,
        text=True,
        check=False,
    )
    lines = [line for line in done.stdout.splitlines() if ": error:" in line]
    assert [line.split(":")[:2] for line in lines] == [["wrong.py", "3"], ["wrong.py", "4"], ["wrong.py", "5"]], done


def test_pyright(folder: Path) -> None:
    pytest.importorskip("pyright")
    (folder / "pyrightconfig.json").write_text(
        f'{{"typeCheckingMode": "strict", "extraPaths": ["{ROOT}", "{ROOT / "backends"}"]}}', encoding="utf-8"
    )
    done = subprocess.run(
        [sys.executable, "-m", "pyright", "--pythonpath", sys.executable, "right.py", "wrong.py"],
        cwd=folder,
        capture_output=True,
        text=True,
        check=False,
    )
    lines = [line.strip() for line in done.stdout.splitlines() if " error: " in line]
    assert [line.split("wrong.py:")[-1].split(":")[0] for line in lines] == ["3", "4", "5"], done
