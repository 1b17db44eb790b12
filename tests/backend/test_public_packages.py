"""The packages that come with netspec import only what docs/adding-a-backend.md calls public."""

from __future__ import annotations

import ast
import importlib
import re
import tomllib
from collections.abc import Iterator, Mapping
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
GUIDE = (ROOT / "docs" / "adding-a-backend.md").read_text(encoding="utf-8")
ROW = re.compile(r"(?m)^\| `netspec\.(\w+)` \|([^|]*)\|")


def packages(text: str) -> dict[str, set[str]]:
    """Packages of the core and their public modules, from the tables in a text."""
    return {name: set(re.findall(r"`([^`]+)`", modules)) for name, modules in ROW.findall(text)}


FOR_BACKENDS, FOR_COMMANDS = map(packages, GUIDE.split("A package that adds a command"))


def imports(tree: ast.AST) -> Iterator[tuple[str, str]]:
    """The modules of the core that a file imports from, and the names."""
    for node in ast.walk(tree):
        match node:
            case ast.ImportFrom(module=str(module), level=0) if module.split(".")[0] == "netspec":
                yield from ((module, alias.name) for alias in node.names)
            case ast.Import():
                for alias in node.names:
                    assert alias.name.split(".")[0] != "netspec", f"import names from {alias.name}"
            case _:
                pass


def is_public(module: str, name: str, public: Mapping[str, set[str]]) -> bool:
    """Whether a name may be imported from a module of the core."""
    _, *parts = module.split(".")
    if not parts:
        return name == "__version__" or name in public
    package, inner = parts[0], ".".join(parts[1:])
    if package not in public or name.startswith("_"):
        return False
    modules = public[package]
    exported: list[str] | None = getattr(importlib.import_module(module), "__all__", None)
    if not inner:
        return name in (exported or ()) or name in modules or (exported is None and not modules)
    return (inner in modules or "*" in modules) and (exported is None or name in exported)


def test_backends_import_public_names() -> None:
    commands = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["project"]["entry-points"]
    with_commands = {target.split(".")[0] for target in commands["netspec.commands"].values()}
    private: set[str] = set()
    for path in sorted((ROOT / "backends").rglob("*.py")):
        backend = path.relative_to(ROOT / "backends").parts[0]
        public = FOR_BACKENDS | (FOR_COMMANDS if backend in with_commands else {})
        for module, name in imports(ast.parse(path.read_text(encoding="utf-8"))):
            if not is_public(module, name, public):
                private.add(f"{path.relative_to(ROOT)}: from {module} import {name}")
    assert private == set()


def test_public_modules_exist() -> None:
    for package, modules in (FOR_BACKENDS | FOR_COMMANDS).items():
        importlib.import_module(f"netspec.{package}")
        for module in modules - {"*"}:
            importlib.import_module(f"netspec.{package}.{module}")


def test_private_names_are_refused() -> None:
    assert is_public("netspec.ir", "Graph", FOR_BACKENDS)
    assert is_public("netspec.ops.conv", "Conv", FOR_BACKENDS)
    assert not is_public("netspec.ir", "graph", FOR_BACKENDS)
    assert not is_public("netspec.ir.graph", "Graph", FOR_BACKENDS)
    assert not is_public("netspec.cli.output_files", "print_text", FOR_BACKENDS)
    assert not is_public("netspec.text.writer", "_number_text", FOR_BACKENDS)
    assert not is_public("netspec.language.flatten", "flatten", FOR_BACKENDS)
