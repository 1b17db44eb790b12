"""Names in the source say what they hold."""

from __future__ import annotations

import ast
from collections.abc import Iterator
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
VAGUE = {"found", "kin", "lacking", "made", "one", "shown", "told", "united", "wanted"}
"""Words that say how something came about, not what it is."""
AMBIGUOUS = {"Item", "Reader", "Source", "Step", "Structure", "Value"}
"""Words that would mean something else in every package."""
ALLOWED = {
    "backends/netspec_onnx/rules/averaging.py": {"one"},  # the number, beside `half` and `zero`
    "backends/netspec_torch/library/choice.py": {"wanted"},  # texts that go into users' files
    "backends/netspec_torch/library/network.py": {"found"},
    "backends/netspec_torch/library/registered.py": {"found", "wanted"},
}


def names(tree: ast.AST) -> Iterator[str]:
    """The names that a module defines: variables, attributes, arguments, functions and classes."""
    for node in ast.walk(tree):
        match node:
            case ast.FunctionDef(name=name) | ast.AsyncFunctionDef(name=name) | ast.ClassDef(name=name):
                yield name
            case ast.arg(arg=name):
                yield name
            case ast.Name(id=name, ctx=ast.Store()) | ast.Attribute(attr=name, ctx=ast.Store()):
                yield name
            case _:
                pass


def test_no_vague_names() -> None:
    vague: dict[str, set[str]] = {}
    for folder in ("netspec", "backends", "tests", "docs", "benchmarks"):
        for path in sorted((ROOT / folder).rglob("*.py")):
            words = {name.strip("_").lower() for name in names(ast.parse(path.read_text(encoding="utf-8")))}
            if words & VAGUE:
                vague[path.relative_to(ROOT).as_posix()] = words & VAGUE
    assert vague == ALLOWED


def test_no_ambiguous_classes() -> None:
    ambiguous: dict[str, set[str]] = {}
    for folder in ("netspec", "backends"):
        for path in sorted((ROOT / folder).rglob("*.py")):
            defined = set(names(ast.parse(path.read_text(encoding="utf-8"))))
            if defined & AMBIGUOUS:
                ambiguous[path.relative_to(ROOT).as_posix()] = defined & AMBIGUOUS
    assert ambiguous == {}
