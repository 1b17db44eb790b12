"""The page about the graph: its examples run, and it names every public attribute."""

from __future__ import annotations

import doctest
import re
from pathlib import Path

import pytest

from netspec.ir import Graph, Layer, Node, Parameter, Scope, Trace
from netspec.ir.tree import Branch, Leaf

DOCS = Path(__file__).resolve().parents[2] / "docs"
PAGE = DOCS / "graph.md"


def examples(page: Path) -> list[str]:
    """The blocks of Python of a page."""
    return re.findall(r"```python\n(.*?)```", page.read_text(encoding="utf-8"), re.DOTALL)


@pytest.mark.parametrize("name", ["graph", "counting"])
def test_examples(name: str) -> None:
    names: dict[str, object] = {}
    for text in examples(DOCS / f"{name}.md"):
        if ">>>" not in text:
            exec(text, names)
            continue
        test = doctest.DocTestParser().get_doctest(text, names, name, None, 0)
        report: list[str] = []
        runner = doctest.DocTestRunner(optionflags=doctest.IGNORE_EXCEPTION_DETAIL)
        runner.run(test, out=report.append, clear_globs=False)
        assert not report, "".join(report)
        names |= test.globs


@pytest.mark.parametrize(("heading", "kinds"), [
    ("Graph", (Graph,)), ("Node", (Node,)), ("Layer", (Layer,)), ("Parameter", (Parameter,)),
    ("Scope and Trace", (Scope, Trace)), ("Branch and Leaf", (Branch, Leaf)),
])  # fmt: skip
def test_every_public_attribute_is_documented(heading: str, kinds: tuple[type, ...]) -> None:
    section = PAGE.read_text(encoding="utf-8").split(f"\n### {heading}\n")[1].split("\n### ")[0]
    documented: set[str] = set()
    for line in section.splitlines():
        if line.startswith("| `"):
            documented.update(re.findall(r"`(\w+)[`(]", line.split(" | ")[0]))
    public = {
        name
        for kind in kinds
        for name in {*dir(kind), *getattr(kind, "__dataclass_fields__", ())}
        if not name.startswith("_")
    }
    assert documented == public
