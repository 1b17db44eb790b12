"""Habits of the source that no linter checks."""

from __future__ import annotations

import ast
import re
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
IGNORE = re.compile(r"# ?(?:type: ignore|pyright: ignore|noqa)(?:\[[^\]]*\]|: ?[A-Z]+[0-9]+(?:, ?[A-Z]+[0-9]+)*)?")
"""A comment that silences a check, without its reason."""
LONGEST = 60
"""Lines of a function at most."""


def test_silenced_checks_have_a_reason() -> None:
    without: list[str] = []
    for folder in ("netspec", "backends", "tests", "docs", "benchmarks"):
        for path in sorted((ROOT / folder).rglob("*.py")):
            for number, line in enumerate(path.read_text(encoding="utf-8").splitlines(), 1):
                comment = IGNORE.search(line)
                if comment is not None and not re.search("[a-zA-Z]{2}", IGNORE.sub("", line[comment.start() :])):
                    without.append(f"{path.relative_to(ROOT)}:{number}: {line.strip()}")
    assert without == []


def test_functions_are_short() -> None:
    long: list[str] = []
    for folder in ("netspec", "backends"):
        for path in sorted((ROOT / folder).rglob("*.py")):
            for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
                if isinstance(node, (ast.FunctionDef, ast.AsyncFunctionDef)):
                    assert node.end_lineno is not None
                    lines = node.end_lineno - node.lineno + 1
                    if lines > LONGEST:
                        long.append(f"{path.relative_to(ROOT)}:{node.lineno}: {node.name} has {lines} lines")
    assert long == []
