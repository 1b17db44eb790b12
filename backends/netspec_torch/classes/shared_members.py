"""Merges the members of all uses: numbers become columns, and optional items get flags."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping, Sequence

from netspec.blocks import ABSENT, DifferentError, Filled, unify

from ..structure.body import Body, Chain, Leaf, Member, Path, Tensor, Use
from ..syntax.expression_trees import Call, ClassName, Name, ValueHole
from .shared_body import Column, Nested, OptionalMember, SharedChain, SharedMember


def share(members: Sequence[Member | None], calls: Mapping[Body, Filled]) -> SharedMember:
    """Merges one member of all uses; None for a use that lacks it.

    Args:
        members: the member of each use, in order.
        calls: constructor calls of the bodies in them.

    Raises:
        DifferentError: they differ in more than numbers and optional items.
    """
    present = [member for member in members if member is not None]
    first = present[0]
    if any(type(member) is not type(first) for member in present):
        raise DifferentError
    if isinstance(first, Chain):
        return share_chains([m if isinstance(m, Chain) else None for m in members], calls)
    if isinstance(first, Use):
        return Nested(unify([calls[m.body] if isinstance(m, Use) else None for m in members]))
    if isinstance(first, Leaf):
        leaves = [m if isinstance(m, Leaf) else None for m in members]
        if any(leaf is not None and leaf.inits != first.inits for leaf in leaves):
            raise DifferentError
        return Leaf(unify([leaf.call if leaf is not None else None for leaf in leaves]), first.inits)
    tensors = [m if isinstance(m, Tensor) else None for m in members]
    if any(t is not None and (t.buffer, t.persistent) != (first.buffer, first.persistent) for t in tensors):
        raise DifferentError
    value = unify([tensor.value if tensor is not None else None for tensor in tensors])
    return Tensor(value, first.buffer, first.persistent)


def share_chains(chains: Sequence[Chain | None], calls: Mapping[Body, Filled]) -> SharedChain:
    """Merges chains; chains with missing items must come from one list and are aligned by positions in it.

    Raises:
        DifferentError: they do not come from one list, or their items differ in more than numbers.
    """
    present = [chain for chain in chains if chain is not None]
    if len({(chain.count is None, chain.kind) for chain in present}) > 1:
        raise DifferentError
    if any(chain.left_out for chain in present):
        return share_by_place(chains, present, calls)
    names = [name for name, _ in present[0].items]
    if any([name for name, _ in chain.items] != names for chain in present):
        raise DifferentError
    items = [share([c.items[i][1] if c is not None else None for c in chains], calls) for i in range(len(names))]
    count = None
    if present[0].count is not None:
        count = Column(ValueHole("repeat"), tuple(ABSENT if c is None else c.count for c in chains))
    return SharedChain(tuple(zip(names, items, strict=True)), count, present[0].kind)


def share_by_place(
    chains: Sequence[Chain | None], present: Sequence[Chain], calls: Mapping[Body, Filled]
) -> SharedChain:
    """Merges chains from a list in which ``when`` omitted items; items that some uses lack are optional."""
    if any(not chain.numbered for chain in present):
        raise DifferentError
    if len({len(chain.places) + len(chain.left_out) for chain in present}) > 1:
        raise DifferentError
    by_place = [
        None if chain is None else dict(zip(chain.places, (item for _, item in chain.items), strict=True))
        for chain in chains
    ]
    asked = {place: parameter for chain in present for place, parameter in chain.left_out}
    items: list[tuple[str, SharedMember]] = []
    for place in sorted({place for chain in present for place in chain.places}):
        item = share([None if items_of is None else items_of.get(place) for items_of in by_place], calls)
        has = tuple(ABSENT if items_of is None else place in items_of for items_of in by_place)
        if False in has:
            usual = 2 * has.count(False) <= len(has)
            item = OptionalMember(item, Column(ValueHole(flag_name(item, asked[place]), usual), has))
        items.append((str(len(items)), item))
    return SharedChain(tuple(items))


def flag_name(member: SharedMember, parameter: str) -> str:
    """Returns the flag's name for an optional item: the parameter of the spec, or one derived from the item."""
    if parameter:
        return parameter
    title = "more"
    call = member.call if isinstance(member, (Leaf, Nested)) else None
    if call is not None:
        assert isinstance(call.template.node, Call)
        function = call.template.node.function
        if isinstance(function, Name):
            title = function.id
        elif isinstance(function, ClassName):
            title = function.cls.content.title
        else:  # an activation whose class is an argument
            title = str(next(value for value in call.values[0] if value is not ABSENT))
    return re.sub(r"(?<=[a-z0-9])(?=[A-Z])", "_", title.rpartition(".")[2]).lower()


def check_gathered(member: SharedMember, path: Path, frozen: Sequence[str], paths: Iterable[Path]) -> None:
    """Raises DifferentError if optional items must be collected in a list, but something refers to them by number.

    Args:
        member: any member.
        path: its path; empty for a class that is a chain itself.
        frozen: names of frozen weights.
        paths: paths of all members.

    Raises:
        DifferentError: a frozen item, another member or an initial value is within the list.
    """
    if not isinstance(member, SharedChain) or not any(isinstance(item, OptionalMember) for _, item in member.items):
        return
    within = ".".join(path) + "." if path else ""
    if len(path) > 1 or (path and path[0].isdecimal()) or any(name.startswith(within) for name in frozen):
        raise DifferentError
    if path and any(other != path and other[: len(path)] == path for other in paths):
        raise DifferentError
    if any(has_inits(item) for _, item in member.items):
        raise DifferentError


def has_inits(member: SharedMember) -> bool:
    """Whether a member has initial values other than PyTorch's defaults."""
    if isinstance(member, OptionalMember):
        return has_inits(member.member)
    if isinstance(member, SharedChain):
        return any(has_inits(item) for _, item in member.items)
    return isinstance(member, Leaf) and bool(member.inits)
