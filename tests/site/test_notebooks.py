"""Notebooks of the course and the how-to pages are executed: each cell prints what it shows, and pictures exist.

``NETSPEC_ALL_NOTEBOOKS=1 pytest tests/site/test_notebooks.py`` executes every one, which takes minutes; otherwise two.
"""

from __future__ import annotations

import importlib
import os
import re
import sys
from pathlib import Path
from typing import Any

import pytest

from tests.guides.pages import PAGES, environment, pictures, prepare
from tests.guides.support import ROOT

pytestmark = pytest.mark.slow

nbclient: Any = pytest.importorskip("nbclient")
nbformat: Any = pytest.importorskip("nbformat")
COLOUR = re.compile(r"\x1b\[[0-9;]*m")
"""Notebooks run commands in a terminal, which has colours."""


EXECUTED = PAGES if os.environ.get("NETSPEC_ALL_NOTEBOOKS") else PAGES[:2]


@pytest.mark.parametrize("page", EXECUTED, ids=lambda page: page.stem)
def test_notebook(page: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    text = page.read_text(encoding="utf-8")
    prepare(text, tmp_path)
    for name, value in environment(tmp_path).items():
        monkeypatch.setenv(name, value)
    monkeypatch.setattr(sys, "path", [str(ROOT / "docs" / "site"), *sys.path])
    written = importlib.import_module("notebooks").notebook(text, page.stem)
    expected, notebook = (nbformat.reads(written, as_version=4) for _ in range(2))
    nbclient.NotebookClient(notebook, timeout=600, resources={"metadata": {"path": str(tmp_path)}}).execute()
    for cell, displayed in zip(notebook.cells, expected.cells, strict=True):
        if cell.cell_type == "code":
            printed, source = printed_by(cell), cell.source.partition("\n")[0]
            if source.startswith("%%writefile "):
                assert printed.endswith(f"Writing {source.removeprefix('%%writefile ')}")
            elif "```sh\n" + cell.source.removeprefix("!") in text:  # commands without their output
                assert "error" not in printed, source
            else:
                assert printed == printed_by(displayed), source
    for name in pictures(page):
        assert (tmp_path / "images" / name).stat().st_size > 0


def printed_by(cell: Any) -> str:
    """What a cell printed, as text without colours and without spaces at the ends of lines."""
    text = COLOUR.sub("", "".join(output.get("text", "") for output in cell.outputs))
    return "\n".join(line.rstrip() for line in text.splitlines()).strip()
