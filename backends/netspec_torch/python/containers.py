"""The tree of submodule names: the class of each branch, and access expressions for its members."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field
from functools import cached_property
from itertools import groupby
from typing import NamedTuple, TypeAlias

from netspec.blocks import DifferentError, Filled, Template, Tree, progression, replace_trees, unify, walk

from ..classes.shared_body import Nested, OptionalMember, SharedBody, SharedChain, SharedMember
from ..structure.body import Path, Tensor
from ..syntax.expression_trees import (
    Attribute,
    Call,
    ClassName,
    Comprehension,
    Expression,
    Index,
    ListExpression,
    Literal,
    Name,
    Star,
    ValueHole,
    call,
)
from ..syntax.literals import is_identifier, plain, taken_by_module
from ..syntax.statements import Assign, Evaluate, Statement
from .substitution import SELF, growing_value

Below: TypeAlias = "Branch | SharedMember"


@dataclass(eq=False)
class Branch:
    """A common prefix of names: each name below it is a member or another branch."""

    items: dict[str, Below] = field(default_factory=dict[str, "Branch | SharedMember"])

    @property
    def counts(self) -> bool:
        """Whether the names are numbers that count from zero."""
        return list(self.items) == [str(i) for i in range(len(self.items))]

    @cached_property
    def kind(self) -> str:
        """The class of a container for these items. Only use it when the branch is complete."""
        for below in self.items.values():
            held = below.member if isinstance(below, OptionalMember) else below
            if isinstance(held, Tensor) or (isinstance(below, Branch) and below.kind == "nn.Module"):
                return "nn.Module"
        if self.counts:
            return "nn.ModuleList"
        return "nn.ModuleDict" if all(map(plain, self.items)) else "nn.Module"

    def members(self, path: Path) -> Iterator[tuple[Path, SharedMember]]:
        """Yields all members below the branch with their paths, which are prefixed by ``path``."""
        for name, below in self.items.items():
            if isinstance(below, Branch):
                yield from below.members((*path, name))
            else:
                yield (*path, name), below


class LateMember(NamedTuple):
    """A member that is attached to another member after the latter has been created."""

    owner: Path
    inner: Path
    """Its path relative to that member."""
    member: SharedMember


class Containers:
    """The tree of names of a class's members."""

    def __init__(self, body: SharedBody) -> None:
        self.chain = body.chain
        self.tree = Branch()
        self.late: list[LateMember] = []
        for path, member in body.members.items():
            self._place(path, member)
        self.base = "nn.Module" if body.chain is None else "nn.Sequential"
        """The base class."""
        names = self.tree.items
        if names and all(map(str.isdecimal, names)) and all(map(fits_container, names.values())):
            self.base = "nn.ModuleList" if self.tree.counts else "nn.ModuleDict"

    def _place(self, path: Path, member: SharedMember) -> None:
        at = self.tree
        for n, part in enumerate(path[:-1], 1):
            below = at.items.setdefault(part, Branch())
            if not isinstance(below, Branch):
                self.late.append(LateMember(path[:n], path[n:], member))
                return
            at = below
        displaced = at.items.get(path[-1])
        if isinstance(displaced, Branch):
            del at.items[path[-1]]
            self.late += (LateMember(path, inner[len(path) :], below) for inner, below in displaced.members(path))
        at.items[path[-1]] = member

    def kind(self, branch: Branch) -> str:
        """Returns the class of a branch; for the root, the base class."""
        return self.base if branch is self.tree else branch.kind

    def access(self, path: Path) -> Expression:
        """Returns the access expression of a member."""
        at: Below = self.tree
        out: Expression = SELF
        for n, part in enumerate(path):
            if isinstance(at, Branch):
                kind, inner = self.kind(at), at.items.get(part)
            else:
                kind, inner = "", chain_item(at, part) if isinstance(at, SharedChain) else None
                if inner is None and self._is_late(path[:n], path[n:]) and not is_plain_attribute(at, path[n:]):
                    return call("attached", out, Literal(".".join(path[n:])))
            if kind == "nn.ModuleList" or (isinstance(at, SharedChain) and at.numbered):
                out = Index(out, (Literal(int(part)),))
            elif kind == "nn.ModuleDict":
                out = Index(out, (Literal(part),))
            else:
                out = attribute(out, part)
            if inner is None:
                return out
            at = inner
        return out

    def _is_late(self, owner: Path, inner: Path) -> bool:
        """Whether a member is attached to a layer later, instead of being a weight of it."""
        return any(late.owner == owner and late.inner == inner for late in self.late)

    def below(self, path: Path) -> Below | None:
        """Returns the member or branch at a path, or None."""
        at: Below | None = self.tree
        for part in path:
            if isinstance(at, Branch):
                at = at.items.get(part)
            else:
                at = chain_item(at, part) if isinstance(at, SharedChain) else None
        return at


