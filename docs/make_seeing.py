"""Make the figures of docs/seeing.md, and what its commands print: ``python docs/make_seeing.py [FOLDER]``.

Every ``$ netspec see …`` of the page is run, in order, in a folder with the pictures and networks of
``seeing_data.py``: a few minutes on two cores. Numbers may differ in their last places between machines.
"""

from __future__ import annotations

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
LINES = 12
"""Lines of an output that the page shows; of a longer one the first."""


def commands(block: str) -> list[str]:
    """The command lines of a block, those that go on in the next line joined."""
    return re.findall(r"^\$ (.*)$", block.replace("\\\n", ""), re.MULTILINE)


def arguments(command: str) -> list[str]:
    """A command line as a process takes it."""
    words = shlex.split(command)
    start = [sys.executable, "-m", "netspec"] if words[0] == "netspec" else [sys.executable]
    return start + words[1:]


def run(command: str, folder: Path) -> str:
    """What a command prints, run in a folder."""
    print(f"$ {command}", flush=True)
    done = subprocess.run(arguments(command), cwd=folder, capture_output=True, text=True, check=False, encoding="utf-8")
    if done.returncode:
        raise SystemExit(done.stderr)
    return done.stdout


def shown(output: str) -> str:
    """The beginning of an output, and how much is left out."""
    lines = output.splitlines(keepends=True)
    return output if len(lines) <= LINES else "".join(lines[: LINES - 1]) + f"… {len(lines) - LINES + 1} more lines\n"


def filled(text: str, folder: Path) -> str:
    """The page with every command run and its output below it."""
    def block(match: re.Match[str]) -> str:
        out = ""
        for command in re.findall(r"^\$ (?:.*\\\n)*.*\n", match[1], re.MULTILINE):
            out += command + shown(run(commands(command)[0], folder))
        return f"```console\n{out}```"

    return BLOCK.sub(block, text)


def main() -> None:
    """Train, run, keep the figures, and write the page."""
    with tempfile.TemporaryDirectory() as temporary:
        folder = Path(sys.argv[1] if len(sys.argv) > 1 else temporary).resolve()
        folder.mkdir(parents=True, exist_ok=True)
        shutil.copy(HERE / "seeing_data.py", folder)
        page = filled(PAGE.read_text(encoding="utf-8"), folder)
        FIGURES.mkdir(parents=True, exist_ok=True)
        for name in re.findall(r"\]\(images/seeing/([\w.-]+\.png)\)", page):
            shutil.copy(folder / name, FIGURES)
        PAGE.write_text(page, encoding="utf-8")


if __name__ == "__main__":
    main()
