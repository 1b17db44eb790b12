"""Names in the source say what they hold."""

from __future__ import annotations

import ast
import re
from collections.abc import Callable, Iterator
from functools import cache
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
VAGUE = {"found", "kin", "lacking", "made", "one", "shown", "told", "united", "wanted"}
"""Words that say how something came about, not what it is."""
VAGUE_IN_SOURCES = {"both", "given", "kept", "own", "taken"}
"""The same, where tests may use them for what a row of a table says."""
VAGUE_FUNCTIONS = {"tried", "used"}
"""Words that a function's name must not be: they do not say what it returns."""
AMBIGUOUS = {"Item", "Reader", "Source", "Step", "Structure", "Value"}
"""Words that would mean something else in every package."""
ALLOWED = {
    "backends/netspec_onnx/rules/averaging.py": {"one"},  # the number, beside `half` and `zero`
    "backends/netspec_torch/library/choice.py": {"wanted"},  # texts that go into users' files
    "backends/netspec_torch/library/dense.py": {"taken"},
    "backends/netspec_torch/library/network.py": {"found"},
    "backends/netspec_torch/library/recurrent.py": {"given"},
    "backends/netspec_torch/library/region.py": {"given"},
    "backends/netspec_torch/library/registered.py": {"found", "wanted"},
    "backends/netspec_torch/parallel/pieces/blockwise.py": {"own"},
}
VAGUE_MODULES = {"amounts", "arrangements", "common", "form", "helpers", "look", "misc", "things", "tools", "utils"}
"""Words that would not tell a newcomer what is in a module."""
PARTICIPLES = {
    "declared": "operations that a spec declares",
    "interpreted": "an interpreter of written source",
    "learned": "operations with learned tensors",
    "lowered": "what a rule of the PyTorch backend returns",
    "quantised": "quantised numbers",
    "registered": "operations of other packages",
    "simulated": "tensors without values",
}
"""Modules whose name is a single participle, and of what; all others have a noun: ``placed_figures``."""
SHARED = {
    "batch": "where the batch is in a tensor of a source",
    "cli": "the command that a package adds",
    "declared_operations": "the key `operations`",
    "each_rows": "the key `each`",
    "errors": "the exceptions of a package",
    "formulas": "the layer `formula`",
    "frequencies": "frequencies of positions",
    "given_weights": "the key `weights`",
    "graph": "a network as nodes, and the drawing of them",
    "heads": "heads of attention",
    "index": "elements chosen by position",
    "initial_values": "initial values of parameters",
    "layer_names": "names for the layers of an imported network",
    "levels": "the tree that dotted names make",
    "limits": "limits on input that may be hostile",
    "merging": "several uses of a block as one",
    "node": "a node of a graph",
    "nodes": "the nodes of a graph",
    "options": "the options of a backend",
    "proof": "the comparison of an imported network with its source",
    "read": "the entry of a reader",
    "reading": "a document or a model becomes layers",
    "roofline": "the roofline model",
    "rule_table": "the rules of a backend by operation",
    "rules": "a rule for each operation, in files by family",
    "site": "the place where a rule adds nodes",
    "slices": "ranges of axes",
    "source": "a source of an imported network",
    "tensors": "the tensors of a model",
    "text_report": "the report of a command as text and JSON",
    "types": "types of tensors",
    "values": "the values of a source while it is read",
    "views": "views of tensors",
    "walk": "the pass over a source",
    "without_equivalent": "layers that a spec cannot express",
}
"""Names of modules that several packages have, each with one meaning."""
FAMILY_FOLDERS = {"library", "ops", "passes", "rules"}
"""Folders with a file for each family of operations, named like that of `netspec/ops`."""


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
            case ast.MatchAs(name=str(name)) | ast.MatchStar(name=str(name)):
                yield name
            case _:
                pass


def function_names(tree: ast.AST) -> Iterator[str]:
    """The names of the functions and methods that a module defines, without underscores around them."""
    for node in ast.walk(tree):
        if isinstance(node, (ast.FunctionDef, ast.AsyncFunctionDef)):
            yield node.name.strip("_")


@cache
def trees() -> dict[str, ast.AST]:
    """The modules of the repository by their paths."""
    folders = ("netspec", "backends", "tests", "docs", "benchmarks")
    paths = (path for folder in folders for path in sorted((ROOT / folder).rglob("*.py")))
    return {path.relative_to(ROOT).as_posix(): ast.parse(path.read_text(encoding="utf-8")) for path in paths}


def uses(
    words: set[str], names_of: Callable[[ast.AST], Iterator[str]], folders: tuple[str, ...] = ("",)
) -> dict[str, set[str]]:
    """The words that modules use as names, by the paths of the modules."""
    used = {path: words.intersection(names_of(tree)) for path, tree in trees().items() if path.startswith(folders)}
    return {path: names for path, names in used.items() if names}


def plain_names(tree: ast.AST) -> Iterator[str]:
    """The names that a module defines, in lower case and without underscores around them."""
    return (name.strip("_").lower() for name in names(tree))


def test_no_vague_names() -> None:
    vague = uses(VAGUE, plain_names)
    for path, words in uses(VAGUE_IN_SOURCES, plain_names, ("netspec/", "backends/")).items():
        vague[path] = vague.get(path, set()) | words
    assert vague == ALLOWED


def test_functions_are_verbs_or_say_what_they_return() -> None:
    assert uses(VAGUE_FUNCTIONS, function_names, ("netspec/", "backends/")) == {}


def test_no_ambiguous_classes() -> None:
    assert uses(AMBIGUOUS, names, ("netspec/", "backends/")) == {}


def modules() -> Iterator[tuple[str, Path]]:
    """The names of the modules and packages of the sources, with their folders."""
    for folder in ("netspec", "backends"):
        for path in sorted((ROOT / folder).rglob("*.py")):
            named = path.parent if path.stem == "__init__" else path
            yield named.stem, named.parent.relative_to(ROOT)


def test_modules_say_what_is_in_them() -> None:
    participles = {name for name, _ in modules() if re.fullmatch(r"[a-z]+ed", name)}
    assert participles - PARTICIPLES.keys() == set()
    assert PARTICIPLES.keys() - participles == set()
    assert {name for name, _ in modules()} & VAGUE_MODULES == {"common"}  # parts that operations share


def test_modules_with_one_name_have_one_meaning() -> None:
    """Beside families of operations, commands and the topics of codes, only names of :data:`SHARED` occur twice."""
    families = {path.stem for path in (ROOT / "netspec/ops").glob("*.py")}
    packages: dict[str, list[str]] = {}
    for name, folder in modules():
        place = folder.as_posix()
        is_family = name in families and folder.name in FAMILY_FOLDERS
        if not is_family and place not in {"netspec/cli", "netspec/diagnostics/codes"}:
            packages.setdefault(name, []).append(place)
    several = {name: places for name, places in packages.items() if len(places) > 1}
    unexplained = {name: places for name, places in several.items() if name not in SHARED}
    assert unexplained == {}
    assert SHARED.keys() - several.keys() == set()