def chain_item(chain: SharedChain, name: str) -> SharedMember | None:
    """Returns the item of a chain with that name; the chain may consist of copies of one item."""
    if chain.count is not None:
        return chain.items[0][1] if name.isdecimal() else None
    return dict(chain.items).get(name)


def is_plain_attribute(owner: Below, inner: Path) -> bool:
    """Whether a member below another one is an attribute, with an unused name, of a class that the file defines.

    Layers of PyTorch and of the library have their own attributes.
    """
    if not isinstance(owner, Nested) or len(inner) != 1 or not plain(inner[0]):
        return False
    classes = [part.cls for part in walk(owner.call.template.node) if isinstance(part, ClassName)]
    arguments = [a for cls in classes for a in (*cls.arguments, *cls.derived) if a.in_forward]
    return bool(classes) and all(inner[0] != argument.attribute for argument in arguments)


def fits_container(below: Below) -> bool:
    """Whether a list or dict of modules can contain the item."""
    if isinstance(below, Branch):
        return below.kind != "nn.Module"
    return not isinstance(below, (Tensor, OptionalMember))


# -- attributes of any name ---------------------------------------------------------------------------------------
def attribute(owner: Expression, name: str) -> Expression:
    """Returns the access expression of an attribute with any name."""
    if taken_by_module(name):
        return call("member", owner, Literal(name))
    return Attribute(owner, name) if is_identifier(name) else call("getattr", owner, Literal(name))


def set_member(owner: Expression, name: str, value: Expression) -> Statement:
    """Returns the statement that adds a submodule with any name to a module."""
    if plain(name):
        return Assign((Attribute(owner, name),), value)
    if taken_by_module(name):
        return Assign((Index(Attribute(owner, "_modules"), (Literal(name),)),), value)
    return Evaluate(Call(Attribute(owner, "add_module"), (Literal(name), value)))


# -- entries of lists ---------------------------------------------------------------------------------------------
def repeated(item: Expression, times: Expression) -> Comprehension:
    """Returns a list comprehension of equal modules."""
    return Comprehension(item, Name("_"), call("range", times), listed=True)


def with_runs(items: list[Expression]) -> tuple[Expression, ...]:
    """Returns the entries of a list; three or more equal ones become a comprehension."""
    out: list[Expression] = []
    for item, group in groupby(items):
        count = len(list(group))
        out += [Star(repeated(item, Literal(count)))] if count > 2 else [item] * count
    return tuple(out)


def list_of(items: list[Expression]) -> ListExpression:
    """Returns a list of modules, one per line."""
    entries = with_runs(items)
    return ListExpression(entries, one_per_line=len(entries) > 1)


def item_over_index(items: list[Expression], start: int) -> Expression | None:
    """Combines expressions whose integers grow evenly into one over ``i``, which starts at ``start``; else None."""
    try:
        shared = unify([without_integers(item) for item in items])
    except DifferentError:
        return None
    values: list[Expression] = []
    for column in shared.values:
        growth = progression(column)
        if growth is None:
            return None
        values.append(growing_value(Literal(growth.first - growth.step * start), Literal(growth.step)))
    filled: Expression = shared.template.filled(values)
    return filled


def without_integers(tree: Expression) -> Filled:
    """Replaces each integer in a tree by a hole."""
    values: list[int] = []

    def change(part: Tree) -> Tree | None:
        if isinstance(part, Literal) and type(part.value) is int:
            values.append(part.value)
            return ValueHole("n")
        return None

    template = Template(replace_trees(tree, change))
    return Filled(template, tuple(values))
