"""The catalogue of diagnostics: complete, and every example has its code and no other."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from netspec import limits
from netspec.checking.expectations import check_expectations
from netspec.checking.spec import Spec
from netspec.diagnostics import Diagnostic
from netspec.diagnostics.codes import GROUPS, catalogue, find

ROOT = Path(__file__).parents[1]
CATALOGUE = catalogue()
WITHOUT = {
    "NS112": "netspec fmt refuses it",
    "NS113": "a fault of netspec",
    "NS102": "bytes, not text",
    "NS224": "the fault is on the command line",
    "NS312": "two files",
    "NS229": "the fault is on the command line",
    "NS593": "a long text",
    "NS603": "a note, of --set",
}
"""Codes below NS700 without an example, and why."""


def diagnostics(text: str, folder: Path) -> tuple[Diagnostic, ...]:
    """What is wrong with a spec, expectations among it."""
    loaded = Spec("example.yaml", text, folder=folder).elaborate()
    if loaded.graph is None or not loaded.expect:
        return loaded.diagnostics
    from netspec.analysis import analyze

    return (*loaded.diagnostics, *check_expectations(loaded, analyze(loaded.graph)))


@pytest.mark.parametrize("code", [c for c, entry in CATALOGUE.items() if entry.wrong is not None])
def test_example(code: str, tmp_path: Path) -> None:
    entry = CATALOGUE[code]
    assert entry.wrong is not None
    assert [d.code for d in diagnostics(entry.spec(entry.wrong), tmp_path)] == [code]
    if entry.corrected is not None:
        assert diagnostics(entry.spec(entry.corrected), tmp_path) == ()


def test_every_code_of_the_sources_is_explained() -> None:
    used: set[str] = set()
    for folder in ("netspec", "backends"):
        for path in (ROOT / folder).rglob("*.py"):
            if "codes" not in path.parts:
                used.update(re.findall(r"\bNS[1-9][0-9]{2}\b", path.read_text(encoding="utf-8")))
    assert used - set(CATALOGUE) == set(), "netspec/codes/ has an entry for every code"
    assert set(CATALOGUE) - used == set(), "the sources have every code of netspec/codes/"


def test_entries_are_complete() -> None:
    for code, entry in CATALOGUE.items():
        assert code[2] in GROUPS
        assert entry.title == entry.title.strip(" .")
        assert entry.text.endswith(".")
        assert "  " not in entry.text
        if code < "NS700":
            assert (entry.wrong is None) == (code in WITHOUT), code
    assert list(CATALOGUE) == sorted(CATALOGUE)


def test_limits_are_the_ones_of_the_table() -> None:
    assert f"{limits.FILE_BYTES:,}" in CATALOGUE["NS901"].text
    assert f"{limits.EXPRESSION_DEPTH}" in CATALOGUE["NS911"].text


@pytest.mark.parametrize(
    ("written", "is_known"),
    [
        ("NS512", True),
        ("ns512", True),
        ("512", True),
        ("NS999", False),
        ("NS012", False),
        ("", False),
        ("x", False),
    ],
)
def test_find(written: str, is_known: bool) -> None:
    assert (find(written) is not None) == is_known
