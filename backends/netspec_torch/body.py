"""What a class of the text holds: submodules, steps of its ``forward``, and the numbers in both (slots)."""

from __future__ import annotations

from collections.abc import Hashable, Iterator, Mapping
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, TypeAlias

from netspec.ops.weight import Init

from .rules.base import Literal

if TYPE_CHECKING:
    from .optional import Raw


Path: TypeAlias = tuple[str, ...]
"""The name of a member, at its dots."""


class _Required:
    def __repr__(self) -> str:
        return "REQUIRED"


REQUIRED: Any = _Required()
"""In place of a default where there is none."""


class _Absent:
    def __repr__(self) -> str:
        return "ABSENT"


ABSENT: Any = _Absent()
"""The value of a slot that a use without an optional layer has no number for."""


@dataclass(slots=True)
class Slot:
    """A number (or text, truth value, tuple) in the text, which may differ between the uses of a class."""

    name: str
    value: Literal
    default: Literal = REQUIRED
    forward: bool = False
    """Whether it stands in ``forward`` and so must be kept as an attribute where it differs."""
    item: str = ""
    """The layer (or level) of the block that it belongs to."""


@dataclass(slots=True)
class Leaf:
    """A submodule of a known class; its arguments are slots of the body that holds it."""

    cls: str
    args: tuple[tuple[str, int, Literal], ...]
    """Name, number of the slot, default."""
    repeat: str = ""
    inits: tuple[tuple[str, Init], ...] = ()
    """First values that are not PyTorch's, by weight."""
    choice: int | None = None
    """Number of the slot that is the class, where uses of a block may choose it: an activation."""

    def key(self) -> Hashable:
        """Equal for submodules that differ in slots alone."""
        return ("leaf", self.cls if self.choice is None else self.choice, self.args, self.inits)


@dataclass(slots=True)
class Stock:
    """A parameter or buffer of the body itself."""

    shape: tuple[int, ...]
    """Numbers of the slots with its sizes."""
    init: Init
    given: tuple[int, ...]
    """Numbers of the slots with the arguments of ``init``."""
    dtype: str
    buffer: bool
    persistent: bool

    def key(self) -> Hashable:
        """Equal for tensors that differ in slots alone."""
        return "stock", self.shape, self.given, self.alike()

    def alike(self) -> tuple[Hashable, ...]:
        """What is no slot."""
        init = self.init.kind if self.given else self.init
        return init, len(self.shape), len(self.given), self.dtype, self.buffer, self.persistent


@dataclass(slots=True)
class Use:
    """A submodule of a class of the text."""

    body: Body

    def key(self) -> Hashable:
        """Equal for uses of one class."""
        return ("use", self.body.key)


@dataclass(slots=True)
class Chain:
    """Submodules one after the other, each with its name."""

    items: tuple[tuple[str, Made], ...]
    count: int | None = None
    """Number of the slot that says how many there are of the only item, where all are the same."""
    gaps: tuple[tuple[int, str], ...] = ()
    """Where ``when`` left items out: the number of the next one, and the parameter that was asked for."""

    def key(self) -> Hashable:
        """Equal for chains that differ in slots alone."""
        return ("chain", tuple((name, made.key()) for name, made in self.items), self.count)

    @property
    def numbered(self) -> bool:
        """Whether the names are those that ``nn.Sequential`` gives by itself."""
        return all(name == str(i) for i, (name, _) in enumerate(self.items))


@dataclass(slots=True)
class Maybe:
    """A submodule that some uses of the class have."""

    made: Made
    flag: int
    """Number of the slot that says so."""

    def key(self) -> Hashable:
        """Equal for optional submodules that differ in slots alone."""
        return ("maybe", self.made.key(), self.flag)


Made: TypeAlias = Leaf | Stock | Use | Chain | Maybe


@dataclass(slots=True)
class Line:
    """A line of ``forward``; slots stand in it as ``\\0number\\0``."""

    text: str
    shape: tuple[int, ...] | None = None
    """Shape of what it computes, for a comment."""
    condition: str = ""
    """What must hold for it to be run."""


