"""Expressions as text on one line, and as documents that break where ruff's formatter breaks them."""

# Literals are of any type:
# pyright: reportUnknownVariableType=false, reportUnknownArgumentType=false

from __future__ import annotations

from collections.abc import Iterable

from netspec.blocks import walk

from .documents import NOTHING, SPACE, TRAILING_COMMA, Document, Group, Indent, TrailingComma
from .expression_trees import (
    ATOMIC,
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
    Keyword,
    ListExpression,
    Literal,
    Name,
    Slice,
    Star,
    TupleExpression,
    Unary,
    precedence,
)
from .literals import literal


# -- on one line --------------------------------------------------------------------------------------------------
def one_line(tree: Expression) -> str:
    """An expression on one line."""
    match tree:
        case Name(text) | FString(text):
            return text
        case Literal(value):
            return literal(value)
        case Attribute(owner, name):
            return f"{enclosed(owner, ATOMIC)}.{name}"
        case Index(owner, items):
            comma = "," if len(items) == 1 and isinstance(items[0], Star) else ""
            return f"{enclosed(owner, ATOMIC)}[{listed(items)}{comma}]"
        case Slice(start, stop, step):
            bounds = [start, stop] if step is None else [start, stop, step]
            texts = ["" if bound is None else one_line(bound) for bound in bounds]
            if all(bound is None or is_simple(bound) for bound in bounds):
                return ":".join(texts)
            return " : ".join(texts).strip().replace(":  :", "::")
        case Keyword(name, value):
            return f"{name}={one_line(value)}"
        case Star(value):
            return f"*{one_line(value)}"
        case Call(function, arguments):
            return f"{enclosed(function, ATOMIC)}({listed(arguments)})"
        case TupleExpression(items, bare):
            inner = f"{listed(items)}{',' if len(items) == 1 else ''}"
            return inner if bare else f"({inner})"
        case ListExpression(items):
            return f"[{listed(items)}]"
        case DictExpression(entries):
            return f"{{{', '.join(f'{one_line(key)}: {one_line(value)}' for key, value in entries)}}}"
        case Comprehension(element, target, iterable, is_list):
            text = f"{one_line(element)} for {one_line(target)} in {one_line(iterable)}"
            return f"[{text}]" if is_list else text
        case Unary(operator, operand):
            return f"{prefix(operator)}{enclosed(operand, precedence(tree))}"
        case Binary(first, rest):
            level = precedence(tree)
            return enclosed(first, level) + "".join(f" {sign} {enclosed(right, level + 1)}" for sign, right in rest)
        case Conditional(value, condition, other):
            inner_level = PRECEDENCE["if"] + 1
            return f"{enclosed(value, inner_level)} if {enclosed(condition, inner_level)} else {one_line(other)}"
        case _:
            raise TypeError(f"no text for {tree!r}")


def is_simple(bound: Expression) -> bool:
    """Whether a bound of a slice is written without spaces around the colon: a name or a number, perhaps negative."""
    return is_simple(bound.operand) if isinstance(bound, Unary) else isinstance(bound, (Name, Literal))


def listed(items: Iterable[Expression]) -> str:
    """Expressions with commas between them."""
    return ", ".join(map(one_line, items))


def enclosed(tree: Expression, least: float) -> str:
    """An expression, in parentheses where its precedence is below ``least``."""
    return f"({one_line(tree)})" if precedence(tree) < least else one_line(tree)


def prefix(operator: str) -> str:
    """A unary operator as it stands before its operand."""
    return f"{operator} " if operator.isalpha() else operator


# -- as documents -------------------------------------------------------------------------------------------------
def document(tree: Expression, *, inside: bool = True) -> Document:
    """An expression as a document.

    Args:
        tree: the expression.
        inside: whether it stands in brackets, where a line may end before an operator.
    """
    match tree:
        case Attribute(owner, name):
            if inside and links(tree) > 1:
                return Group(chain(tree))
            return (enclosed_document(owner, ATOMIC, inside=inside), f".{name}")
        case Call(function, arguments, one_per_line):
            if inside and links(tree) > 1:
                return Group(chain(tree))
            return (enclosed_document(function, ATOMIC, inside=inside), call_brackets(arguments, one_per_line))
        case Index(owner, items):
            return (enclosed_document(owner, ATOMIC, inside=inside), index_brackets(items))
        case Keyword(name, value):
            return (f"{name}=", document(value))
        case Star(value):
            return ("*", document(value))
        case TupleExpression(items, bare):
            parts = tuple(map(document, items))
            if bare:
                return separated(parts)
            return brackets("(", parts, ")", comma="," if len(parts) == 1 else TRAILING_COMMA)
        case ListExpression(items, one_per_line):
            return brackets("[", tuple(map(document, items)), "]", one_per_line=one_per_line)
        case DictExpression(entries, one_per_line):
            pairs = tuple((document(key), ": ", document(value)) for key, value in entries)
            return brackets("{", pairs, "}", one_per_line=one_per_line)
        case Literal(tuple() as values):
            return document(TupleExpression(tuple(map(Literal, values))))
        case Comprehension(listed=is_list):
            return opened("[", loop(tree), "]") if is_list else loop(tree)
        case Binary(first, rest):
            level = precedence(tree)
            terms = [(sign, " ", enclosed_document(right, level + 1, inside=inside)) for sign, right in rest]
            if inside:
                return Group((enclosed_document(first, level), *((SPACE, term) for term in terms)))
            return (enclosed_document(first, level, inside=False), *((" ", term) for term in terms))
        case Conditional(value, condition, other) if inside:
            level = PRECEDENCE["if"] + 1
            test = ("if ", enclosed_document(condition, level))
            return Group((enclosed_document(value, level), SPACE, test, SPACE, "else ", document(other)))
        case Unary(operator, operand):
            return (prefix(operator), enclosed_document(operand, precedence(tree), inside=inside))
        case _:
            return one_line(tree)


