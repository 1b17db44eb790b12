"""Merges the uses of a block: aligns their steps and marks layers that only some uses have as optional."""

from __future__ import annotations

from collections.abc import Hashable, Mapping, Sequence
from typing import Any

from netspec.blocks import DifferentError, Row, SequenceItem, align, unify
from netspec.blocks.align import merge_orders

from ..structure.body import Body, ForwardStep, Tensor
from ..syntax.expression_trees import ValueHole
from .shared_body import Column, OptionalMember, SharedBody, SharedStep
from .shared_members import check_gathered, share, share_chains
from .uses import Uses, left_out_count


def merge(bodies: Sequence[Body], uses: Uses) -> SharedBody:
    """Merges bodies into the shared content of one class.

    Raises:
        DifferentError: they cannot share a class.
    """
    first = min(bodies, key=lambda body: len(body.left_out) + left_out_count(body))
    if any(interface(body) != interface(first) for body in bodies):
        raise DifferentError
    out = SharedBody(first.title, first.block, first.doc, first.outputs, public=first.public, sizes=len(first.sizes))
    if first.chain is not None:
        if any(body.frozen != first.frozen for body in bodies):
            raise DifferentError
        out.chain = share_chains([body.chain for body in bodies], uses.calls)
        out.frozen, out.inputs = first.frozen, first.inputs
        check_gathered(out.chain, (), out.frozen, ())
        return out
    representatives: dict[Hashable, Body] = {}
    for body in bodies:
        representatives.setdefault(uses.key(body), body)
    if len(representatives) == 1:
        add_equal(out, bodies, uses)
    else:
        Merge(out, bodies, list(representatives.values()), uses).add()
    return out


def interface(body: Body) -> Hashable:
    """Returns the properties of a body that must be equal in all uses of a class."""
    return tuple(body.inputs.values()), len(body.sizes), body.outputs, body.chain is None


def add_equal(out: SharedBody, bodies: Sequence[Body], uses: Uses) -> None:
    """Adds the content of bodies that differ in numbers only; values keep their numbers from the first body."""
    first = bodies[0]
    out.inputs, out.stored, out.returned, out.frozen = first.inputs, first.stored, first.returned, first.frozen
    out.positions = first.positions
    for path in first.members:
        out.members[path] = share([body.members[path] for body in bodies], uses.calls)
    for steps in zip(*(body.steps for body in bodies), strict=True):
        step: ForwardStep = steps[0]
        out.steps.append(
            SharedStep(
                unify([each.expression for each in steps]),
                step.reads,
                step.results,
                step.titles,
                tuple(each.shape for each in steps),
                step.position,
                step.overwrites,
                step.main,
            )
        )


