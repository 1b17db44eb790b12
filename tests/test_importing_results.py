"""The results of imports that the documentation shows are those of the file."""

from __future__ import annotations

from pathlib import Path

from benchmarks.importing_results import read_rows, table

ROOT = Path(__file__).resolve().parent.parent


def test_the_table_is_that_of_the_results() -> None:
    rows = read_rows()
    assert all(row.is_success or row.reason for row in rows.values())
    assert table(rows.values()) in (ROOT / "docs" / "importing.md").read_text(encoding="utf-8")
