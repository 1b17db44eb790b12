"""Formats statements: on one line if they fit, else with a bracket of the value broken, or the value in parentheses."""

# Literals are of any type:
# pyright: reportUnknownVariableType=false, reportUnknownArgumentType=false

from __future__ import annotations

from .documents import NOTHING, WIDTH, Group, Indent, render
from .expression_trees import (
    ATOMIC,
    REQUIRED,
    Attribute,
    Binary,
    Call,
    Conditional,
    DictExpression,
    Expression,
    Index,
    ListExpression,
    Literal,
    Name,
    TupleExpression,
    precedence,
)
from .literals import literal
from .printer import brackets, document, has_one_per_line, links, listed, one_line
from .statements import Assign, For, Function, If, Parameter, Return, Statement


def statement_lines(statement: Statement, indent: int) -> list[str]:
    """A statement as lines."""
    pad = " " * indent
    if isinstance(statement, If):
        out = condition_lines(statement.condition, indent)
        out += [line for inner in statement.body for line in statement_lines(inner, indent + 4)]
        if statement.other:
            out += [f"{pad}else:", *(line for inner in statement.other for line in statement_lines(inner, indent + 4))]
        return out
    if isinstance(statement, For):
        first, *rest = render(
            (f"for {one_line(statement.target)} in ", document(statement.iterable, inside=False), ":"), indent
        )
        return [pad + first, *rest, *(line for inner in statement.body for line in statement_lines(inner, indent + 4))]
    start = ""
    if isinstance(statement, Return):
        start = "return "
    elif isinstance(statement, Assign):
        annotation = f": {one_line(statement.annotation)}" if statement.annotation is not None else ""
        start = f"{listed(statement.targets)}{annotation} {statement.operator}= "
    value = statement.value
    if not has_one_per_line(value):
        line = f"{pad}{start}{one_line(value)}"
        if statement.comment and len(line) + len(statement.comment) + 4 <= WIDTH:
            return [f"{line}  # {statement.comment}"]
        if len(line) <= WIDTH:
            return [line]
    first, *rest = broken_lines(start, value, indent)
    return [pad + first, *rest]


def broken_lines(start: str, value: Expression, indent: int) -> list[str]:
    """Formats a statement that does not fit on one line; the first line has no indent."""
    if isinstance(value, TupleExpression) and value.bare:
        value = TupleExpression(value.items)
    if not start or not takes_parentheses(value):
        lines = render((start, document(value, inside=False)), indent)
        if len(lines[0]) + indent <= WIDTH or not start or isinstance(value, (Name, Literal)):
            return lines
    return render((start, Group(("(", Indent((NOTHING, document(value))), NOTHING, ")"), broken=True)), indent)


def takes_parentheses(value: Expression) -> bool:
    """Whether a value that is too long for its line is parenthesised instead of breaking one of its brackets."""
    if isinstance(value, Conditional):
        return True
    if isinstance(value, (Call, Attribute, Index)):
        return links(value) > 1
    if not isinstance(value, Binary):
        return False
    return len(value.rest) > 1 or not (starts_with_bracket(value) or ends_with_bracket(value))


def starts_with_bracket(tree: Expression) -> bool:
    """Whether an expression starts with a bracket that can be broken."""
    match tree:
        case Binary(first):
            return precedence(first) < precedence(tree) or starts_with_bracket(first)
        case Attribute(owner) | Call(owner) | Index(owner):
            return precedence(owner) < ATOMIC or starts_with_bracket(owner)
        case _:
            return is_collection(tree)


def ends_with_bracket(tree: Expression) -> bool:
    """Whether an expression ends with a bracket that can be broken; that of an index cannot."""
    match tree:
        case Binary(_, (*_, (_, last))):
            return precedence(last) <= precedence(tree) or ends_with_bracket(last)
        case Call(_, arguments):
            return bool(arguments)
        case _:
            return is_collection(tree)


def is_collection(tree: Expression) -> bool:
    """Whether an expression is a non-empty tuple, list or dict."""
    match tree:
        case TupleExpression(items) | ListExpression(items) | DictExpression(items) | Literal(tuple() as items):
            return bool(items)
        case _:
            return False


def condition_lines(condition: Expression, indent: int) -> list[str]:
    """Returns the first lines of an ``if``."""
    pad = " " * indent
    line = f"{pad}if {one_line(condition)}:"
    if len(line) <= WIDTH:
        return [line]
    first, *rest = render(("if ", document(condition, inside=False), ":"), indent)
    return [pad + first, *rest]


def function_lines(function: Function, indent: int) -> list[str]:
    """A function as lines."""
    parameters = brackets("(", tuple(map(parameter_text, function.parameters)), ")", together=True)
    first, *rest = render((f"def {function.name}", parameters, f" -> {one_line(function.returns)}:"), indent)
    body = [line for statement in function.body for line in statement_lines(statement, indent + 4)]
    return [" " * indent + first, *rest, *body]


def parameter_text(parameter: Parameter) -> str:
    """Returns a parameter as declared."""
    annotation = f": {one_line(parameter.annotation)}" if parameter.annotation is not None else ""
    if parameter.default is REQUIRED:
        return f"{parameter.name}{annotation}"
    equals = " = " if annotation else "="
    return f"{parameter.name}{annotation}{equals}{literal(parameter.default)}"
