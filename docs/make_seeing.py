"""Create the figures and the outputs in docs/seeing.md: ``python docs/make_seeing.py [FOLDER]``.

Runs every ``$ netspec see …`` of the page, in order, in a folder with the images and networks of ``seeing_data.py``.
This takes a few minutes. The commands run with one thread, so that their numbers do not depend on the number of
processors; between kinds of processors and versions of PyTorch they may differ in their last digits.
"""

from __future__ import annotations

import os
import re
import shlex
import shutil
import subprocess
import sys
import tempfile
from pathlib import Path

HERE = Path(__file__).resolve().parent
PAGE = HERE / "seeing.md"
FIGURES = HERE / "images" / "seeing"
BLOCK = re.compile(r"```console\n(.*?)```", re.DOTALL)
ONE_THREAD = {"OMP_NUM_THREADS": "1", "MKL_NUM_THREADS": "1"}
"""The environment of the commands: sums depend on how threads divide them, and training magnifies the difference."""
MAX_LINES = 12
"""Lines of an output on the page; a longer output is cut."""


def commands(block: str) -> list[str]:
    """The commands of a block, with continued lines joined."""
    return re.findall(r"^\$ (.*)$", block.replace("\\\n", ""), re.MULTILINE)


def arguments(command: str) -> list[str]:
    """The arguments of a process that runs a command."""
    words = shlex.split(command)
    start = [sys.executable, "-m", "netspec"] if words[0] == "netspec" else [sys.executable]
    return start + words[1:]


def run(command: str, folder: Path) -> str:
    """The output of a command, run in a folder."""
    print(f"$ {command}", flush=True)
    process = subprocess.run(
        arguments(command),
        cwd=folder,
        env=os.environ | ONE_THREAD,
        capture_output=True,
        text=True,
        check=False,
        encoding="utf-8",
    )
    if process.returncode:
        raise SystemExit(process.stderr)
    return process.stdout


def shorten(output: str) -> str:
    """An output, cut to :data:`MAX_LINES` with the number of lines left out."""
    lines = output.splitlines(keepends=True)
    if len(lines) <= MAX_LINES:
        return output
    return "".join(lines[: MAX_LINES - 1]) + f"… {len(lines) - MAX_LINES + 1} more lines\n"


def update_outputs(text: str, folder: Path) -> str:
    """Runs every command; returns the page with their outputs."""

    def block(match: re.Match[str]) -> str:
        out = ""
        for command in re.findall(r"^\$ (?:.*\\\n)*.*\n", match[1], re.MULTILINE):
            out += command + shorten(run(commands(command)[0], folder))
        return f"```console\n{out}```"

    return BLOCK.sub(block, text)


def main() -> None:
    """Trains the networks, runs the commands, and writes the figures and the page."""
    with tempfile.TemporaryDirectory() as temporary:
        folder = Path(sys.argv[1] if len(sys.argv) > 1 else temporary).resolve()
        folder.mkdir(parents=True, exist_ok=True)
        shutil.copy(HERE / "seeing_data.py", folder)
        page = update_outputs(PAGE.read_text(encoding="utf-8"), folder)
        FIGURES.mkdir(parents=True, exist_ok=True)
        for name in re.findall(r"\]\(images/seeing/([\w.-]+)\)", page):
            shutil.copy(folder / name, FIGURES)
        PAGE.write_text(page, encoding="utf-8")


if __name__ == "__main__":
    main()
