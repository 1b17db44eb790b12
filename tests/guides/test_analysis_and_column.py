"""The guides for an analysis and for a report column, followed in a copy of the repository."""

from __future__ import annotations

from pathlib import Path

import pytest

from .support import ROOT, follow

pytestmark = pytest.mark.slow


@pytest.mark.parametrize("guide", ["adding-a-report-column", "adding-an-analysis"])
def test_guide(guide: str, tmp_path: Path) -> None:
    follow(ROOT / "docs" / f"{guide}.md", tmp_path)
