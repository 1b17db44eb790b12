"""The uses of classes: the constructor call of each, and a key that is equal for uses with the same structure."""

from __future__ import annotations

from collections.abc import Hashable, Mapping
from dataclasses import replace

from netspec.blocks import Filled

from ..structure.body import Body, Chain, HashedOnce, Leaf, Member, Tensor


class Uses:
    """Calls and keys of bodies. The key of a body requires the calls of the bodies in it."""

    def __init__(self) -> None:
        self.calls: dict[Body, Filled] = {}
        """Constructor calls of the uses whose class has its arguments."""
        self._keys: dict[Body, HashedOnce] = {}

    def key(self, body: Body) -> HashedOnce:
        """Returns a key that is equal for bodies that differ in numbers only."""
        known = self._keys.get(body)
        if known is None:
            known = self._keys[body] = HashedOnce(self._key(body))
        return known

    def _key(self, body: Body) -> Hashable:
        number: dict[int, Hashable] = {value: i for i, value in enumerate(body.inputs)}
        number.update(body.stored)
        steps: list[Hashable] = []
        for step in body.steps:
            reads = tuple(number[value] for value in step.reads)
            steps.append((step.item, step.expression.template, reads, step.titles, step.overwrites))
            number |= {value: ("step", len(steps), n) for n, value in enumerate(step.results)}
        return (
            body.block,
            body.title,
            tuple(body.inputs.values()),
            len(body.sizes),
            tuple(body.frozen),
            self._member_key(body.chain) if body.chain is not None else None,
            tuple((path, self._member_key(member)) for path, member in body.members.items()),
            tuple(steps),
            tuple(number[value] for value in body.returned),
        )

    def _member_key(self, member: Member) -> Hashable:
        if isinstance(member, Leaf):
            return "leaf", member.call.template, member.inits
        if isinstance(member, Tensor):
            return "tensor", member.value.template, member.buffer, member.persistent
        if isinstance(member, Chain):
            items = tuple((name, self._member_key(item)) for name, item in member.items)
            return "chain", items, member.count is None
        return "use", self.calls[member.body].template

    def group(self, bodies: list[Body]) -> list[list[Body]]:
        """Groups bodies by key; the groups, and the bodies in each, are in reverse order.

        Bodies of a group have the same structure, so their chains get the ``left_out`` of the first body.
        """
        groups: dict[HashedOnce, list[Body]] = {}
        for body in reversed(bodies):
            groups.setdefault(self.key(body), []).append(body)
        for first, *others in groups.values():
            for body in others:
                for path, member in body.members.items():
                    body.members[path] = placed_like(member, first.members[path])
                if body.chain is not None and first.chain is not None:
                    body.chain = replace(body.chain, places=first.chain.places, left_out=first.chain.left_out)
        return list(groups.values())


def placed_like(member: Member, other: Member) -> Member:
    """Returns a chain with the positions of another chain; any other member unchanged."""
    if isinstance(member, Chain) and isinstance(other, Chain) and member.left_out != other.left_out:
        return replace(member, places=other.places, left_out=other.left_out)
    return member


def left_out_count(body: Body) -> int:
    """The number of items that ``when`` omitted from the lists of a body."""
    return sum(len(member.left_out) for member in body.every_member() if isinstance(member, Chain))


Calls = Mapping[Body, Filled]
