"""The common content of all uses of a class: members and steps whose holes have a column with one value per use."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Any, NamedTuple, TypeAlias

from netspec.blocks import Filled, typed

from ..structure.body import Leaf, Path, Tensor
from ..syntax.expression_trees import ValueHole


class Column:
    """A hole with its value in every use; compared by type and value, with a cached hash."""

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
    """Yields the holes of a unified tree with their columns."""
    for hole, values in zip(filled.template.holes, filled.values, strict=True):
        assert isinstance(hole, ValueHole)
        yield Column(hole, values)


@dataclass(frozen=True, slots=True)
class Nested:
    """A submodule whose class is defined in the file, given by its constructor call."""

    call: Filled


@dataclass(frozen=True, slots=True)
class OptionalMember:
    """A member that only some uses have."""

    member: SharedMember
    flag: Column
    """Which uses have it."""


@dataclass(frozen=True, slots=True)
class SharedChain:
    """Consecutive submodules, some of which may be optional."""

    items: tuple[tuple[str, SharedMember], ...]
    count: Column | None = None
    """The number of copies, if the chain consists of a single repeated item."""
    kind: str = ""
    """``list`` or ``stack`` for copies that do not run consecutively."""

    @property
    def numbered(self) -> bool:
        """Whether the names are the default names of ``nn.Sequential``."""
        return all(name == str(i) for i, (name, _) in enumerate(self.items))


class CountedNames(NamedTuple):
    """Numbered names, given by common stem and first number: ``block1``, ``block2``."""

    stem: str
    start: int


@dataclass(frozen=True, slots=True)
class Series:
    """A chain of uses of one class whose arguments grow evenly and whose length is an argument."""

    names: CountedNames
    count: Column
    call: Filled
    """The constructor call of the first item."""
    steps: tuple[Column, ...]
    """The amount by which each argument grows."""


SharedMember: TypeAlias = "Leaf | Tensor | Nested | SharedChain | OptionalMember"


@dataclass(frozen=True, slots=True)
class SharedStep:
    """A step of all uses, or of some."""

    expression: Filled
    reads: tuple[int, ...]
    results: tuple[int, ...]
    titles: tuple[str, ...]
    shapes: tuple[tuple[Any, ...] | None, ...]
    """Shape of the first result in every use; None for uses without the step."""
    position: int
    overwrites: bool
    main: int | None
    """The value that replaces the result in uses without the step."""
    flag: Column | None = None
    """Which uses have it; None if all do."""
    member: Path | None = None
    """The submodule of an optional step; its presence is the condition."""


@dataclass(eq=False, slots=True)
class SharedBody:
    """The common content of all uses of a class."""

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
    """Number of trailing inputs that are sizes."""

    def every_member(self) -> list[SharedMember | Series]:
        """Returns all members, including the chain that the class itself may be."""
        return [*self.members.values(), *([self.chain] if self.chain is not None else [])]


def nested_calls(member: SharedMember | Series) -> Iterator[Filled]:
    """Yields the calls of other classes in a member, in order."""
    if isinstance(member, (Nested, Series)):
        yield member.call
    elif isinstance(member, SharedChain):
        for _, item in member.items:
            yield from nested_calls(item)
    elif isinstance(member, OptionalMember):
        yield from nested_calls(member.member)
