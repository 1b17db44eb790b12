"""Habits of the source that no linter checks."""

from __future__ import annotations

import re
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
IGNORE = re.compile(r"# ?(?:type: ignore|pyright: ignore|noqa)(?:\[[^\]]*\]|: ?[A-Z]+[0-9]+(?:, ?[A-Z]+[0-9]+)*)?")
"""A comment that silences a check, without its reason."""


def test_silenced_checks_have_a_reason() -> None:
    without: list[str] = []
    for folder in ("netspec", "backends", "tests", "docs", "benchmarks"):
        for path in sorted((ROOT / folder).rglob("*.py")):
            for number, line in enumerate(path.read_text(encoding="utf-8").splitlines(), 1):
                comment = IGNORE.search(line)
                if comment is not None and not re.search("[a-zA-Z]{2}", IGNORE.sub("", line[comment.start() :])):
                    without.append(f"{path.relative_to(ROOT)}:{number}: {line.strip()}")
    assert without == []
