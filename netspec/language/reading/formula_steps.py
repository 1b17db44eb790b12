"""Conditions and logic in formulas, which become steps if an operand depends on a position or a tensor."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import TYPE_CHECKING, Any

from ...shapes.shape_error import ShapeError
from .evaluation import Code, Evaluation
from .lexer import ExpressionError

if TYPE_CHECKING:
    from ...ops.formulas.build import Builder


def formula_of(*values: Any) -> Builder | None:
    """Returns the formula to which one of the values belongs; None outside formulas."""
    for value in values:
        if (formula := getattr(value, "formula", None)) is not None:
            builder: Builder = formula
            return builder
    return None


def in_formula(at: int, build: Callable[..., Any], *args: Any) -> Any:
    """Returns the result of a step of a formula. Raises ExpressionError at the location of the step."""
    from ...ops.formulas.build import FormulaError  # few specs have formulas

    try:
        return build(*args)
    except FormulaError as error:
        raise ExpressionError(error.code, error.message, at, error.find_help) from None
    except ShapeError as error:
        raise ExpressionError(error.code, error.message, at, error.help) from None


def alternative(value: Code, test: Code, other: Code, at: int) -> Code:
    """Compiles ``value if test else other``."""

    def code(evaluation: Evaluation) -> Any:
        condition = test(evaluation)
        formula = formula_of(condition)
        if formula is None:
            return value(evaluation) if condition else other(evaluation)
        evaluation.step()
        return in_formula(at, formula.choice, condition, value(evaluation), other(evaluation))

    return code


def logic(token: str, parts: Sequence[Code], at: int) -> Code:
    """Compiles operands joined by ``and`` or ``or``. As in Python, the value is that of the deciding operand.

    In a formula, operands that depend on a position or tensor are combined elementwise.
    """
    stop = token == "or"

    def code(evaluation: Evaluation) -> Any:
        value: Any = None
        terms: list[Any] = []
        for part in parts:
            value = part(evaluation)
            if formula_of(value) is not None:
                terms.append(value)
            elif bool(value) is stop:
                return value
        return in_formula(at, terms[0].formula.logical, token, terms) if terms else value

    return code


def negation(value: Code, count: int, at: int) -> Code:
    """Compiles a number of ``not`` before a value."""

    def code(evaluation: Evaluation) -> Any:
        operand = value(evaluation)
        formula = formula_of(operand)
        if formula is None:
            return bool(operand) is (count % 2 == 0)
        operand = in_formula(at, formula.negation, operand)
        return operand if count % 2 else in_formula(at, formula.negation, operand)

    return code
