"""Python text as trees, by ``ast.parse``.

Rules write expressions as text with places, ``F.pad({0}, ({pad0}, 1))``: ``{0}`` and ``{1}`` are inputs, ``{self}`` is
the submodule, every other place is a number by its name.
"""

from __future__ import annotations

import ast
import re
from typing import Any

from .expression_trees import (
    PRECEDENCE,
    Attribute,
    Binary,
    Call,
    Comprehension,
    Conditional,
    DictExpression,
    Expression,
    FString,
    Index,
    Input,
    Keyword,
    ListExpression,
    Literal,
    Member,
    Name,
    Slice,
    Star,
    TupleExpression,
    Unary,
    ValueHole,
    binary,
)
from .statements import Assign

PLACE = re.compile(r"\{(\w+)\}")
MARK = "_place_"
"""The prefix of an identifier that stands for a place."""
MODULES = ("nn", "torch", "F")
"""Modules whose dotted names are one name."""
OPERATORS: dict[type[ast.AST], str] = {
    ast.Add: "+",
    ast.Sub: "-",
    ast.Mult: "*",
    ast.Div: "/",
    ast.FloorDiv: "//",
    ast.MatMult: "@",
    ast.Mod: "%",
    ast.Pow: "**",
    ast.Is: "is",
    ast.IsNot: "is not",
    ast.Eq: "==",
    ast.NotEq: "!=",
    ast.Lt: "<",
    ast.Gt: ">",
    ast.LtE: "<=",
    ast.GtE: ">=",
    ast.BitOr: "|",
    ast.BitAnd: "&",
    ast.And: "and",
    ast.Or: "or",
    ast.USub: "-",
    ast.Not: "not",
    ast.Invert: "~",
}


def parse(text: str) -> Expression | Assign:
    """The tree of a rule's text: an expression, or a statement ``{0} += ...``. Holes have the names of their places."""
    (statement,) = ast.parse(PLACE.sub(rf"{MARK}\1", text)).body
    if isinstance(statement, ast.AugAssign):
        return Assign((converted(statement.target),), converted(statement.value), OPERATORS[type(statement.op)])
    assert isinstance(statement, ast.Expr)
    return converted(statement.value)


def parse_expression(text: str) -> Expression:
    """The tree of an expression."""
    return converted(ast.parse(text, mode="eval").body)


def dotted(node: ast.expr) -> str | None:
    """A dotted name that begins with a module; None for anything else."""
    if isinstance(node, ast.Name):
        return node.id if node.id in MODULES else None
    if isinstance(node, ast.Attribute):
        start = dotted(node.value)
        return f"{start}.{node.attr}" if start is not None else None
    return None


def place(name: str) -> Expression:
    """The tree of a place."""
    if name.isdecimal():
        return Input(int(name))
    return Member(()) if name == "self" else ValueHole(name)


def converted(node: ast.expr) -> Expression:
    """An expression of Python's own tree as ours."""
    match node:
        case ast.Name(name):
            return place(name.removeprefix(MARK)) if name.startswith(MARK) else Name(name)
        case ast.Constant(value):
            return Name("...") if value is Ellipsis else Literal(value)
        case ast.UnaryOp(ast.USub(), ast.Constant(int() | float() as value)):
            return Literal(-value)
        case ast.UnaryOp(operator, operand):
            return Unary(OPERATORS[type(operator)], converted(operand))
        case ast.Attribute(owner, name):
            whole = dotted(node)
            return Name(whole) if whole is not None else Attribute(converted(owner), name)
        case ast.Subscript(owner, index):
            items = index.elts if isinstance(index, ast.Tuple) else [index]
            return Index(converted(owner), tuple(map(converted, items)))
        case ast.Slice(start, stop, step):
            return Slice(*(None if bound is None else converted(bound) for bound in (start, stop, step)))
        case ast.Call(function, arguments, keywords):
            named = (Keyword(keyword.arg or "", converted(keyword.value)) for keyword in keywords)
            return Call(converted(function), (*map(converted, arguments), *named))
        case ast.Starred(value):
            return Star(converted(value))
        case ast.Tuple(items):
            return TupleExpression(tuple(map(converted, items)))
        case ast.List(items):
            return ListExpression(tuple(map(converted, items)))
        case ast.Dict(keys, values):
            pairs = zip((key for key in keys if key is not None), values, strict=True)
            return DictExpression(tuple((converted(key), converted(value)) for key, value in pairs))
        case ast.BinOp():
            return operators(node)
        case ast.Compare(left, [operator], [right]):
            return binary(converted(left), OPERATORS[type(operator)], converted(right))
        case ast.IfExp(condition, value, other):
            return Conditional(converted(value), converted(condition), converted(other))
        case ast.ListComp(element, [clause]) | ast.GeneratorExp(element, [clause]):
            listed = isinstance(node, ast.ListComp)
            return Comprehension(converted(element), converted(clause.target), converted(clause.iter), listed)
        case ast.JoinedStr():
            return FString(ast.unparse(node).replace("'", '"'))
        case _:
            raise TypeError(ast.dump(node))


def operators(node: ast.BinOp) -> Binary:
    """Operators of one precedence side by side. Without recursion: a sum may have thousands of terms."""
    terms: list[tuple[str, Expression]] = []
    first: Any = node
    level = PRECEDENCE[OPERATORS[type(node.op)]]
    while isinstance(first, ast.BinOp) and PRECEDENCE[OPERATORS[type(first.op)]] == level:
        terms.append((OPERATORS[type(first.op)], converted(first.right)))
        first = first.left
    return Binary(converted(first), tuple(reversed(terms)))
