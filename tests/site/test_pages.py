"""The site is built without a warning, and has the pages that are made from the code."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path

import pytest

from netspec import zoo
from netspec.cli.main import commands
from netspec.diagnostics.codes import catalogue

pytestmark = pytest.mark.slow

ROOT = Path(__file__).resolve().parents[2]


def test_the_site(tmp_path: Path) -> None:
    """All but the playground's downloads, which have a test of their own."""
    site = tmp_path / "site"
    done = subprocess.run(
        [sys.executable, "-m", "mkdocs", "build", "--strict", "--site-dir", str(site)],
        cwd=ROOT,
        env={**os.environ, "NETSPEC_PLAYGROUND": "false", "NO_MKDOCS_2_WARNING": "1"},
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, done.stdout + done.stderr
    assert not [line for line in done.stderr.splitlines() if "WARNING" in line]
    diagnostics = (site / "diagnostics.html").read_text("utf-8")
    assert [code for code in catalogue() if f'id="{code.lower()}"' not in diagnostics] == []
    command_line = (site / "command-line.html").read_text("utf-8")
    assert [name for name in commands() if f'id="{name}"' not in command_line] == []
    assert [name for name in zoo.names() if not (site / "explore" / f"{name}.html").exists()] == []
    assert (site / "playground" / "session.py").exists()
    assert not list(site.glob("make_*.py"))
    check_notebook(site / "course" / "1-convolution.ipynb")


def check_notebook(path: Path) -> None:
    """A notebook has the page's files and commands in order, with the outputs of the page."""
    cells = json.loads(path.read_text("utf-8"))["cells"]
    code = ["".join(cell["source"]).partition("\n")[0] for cell in cells if cell["cell_type"] == "code"]
    assert code[:3] == [
        "!mkdir -p images",
        "%%writefile perceptron.yaml",
        "!netspec draw perceptron.yaml -o images/perceptron.svg --style neurons --quiet",
    ]
    (keras,) = (cell for cell in cells if "".join(cell["source"]) == "!python keras_window.py")
    assert "".join(keras["outputs"][0]["text"]).strip() == "6480 26"
