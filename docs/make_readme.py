"""Write the outputs of commands into the README and the pages: ``python docs/make_readme.py`` (``--check``: compare).

A block after ``<!-- output: COMMAND -->`` holds what the command prints at 80 columns.
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
    """What a command prints."""
    words = shlex.split(command)
    if words[0] == "netspec":
        words[:1] = [sys.executable, "-m", "netspec"]
    done = subprocess.run(words, cwd=ROOT, capture_output=True, text=True, check=False, encoding="utf-8")
    return (done.stdout + done.stderr).rstrip() + "\n"


def filled(text: str) -> str:
    """The page with its outputs."""
    return BLOCK.sub(lambda m: m[1] + output(m["command"]) + m[5], text)


def pages() -> list[Path]:
    """Pages that may hold outputs."""
    return [ROOT / "README.md", *sorted((ROOT / "docs").glob("*.md"))]


def main() -> int:
    """Write, or with ``--check`` say what is stale; the exit status."""
    stale = [page for page in pages() if filled(page.read_text("utf-8")) != page.read_text("utf-8")]
    for page in stale:
        if "--check" in sys.argv:
            print(f"{page.relative_to(ROOT)} is stale: python docs/make_readme.py")
        else:
            page.write_text(filled(page.read_text("utf-8")), "utf-8")
    return 1 if stale and "--check" in sys.argv else 0


if __name__ == "__main__":
    sys.exit(main())
