"""Python statements as trees."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, ClassVar, TypeAlias

from netspec.blocks import Tree

from .expression_trees import REQUIRED, Expression


@dataclass(frozen=True, slots=True)
class Assign(Tree):
    """``targets = value``, ``targets += value``, ``targets: annotation = value``."""

    targets: tuple[Expression, ...]
    value: Expression
    operator: str = ""
    """``+`` for ``+=``."""
    annotation: Expression | None = None
    comment: str = ""
    """Left out where it does not fit on the line."""
    children: ClassVar[tuple[str, ...]] = ("targets", "value", "annotation")


@dataclass(frozen=True, slots=True)
class Return(Tree):
    """``return value``."""

    value: Expression
    comment: str = ""
    children: ClassVar[tuple[str, ...]] = ("value",)


@dataclass(frozen=True, slots=True)
class Evaluate(Tree):
    """An expression as a statement."""

    value: Expression
    comment: str = ""
    children: ClassVar[tuple[str, ...]] = ("value",)


@dataclass(frozen=True, slots=True)
class If(Tree):
    """``if condition: body`` and ``else: other``."""

    condition: Expression
    body: tuple[Statement, ...]
    other: tuple[Statement, ...] = ()
    children: ClassVar[tuple[str, ...]] = ("condition", "body", "other")


@dataclass(frozen=True, slots=True)
class For(Tree):
    """``for target in iterable: body``."""

    target: Expression
    iterable: Expression
    body: tuple[Statement, ...]
    children: ClassVar[tuple[str, ...]] = ("target", "iterable", "body")


@dataclass(frozen=True, slots=True)
class Parameter(Tree):
    """A parameter of a function."""

    name: str
    annotation: Expression | None = None
    default: Any = REQUIRED
    """A literal's value."""
    children: ClassVar[tuple[str, ...]] = ("annotation",)


@dataclass(frozen=True, slots=True)
class Function(Tree):
    """``def name(parameters) -> returns: body``."""

    name: str
    parameters: tuple[Parameter, ...]
    returns: Expression
    body: tuple[Statement, ...]
    children: ClassVar[tuple[str, ...]] = ("parameters", "returns", "body")


Statement: TypeAlias = "Assign | Return | Evaluate | If | For"
