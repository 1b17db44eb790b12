"""Pages whose commands are run one after the other in an empty folder: ``docs/howto`` and ``docs/course``.

A block after "`path`:" is a file; a block of ``console`` has commands and what they print. Other blocks of text are not
run, nor those of the sections in :data:`NOT_RUN`.
"""

from __future__ import annotations

import os
import re
import subprocess
import sys
from pathlib import Path

from tests.fork_server import python

from .support import ROOT, steps

PAGES = sorted((ROOT / "docs" / "howto").glob("*.md")) + sorted((ROOT / "docs" / "course").glob("*.md"))
NOT_RUN = ("GitHub Actions", "pre-commit")
"""Sections about files of other programs."""


def follow_page(page: Path, folder: Path) -> str:
    """Takes every step of a page in a folder; returns the page with what its commands print now.

    Raises:
        AssertionError: a command prints a traceback.
    """
    text = page.read_text(encoding="utf-8")
    prepare(text, folder)
    (folder / "images").mkdir()
    kept = folder / "page.md"
    kept.write_text(_runnable(text), encoding="utf-8")
    for step in steps(kept):
        if step.kind == "file":
            (folder / step.path).write_text(step.content, encoding="utf-8")
        elif step.kind == "sh":
            run(step.content, folder)
        else:
            lines: list[str] = []
            for command in re.findall(r"(?m)^\$ (.*)", step.content):
                lines += [f"$ {command}", *filter(None, [run(command, folder)])]
            text = text.replace(step.content.rstrip("\n"), "\n".join(lines), 1)
    return text


def prepare(text: str, folder: Path) -> None:
    """Writes into a folder what the commands of a page need: this netspec, and a torchvision that works."""
    program = python("keras")
    (folder / "bin").mkdir()
    for name, words in (("python", ""), ("netspec", "-m netspec")):
        path = folder / "bin" / name
        path.write_text(f'#!/bin/sh\nexec "{program}" {words} "$@"\n', encoding="utf-8")
        path.chmod(0o755)
    if "from torchvision" in text:  # where its wheel and torch do not belong together
        (folder / "sitecustomize.py").write_text("from tests.vision import torchvision\n\ntorchvision()\n", "utf-8")


def environment(folder: Path) -> dict[str, str]:
    """The environment in which the commands of a page are run in a folder."""
    return {
        **os.environ,
        "COLUMNS": "80",
        "KERAS_BACKEND": "torch",
        "PYTHONPATH": os.pathsep.join((str(ROOT), str(ROOT / "backends"), str(folder))),
        "PATH": os.pathsep.join((str(folder / "bin"), str(Path(sys.executable).parent), os.environ["PATH"])),
    }


def pictures(page: Path) -> list[str]:
    """The names of the pictures that a page shows and its commands write."""
    return re.findall(r'src="images/([^"]+)"', page.read_text(encoding="utf-8"))


def _runnable(text: str) -> str:
    """A page without blocks of plain text, and without the sections that are not run."""
    parts = re.split(r"(?m)^(?=## )", text)
    kept = "".join(part for part in parts if not part.removeprefix("## ").startswith(NOT_RUN))
    return re.sub(r"(?ms)^```text\n.*?^```\n", "", kept)


def run(command: str, folder: Path) -> str:
    """What a command prints in a shell, whatever its exit status."""
    done = subprocess.run(
        ["bash", "-c", command], cwd=folder, capture_output=True, text=True, check=False, env=environment(folder)
    )
    assert "Traceback" not in done.stderr, done.stderr
    return (done.stdout + done.stderr).replace(f"{ROOT}{os.sep}", "").rstrip()
