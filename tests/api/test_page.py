"""docs/api.md is what the docstrings say, and names everything that is public."""

from __future__ import annotations

import importlib
import sys
from pathlib import Path

import pytest

import netspec

DOCS = Path(__file__).parents[2] / "docs"


def test_the_page_is_made_from_the_docstrings(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sys, "path", [str(DOCS), *sys.path])
    page = importlib.import_module("make_api").page()
    assert (DOCS / "api.md").read_text(encoding="utf-8") == page, "python docs/make_api.py"
    sys.modules.pop("make_api", None)
    others = ("ParameterValue", "__version__")
    missing = [name for name in netspec.__all__ if f"### `netspec.{name}`" not in page and name not in others]
    assert not missing