@dataclass(eq=False, slots=True)
class Body:
    """One use of a class: a block with its arguments, or a level of the tree of names."""

    title: str
    """What the class is called after."""
    block: str | None
    doc: str | None
    params: Mapping[str, Any]
    """Arguments of the block."""
    inputs: list[str] = field(default_factory=list[str])
    width: int | None = None
    """Channels of what comes in, where that is one tensor."""
    outputs: int = 1
    members: dict[tuple[str, ...], Made] = field(default_factory=dict[tuple[str, ...], Made])
    chain: Chain | None = None
    """Where the class is nothing but submodules one after the other."""
    frozen: list[str] = field(default_factory=list[str])
    """Names (from here, dotted) of what is not trained."""
    lines: list[Line] = field(default_factory=list[Line])
    slots: list[Slot] = field(default_factory=list[Slot])
    paths: list[tuple[str, ...]] = field(default_factory=list[tuple[str, ...]])
    """Members that lines speak of, as ``\\1number\\1``."""
    item: str = ""
    """The layer that is being added."""
    raw: Raw | None = None
    absent: frozenset[str] = frozenset()
    """Optional layers that this use has not."""
    lacking: Mapping[Path, Mapping[int, str]] = field(default_factory=dict[Path, Mapping[int, str]])
    """Optional items that this use has not, by the path of their chain (empty for the class itself): their numbers, and
    the parameters that ``when`` asked for.
    """
    key: Hashable = None

    def slot(self, name: str, value: Literal, default: Literal = REQUIRED, *, forward: bool = False) -> int:
        """The number of a new slot."""
        self.slots.append(Slot(name, value, default, forward, self.item))
        return len(self.slots) - 1

    def close(self) -> None:
        """Settles the key, once everything is in it."""
        self.key = Key((
            self.block, None if self.block else self.title, tuple(self.inputs), self.outputs, tuple(self.frozen),
            tuple((path, made.key()) for path, made in self.members.items()),
            self.chain.key() if self.chain else None, tuple(self.paths),
            tuple((line.text, line.condition) for line in self.lines),
            tuple((s.name, s.forward) for s in self.slots),
        ))

    def made(self) -> Iterator[Made]:
        """Everything it constructs, chains taken apart, in order."""
        return parts(*self.members.values(), *([self.chain] if self.chain is not None else []))

    def uses(self) -> Iterator[Body]:
        """Bodies of the classes of the text that it constructs, in order."""
        return (made.body for made in self.made() if isinstance(made, Use))

    def missing(self) -> list[Body]:
        """Bodies in optional layers and items that this use has not."""
        gone: list[Made] = []
        for path, made in self.members.items():
            if self.raw is not None and isinstance(made, Maybe) and self.raw.items[path] in self.absent:
                gone.append(made)
        for path, chain in self.chains():
            gone += [chain.items[i][1] for i in self.lacking.get(path, ())]
        return [made.body for made in parts(*gone) if isinstance(made, Use)]

    def put_chain(self, path: tuple[str, ...], chain: Made) -> None:
        """Sets the chain at a path of :meth:`chains`."""
        if path:
            self.members[path] = chain
        else:
            assert isinstance(chain, Chain)
            self.chain = chain

    def chains(self) -> Iterator[tuple[tuple[str, ...], Chain]]:
        """The chains among its members by their paths, and the one that it is by none."""
        for path, made in [((), self.chain), *self.members.items()]:
            if isinstance(made, Chain):
                yield path, made


def parts(*made: Made) -> Iterator[Made]:
    """Members with chains and optional ones taken apart, in order."""
    stack = list(reversed(made))
    while stack:
        one = stack.pop()
        if isinstance(one, Chain):
            stack += [item for _, item in reversed(one.items)]
        elif isinstance(one, Maybe):
            stack.append(one.made)
        else:
            yield one


class Key:
    """A structure that is hashed once: keys hold keys, and would be walked again at every level."""

    __slots__ = ("_hash", "_value")

    def __init__(self, value: Hashable) -> None:
        self._value = value
        self._hash = hash(value)

    def __hash__(self) -> int:
        return self._hash

    def __eq__(self, other: object) -> bool:
        return self is other or (isinstance(other, Key) and self._hash == other._hash and self._value == other._value)
