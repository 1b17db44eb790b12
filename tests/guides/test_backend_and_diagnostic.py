"""The guides for a backend and for a diagnostic, followed in a copy of the repository."""

from __future__ import annotations

from pathlib import Path

import pytest

from .support import ROOT, follow

pytestmark = pytest.mark.slow


@pytest.mark.parametrize("guide", ["adding-a-backend", "adding-a-diagnostic"])
def test_guide(guide: str, tmp_path: Path) -> None:
    if guide == "adding-a-backend":
        pytest.importorskip("hatchling")
    follow(ROOT / "docs" / f"{guide}.md", tmp_path)
