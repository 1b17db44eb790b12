"""What README and docs say is run: specs in YAML blocks, doctests, links, outputs of commands."""

from __future__ import annotations

import doctest
import importlib
import re
import sys
from pathlib import Path

import pytest

from netspec import zoo
from netspec.checking.spec import Spec

ROOT = Path(__file__).resolve().parent.parent
PAGES = [ROOT / "README.md", ROOT / "CONTRIBUTING.md", *sorted((ROOT / "docs").rglob("*.md"))]
BLOCK = re.compile(r"```yaml\n(netspec: 1\n.*?)```", re.DOTALL)
FILE_OF_BLOCKS = re.compile(r"```yaml\n# a file of blocks: (\S+)\n(netspec: 1\n.*?)```", re.DOTALL)
GENERATED = {"command-line.md", "contributing.md", "diagnostics.md"}
"""Pages that building the site makes from the code; tests/site checks the links to them."""
SPECS = [(page, m) for page in PAGES for m in BLOCK.findall(page.read_text(encoding="utf-8"))]


@pytest.mark.parametrize(("page", "text"), SPECS, ids=[f"{p.stem}-{i}" for i, (p, _) in enumerate(SPECS)])
def test_specs_in_pages(page: Path, text: str, tmp_path: Path) -> None:
    path = tmp_path / "spec.yaml"
    path.write_text(text, encoding="utf-8")
    for name, blocks in FILE_OF_BLOCKS.findall(page.read_text(encoding="utf-8")):
        (tmp_path / name).write_text(blocks, encoding="utf-8")
    spec = Spec(str(path))
    variants = [None, *spec.variants]
    for variant in variants:
        assert [d.message for d in spec.elaborate(variant).diagnostics] == []
    from tests.cli_support import checked

    for variant in variants:
        status, out = checked(f"{path}@{variant}" if variant else str(path))
        assert status == 0, out


@pytest.mark.parametrize("page", PAGES, ids=lambda p: p.stem)
def test_links(page: Path) -> None:
    text = page.read_text(encoding="utf-8")
    missing = [
        link
        for link in re.findall(r"\]\((?!https?:|#|mailto:)([^)#\s]+)", text)
        if not (page.parent / link).exists() and link not in GENERATED
    ]
    assert not missing


@pytest.mark.parametrize("module", ["netspec", "netspec.api", "netspec.forecasts", "netspec.free_names"])
def test_doctests(module: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(ROOT)
    result = doctest.testmod(importlib.import_module(module))
    assert result.attempted > 0
    assert result.failed == 0


def test_outputs_in_pages(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sys, "path", [str(ROOT / "docs"), *sys.path])
    monkeypatch.setenv("COLUMNS", "80")
    make = importlib.import_module("make_readme")
    stale = [
        page.name for page in make.pages() if make.update_outputs(page.read_text("utf-8")) != page.read_text("utf-8")
    ]
    assert not stale, "python docs/make_readme.py"
    sys.modules.pop("make_readme", None)


def test_the_readme_counts_the_zoo() -> None:
    assert f"contains {len(zoo.names())} networks and families" in (ROOT / "README.md").read_text(encoding="utf-8")


def test_folders_and_modules_that_contributing_names_exist() -> None:
    """In its table, names with a slash are within the folder of their row, or within the repository."""
    text = (ROOT / "CONTRIBUTING.md").read_text(encoding="utf-8")
    missing: list[str] = []
    for row in re.findall(r"(?m)^\| `.*\|$", text):
        first, _, contents = row.removeprefix("| ").partition(" | ")
        within = re.findall(r"`([^`]+/)`", first)
        folders = [
            ROOT,
            ROOT / "backends",
            *(ROOT / part / name for part in (".", "netspec", "backends") for name in within),
        ]
        folders += (ROOT / "backends").iterdir() if within == ["backends/"] else []
        for name in re.findall(r"`(\w[\w/.]*/[\w/.]*)`", contents):
            if not any((folder / f"{name}{end}").exists() for folder in folders for end in ("", ".py", ".yaml")):
                missing.append(f"{first}: {name}")
    assert missing == []
