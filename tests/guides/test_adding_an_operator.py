"""The guide for an operator, followed in a copy of the repository with an operation that netspec lacks."""

from __future__ import annotations

from pathlib import Path

import pytest

from netspec.ops import TABLE

from .support import ROOT, follow

pytestmark = pytest.mark.slow


def test_guide(tmp_path: Path) -> None:
    assert "maxout" not in TABLE
    follow(ROOT / "docs" / "adding-an-operator.md", tmp_path)