def enclosed_document(tree: Expression, least: float, *, inside: bool = True) -> Document:
    """An expression, in parentheses where its precedence is below ``least``."""
    if precedence(tree) >= least:
        return document(tree, inside=inside)
    return opened("(", document(tree), ")")


def opened(start: str, content: Document, end: str) -> Group:
    """A document in brackets that stands on lines of its own where it does not fit behind the bracket."""
    return Group((start, Indent((NOTHING, content)), NOTHING, end))


def separated(items: Iterable[Document]) -> tuple[Document, ...]:
    """Documents with commas between them."""
    out: list[Document] = []
    for item in items:
        out += [",", SPACE, item] if out else [item]
    return tuple(out)


def brackets(
    start: str,
    items: tuple[Document, ...],
    end: str,
    *,
    together: bool = False,
    one_per_line: bool = False,
    comma: str | TrailingComma = TRAILING_COMMA,
) -> Document:
    """Items in brackets: on one line, else one a line with a comma behind the last.

    Args:
        start: the opening bracket.
        items: what stands in it.
        end: the closing bracket.
        together: whether all items may stand on the one line between the brackets, as arguments may.
        one_per_line: whether they stand one a line in any case.
        comma: what follows the last item: always, or where the brackets are broken.
    """
    if not items:
        return f"{start}{end}"
    last: Document = comma if len(items) > 1 or one_per_line or isinstance(comma, str) else ""
    content: Document = (*separated(items), last)
    if together and not one_per_line:
        content = Group(content)
    return Group((start, Indent((NOTHING, content)), NOTHING, end), broken=one_per_line)


def call_brackets(arguments: tuple[Expression, ...], one_per_line: bool) -> Document:
    """The arguments of a call; a single generator needs no parentheses of its own."""
    if len(arguments) == 1 and isinstance(arguments[0], Comprehension) and not arguments[0].listed:
        return opened("(", loop(arguments[0]), ")")
    return brackets("(", tuple(map(document, arguments)), ")", together=True, one_per_line=one_per_line)


def index_brackets(items: tuple[Expression, ...]) -> Document:
    """The brackets of an index."""
    return brackets("[", tuple(map(document, items)), "]", together=len(items) == 1)


def loop(tree: Comprehension) -> Document:
    """Element and clause of a comprehension."""
    clause: Document = (f"for {one_line(tree.target)} in ", document(tree.iterable))
    return Group((document(tree.element), SPACE, clause))


def links(tree: Expression) -> int:
    """How many calls and indices of a chain are followed by an attribute: a line may end before each of these dots."""
    count = 0
    while True:
        match tree:
            case Attribute(owner):
                count += is_link(owner)
                tree = owner
            case Call(owner) | Index(owner):
                tree = owner
            case _:
                return count


def is_link(tree: Expression) -> bool:
    """Whether a line of a chain may end behind an expression."""
    return isinstance(tree, (Call, Index)) or precedence(tree) < ATOMIC


def chain(tree: Expression) -> tuple[Document, ...]:
    """A chain of calls with places before the dots that follow calls and indices."""
    match tree:
        case Attribute(owner, name):
            return (*chain(owner), NOTHING, f".{name}") if is_link(owner) else (*chain(owner), f".{name}")
        case Call(function, arguments, one_per_line):
            return (*chain(function), call_brackets(arguments, one_per_line))
        case Index(owner, items):
            return (*chain(owner), index_brackets(items))
        case _:
            return (enclosed_document(tree, ATOMIC),)


def has_one_per_line(tree: Expression) -> bool:
    """Whether anything in an expression asks for one item a line."""
    return any(getattr(part, "one_per_line", False) for part in walk(tree))
