"""Follows a guide of ``docs/`` step by step in a temporary copy of the repository.

A guide is Markdown. Each of its fenced blocks is a step, by its language:

- ``python``, ``yaml`` or ``text``, after a paragraph that ends in "`path`:" - a new file with this content;
- ``diff`` - lines to add and remove, after a first line ``@@ path``. The other lines are context, which must be
  found in the file as it is;
- ``sh`` - commands, one per line, which must succeed;
- ``console`` - commands after ``$ ``, and what they print.

A block after ``<!-- not a step -->`` is skipped.
"""

from __future__ import annotations

import os
import re
import shlex
import shutil
import subprocess
import sys
from dataclasses import dataclass
from pathlib import Path
from typing import Literal

ROOT = Path(__file__).resolve().parents[2]
COPIED = ("netspec", "backends", "specs", "tests", "docs")
BLOCK = re.compile(r"(?P<before>[^\n]*)\n+ *```(?P<language>\w+)\n(?P<content>.*?)\n *```", re.DOTALL)
NEW_FILE = re.compile(r"`(?P<path>[\w./-]+)`:\Z")


@dataclass(frozen=True)
class Step:
    """One block of a guide."""

    kind: Literal["file", "diff", "sh", "console"]
    content: str
    path: str = ""
    """The file to create or to change."""


def steps(guide: Path) -> list[Step]:
    """The steps of a guide. Raises AssertionError for a block that is none."""
    out: list[Step] = []
    for match in BLOCK.finditer(guide.read_text(encoding="utf-8")):
        before, language, content = match["before"].strip(), match["language"], _dedented(match["content"])
        if before == "<!-- not a step -->":
            continue
        if language in ("sh", "console"):
            out.append(Step("sh" if language == "sh" else "console", content))
        elif language == "diff":
            head, _, lines = content.partition("\n")
            assert head.startswith("@@ "), f"a diff begins with '@@ path', not with {head!r}"
            out.append(Step("diff", lines, head.removeprefix("@@ ").strip()))
        else:
            named = NEW_FILE.search(before)
            assert named is not None, f"a block of {language} follows '`path`:', not {before!r}"
            out.append(Step("file", content + "\n", named["path"]))
    return out


def follow(guide: Path, folder: Path) -> None:
    """Copies the repository into a folder and takes every step there.

    Raises:
        AssertionError: a step cannot be taken, a command fails, or its output is another.
    """
    copy = copy_repository(folder)
    for step in steps(guide):
        take(step, copy)


def copy_repository(folder: Path) -> Path:
    """A copy of the sources, tests and docs; without what tools leave behind."""
    copy = folder / "netspec"
    copy.mkdir()
    ignored = shutil.ignore_patterns("__pycache__", "*.pyc", "*.png", "*.webp")
    for name in COPIED:
        shutil.copytree(ROOT / name, copy / name, ignore=ignored)
    for path in ROOT.iterdir():
        if path.is_file() and path.suffix in (".md", ".toml", ".cff"):
            shutil.copy(path, copy)
    return copy


def take(step: Step, copy: Path) -> None:
    """Takes one step in a copy of the repository. Raises AssertionError if that fails."""
    path = copy / step.path
    if step.kind == "file":
        assert not path.exists(), f"{step.path} exists"
        path.write_text(step.content, encoding="utf-8")
    elif step.kind == "diff":
        assert path.exists(), f"there is no file {step.path}"
        path.write_text(changed(path.read_text(encoding="utf-8"), step.content, step.path), encoding="utf-8")
    elif step.kind == "sh":
        for command in step.content.splitlines():
            run(command, copy)
    else:
        for part in re.split(r"^\$ ", step.content, flags=re.MULTILINE)[1:]:
            command, _, printed = part.partition("\n")
            output = run(command, copy).rstrip()
            assert output == printed.rstrip(), f"{command} printed:\n{output}"


def changed(text: str, diff: str, path: str = "the file") -> str:
    """A text with the lines of a diff added and removed.

    Raises:
        AssertionError: its context and removed lines are not in the text, or at several places.
    """
    lines = diff.split("\n")
    before = "".join(f"{line[1:]}\n" for line in lines if not line.startswith("+"))
    after = "".join(f"{line[1:]}\n" for line in lines if not line.startswith("-"))
    places = f"\n{text}".count(f"\n{before}")
    assert places == 1, f"found {places} times, not once, in {path}:\n{before}"
    return f"\n{text}".replace(f"\n{before}", f"\n{after}")[1:]


def run(command: str, copy: Path) -> str:
    """Runs a command in a copy of the repository and returns its output. Raises AssertionError if it fails."""
    words = shlex.split(command)
    tools = {"netspec": ["-m", "netspec"], "python": [], "pytest": ["-m", "pytest"]}
    if words[0] in tools:
        words[:1] = [sys.executable, *tools[words[0]]]
    environment = {
        **os.environ, "PYTHONPATH": os.pathsep.join((str(copy), str(copy / "backends"))), "COLUMNS": "80",
        "PATH": os.pathsep.join((str(Path(sys.executable).parent), os.environ.get("PATH", ""))),
    }  # fmt: skip
    done = subprocess.run(words, cwd=copy, capture_output=True, text=True, check=False, env=environment)
    assert done.returncode == 0, f"{command} failed:\n{done.stdout}{done.stderr}"
    return done.stdout


def _dedented(content: str) -> str:
    """The content of a block in a list item, without the indentation of its first line."""
    indent = len(content) - len(content.lstrip(" "))
    return "\n".join(line[indent:] if line[:indent].isspace() else line for line in content.split("\n"))
