"""Expressions that have the values of a column."""

from __future__ import annotations

from typing import Any

import pytest

from netspec.blocks import ABSENT
from netspec.importing.block_search.expression_search import Base, expression_for
from netspec.importing.block_search.kinds import SIZES

HEIGHT = Base("height", (56, 28, 14, 7), SIZES)


@pytest.mark.parametrize(("column", "expression"), [
    ((64, 16, 4, ABSENT), "(height // 7) ** 2"),
    ((56**2, 28**2, 14**2, 49), "height ** 2"),
    ((64, 16, 5, ABSENT), None),
    ((64, 16, ABSENT, ABSENT), None),  # two values are not evidence
    ((8, 4, 2, 1), "height // 7"),
])  # fmt: skip
def test_squares(column: tuple[Any, ...], expression: str | None) -> None:
    assert expression_for(column, SIZES, [HEIGHT]) == expression
