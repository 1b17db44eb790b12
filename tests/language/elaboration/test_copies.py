"""The copies of a layer: their names, what they bind, and what they cost."""

from __future__ import annotations

from typing import Any

import pytest

from netspec import limits
from netspec.diagnostics import LocatedError
from netspec.language.elaboration.budget import Budget, LimitError
from netspec.language.elaboration.copies import Copy, copies_of
from netspec.language.reading.evaluation import ParameterEnvironment

from .support import read_layer

PARAMETERS = {"n": 2, "table": {"x": [1, 2], "y": [3, 1]}}


def copies(text: str, budget: Budget | None = None, **cells: Any) -> list[Copy]:
    """The copies of a layer with these values bound around it."""
    layer = read_layer(text)
    return list(copies_of(layer, cells, lambda c: ParameterEnvironment({**PARAMETERS, **c}), budget or Budget()))


def test_a_single_layer() -> None:
    assert copies("relu", row=3) == [Copy((), {"row": 3}, 0, 1, True)]
    assert copies("relu")[0].position is None


@pytest.mark.parametrize(
    ("text", "paths"),
    [
        ("{relu, repeat: 3}", ["0", "1", "2"]),
        ("{relu, repeat: $n}", ["0", "1"]),
        ("{relu, repeat: 2.0}", ["0", "1"]),
        ("{relu, repeat: 0}", []),
        ("{dropout: $p, each: {columns: p, rows: [0.1, 0.2]}}", ["0", "1"]),
        ("{dropout: $p, each: {columns: p, rows: {a: 0.1, b: 0.2}}}", ["a", "b"]),
        ("{dropout: $p, repeat: $k, each: {columns: [p, k], rows: $table}}", ["x.0", "x.1", "y.0"]),
    ],
)
def test_names(text: str, paths: list[str]) -> None:
    assert [".".join(copy.path) for copy in copies(text)] == paths


def test_what_they_bind() -> None:
    result = copies("{dropout: $p, repeat: $k, each: {columns: [p, k], rows: $table}}", index=7)
    assert [copy.cells for copy in result] == [
        {"p": 1, "k": 2, "row": 0, "index": 0},
        {"p": 1, "k": 2, "row": 0, "index": 1},
        {"p": 3, "k": 1, "row": 1, "index": 0},
    ]
    assert [copy.position for copy in result] == [(0, 3), (1, 3), (2, 3)]
    assert [copy.is_first for copy in result] == [True, False, True]


@pytest.mark.parametrize(
    ("text", "code", "message"),
    [
        ("{relu, repeat: -1}", "NS410", "repeat must be an integer, 0 or more; found -1"),
        ("{relu, repeat: 1.5}", "NS410", "repeat must be an integer, 0 or more; found 1.5"),
        ("{relu, repeat: true}", "NS410", "repeat must be an integer, 0 or more; found true"),
        ("{relu, each: {columns: a, rows: 3}}", "NS411", "rows must be a list or mapping of rows; found 3"),
        ("{relu, each: {columns: [a, b], rows: [[1]]}}", "NS412", "row 0 has 1 cell for 2 columns (a, b)"),
        ("{relu, each: {columns: [a], rows: {x: [1, 2]}}}", "NS412", "row x has 2 cells for 1 column (a)"),
    ],
)
def test_errors(text: str, code: str, message: str) -> None:
    with pytest.raises(LocatedError) as caught:
        copies(text)
    assert (caught.value.code, caught.value.message) == (code, message)


def test_cost() -> None:
    budget = Budget()
    copies("relu", budget)
    assert budget.steps == 0
    copies("{dropout: $p, repeat: $k, each: {columns: [p, k], rows: $table}}", budget)
    assert budget.steps == 2 * (1 + 2) + 3  # rows with their cells, and copies
    budget = Budget()
    copies("{relu, repeat: 10}", budget, **{f"c{i}": 1 for i in range(25)})
    assert budget.steps == 10 * (1 + 2)  # each copies the cells around
    with pytest.raises(LimitError):
        copies(f"{{relu, repeat: {limits.STEPS}}}", budget)
