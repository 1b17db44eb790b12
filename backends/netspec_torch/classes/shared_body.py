"""What all uses of a class have in common: members and steps whose holes have a column of values, one for each use."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Any, NamedTuple, TypeAlias

from netspec.blocks import Filled, typed

from ..structure.body import Leaf, Path, Tensor
from ..syntax.expression_trees import ValueHole


class Column:
    """A hole with its value in every use, compared with the types of these and hashed once."""

    __slots__ = ("_hash", "_key", "hole", "values")

    def __init__(self, hole: ValueHole, values: tuple[Any, ...]) -> None:
        self.hole = hole
        self.values = values
        self._key = (hole.key(), typed(values))
        self._hash = hash(self._key)

    def __hash__(self) -> int:
        return self._hash

    def __eq__(self, other: object) -> bool:
        return self is other or (isinstance(other, Column) and self._hash == other._hash and self._key == other._key)


def columns_of(filled: Filled) -> Iterator[Column]:
    """The holes of a unified tree with their columns."""
    for hole, values in zip(filled.template.holes, filled.values, strict=True):
        assert isinstance(hole, ValueHole)
        yield Column(hole, values)


@dataclass(frozen=True, slots=True)
class Nested:
    """A submodule whose class the file defines: the call of that class."""

    call: Filled


@dataclass(frozen=True, slots=True)
class OptionalMember:
    """A member that only some uses have."""

    member: SharedMember
    flag: Column
    """Which have it."""


@dataclass(frozen=True, slots=True)
class SharedChain:
    """Submodules one after the other, some of them perhaps optional."""

    items: tuple[tuple[str, SharedMember], ...]
    count: Column | None = None
    """The number of copies of the only item."""
    kind: str = ""
    """``list`` or ``stack`` for copies that are not one after the other."""

    @property
    def numbered(self) -> bool:
        """Whether the names are those that ``nn.Sequential`` gives by itself."""
        return all(name == str(i) for i, (name, _) in enumerate(self.items))


class CountedNames(NamedTuple):
    """Numbered names, by common stem and first number: ``block1``, ``block2``."""

    stem: str
    start: int


@dataclass(frozen=True, slots=True)
class Series:
    """A chain of uses of one class whose arguments grow evenly; its length is an argument."""

    names: CountedNames
    count: Column
    call: Filled
    """The call of the class, with the arguments of the first."""
    steps: tuple[Column, ...]
    """By how much each argument grows."""


SharedMember: TypeAlias = "Leaf | Tensor | Nested | SharedChain | OptionalMember"


@dataclass(frozen=True, slots=True)
class SharedStep:
    """A step of all uses, or of those that have it."""

    expression: Filled
    reads: tuple[int, ...]
    results: tuple[int, ...]
    titles: tuple[str, ...]
    shapes: tuple[tuple[Any, ...] | None, ...]
    """Shape of the first result in every use; None where a use lacks it."""
    position: int
    overwrites: bool
    main: int | None
    """The value that stands for the result in uses without the step."""
    flag: Column | None = None
    """Which uses have it, where some do not."""
    member: Path | None = None
    """The submodule of an optional step, whose presence is the condition."""


@dataclass(eq=False, slots=True)
class SharedBody:
    """What all uses of a class have in common."""

    title: str
    block: str | None = None
    doc: str | None = None
    outputs: int = 1
    inputs: dict[int, str] = field(default_factory=dict[int, str])
    members: dict[Path, SharedMember] = field(default_factory=dict[Path, SharedMember])
    positions: dict[Path, int] = field(default_factory=dict[Path, int])
    chain: SharedChain | Series | None = None
    frozen: list[str] = field(default_factory=list[str])
    steps: list[SharedStep] = field(default_factory=list[SharedStep])
    stored: dict[int, Path] = field(default_factory=dict[int, Path])
    returned: list[int] = field(default_factory=list[int])
    public: list[str] | None = None
    sizes: int = 0
    """How many of the inputs, at the end, are sizes."""

    def every_member(self) -> list[SharedMember | Series]:
        """Its members, and the chain that it is."""
        return [*self.members.values(), *([self.chain] if self.chain is not None else [])]


def nested_calls(member: SharedMember | Series) -> Iterator[Filled]:
    """The calls of other classes in a member, in order."""
    if isinstance(member, (Nested, Series)):
        yield member.call
    elif isinstance(member, SharedChain):
        for _, item in member.items:
            yield from nested_calls(item)
    elif isinstance(member, OptionalMember):
        yield from nested_calls(member.member)
