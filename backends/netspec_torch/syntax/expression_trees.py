"""Python expressions as trees, with placeholders for numbers, inputs, submodules and names of classes."""

from __future__ import annotations

from collections.abc import Hashable
from dataclasses import dataclass, field
from enum import Enum
from typing import Any, ClassVar, Final, TypeAlias

from netspec.blocks import Atom, Hole, Tree, typed


class Required(Enum):
    """The type of :data:`REQUIRED`."""

    REQUIRED = "REQUIRED"

    def __repr__(self) -> str:
        return self.name


REQUIRED: Final = Required.REQUIRED
"""Marks an argument without a default."""


# -- leaves -------------------------------------------------------------------------------------------------------
@dataclass(frozen=True, slots=True)
class Name(Tree):
    """A name, or a dotted name that begins with a module: ``nn.Conv2d``."""

    id: str


@dataclass(frozen=True, slots=True, eq=False)
class Literal(Atom):
    """A number, truth value, text, None, or a tuple of these."""

    value: Any

    def key(self) -> Hashable:
        """The value with its type."""
        return typed(self.value)


@dataclass(frozen=True, slots=True)
class FString(Tree):
    """An f-string in source form, including quotes."""

    text: str


@dataclass(frozen=True, slots=True, eq=False)
class ValueHole(Hole):
    """A placeholder for a number, or another literal, that may differ between the uses of a class."""

    default: Any = REQUIRED
    """A keyword argument with this value is omitted."""
    in_forward: bool = False
    """Whether ``forward`` uses it, in which case the class stores the argument as an attribute."""

    def key(self) -> Hashable:
        """All fields."""
        return self.name, typed(self.default), self.in_forward


@dataclass(frozen=True, slots=True)
class Input(Tree):
    """A placeholder for one of the values that a step reads, by position."""

    number: int


@dataclass(frozen=True, slots=True)
class Member(Tree):
    """A placeholder for a submodule or tensor of the class, by path."""

    path: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class InputSize(Tree):
    """A placeholder for the size of an axis of an input of ``forward``, or for an input that is itself a size."""

    input: int
    """Position of the input."""
    axis: int | None
    """The axis of the tensor; None if the input is the size."""
    title: str = field(compare=False)
    """The title from which the variable name is derived."""
    is_last: bool = field(default=False, compare=False)
    """Whether it is the last axis of the input."""


@dataclass(frozen=True, slots=True)
class InputDevice(Tree):
    """A placeholder for the device of the first input of ``forward``."""


@dataclass(frozen=True, slots=True)
class RunTimeSize(Tree):
    """A size that is only known at run time, computed from the sizes of inputs of ``forward``."""

    expression: Expression
    size: Any = field(compare=False)
    """The size."""
    children: ClassVar[tuple[str, ...]] = ("expression",)


@dataclass(frozen=True, slots=True)
class ClassName(Tree):
    """A placeholder for the name of a class that has not been named yet."""

    cls: Any
    """The class; compared by identity."""


# -- compound expressions -----------------------------------------------------------------------------------------
@dataclass(frozen=True, slots=True)
class Attribute(Tree):
    """``owner.name``."""

    owner: Expression
    name: str
    children: ClassVar[tuple[str, ...]] = ("owner",)


@dataclass(frozen=True, slots=True)
class Index(Tree):
    """``owner[items]``."""

    owner: Expression
    items: tuple[Expression, ...]
    children: ClassVar[tuple[str, ...]] = ("owner", "items")


@dataclass(frozen=True, slots=True)
class Slice(Tree):
    """``start:stop:step``; only within an :class:`Index`."""

    start: Expression | None = None
    stop: Expression | None = None
    step: Expression | None = None
    children: ClassVar[tuple[str, ...]] = ("start", "stop", "step")


@dataclass(frozen=True, slots=True)
class Keyword(Tree):
    """``name=value``; only among the arguments of a :class:`Call`."""

    name: str
    value: Expression
    children: ClassVar[tuple[str, ...]] = ("value",)


@dataclass(frozen=True, slots=True)
class Star(Tree):
    """``*value``."""

    value: Expression
    children: ClassVar[tuple[str, ...]] = ("value",)


