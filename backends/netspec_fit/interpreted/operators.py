"""Python's operators for tensors and other values."""

from __future__ import annotations

import ast
import operator
from collections.abc import Callable
from typing import Any

from ..functions import function_table
from ..simulated.tensors import Tensor

_OPERATORS: Any = operator  # it is typed in part
PLAIN: dict[type[ast.AST], tuple[str, Callable[[Any, Any], Any]]] = {
    ast.Add: ("+", operator.add), ast.Sub: ("-", operator.sub), ast.Mult: ("*", operator.mul),
    ast.Div: ("/", _OPERATORS.truediv), ast.FloorDiv: ("//", _OPERATORS.floordiv), ast.Mod: ("%", operator.mod),
    ast.Pow: ("**", _OPERATORS.pow), ast.MatMult: ("@", _OPERATORS.matmul), ast.BitAnd: ("&", _OPERATORS.and_),
    ast.BitOr: ("|", _OPERATORS.or_), ast.Eq: ("==", operator.eq), ast.NotEq: ("!=", operator.ne),
    ast.Lt: ("<", operator.lt), ast.LtE: ("<=", operator.le), ast.Gt: (">", operator.gt), ast.GtE: (">=", operator.ge),
    ast.Is: ("is", operator.is_), ast.IsNot: ("is not", operator.is_not),
    ast.In: ("in", lambda a, b: a in b), ast.NotIn: ("not in", lambda a, b: a not in b),
}  # fmt: skip
"""For each operator, its name in the table of functions (for tensors), and its function for other values."""


def operate(node: ast.AST, left: Any, right: Any) -> Any:
    """Applies a binary operator to tensors or other values."""
    name, plain = PLAIN[type(node)]
    if (isinstance(left, Tensor) or isinstance(right, Tensor)) and name in function_table.OPERATORS:
        return function_table.OPERATORS[name](left, right)
    return plain(left, right)
