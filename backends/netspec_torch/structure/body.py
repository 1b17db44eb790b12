"""The contents of one use of a class: submodules by path, and the steps of its ``forward``."""

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
"""The dotted name of a member, split at its dots."""


@dataclass(frozen=True, slots=True)
class Leaf:
    """A submodule whose class is from PyTorch or the library."""

    call: Filled
    """The constructor call."""
    inits: tuple[tuple[str, Init], ...] = ()
    """Initial values of its weights that differ from PyTorch's defaults, by name."""


@dataclass(frozen=True, slots=True)
class Tensor:
    """A parameter or buffer of the class itself."""

    value: Filled
    """A pair of holes for the sizes, and the expression that creates the tensor."""
    buffer: bool
    persistent: bool


@dataclass(frozen=True, slots=True)
class Use:
    """A submodule whose class is defined in the file."""

    body: Body


@dataclass(frozen=True, slots=True)
class Chain:
    """Consecutive submodules."""

    items: tuple[tuple[str, Member], ...]
    """Names and submodules."""
    count: int | None = None
    """The number of copies, if the chain consists of copies of its only item."""
    places: tuple[int, ...] = ()
    """Positions of the items in the list of the spec, from which ``when`` may have omitted some."""
    left_out: tuple[tuple[int, str], ...] = ()
    """Positions of omitted items in that list, each with the parameter on which its condition depends."""
    kind: str = ""
    """``list`` for copies among which positions choose, ``stack`` for stacked weights; empty for consecutive items."""

    @property
    def numbered(self) -> bool:
        """Whether the names are the default names of ``nn.Sequential``."""
        return all(name == str(i) for i, (name, _) in enumerate(self.items))


Member: TypeAlias = "Leaf | Tensor | Use | Chain"


@dataclass(frozen=True, slots=True)
class ForwardStep:
    """A step of ``forward``: an expression over values, and the values that it computes."""

    expression: Filled
    reads: tuple[int, ...]
    """The values that are its inputs, in order."""
    results: tuple[int, ...]
    titles: tuple[str, ...]
    """Titles from which the names of the results are derived."""
    shape: tuple[Any, ...]
    """Shape of the first result."""
    item: str = ""
    """The layer (or level) of the block to which it belongs."""
    position: int = 0
    """Its position in the order in which members and steps were added to the body."""
    fuses: bool = False
    """Whether it is combined with the expression of its input, if nothing else reads that."""
    overwrites: bool = False
    """Whether it is a statement that overwrites its first input."""
    main: int | None = None
    """The value that replaces its result if the layer is omitted."""


@dataclass(eq=False, slots=True)
class Body:
    """One use of a class: a block with its arguments, or a level of the tree of names."""

    title: str
    """The title from which the class name is derived."""
    block: str | None = None
    doc: str | None = None
    arguments: Mapping[str, Any] = field(default_factory=dict[str, Any])
    """Arguments of the block."""
    width: int | None = None
    """Number of channels of the input, if it has any."""
    inputs: dict[int, str] = field(default_factory=dict[int, str])
    """Values that are parameters of ``forward``, with their names."""
    sizes: tuple[Size, ...] = ()
    """Sizes passed to ``forward`` because they cannot be computed from the values; ``inputs`` includes them."""
    outputs: int = 1
    """Number of returned values."""
    members: dict[Path, Member] = field(default_factory=dict[Path, Member])
    items: dict[Path, str] = field(default_factory=dict[Path, str])
    """For every member, the layer (or level) of the block to which it belongs."""
    positions: dict[Path, int] = field(default_factory=dict[Path, int])
    """For every member, its position in the order in which members and steps were added."""
    chain: Chain | None = None
    """The chain, if the class consists only of consecutive submodules."""
    frozen: list[str] = field(default_factory=list[str])
    """Dotted names, relative to the body, of weights that are not trained."""
    steps: list[ForwardStep] = field(default_factory=list[ForwardStep])
    stored: dict[int, Path] = field(default_factory=dict[int, Path])
    """Values that are tensors of the class itself."""
    returned: list[int] = field(default_factory=list[int])
    left_out: frozenset[str] = frozenset()
    """Layers of the block that ``when`` omitted."""
    public: list[str] | None = None
    """Names of the network's outputs, if there are several."""
    expressions: SizeExpressions | None = None
    """Expressions for sizes that are only known at run time, over the inputs."""
    _next: int = 0
    _content: HashedOnce | None = None

    def next_position(self) -> int:
        """The position of the next member or step."""
        self._next += 1
        return self._next

    def size_expression(self, size: Size) -> Expression:
        """Returns the expression for a size that is only known at run time."""
        expression = self.expressions.find(size) if self.expressions is not None else None
        assert expression is not None
        return RunTimeSize(expression, size)

    def uses(self) -> Iterator[Body]:
        """Yields the bodies of the classes that it uses, in order."""
        return (member.body for member in flat(self.every_member()) if isinstance(member, Use))

    def every_member(self) -> list[Member]:
        """Returns all members, including the chain that the class itself may be."""
        return [*self.members.values(), *([self.chain] if self.chain is not None else [])]

    def forget_shapes(self) -> None:
        """Removes the shapes of results, because a submodule is called with tensors of several shapes."""
        self._content = None
        self.steps = [replace(step, shape=()) for step in self.steps]
        for body in self.uses():
            body.forget_shapes()

    def content(self) -> HashedOnce:
        """Returns all its contents, including numbers and shapes, for comparison.

        Only call it when the body is complete.
        """
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
    """Returns the contents of a member for comparison."""
    if isinstance(member, Use):
        return member.body.content()
    if isinstance(member, Chain):
        items = tuple((name, member_content(item)) for name, item in member.items)
        return items, member.count, member.places, member.left_out, member.kind
    return member


def flat(members: list[Member]) -> Iterator[Leaf | Tensor | Use]:
    """Yields members in order, with chains replaced by their items."""
    for member in members:
        if isinstance(member, Chain):
            yield from flat([item for _, item in member.items])
        else:
            yield member


class HashedOnce:
    """A value with a cached hash: bodies are nested, and would otherwise be traversed again at every level."""

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