@dataclass(frozen=True, slots=True)
class Call(Tree):
    """``function(arguments)``."""

    function: Expression
    arguments: tuple[Expression, ...] = ()
    one_per_line: bool = False
    """Whether each argument is on its own line, even if all fit on one."""
    children: ClassVar[tuple[str, ...]] = ("function", "arguments")


@dataclass(frozen=True, slots=True)
class TupleExpression(Tree):
    """``(items)``; ``bare`` omits the parentheses."""

    items: tuple[Expression, ...]
    bare: bool = False
    children: ClassVar[tuple[str, ...]] = ("items",)


@dataclass(frozen=True, slots=True)
class ListExpression(Tree):
    """``[items]``."""

    items: tuple[Expression, ...]
    one_per_line: bool = False
    children: ClassVar[tuple[str, ...]] = ("items",)


@dataclass(frozen=True, slots=True)
class DictExpression(Tree):
    """``{key: value, ...}``."""

    items: tuple[tuple[Expression, Expression], ...]
    one_per_line: bool = False
    children: ClassVar[tuple[str, ...]] = ("items",)


@dataclass(frozen=True, slots=True)
class Comprehension(Tree):
    """``element for target in iterable``: a list if ``listed``, else a generator as the only argument of a call."""

    element: Expression
    target: Expression
    iterable: Expression
    listed: bool = False
    children: ClassVar[tuple[str, ...]] = ("element", "target", "iterable")


@dataclass(frozen=True, slots=True)
class Unary(Tree):
    """``-operand``, ``not operand``."""

    operator: str
    operand: Expression
    children: ClassVar[tuple[str, ...]] = ("operand",)


@dataclass(frozen=True, slots=True)
class Binary(Tree):
    """A left-associative chain of operators of equal precedence, stored flat, so that long sums are not nested."""

    first: Expression
    rest: tuple[tuple[str, Expression], ...]
    """Each operator with its right operand."""
    children: ClassVar[tuple[str, ...]] = ("first", "rest")


@dataclass(frozen=True, slots=True)
class Conditional(Tree):
    """``value if condition else other``."""

    value: Expression
    condition: Expression
    other: Expression
    children: ClassVar[tuple[str, ...]] = ("value", "condition", "other")


Expression: TypeAlias = Tree

ATOMIC = 10
"""Precedence of names, calls, indices and everything in brackets."""
PRECEDENCE = {
    "if": 1,
    "or": 2,
    "and": 3,
    "not": 4,
    "is": 5,
    "is not": 5,
    "==": 5,
    "!=": 5,
    "<": 5,
    ">": 5,
    "<=": 5,
    ">=": 5,
    "|": 5.5,
    "&": 5.7,
    "+": 6,
    "-": 6,
    "*": 7,
    "/": 7,
    "//": 7,
    "@": 7,
    "%": 7,
    "unary -": 8,
    "~": 8,
    "**": 9,
}
"""Precedence of operators; higher binds tighter."""


def precedence(tree: Expression) -> float:
    """Returns the precedence of an expression."""
    if isinstance(tree, Binary):
        return PRECEDENCE[tree.rest[0][0]]
    if isinstance(tree, Unary):
        return PRECEDENCE["unary -" if tree.operator == "-" else tree.operator]
    if isinstance(tree, Conditional):
        return PRECEDENCE["if"]
    if isinstance(tree, Comprehension):
        return ATOMIC if tree.listed else PRECEDENCE["if"]
    if isinstance(tree, Literal) and type(tree.value) in (int, float) and tree.value < 0:
        return PRECEDENCE["unary -"]
    return ATOMIC


def binary(left: Expression, operator: str, right: Expression) -> Binary:
    """Applies an operator to two expressions."""
    if isinstance(left, Binary) and precedence(left) == PRECEDENCE[operator]:
        return Binary(left.first, (*left.rest, (operator, right)))
    return Binary(left, ((operator, right),))


def call(function: str, *arguments: Expression) -> Call:
    """Returns a call of a named function."""
    return Call(Name(function), arguments)
