"""Arguments of constructors: their order, their names, and which are derived from others."""

# Literals are of any type:
# pyright: reportUnknownVariableType=false, reportUnknownArgumentType=false

from __future__ import annotations

from collections.abc import Collection, Container, Hashable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from functools import lru_cache
from itertools import combinations
from typing import Any

from ..syntax.expression_trees import REQUIRED, Expression, Input, Literal, Unary, binary
from ..syntax.literals import Code, identifier, taken_by_module, unique
from ..syntax.parser import parse_expression


@dataclass(eq=False, slots=True)
class Argument:
    """An argument of a constructor, or a value that is derived from one."""

    name: str
    default: Any
    values: tuple[Any, ...]
    """The value in each use."""
    key: Hashable
    """The values with their types."""
    annotation: Expression
    in_forward: bool = False
    """Whether ``forward`` needs it."""
    attribute: str = ""
    """The attribute that keeps it for ``forward``."""
    base: Argument | None = None
    """The argument that it is derived from; if set, it is not a constructor argument."""
    derivation: Expression | None = None
    """The derivation as an expression with the base as its only input: ``4 * {0}``."""
    open: frozenset[int] = frozenset()
    """Indices of uses that have no value."""

    def close(self) -> None:
        """Gives the default, or else zero or an empty tuple, to the uses without a value."""
        kind = type(self.values[0])
        empty = kind() if kind in (int, float, tuple) else self.values[0]
        value = empty if self.default is REQUIRED else self.default
        self.values = tuple(value if n in self.open else v for n, v in enumerate(self.values))

    def derive_from(self, base: Argument, derivation: Expression) -> None:
        """Makes the argument a value that is derived from another."""
        self.base, self.derivation = base, derivation


# -- order and names ----------------------------------------------------------------------------------------------
def arrange(arguments: list[Argument], parameters: Mapping[Hashable, str]) -> None:
    """Sorts arguments: incoming sizes (``in_*``), then the block's parameters in their order, others, and keywords.

    Args:
        arguments: sorted in place.
        parameters: names of the block's parameters, in order, by their values.
    """
    place = {key: i for i, key in enumerate(parameters)}

    def rank(argument: Argument) -> tuple[bool, int]:
        incoming = argument.name.startswith("in_") and argument.key not in place
        return argument.default is not REQUIRED, -1 if incoming else place.get(argument.key, len(place))

    arguments.sort(key=rank)


def give_names(arguments: Iterable[Argument], used_names: Iterable[str], members: Collection[str]) -> None:
    """Gives arguments unique names, and an attribute to those that ``forward`` needs.

    Args:
        arguments: in order.
        used_names: names of the library.
        members: existing attributes of the class.
    """
    names = {"i", *used_names}  # the comprehension index, and names of the library
    attributes: set[str] = set()
    for argument in arguments:
        argument.close()
        if argument.name in names and type(argument.values[0]) is bool:
            argument.name = f"with_{argument.name}"
        argument.name = identifier(argument.name, names)
        names.add(argument.name)
        if argument.in_forward:
            preferred = argument.name if not taken_by_module(argument.name) else f"{argument.name}_"
            argument.attribute = unique(preferred, attributes.union(members))
            attributes.add(argument.attribute)


# -- what follows from what ---------------------------------------------------------------------------------------
def derive(arguments: Sequence[Argument], parameters: Container[Hashable]) -> None:
    """Derives arguments from others if a relation holds in every use: a multiple, a negation, or ``same`` padding.

    Incoming sizes are not derived. Other arguments may be multiples of these and of the block's parameters, as in ``4 *
    dim``. A parameter may be a multiple of an earlier one if it has at least three different values, which rules out
    coincidence.
    """
    integers = [a for a in arguments if all(type(v) is int and v > 0 for v in a.values) and a.default is REQUIRED]
    bases = [a for a in integers if a.key in parameters or a.name.startswith("in_")]
    for i, argument in enumerate(integers):
        if argument not in bases:
            derive_multiple(argument, [a for a in bases if a.base is None])
        elif argument.key in parameters:
            before = [a for a in integers[:i] if a.key in parameters and a.base is None and len(set(a.values)) > 2]
            derive_multiple(argument, before)
    flags = [a for a in arguments if all(type(v) is bool for v in a.values)]
    for first, second in combinations(flags, 2):
        if first.base is None and all(a is not b for a, b in zip(first.values, second.values, strict=True)):
            second.derive_from(first, Unary("not", Input(0)))
    for argument in arguments:
        if argument.name.startswith("padding") and argument.key not in parameters:
            kernels = [a for a in integers if "kernel" in a.name and a.base is None and keeps_size(argument, a)]
            if kernels:
                argument.derive_from(kernels[0], binary(Input(0), "//", Literal(2)))
    for argument in arguments:
        if argument.base is not None:  # the base must have a value wherever the argument has one
            argument.base.open &= argument.open


def derive_multiple(argument: Argument, bases: Sequence[Argument]) -> None:
    """Derives an argument from the base of which it is the smallest multiple, if any."""
    factors: dict[int, Argument] = {}
    for base in bases:
        factor = argument.values[0] // base.values[0]
        if factor > 1 and all(v == factor * b for v, b in zip(argument.values, base.values, strict=True)):
            factors.setdefault(factor, base)
    if factors:
        least = min(factors)
        argument.derive_from(factors[least], binary(Literal(least), "*", Input(0)))


def keeps_size(padding: Argument, kernel: Argument) -> bool:
    """Whether the padding keeps the size for windows with stride 1 in every use."""
    return all(type(p) is int and p == k // 2 for p, k in zip(padding.values, kernel.values, strict=True))


# -- types --------------------------------------------------------------------------------------------------------
def kind(value: Any) -> str:
    """Returns the type of a value as written in annotations."""
    if isinstance(value, tuple):
        inner = {type(item) for item in value}
        if tuple in inner:
            return "tuple of tuples"
        return "tuple of floats" if float in inner else "tuple"
    if isinstance(value, Code):
        return "type[nn.Module]"
    return "None" if value is None else type(value).__name__


def annotation(values: Iterable[Any]) -> Expression:
    """Returns the type annotation for values."""
    return union(frozenset(map(kind, values)))


@lru_cache(maxsize=256)
def union(kinds: frozenset[str]) -> Expression:
    """Returns the annotation for values of several types."""
    names = set(kinds)
    if names <= {"int", "float"} and names != {"int"}:
        return parse_expression("float")
    tuples = {name for name in names if name.startswith("tuple")}
    if tuples:
        names -= tuples
        if "tuple of tuples" in tuples:
            names.add("tuple[tuple[int, ...], ...]")
        else:
            names.add("tuple[float, ...]" if "tuple of floats" in tuples else "tuple[int, ...]")
    optional = "None" in names
    names.discard("None")
    return parse_expression(" | ".join([*sorted(names), *(["None"] if optional else [])]))
