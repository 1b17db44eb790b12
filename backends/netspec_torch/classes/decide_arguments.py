"""Decides which numbers of a class become constructor arguments."""

# Literals are of any type:
# pyright: reportUnknownVariableType=false, reportUnknownArgumentType=false

from __future__ import annotations

from collections.abc import Collection, Hashable, Iterable, Iterator, Sequence
from dataclasses import dataclass, field, replace
from itertools import groupby
from typing import Any

from netspec.blocks import ABSENT, Filled, Template, typed

from ..structure.body import Body, Leaf, Tensor
from ..syntax.expression_trees import (
    REQUIRED,
    Call,
    ClassName,
    Expression,
    Keyword,
    Literal,
    TupleExpression,
    ValueHole,
    binary,
)
from .constructor_arguments import Argument, annotation, arrange, derive, give_names
from .shared_body import Column, Nested, OptionalMember, Series, SharedBody, SharedMember, columns_of


@dataclass(eq=False, slots=True)
class Class:
    """A class of the written file and its uses."""

    bodies: list[Body]
    """Its uses, in order."""
    content: SharedBody
    name: str = ""
    arguments: list[Argument] = field(default_factory=list[Argument])
    derived: list[Argument] = field(default_factory=list[Argument])
    """Values that are derived from an argument."""
    values: dict[Column, Expression | Argument] = field(default_factory=dict[Column, "Expression | Argument"])
    """For every hole, its constant value or its argument."""

    def calls(self) -> Iterator[Filled]:
        """Yields the constructor call of each use."""
        arguments: list[Expression] = []
        for argument in self.arguments:
            hole = ValueHole(argument.name, argument.default)
            arguments.append(hole if argument.default is REQUIRED else Keyword(argument.name, hole))
        template = Template(Call(ClassName(self), tuple(arguments)))
        for n in range(len(self.bodies)):
            yield Filled(template, tuple(argument.values[n] for argument in self.arguments))


def decide_arguments(cls: Class, used_names: Iterable[str]) -> None:
    """Decides which holes of a class become arguments.

    Args:
        cls: the class; the arguments of the classes that it uses must already be decided.
        used_names: names of the library.
    """
    parameters = block_parameters(cls.bodies)
    names = {key: name for key, (name, _) in parameters.items()}
    widths = [body.width for body in cls.bodies]
    arguments: dict[Hashable, Argument] = {}
    columns = columns_in_order(cls.content)
    # Complete columns first, because incomplete ones may match their arguments.
    for column in sorted(columns, key=lambda column: ABSENT in column.values):
        hole, values = column.hole, with_widths(column, widths)
        completed = complete(values, hole, [a.values for a in arguments.values()], parameters.values())
        key = typed(completed)
        if len(set(map(typed, completed))) == 1:
            cls.values[column] = value_expression(next((v for v in values if v is not ABSENT), hole.default))
            continue
        no_value = frozenset(n for n, v in enumerate(values) if v is ABSENT and key not in parameters)
        argument = arguments.get(key)
        if argument is None:
            name = names.get(key, hole.name)
            argument = Argument(name, hole.default, completed, key, annotation(completed), open=no_value)
            arguments[key] = argument
        argument.open &= no_value
        if hole.default is REQUIRED:
            argument.default = REQUIRED
        argument.in_forward = argument.in_forward or hole.in_forward
        cls.values[column] = argument
    every = list(arguments.values())
    arrange(every, names)
    derive(every, names)
    cls.arguments = [argument for argument in every if argument.base is None]
    cls.derived = [argument for argument in every if argument.base is not None]
    give_names([*cls.arguments, *cls.derived], used_names, {path[0] for path in cls.content.members})


