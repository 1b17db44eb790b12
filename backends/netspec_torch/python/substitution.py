"""Replaces the holes in a class's trees by arguments and numbers."""

from __future__ import annotations

from collections.abc import Callable, Sequence

from netspec.blocks import Filled, Tree, replace_trees
from netspec.blocks.trees import Node

from ..classes.constructor_arguments import Argument
from ..classes.decide_arguments import Class, value_expression
from ..classes.shared_body import Column, Series, columns_of
from ..structure.body import Path
from ..syntax.expression_trees import (
    REQUIRED,
    Attribute,
    Binary,
    Call,
    ClassName,
    Expression,
    Input,
    Keyword,
    Literal,
    Member,
    Name,
    ValueHole,
    binary,
)

SELF = Name("self")


class Substitution:
    """Fills the holes in the trees of one class.

    Args:
        cls: the class.
        access: returns the expression for a member.
    """

    def __init__(self, cls: Class, access: Callable[[Path], Expression]) -> None:
        self.cls = cls
        self.access = access

    def value(self, column: Column, *, in_forward: bool = False) -> Expression:
        """Returns the value of a hole: a number, or the argument as named in the constructor or ``forward``."""
        value = self.cls.values[column]
        return argument_expression(value, in_forward=in_forward) if isinstance(value, Argument) else value

    def has_default(self, column: Column) -> bool:
        """Whether a keyword argument has its default value in all uses."""
        if column.hole.default is REQUIRED:
            return False
        value = self.cls.values[column]
        return not isinstance(value, Argument) and value == value_expression(column.hole.default)

    def tree(self, filled: Filled, *, in_forward: bool = False, inputs: Sequence[Expression] = ()) -> Expression:
        """Returns a tree with its holes filled; keyword arguments with default values are omitted."""
        columns = list(columns_of(filled))
        values = [self.value(column, in_forward=in_forward) for column in columns]
        defaults = [self.has_default(column) for column in columns]
        tree: Expression = self._put(filled.template.node, values, defaults, inputs)
        return tree

    def item(self, series: Series) -> Expression:
        """Returns the item of a series as an expression in ``i``."""
        columns = list(zip(columns_of(series.call), series.steps, strict=True))
        values = [growing_value(self.value(first), self.value(step)) for first, step in columns]
        defaults = [self.value(step) == Literal(0) and self.has_default(first) for first, step in columns]
        tree: Expression = self._put(series.call.template.node, values, defaults, ())
        return tree

    def sized(self, value: Filled) -> Expression:
        """Returns the expression of a tensor, without its sizes."""
        columns = list(columns_of(value))
        values = [self.value(column) for column in columns]
        _, tree = self._put(value.template.node, values, [False] * len(columns), ())
        assert isinstance(tree, Tree)
        return tree

    def _put(
        self, node: Node, values: Sequence[Expression], defaults: Sequence[bool], inputs: Sequence[Expression]
    ) -> Node:
        numbers = iter(range(len(values)))

        def change(part: Tree) -> Tree | None:
            if isinstance(part, ValueHole):
                return values[next(numbers)]
            if isinstance(part, Input):
                return inputs[part.number]
            if isinstance(part, Member):
                return self.access(part.path)
            if isinstance(part, ClassName):
                return Name(part.cls.name)
            if isinstance(part, Call):
                function = replace_trees(part.function, change)
                return Call(function, tuple(arguments(part)), part.one_per_line)
            if isinstance(part, Binary) and len(part.rest) == 1 and part.rest[0][0] == "*":
                return product(replace_trees(part.first, change), replace_trees(part.rest[0][1], change))
            return None

        def arguments(call: Call) -> list[Expression]:
            out: list[Expression] = []
            for argument in call.arguments:
                if isinstance(argument, Keyword) and isinstance(argument.value, ValueHole):
                    number = next(numbers)
                    if not defaults[number]:
                        out.append(Keyword(argument.name, values[number]))
                else:
                    out.append(replace_trees(argument, change))
            return out

        return replace_trees(node, change)


def argument_expression(argument: Argument, *, in_forward: bool = False) -> Expression:
    """Returns an argument as named in the constructor or ``forward``."""
    if in_forward:
        return Attribute(SELF, argument.attribute)
    if argument.base is None:
        return Name(argument.name)
    base = Name(argument.base.name)
    tree: Expression = replace_trees(argument.derivation, lambda part: base if isinstance(part, Input) else None)
    return tree


def growing_value(first: Expression, step: Expression) -> Expression:
    """Returns ``first + step * i``, simplified."""
    if step == Literal(0):
        return first
    more: Expression = Name("i") if step == Literal(1) else binary(step, "*", Name("i"))
    return more if first == Literal(0) else binary(first, "+", more)


def product(left: Expression, right: Expression) -> Expression:
    """Returns a product; a product of two numbers with a fraction is computed."""
    if isinstance(left, Literal) and isinstance(right, Literal) and type(right.value) is float:
        return Literal(left.value * right.value)
    return binary(left, "*", right)
