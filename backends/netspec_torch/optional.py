"""Uses of a block that differ in layers left out become uses of one class: a layer that may be missing is optional.

A layer that ``when`` leaves out stands for its first input. So a use without it is one with it, where that layer
does nothing; this is made sure of by comparing, step by step, the one use with the other less those layers.
"""

from __future__ import annotations

import re
from collections.abc import Hashable
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from .body import ABSENT, Body, Chain, Leaf, Made, Maybe, Slot, Stock
from .naming import Step, innermost
from .steps import fused

if TYPE_CHECKING:
    from .describe import Describer


@dataclass(slots=True)
class Raw:
    """What a body was made from: steps before they were joined and named."""

    steps: list[Step]
    returned: list[int]
    inputs: dict[int, str]
    stored: dict[int, int]
    left_out: frozenset[str]
    items: dict[tuple[str, ...], str] = field(default_factory=dict[tuple[str, ...], str])
    """For every member the layer (or level) of the block that it belongs to."""


def merge(root: Body, describer: Describer) -> None:
    """Makes one class of the uses of a block where that is possible; inner blocks first."""
    heights = _heights(root)
    of_block: dict[str, int] = {}
    for body, height in heights:
        if body.block is not None:
            of_block[body.block] = max(height, of_block.get(body.block, 0))
    levels: dict[int, list[Body]] = {}
    for body, height in heights:
        levels.setdefault(max(height, of_block.get(body.block or "", 0)), []).append(body)
    for level in sorted(levels):
        blocks: dict[str, dict[Hashable, list[Body]]] = {}
        for body in levels[level]:
            body.close()
            if body.block is not None and body.raw is not None:
                blocks.setdefault(body.block, {}).setdefault(body.key, []).append(body)
        for groups in blocks.values():
            if len(groups) > 1:
                _merge_groups(list(groups.values()), describer)


def _heights(root: Body) -> list[tuple[Body, int]]:
    """All bodies, each with the number of levels below it."""
    height: dict[int, int] = {}
    out: list[tuple[Body, int]] = []
    stack: list[tuple[Body, bool]] = [(root, False)]
    while stack:
        body, done = stack.pop()
        if id(body) in height:
            continue
        if done:
            height[id(body)] = 1 + max((height[id(b)] for b in body.uses()), default=0)
            out.append((body, height[id(body)]))
        else:
            stack.append((body, True))
            stack += [(inner, False) for inner in body.uses()]
    return out


def _merge_groups(groups: list[list[Body]], describer: Describer) -> None:
    groups.sort(key=lambda g: len(_raw(g[0]).left_out))
    while groups:
        full, *rest = groups
        joined: list[tuple[list[Body], frozenset[str]]] = []
        for other in rest:
            missing = _raw(other[0]).left_out - _raw(full[0]).left_out
            if missing and _raw(full[0]).left_out <= _raw(other[0]).left_out and fits(full[0], other[0], missing):
                joined.append((other, missing))
        if joined:
            _join(full, joined, describer)
        groups = [g for g in rest if not any(g is other for other, _ in joined)]


def _raw(body: Body) -> Raw:
    assert body.raw is not None
    return body.raw


# -- whether they are the same ------------------------------------------------------------------------------------
def fits(full: Body, less: Body, missing: frozenset[str]) -> bool:
    """Whether a use is another one without the layers that are missing."""
    a, b = _raw(full), _raw(less)
    if list(a.inputs.values()) != list(b.inputs.values()) or full.outputs != less.outputs:
        return False
    if not missing <= {s.item for s in a.steps} or any(_single(a, name) is None for name in missing):
        return False
    kept = {path: made for path, made in full.members.items() if a.items[path] not in missing}
    if [(p, _loose(m)) for p, m in kept.items()] != [(p, _loose(m)) for p, m in less.members.items()]:
        return False
    gone = [path for path in full.members if a.items[path] in missing]
    frozen = [f for f in full.frozen if tuple(f.split(".")) not in gone]
    slots = [s for s in full.slots if s.item not in missing]
    alike = [(s.name, s.forward, s.default) for s in slots] == [(s.name, s.forward, s.default) for s in less.slots]
    return frozen == less.frozen and alike and _canonical(full, missing) == _canonical(less, frozenset())


