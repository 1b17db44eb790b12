"""What a type checker sees of the interface: a user's file, outside of this repository, under strict rules."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest

pytestmark = pytest.mark.slow

ROOT = Path(__file__).parents[2]
FILE = """\
from typing import assert_type

from torch import nn

import netspec
from netspec import Analysis, Diagnostic, Drawing, Error, Graph, SpecError
from netspec.backend import BackendOptions

graph = netspec.load("resnet@18", classes=10, params={"width": [64, 128]})
assert_type(graph, Graph)
assert_type(netspec.loads("netspec: 1", "small"), Graph)
assert_type(netspec.analyze(graph), Analysis)
assert_type(netspec.analyze("vgg16").params, int)
assert_type(netspec.build("resnet@18", classes=10, seed=1, device="meta"), nn.Module)
assert_type(netspec.draw(graph, style="volumes", shade_by="macs"), Drawing)
assert_type(netspec.draw("vgg16").svg(), str)
assert_type(netspec.export(graph, "net.onnx", options={"opset": 17, "dtype": "float16"}), None)
netspec.export(graph, "net.svg", options={"style": "volumes", "format": "svg"})
netspec.export(graph, "net.calls", options=BackendOptions(level=2))
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
netspec.export("vgg16", "net.onnx", options={"opset": "17"})
netspec.export("vgg16", "net.onnx", options={"operator_set": 17})
netspec.export("vgg16", "net.svg", options={"depth": 1, "opset": 17})
"""

WRONG_LINES = [3, 4, 5, 6, 7, 8]


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
    assert list(dict.fromkeys(line.rsplit(": error", 1)[0] for line in lines)) == [
        f"wrong.py:{n}" for n in WRONG_LINES
    ], done


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
    numbers = [int(line.split("wrong.py:")[-1].split(":")[0]) for line in lines]
    assert list(dict.fromkeys(numbers)) == WRONG_LINES, done
