"""Every network of the zoo has its section and its picture. ``python docs/make_zoo.py --check`` compares the pages."""

from __future__ import annotations

from pathlib import Path

from netspec import zoo

DOCS = Path(__file__).resolve().parent.parent / "docs"


def test_every_network_has_a_section() -> None:
    pages = {"zoo.md": None} | {f"zoo/{field}.md": field for field in zoo.fields()}
    for page, field in pages.items():
        lines = (DOCS / page).read_text(encoding="utf-8").splitlines()
        assert [line[3:] for line in lines if line.startswith("## ")] == zoo.names(field or ""), page


def test_every_family_has_a_picture() -> None:
    pictures = {p.stem for p in (DOCS / "images" / "zoo").glob("*.svg")}
    assert pictures == set(zoo.names())
