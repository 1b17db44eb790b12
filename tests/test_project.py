"""Metadata of the project: one version everywhere, typed packages, links from the environment."""

from __future__ import annotations

import re
import runpy
import tomllib
from pathlib import Path
from typing import Any

import pytest
import yaml

import netspec
from netspec.backend import find, install_command

ROOT = Path(__file__).resolve().parent.parent
PROJECT: dict[str, Any] = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))
PACKAGES: list[str] = PROJECT["tool"]["hatch"]["build"]["targets"]["wheel"]["packages"]


def text(name: str) -> str:
    return (ROOT / name).read_text(encoding="utf-8")


def test_one_version() -> None:
    assert yaml.safe_load(text("CITATION.cff"))["version"] == netspec.__version__
    assert re.findall(r"^## (\S+)", text("CHANGELOG.md"), re.MULTILINE)[0] == netspec.__version__
    assert re.findall(r"rev: v(\S+)", text("README.md")) == [netspec.__version__]
    assert f"a tag `v{netspec.__version__}`" in text("CONTRIBUTING.md")


@pytest.mark.parametrize("package", PACKAGES)
def test_packages_are_typed(package: str) -> None:
    assert (ROOT / package / "py.typed").is_file()


def test_every_package_is_in_the_wheel() -> None:
    sources = {"netspec", *(f"backends/{p.parent.name}" for p in (ROOT / "backends").glob("*/__init__.py"))}
    assert set(PACKAGES) == sources


def test_classifiers_cover_the_versions_that_ci_runs() -> None:
    workflow = yaml.safe_load(text(".github/workflows/ci.yml"))
    versions: list[str] = workflow["jobs"]["full"]["strategy"]["matrix"]["python"]
    assert [f"Programming Language :: Python :: {v}" in PROJECT["project"]["classifiers"] for v in versions] == [
        True
    ] * 4
    assert PROJECT["project"]["requires-python"] == f">={versions[0]}"


EXTRAS = {"torch": "torch", "onnx": "onnx", "graphviz": "diagram"}


@pytest.mark.parametrize("name", EXTRAS)
def test_messages_name_the_libraries_of_the_extra(name: str) -> None:
    said = install_command(find(name).needs).partition(": pip install ")[2].split()
    requirements: list[str] = PROJECT["project"]["optional-dependencies"][EXTRAS[name]]
    assert said == [re.split("[<>=]", r)[0] for r in requirements]


def test_nothing_names_our_distribution_to_pip() -> None:
    """The name is not ours on every index."""
    pattern = re.compile(rf"pip install[^\n]*{PROJECT['project']['name']}")
    folders = [ROOT / f for f in ("netspec", "backends", "docs", "specs")]
    files = [*ROOT.glob("*.md"), *(p for f in folders for p in f.rglob("*") if p.suffix in {".py", ".md", ".yaml"})]
    assert [p for p in files if pattern.search(p.read_text(encoding="utf-8"))] == []


@pytest.mark.parametrize(
    ("repository", "source"),
    [("https://example.org/a/netspec/", "https://example.org/a/netspec"), ("", None)],
)
def test_links(monkeypatch: pytest.MonkeyPatch, repository: str, source: str | None) -> None:
    pytest.importorskip("hatchling")
    monkeypatch.setenv("NETSPEC_REPOSITORY_URL", repository)
    metadata: dict[str, Any] = {}
    hook = runpy.run_path(str(ROOT / ".ci" / "project_urls.py"))["ProjectUrls"](str(ROOT), {})
    hook.update(metadata)
    assert metadata["urls"].get("Source") == source
    for url in metadata["urls"].values():
        path = url.partition("/blob/HEAD/")[2].partition("#")[0]
        assert (ROOT / path).exists()


def test_every_package_has_layers() -> None:
    """A new module of any package fails ``lint-imports`` until it is in a layer."""
    contracts: list[dict[str, Any]] = PROJECT["tool"]["importlinter"]["contracts"]
    exhaustive: set[str] = {name for c in contracts if c.get("exhaustive") for name in c["containers"]}
    packages = {
        ".".join(path.parent.relative_to(ROOT).parts).removeprefix("backends.")
        for folder in ("netspec", "backends")
        for path in (ROOT / folder).rglob("__init__.py")
    }
    assert packages == exhaustive
