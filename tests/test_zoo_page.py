"""The pages of the zoo are what their command writes, and every family has its picture."""

from __future__ import annotations

import importlib
import sys
from pathlib import Path

import pytest

from netspec import zoo

ROOT = Path(__file__).resolve().parent.parent


def test_page_is_up_to_date(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sys, "path", [str(ROOT / "docs"), *sys.path])
    make = importlib.import_module("make_zoo")
    folder = ROOT / "docs"
    written = {f: f.read_text(encoding="utf-8") for f in (folder / "zoo.md", *(folder / "zoo").glob("*.md"))}
    assert written == make.pages(), "python docs/make_zoo.py"


def test_every_family_has_a_picture() -> None:
    pictures = {p.stem for p in (ROOT / "docs" / "images" / "zoo").glob("*.svg")}
    assert pictures == set(zoo.names())
