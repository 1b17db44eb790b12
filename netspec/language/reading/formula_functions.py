"""Calls of elementwise operations in formulas: ``silu(gate)``."""

from __future__ import annotations

from typing import Any

from ...diagnostics import clip, suggestion
from ...ops.formulas.elementwise_functions import functions as elementwise
from ...ops.formulas.elementwise_functions import is_function
from .evaluation import Evaluation
from .expression_functions import FUNCTIONS
from .formula_steps import in_formula
from .lexer import ExpressionError


def check_function(name: str, at: int) -> None:
    """Raises ExpressionError NS402 unless formulas have a function of that name."""
    if not is_function(name):
        known = f"there are {', '.join(FUNCTIONS)}; in a formula elementwise operations, too"
        message = f"there is no function '{clip(name)}'"
        raise ExpressionError("NS402", message, at, suggestion(name, [*FUNCTIONS, *elementwise()], known))


def call_elementwise(name: str, values: list[Any], named: dict[str, Any], evaluation: Evaluation, at: int) -> Any:
    """Returns the result of an elementwise operation in a formula. Raises ExpressionError NS402 outside a formula."""
    formula = getattr(evaluation.environment, "formula", None)
    if formula is None:
        help = f"there are {', '.join(FUNCTIONS)}"
        raise ExpressionError("NS402", f"'{name}' is available only in a `formula`", at, help)
    if named:
        raise ExpressionError("NS407", f"'{name}' takes no '{next(iter(named))}' in a formula", at)
    return in_formula(at, formula.call, name, values)
