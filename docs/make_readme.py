"""Update the outputs of commands in the README and in docs/: ``python docs/make_readme.py`` (``--check``: compare).

A block after ``<!-- output: COMMAND -->`` contains the output of the command at 80 columns.
"""

from __future__ import annotations

import re
import shlex
import subprocess
import sys
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
BLOCK = re.compile(r"(<!-- output: (?P<command>[^>]+) -->\n```(?P<kind>\w*)\n)(?P<text>.*?)(```)", re.DOTALL)


def output(command: str) -> str:
    """The output of a command."""
    words = shlex.split(command)
    if words[0] == "netspec":
        words[:1] = [sys.executable, "-m", "netspec"]
    process = subprocess.run(words, cwd=ROOT, capture_output=True, text=True, check=False, encoding="utf-8")
    return (process.stdout + process.stderr).rstrip() + "\n"


def update_outputs(text: str) -> str:
    """The page with current outputs."""
    return BLOCK.sub(lambda m: m[1] + output(m["command"]) + m[5], text)


def pages() -> list[Path]:
    """Pages that may contain outputs."""
    return [ROOT / "README.md", *sorted((ROOT / "docs").rglob("*.md"))]


def main() -> int:
    """Updates the pages, or with ``--check`` lists outdated ones; returns the exit status."""
    outdated = [page for page in pages() if update_outputs(page.read_text("utf-8")) != page.read_text("utf-8")]
    for page in outdated:
        if "--check" in sys.argv:
            print(f"{page.relative_to(ROOT)} is outdated: python docs/make_readme.py")
        else:
            page.write_text(update_outputs(page.read_text("utf-8")), "utf-8")
    return 1 if outdated and "--check" in sys.argv else 0


if __name__ == "__main__":
    sys.exit(main())
