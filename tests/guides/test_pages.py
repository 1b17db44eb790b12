"""The pages of ``docs/howto`` and ``docs/course`` are followed; ``NETSPEC_RENEW=1`` writes what their commands print."""

from __future__ import annotations

import os
from pathlib import Path

import pytest

from .pages import PAGES, follow_page, pictures
from .support import ROOT

pytestmark = pytest.mark.slow


@pytest.mark.parametrize("page", PAGES, ids=lambda page: page.stem)
def test_page(page: Path, tmp_path: Path) -> None:
    text = follow_page(page, tmp_path)
    for name in pictures(page):
        assert (tmp_path / "images" / name).stat().st_size > 0, f"no command of the page writes {name}"
        assert (page.parent / "images" / name).exists(), "python docs/make_course.py"
    if os.environ.get("NETSPEC_RENEW"):
        page.write_text(text, encoding="utf-8")
        return
    assert text == page.read_text(encoding="utf-8"), f"NETSPEC_RENEW=1 pytest {Path(__file__).relative_to(ROOT)}"