class Merge:
    """Merges the content of bodies with several structures, in which layers may be missing.

    Args:
        out: the result, which is extended.
        bodies: all uses, in order.
        representatives: one use of each structure.
        uses: keys and calls.
    """

    def __init__(self, out: SharedBody, bodies: Sequence[Body], representatives: Sequence[Body], uses: Uses) -> None:
        self.out, self.bodies, self.uses = out, bodies, uses
        keys = {uses.key(body): n for n, body in enumerate(representatives)}
        self.structure = [keys[uses.key(body)] for body in bodies]
        """For every body, the index of its representative."""
        self.representatives = representatives
        self.items: dict[str, tuple[str, ...]] = {}
        """For every layer with a submodule, the path of that (or of the last) submodule."""

    def add(self) -> None:
        """Adds all members and steps.

        Raises:
            DifferentError: the bodies cannot share a class.
        """
        rows, returned = self.rows()
        flags = {
            row.name: Column(ValueHole(row.name.replace(".", "_"), False), present)
            for row in rows
            if not all(present := self.presence(row))
        }
        self.add_members(flags)
        self.add_frozen()
        self.add_steps(rows, returned, flags)

    def presence(self, row: Row) -> tuple[bool, ...]:
        """Returns which uses have a row."""
        return tuple(row.present[structure] for structure in self.structure)

    def rows(self) -> tuple[list[Row], list[Hashable]]:
        """Aligns the steps of all structures by the layers to which they belong."""
        sequences = [[item(step) for step in body.steps] for body in self.representatives]
        inputs: list[dict[Any, Hashable]] = []
        for body in self.representatives:
            values: dict[Any, Hashable] = {value: ("input", i) for i, value in enumerate(body.inputs)}
            inputs.append(values | {value: ("stored", path) for value, path in body.stored.items()})
        rows, returned = align(sequences, inputs, [body.returned for body in self.representatives])
        for row in rows:
            self.check_left_out(row.name, self.presence(row))
        return rows, returned

    def check_left_out(self, layer: str, present: Sequence[bool]) -> None:
        """Raises DifferentError if a use lacks a layer for a reason other than ``when``."""
        if any(not has and layer not in body.left_out for has, body in zip(present, self.bodies, strict=True)):
            raise DifferentError

    def add_members(self, flags: dict[str, Column]) -> None:
        """Adds the members of all uses in the order of the layers, and flags for optional tensors."""
        for path in merge_orders([list(body.members) for body in self.representatives]):
            members = [body.members.get(path) for body in self.bodies]
            present = [member is not None for member in members]
            owner = next(body for body in self.bodies if path in body.members)
            layer = owner.items[path]
            if any(body.items.get(path, layer) != layer for body in self.representatives):
                raise DifferentError
            self.check_left_out(layer, present)
            member = share(members, self.uses.calls)
            if not all(present) and layer not in flags:
                if not isinstance(member, Tensor):
                    raise DifferentError
                flags[layer] = Column(ValueHole(layer.replace(".", "_"), False), tuple(present))
            check_gathered(member, path, owner.frozen, owner.members)
            self.out.members[path] = member if all(present) else OptionalMember(member, flags[layer])
            self.out.positions[path] = owner.positions[path]
            self.items[layer] = path
        for path in self.out.members:  # nothing may be attached below an optional member
            if any(isinstance(self.out.members.get(path[:n]), OptionalMember) for n in range(1, len(path))):
                raise DifferentError

    def add_frozen(self) -> None:
        """Adds the names of frozen weights, which must agree in all uses except for missing layers."""
        self.out.frozen = list(dict.fromkeys(name for body in self.representatives for name in body.frozen))
        for body in self.representatives:
            absent = {".".join(path) for path in self.out.members if path not in body.members}
            if [name for name in self.out.frozen if name not in absent] != body.frozen:
                raise DifferentError

    def add_steps(self, rows: Sequence[Row], returned: Sequence[Hashable], flags: Mapping[str, Column]) -> None:
        """Adds the steps of all uses; values from outside get negative numbers."""
        first = self.bodies[0]
        outside: dict[Hashable, int] = {("input", i): -1 - i for i in range(len(first.inputs))}
        for path in dict.fromkeys(path for body in self.representatives for path in body.stored.values()):
            outside["stored", path] = -1 - len(outside)
            self.out.stored[outside["stored", path]] = path

        def number(value: Hashable) -> int:
            known = outside.get(value, value)
            assert isinstance(known, int)
            return known

        position = 0
        for row in rows:
            steps = [self.step(row, use) for use in range(len(self.bodies))]
            example = next(step for step in steps if step is not None)
            position = max(position + 1, example.position)
            reads = tuple(map(number, row.reads))
            flag = flags.get(row.name)
            self.out.steps.append(
                SharedStep(
                    unify([step.expression if step is not None else None for step in steps]),
                    reads,
                    row.results,
                    example.titles,
                    tuple(step.shape if step is not None else None for step in steps),
                    position,
                    example.overwrites,
                    reads[row.main] if row.main is not None else None,
                    flag,
                    self.items.get(row.name) if flag is not None else None,
                )
            )
        self.out.inputs = {number(("input", i)): name for i, name in enumerate(first.inputs.values())}
        self.out.returned = [number(value) for value in returned]

    def step(self, row: Row, use: int) -> ForwardStep | None:
        """Returns the step of a row in one use, or None."""
        position = row.positions[self.structure[use]]
        return self.bodies[use].steps[position] if position is not None else None


def item(step: ForwardStep) -> SequenceItem:
    """Wraps a step for alignment with those of other uses."""
    main = step.reads.index(step.main) if step.main in step.reads else None
    return SequenceItem(step.item, step.expression, step.reads, step.results, main, (step.titles, step.overwrites))