def _single(raw: Raw, name: str) -> Step | None:
    """The one step of a layer, its activation joined to it, where it has one result and one submodule at most."""
    mine = fused([s for s in raw.steps if s.item == name], [])
    if len(mine) != 1 or len(mine[0].outs) != 1 or 0 not in innermost(mine[0]).operands:
        return None
    return mine[0] if sum(item == name for item in raw.items.values()) <= 1 else None


def _loose(made: Made) -> Hashable:
    """Equal for submodules that are alike, whatever the numbers of their slots."""
    if isinstance(made, Leaf):
        cls = made.cls if made.choice is None else None
        return cls, tuple((name, repr(default)) for name, _, default in made.args), made.inits
    if isinstance(made, Stock):
        return made.alike()
    if isinstance(made, Chain):
        return made.count is None, tuple((name, _loose(item)) for name, item in made.items)
    return ("maybe", _loose(made.made)) if isinstance(made, Maybe) else made.body.key


def _canonical(body: Body, missing: frozenset[str]) -> Hashable:
    """The steps with values and slots numbered anew, without the layers that are missing."""
    raw = _raw(body)
    value: dict[int, Hashable] = {v: ("input", i) for i, v in enumerate(raw.inputs)}
    value |= {v: ("stored", body.paths[path]) for v, path in raw.stored.items()}
    slots: dict[str, int] = {}
    out: list[Hashable] = []
    for step in raw.steps:
        operands = tuple((n, value.get(o.number), o.lift) for n, o in step.operands.items() if not isinstance(o, Step))
        if step.item in missing:
            value[step.outs[0]] = operands[0][1]
            continue
        text = re.sub(r"\x00(\d+)\x00", lambda m: f"\0{slots.setdefault(m[1], len(slots))}\0", step.text)
        text = re.sub(r"\x01(\d+)\x01", lambda m: f"\1{'.'.join(body.paths[int(m[1])])}\1", text)
        for n, v in enumerate(step.outs):
            value[v] = ("step", len(out), n)
        out.append((text, operands, step.fuse))
    return tuple(out), tuple(value.get(v) for v in raw.returned)


# -- making them one ----------------------------------------------------------------------------------------------
def _join(full: list[Body], joined: list[tuple[list[Body], frozenset[str]]], describer: Describer) -> None:
    first = full[0]
    every = frozenset(name for _, missing in joined for name in missing)
    order = [s.item for s in _raw(first).steps if s.item in every]
    names = list(dict.fromkeys(order))
    for others, missing in joined:
        for body in others:
            _become(body, first, missing)
    for body in [*full, *(b for others, _ in joined for b in others)]:
        absent = body.absent
        flags = {n: body.slot(n.replace(".", "_"), n not in absent, False) for n in names}
        raw = _raw(body)
        for path, made in list(body.members.items()):
            if raw.items[path] in every:
                body.members[path] = Maybe(made, flags[raw.items[path]])
        describer.optional(body, flags)
    for body in [*full, *(b for others, _ in joined for b in others)]:
        body.close()


def _become(body: Body, full: Body, missing: frozenset[str]) -> None:
    """Gives a use the structure of another; what it has not stays open."""
    own = iter(body.slots)
    slots: list[Slot] = []
    for s in full.slots:
        slots.append(Slot(s.name, ABSENT, s.default, s.forward, s.item) if s.item in missing else next(own))
    raw, theirs = _raw(body), _raw(full)
    mine = {path: _renumbered(made, full.members[path]) for path, made in body.members.items()}
    body.members = {path: mine.get(path, made) for path, made in full.members.items()}
    body.slots = slots
    body.absent = missing
    body.paths = list(full.paths)
    body.frozen = list(full.frozen)
    body.inputs = list(full.inputs)
    body.raw = Raw(theirs.steps, theirs.returned, theirs.inputs, theirs.stored, raw.left_out, dict(theirs.items))


def _renumbered(made: Made, like: Made) -> Made:
    """A member with the slot numbers of another that is alike."""
    if isinstance(made, (Leaf, Stock)):
        return like
    if isinstance(made, Chain) and isinstance(like, Chain):
        return Chain(tuple(
            (name, _renumbered(item, other)) for (name, item), (_, other) in zip(made.items, like.items, strict=True)
        ), like.count)
    if isinstance(made, Maybe) and isinstance(like, Maybe):
        return Maybe(_renumbered(made.made, like.made), like.flag)
    return made
