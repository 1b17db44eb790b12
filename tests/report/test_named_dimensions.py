"""Reports about networks with named dimensions: shapes with the names, figures at the defaults."""

from __future__ import annotations

from typing import Any

import netspec
from netspec.analysis.network_figures import analyze
from netspec.report import COLUMNS, CheckResult, html, json, markdown, select_rows, terminal_table

from .golden import agrees

SPEC = """
netspec: 1
name: any size
dims: {H: 224, W: {default: 192, multiple_of: 2, min: 4, max: 512}}
input: [3, H, W]
layers:
  stem: {conv2d: 64, kernel: 7, stride: 2, padding: 3, activation: relu}
  pool: {max_pool2d: 2}
  body: {repeat: 2, layers: {a: {conv2d: 64, kernel: 3, padding: 1}, b: relu}}
  gap: global_avg_pool
  fc: {dense: 10}
"""
NUMBERS = SPEC.replace("[3, H, W]", "[3, 224, 192]").replace(
    "dims: {H: 224, W: {default: 192, multiple_of: 2, min: 4, max: 512}}", ""
)


def selection(**options: Any) -> Any:
    return select_rows(analyze(netspec.loads(SPEC)), **options)


def test_tables_golden() -> None:
    agrees("named.txt", terminal_table.render(selection()))
    agrees("named-narrow.txt", terminal_table.render(selection(batch=8), width=60))
    agrees("named.html", html.render(selection()))
    agrees("named.md", markdown.render([CheckResult("any.yaml", None, selection())]))
    agrees("named.json", json.render([CheckResult("any.yaml", None, selection())]))


def test_figures_are_those_at_the_defaults() -> None:
    named, fixed = analyze(netspec.loads(SPEC)), analyze(netspec.loads(NUMBERS))
    assert named.figures == fixed.figures
    assert [row.figures for row in named.layers] == [row.figures for row in fixed.layers]
    rows = [
        [column.value(select_rows(a), row) for a, row in ((named, x), (fixed, y))]
        for name, column in COLUMNS.items()
        if name != "output"
        for x, y in zip(named.layers, fixed.layers, strict=True)
    ]
    assert all(a == b for a, b in rows)


def test_sorting_by_every_column() -> None:
    fixed = analyze(netspec.loads(NUMBERS))
    for name in COLUMNS:
        if name != "output":
            assert [r.name for r in selection(sort=name).rows] == [r.name for r in select_rows(fixed, sort=name).rows]
    assert [r.name for r in selection(sort="output").rows][-1] == "fc"