# -- columns ------------------------------------------------------------------------------------------------------
def columns_in_order(content: SharedBody) -> list[Column]:
    """Returns the columns of a class: those of its own layers, presence flags, then those of the classes it uses."""
    columns: dict[Column, None] = {}
    flags: dict[Column, None] = {}
    nested: dict[Column, None] = {}

    def add(member: SharedMember | Series) -> None:
        if isinstance(member, Leaf):
            columns.update(dict.fromkeys(columns_of(member.call)))
        elif isinstance(member, Tensor):
            columns.update(dict.fromkeys(columns_of(member.value)))
        elif isinstance(member, Nested):
            nested.update(dict.fromkeys(columns_of(member.call)))
        elif isinstance(member, Series):
            columns[member.count] = None
            for first, step in zip(columns_of(member.call), member.steps, strict=True):
                nested.update(dict.fromkeys((first, step)))
        elif isinstance(member, OptionalMember):
            flags[member.flag] = None
            add(member.member)
        else:
            if member.count is not None:
                columns[member.count] = None
            for _, item in member.items:
                add(item)

    if content.chain is not None:
        add(content.chain)
    parts: list[tuple[int, SharedMember | Filled]] = [
        *((content.positions[path], member) for path, member in content.members.items()),
        *((step.position, step.expression) for step in content.steps),
    ]
    for _, part in sorted(parts, key=lambda part: part[0]):
        if isinstance(part, Filled):
            columns.update(dict.fromkeys(columns_of(part)))
        else:
            add(part)
    of_steps = [step_flag(step.flag, step.member is None) for step in content.steps if step.flag is not None]
    return list(dict.fromkeys([*columns, *of_steps, *flags, *nested]))


def step_flag(flag: Column, in_forward: bool) -> Column:
    """Returns the presence flag of an optional step. ``forward`` needs it if there is no submodule to test."""
    return Column(replace(flag.hole, in_forward=in_forward), flag.values)


def block_parameters(bodies: Sequence[Body]) -> dict[Hashable, tuple[str, tuple[Any, ...]]]:
    """Returns names and values of the block's parameters, keyed by their values; only those with literal values."""
    out: dict[Hashable, tuple[str, tuple[Any, ...]]] = {}
    for name in bodies[0].arguments:
        if all(name in body.arguments for body in bodies):
            values = tuple(with_tuples(body.arguments[name]) for body in bodies)
            if all(map(is_literal, values)):
                out.setdefault(typed(values), (name, values))
    return out


def with_tuples(value: Any) -> Any:
    """Converts lists in a value to tuples."""
    return tuple(map(with_tuples, value)) if isinstance(value, (list, tuple)) else value


def is_literal(value: Any) -> bool:
    """Whether a value can be written as a literal."""
    if isinstance(value, tuple):
        return all(map(is_literal, value))
    return value is None or isinstance(value, (bool, int, float, str))


def with_widths(column: Column, widths: Sequence[int | None]) -> tuple[Any, ...]:
    """Returns the values of a column; for input channels, also fills the uses without that layer."""
    values = column.values
    if ABSENT not in values or not column.hole.name.startswith("in_"):
        return values
    if any(value is not ABSENT and value != width for value, width in zip(values, widths, strict=True)):
        return values
    return tuple(
        width if value is ABSENT and width is not None else value for value, width in zip(values, widths, strict=True)
    )


def complete(
    values: tuple[Any, ...],
    hole: ValueHole,
    others: Iterable[tuple[Any, ...]],
    parameters: Collection[tuple[str, tuple[Any, ...]]],
) -> tuple[Any, ...]:
    """Fills the gaps of a column from another column that agrees with it elsewhere, or else with its first value.

    A parameter of the block with the hole's name is preferred over other columns.

    Args:
        values: one for each use.
        hole: the hole that they fill.
        others: values of the arguments so far.
        parameters: names and values of the block's parameters.
    """
    if ABSENT not in values:
        return values

    def agrees(other: tuple[Any, ...]) -> bool:
        return all(v is ABSENT or typed(v) == typed(o) for v, o in zip(values, other, strict=True))

    named = next((other for name, other in parameters if name == hole.name), None)
    if named is not None and agrees(named):
        return named
    known = [value for value in values if value is not ABSENT] or [hole.default]
    if len(set(map(typed, known))) > 1:
        for other in [*others, *(argument for _, argument in parameters)]:
            if agrees(other):
                return other
    return tuple(known[0] if value is ABSENT else value for value in values)


def value_expression(value: Any) -> Expression:
    """Converts a value to an expression; long runs in a tuple become ``(0,) * 96``."""
    if not isinstance(value, tuple):
        return Literal(value)
    items: list[Any] = list(value)
    runs = [(item, len(list(group))) for item, group in groupby(items)]
    if len(items) > 8 and len(runs) * 4 < len(items):
        terms: list[Expression] = []
        for item, count in runs:
            single = TupleExpression((value_expression(item),))
            terms.append(binary(single, "*", Literal(count)) if count > 1 else single)
        out = terms[0]
        for term in terms[1:]:
            out = binary(out, "+", term)
        return out
    return TupleExpression(tuple(map(value_expression, items)))
