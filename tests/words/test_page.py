"""docs/words.md is what the tables say."""

from __future__ import annotations

import importlib
import sys
from pathlib import Path

import pytest

DOCS = Path(__file__).parents[2] / "docs"


def test_page(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sys, "path", [str(DOCS), *sys.path])
    page = importlib.import_module("make_words").page()
    assert (DOCS / "words.md").read_text(encoding="utf-8") == page, "python docs/make_words.py"
    sys.modules.pop("make_words", None)
