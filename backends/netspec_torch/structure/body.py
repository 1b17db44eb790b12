"""The contents of one use of a class: submodules by their paths, and the steps of its ``forward``."""

from __future__ import annotations

from collections.abc import Hashable, Iterator, Mapping
from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING, Any, TypeAlias

from netspec.blocks import Filled
from netspec.ops.weight import Init
from netspec.shapes.sizes import Size

from ..syntax.expression_trees import Expression, RunTimeSize

if TYPE_CHECKING:
    from .size_expressions import SizeExpressions

Path: TypeAlias = tuple[str, ...]
"""The name of a member, at its dots."""


@dataclass(frozen=True, slots=True)
class Leaf:
    """A submodule of a class of PyTorch or of the library."""

    call: Filled
    """What makes it."""
    inits: tuple[tuple[str, Init], ...] = ()
    """First values of its weights that are not PyTorch's, by name."""


@dataclass(frozen=True, slots=True)
class Tensor:
    """A parameter or buffer of the class itself."""

    value: Filled
    """The tree is a pair: holes for the sizes, and the expression that makes the tensor."""
    buffer: bool
    persistent: bool


@dataclass(frozen=True, slots=True)
class Use:
    """A submodule whose class this file defines."""

    body: Body


@dataclass(frozen=True, slots=True)
class Chain:
    """Submodules one after the other."""

    items: tuple[tuple[str, Member], ...]
    """With their names."""
    count: int | None = None
    """How many there are of the only item, where all are equal."""
    places: tuple[int, ...] = ()
    """Positions of the items in the list of the spec, of which ``when`` omitted some."""
    left_out: tuple[tuple[int, str], ...] = ()
    """Positions of omitted items in that list, each with the parameter that its condition tests."""
    kind: str = ""
    """``list`` for copies from which positions choose, ``stack`` if their weights are one; else one after another."""

    @property
    def numbered(self) -> bool:
        """Whether the names are those that ``nn.Sequential`` gives by itself."""
        return all(name == str(i) for i, (name, _) in enumerate(self.items))


Member: TypeAlias = "Leaf | Tensor | Use | Chain"


@dataclass(frozen=True, slots=True)
class ForwardStep:
    """What ``forward`` does at one point: an expression over values, and the values it computes."""

    expression: Filled
    reads: tuple[int, ...]
    """Values that it reads: those of its inputs, in order."""
    results: tuple[int, ...]
    titles: tuple[str, ...]
    """What the results are called after."""
    shape: tuple[Any, ...]
    """Shape of the first result."""
    item: str = ""
    """The layer (or level) of the block that it belongs to."""
    position: int = 0
    """When it was added to the body, among members and steps."""
    fuses: bool = False
    """Whether it is written around the expression that it reads, where that has no other reader."""
    overwrites: bool = False
    """Whether it is a statement that writes over the first value it reads."""
    main: int | None = None
    """The value that is read in place of its result where the layer is left out."""


@dataclass(eq=False, slots=True)
class Body:
    """One use of a class: a block with its arguments, or a level of the tree of names."""

    title: str
    """What the class is called after."""
    block: str | None = None
    doc: str | None = None
    arguments: Mapping[str, Any] = field(default_factory=dict[str, Any])
    """Arguments of the block."""
    width: int | None = None
    """Channels of the input, where there is one with channels."""
    inputs: dict[int, str] = field(default_factory=dict[int, str])
    """Values that ``forward`` is given, with their names."""
    sizes: tuple[Size, ...] = ()
    """Sizes that ``forward`` is given behind the values, as they do not follow from those; ``inputs`` has them too."""
    outputs: int = 1
    """How many values it returns."""
    members: dict[Path, Member] = field(default_factory=dict[Path, Member])
    items: dict[Path, str] = field(default_factory=dict[Path, str])
    """For every member the layer (or level) of the block that it belongs to."""
    positions: dict[Path, int] = field(default_factory=dict[Path, int])
    """For every member when it was added, among members and steps."""
    chain: Chain | None = None
    """Where the class is nothing but submodules one after the other."""
    frozen: list[str] = field(default_factory=list[str])
    """Dotted names, from here, of what is not trained."""
    steps: list[ForwardStep] = field(default_factory=list[ForwardStep])
    stored: dict[int, Path] = field(default_factory=dict[int, Path])
    """Values that are tensors of the class itself."""
    returned: list[int] = field(default_factory=list[int])
    left_out: frozenset[str] = frozenset()
    """Layers of the block that ``when`` left out."""
    public: list[str] | None = None
    """Names of the network's outputs, where it returns several."""
    expressions: SizeExpressions | None = None
    """How sizes that are known only at run time follow from the inputs."""
    _next: int = 0
    _content: HashedOnce | None = None

    def next_position(self) -> int:
        """The position of the next member or step."""
        self._next += 1
        return self._next

    def size_expression(self, size: Size) -> Expression:
        """A size that is known only at run time as an expression over the inputs."""
        expression = self.expressions.find(size) if self.expressions is not None else None
        assert expression is not None
        return RunTimeSize(expression, size)

    def uses(self) -> Iterator[Body]:
        """Bodies of the classes that it uses, in order."""
        return (member.body for member in flat(self.every_member()) if isinstance(member, Use))

    def every_member(self) -> list[Member]:
        """Its members, and the chain that it is."""
        return [*self.members.values(), *([self.chain] if self.chain is not None else [])]

    def forget_shapes(self) -> None:
        """Removes the shapes of results, which differ where one submodule is called for several tensors."""
        self._content = None
        self.steps = [replace(step, shape=()) for step in self.steps]
        for body in self.uses():
            body.forget_shapes()

    def content(self) -> HashedOnce:
        """Everything in it, numbers and shapes included, for comparison. Not before the body is filled."""
        if self._content is None:
            number: dict[int, Hashable] = {value: i for i, value in enumerate(self.inputs)}
            number.update(self.stored)
            steps: list[Hashable] = []
            for step in self.steps:
                reads = tuple(number[v] for v in step.reads)
                steps.append((step.item, step.expression, reads, step.titles, step.shape))
                number |= {v: ("step", len(steps), n) for n, v in enumerate(step.results)}
            members = tuple((path, member_content(member)) for path, member in self.members.items())
            chain = member_content(self.chain) if self.chain is not None else None
            self._content = HashedOnce(
                (
                    self.block,
                    self.title,
                    tuple(self.inputs.values()),
                    len(self.sizes),
                    tuple(self.frozen),
                    chain,
                    members,
                    tuple(steps),
                    tuple(number[v] for v in self.returned),
                )
            )
        return self._content


def member_content(member: Member) -> Hashable:
    """The content of a member; bodies are compared by their content."""
    if isinstance(member, Use):
        return member.body.content()
    if isinstance(member, Chain):
        items = tuple((name, member_content(item)) for name, item in member.items)
        return items, member.count, member.places, member.left_out, member.kind
    return member


def flat(members: list[Member]) -> Iterator[Leaf | Tensor | Use]:
    """Members with chains taken apart, in order."""
    for member in members:
        if isinstance(member, Chain):
            yield from flat([item for _, item in member.items])
        else:
            yield member


class HashedOnce:
    """A value that is hashed once: bodies hold bodies, and would be walked again at every level."""

    __slots__ = ("_hash", "_value")

    def __init__(self, value: Hashable) -> None:
        self._value = value
        self._hash = hash(value)

    def __hash__(self) -> int:
        return self._hash

    def __eq__(self, other: object) -> bool:
        return self is other or (
            isinstance(other, HashedOnce) and self._hash == other._hash and self._value == other._value
        )
