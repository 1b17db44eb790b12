"""Templates of rules' texts: parsed once, filled with the paths of submodules, and composed with activations."""

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
    """The template of a rule's text."""

    template: Template
    holes: tuple[str, ...]
    """Names of the numbers in its holes, as in the rule."""
    inputs: tuple[int, ...]
    """Indices of the inputs that it reads, in order."""

    @property
    def is_first_of_several(self) -> bool:
        """Whether it selects the first of several results: ``self.lstm(x)[0]``."""
        match self.template.node:
            case Index(_, (Literal(0),)):
                return True
            case _:
                return False

    def values(self, numbers: Mapping[str, Any]) -> tuple[Any, ...]:
        """Returns the values of its holes."""
        return tuple(numbers[name] for name in self.holes)


@lru_cache(maxsize=4096)
def rule_template(text: str, in_forward: bool = True) -> RuleTemplate:
    """Parses a rule's text; the names of holes lose trailing digits: ``size0`` becomes ``size``."""
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
    """Returns a dense layer as a function of its weight: ``F.linear(x, self.fc.weight)`` for ``self.fc(x)``."""

    def change(part: Tree) -> Tree | None:
        if isinstance(part, Call) and part.function == Member(()):
            return Call(Name("F.linear"), (*part.arguments, Attribute(Member(()), "weight")))
        return None

    return RuleTemplate(Template(replace_trees(rule.template.node, change)), rule.holes, rule.inputs)


@lru_cache(maxsize=16384)
def step_template(rule: RuleTemplate, lifted: tuple[bool, ...], path: tuple[str, ...]) -> Template:
    """Returns a rule's template with inputs by position among those that it reads, and the submodule by path.

    Args:
        rule: the template.
        lifted: for each input that it reads, whether to add a batch axis of size one.
        path: path of the submodule, if there is one.
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
    """Returns the call of a submodule with a number of inputs, followed by sizes."""
    return Template(Call(Member(path), (*map(Input, range(inputs)), *sizes)))


def with_sizes(filled: Filled, expression: Callable[[Dim], Expression]) -> Filled:
    """Replaces holes with run-time sizes by expressions in the template."""
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
    """Returns the number of references to inputs."""
    return sum(isinstance(part, Input) for part in walk(template.node))


@lru_cache(maxsize=4096)
def composed(outer: Template, inner: Template) -> tuple[Template, int]:
    """Substitutes a template for the only input of another; also returns the number of outer holes before it."""
    before = 0
    for part in walk(outer.node):
        if isinstance(part, Input):
            break
        before += isinstance(part, Hole)
    tree = replace_trees(outer.node, lambda part: inner.node if isinstance(part, Input) else None)
    return Template(tree), before


def compose(outer: Filled, inner: Filled) -> Filled:
    """Substitutes an expression for the only input of another."""
    template, before = composed(outer.template, inner.template)
    return Filled(template, (*outer.values[:before], *inner.values, *outer.values[before:]))
