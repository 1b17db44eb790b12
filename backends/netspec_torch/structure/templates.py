"""Templates of rules' texts: parsed once, with the paths of submodules, and activations around what they act on."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from functools import lru_cache
from typing import TYPE_CHECKING, Any

from netspec.blocks import Filled, Hole, Template, Tree, replace_trees, walk
from netspec.shapes.sizes import is_named

from ..syntax.expression_trees import (
    Attribute,
    Call,
    Expression,
    Index,
    Input,
    InputDevice,
    Literal,
    Member,
    Name,
    ValueHole,
)
from ..syntax.parser import parse

if TYPE_CHECKING:
    from netspec.shapes.dims import Dim


@dataclass(frozen=True, slots=True)
class RuleTemplate:
    """The text of a rule as a template."""

    template: Template
    holes: tuple[str, ...]
    """Names of the numbers in its holes, as the rule gives them."""
    inputs: tuple[int, ...]
    """Numbers of the inputs that it reads, in order."""

    @property
    def is_first_of_several(self) -> bool:
        """Whether it is the first of several results: ``self.lstm(x)[0]``."""
        match self.template.node:
            case Index(_, (Literal(0),)):
                return True
            case _:
                return False

    def values(self, numbers: Mapping[str, Any]) -> tuple[Any, ...]:
        """The values of its holes."""
        return tuple(numbers[name] for name in self.holes)


@lru_cache(maxsize=4096)
def rule_template(text: str, in_forward: bool = True) -> RuleTemplate:
    """The template of a rule's text; holes have their names without trailing digits: ``size0`` is a ``size``."""
    tree = parse(text)
    names = tuple(part.name for part in walk(tree) if isinstance(part, Hole))

    def rename(part: Tree) -> Tree | None:
        if isinstance(part, Hole):
            return ValueHole(part.name.rstrip("0123456789"), in_forward=in_forward)
        return InputDevice() if part == Name("device_of_input") else None

    inputs = sorted({part.number for part in walk(tree) if isinstance(part, Input)})
    return RuleTemplate(Template(replace_trees(tree, rename)), names, tuple(inputs))


@lru_cache(maxsize=4096)
def with_weight_of(rule: RuleTemplate) -> RuleTemplate:
    """The template of a dense layer as a function of its weight: ``F.linear(x, self.fc.weight)`` for ``self.fc(x)``."""

    def change(part: Tree) -> Tree | None:
        if isinstance(part, Call) and part.function == Member(()):
            return Call(Name("F.linear"), (*part.arguments, Attribute(Member(()), "weight")))
        return None

    return RuleTemplate(Template(replace_trees(rule.template.node, change)), rule.holes, rule.inputs)


@lru_cache(maxsize=16384)
def step_template(rule: RuleTemplate, lifted: tuple[bool, ...], path: tuple[str, ...]) -> Template:
    """A rule's template in its place: inputs by their position among those that it reads, the submodule by its path.

    Args:
        rule: the template.
        lifted: which of the inputs that it reads get a batch axis of one.
        path: of the submodule, if it has one.
    """
    position = {number: i for i, number in enumerate(rule.inputs)}

    def change(part: Tree) -> Tree | None:
        if isinstance(part, Input):
            i = position[part.number]
            return Index(Input(i), (Literal(None),)) if lifted[i] else Input(i)
        return Member(path) if isinstance(part, Member) else None

    return Template(replace_trees(rule.template.node, change))


@lru_cache(maxsize=4096)
def plain_template(path: tuple[str, ...], inputs: int, sizes: tuple[Expression, ...] = ()) -> Template:
    """A submodule applied to a number of inputs, and to sizes behind them."""
    return Template(Call(Member(path), (*map(Input, range(inputs)), *sizes)))


def with_sizes(filled: Filled, expression: Callable[[Dim], Expression]) -> Filled:
    """An expression whose sizes that are known only at run time stand in the template, not in its holes."""
    values = iter(filled.values)
    left: list[Any] = []

    def change(part: Tree) -> Tree | None:
        if not isinstance(part, Hole):
            return None
        value = next(values)
        if is_named(value):
            return expression(value)
        left.append(value)
        return None

    return Filled(Template(replace_trees(filled.template.node, change)), tuple(left))


def occurrences(template: Template) -> int:
    """How often a template refers to its inputs."""
    return sum(isinstance(part, Input) for part in walk(template.node))


@lru_cache(maxsize=4096)
def composed(outer: Template, inner: Template) -> tuple[Template, int]:
    """A template with another in place of its only input, and how many of its own holes come before it."""
    before = 0
    for part in walk(outer.node):
        if isinstance(part, Input):
            break
        before += isinstance(part, Hole)
    tree = replace_trees(outer.node, lambda part: inner.node if isinstance(part, Input) else None)
    return Template(tree), before


def compose(outer: Filled, inner: Filled) -> Filled:
    """An expression of one input, with another expression as that input."""
    template, before = composed(outer.template, inner.template)
    return Filled(template, (*outer.values[:before], *inner.values, *outer.values[before:]))
