"""The pages of ``docs/howto`` are followed in an empty folder; ``NETSPEC_RENEW=1`` writes what their commands print."""

from __future__ import annotations

import os
import re
import subprocess
import sys
from pathlib import Path

import pytest

from .support import ROOT, steps

PAGES = sorted((ROOT / "docs" / "howto").glob("*.md"))
CONSOLE = re.compile(r"```console\n(.*?)```", re.DOTALL)
NOT_RUN = ("GitHub Actions", "pre-commit")
"""Sections about files of other programs."""


def run(command: str, folder: Path) -> str:
    """What a command prints in a shell, whatever its exit status."""
    environment = {
        **os.environ,
        "COLUMNS": "80",
        "KERAS_BACKEND": "torch",
        "PYTHONPATH": os.pathsep.join((str(ROOT), str(ROOT / "backends"), str(folder))),
        "PATH": os.pathsep.join((str(folder / "bin"), str(Path(sys.executable).parent), os.environ["PATH"])),
    }
    done = subprocess.run(
        ["bash", "-c", command], cwd=folder, capture_output=True, text=True, check=False, env=environment
    )
    assert "Traceback" not in done.stderr, done.stderr
    return (done.stdout + done.stderr).rstrip()


def without_sections(text: str) -> str:
    """A page without the sections whose blocks are not steps."""
    parts = re.split(r"(?m)^(?=## )", text)
    return "".join(part for part in parts if not part.removeprefix("## ").startswith(NOT_RUN))


@pytest.mark.parametrize("page", PAGES, ids=lambda page: page.stem)
def test_page(page: Path, tmp_path: Path) -> None:
    (tmp_path / "bin").mkdir()
    netspec = tmp_path / "bin" / "netspec"
    netspec.write_text(f'#!/bin/sh\nexec "{sys.executable}" -m netspec "$@"\n', encoding="utf-8")
    netspec.chmod(0o755)
    text = page.read_text(encoding="utf-8")
    if "from torchvision" in text:  # where its wheel and torch do not belong together
        (tmp_path / "sitecustomize.py").write_text("from tests.vision import torchvision\n\ntorchvision()\n", "utf-8")
    kept = tmp_path / "page.md"
    kept.write_text(without_sections(text), encoding="utf-8")
    renewed = text
    for step in steps(kept):
        if step.kind == "file":
            (tmp_path / step.path).write_text(step.content, encoding="utf-8")
        elif step.kind == "sh":
            run(step.content, tmp_path)
        else:
            lines: list[str] = []
            for command in re.findall(r"(?m)^\$ (.*)", step.content):
                lines += [f"$ {command}", *filter(None, [run(command, tmp_path)])]
            renewed = renewed.replace(step.content.rstrip("\n"), "\n".join(lines), 1)
    if os.environ.get("NETSPEC_RENEW"):
        page.write_text(renewed, encoding="utf-8")
        return
    assert renewed == text, f"NETSPEC_RENEW=1 pytest {Path(__file__).relative_to(ROOT)}"
