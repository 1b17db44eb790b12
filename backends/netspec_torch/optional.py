"""Uses of a block that differ in layers left out become uses of one class: a layer that may be missing is optional.

A layer that ``when`` leaves out stands for its first input. So a use without it is one with it, where that layer
does nothing; this is made sure of by comparing, step by step, the one use with the other less those layers. Items of a
list that is a chain of modules may be missing as well.
"""

from __future__ import annotations

import re
from collections.abc import Container, Hashable
from dataclasses import dataclass, field, replace
from itertools import permutations
from typing import TYPE_CHECKING

from .body import ABSENT, Body, Chain, Leaf, Made, Maybe, Path, Stock
from .gaps import Lack, flag_name, lacking, plainly_made, slots_of, united, without
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
    _sort(groups)
    if any(chain.gaps for group in groups for _, chain in group[0].chains()):
        _unite_groups(groups)
        _sort(groups)
    while groups:
        full, *rest = groups
        joined: list[tuple[list[Body], Lack]] = []
        for other in rest:
            lack = lacks(full[0], other[0])
            if lack:
                joined.append((other, lack))
        if joined:
            _join(full, joined, describer)
        else:
            _alone(full)
        groups = [g for g in rest if not any(g is other for other, _ in joined)]


def _alone(group: list[Body]) -> None:
    """Takes from uses again what they were given for the sake of others, which have joined a class before them."""
    for body in group:
        for path, items in body.lacking.items():
            body.put_chain(path, without(dict(body.chains())[path], items))
        body.lacking = {}


def _unite_groups(groups: list[list[Body]]) -> None:
    """Unites uses that stand in for one another, unless they are others with less anyway."""
    lesser = {id(less) for full, less in permutations(groups, 2) if lacks(full[0], less[0])}
    for one, other in permutations(groups, 2):
        alike = _raw(one[0]).left_out == _raw(other[0]).left_out
        if alike and id(one) not in lesser and id(other) not in lesser and _unite(one, other):
            lesser.update(id(less) for less in groups if less is not one and lacks(one[0], less[0]))


def _sort(groups: list[list[Body]]) -> None:
    """Puts those first that have most."""
    groups.sort(key=lambda g: (len(_raw(g[0]).left_out), sum(len(chain.gaps) for _, chain in g[0].chains())))


def _unite(group: list[Body], other: list[Body]) -> bool:
    """Gives uses the items of a list that others have in their place, where that is all in which they differ."""
    if group[0].lacking:
        return False
    theirs = dict(other[0].chains())
    for path, chain in group[0].chains():
        found = united(chain, theirs[path]) if path in theirs else None
        if found is None:
            continue
        trial = replace(group[0], members=dict(group[0].members))
        trial.put_chain(path, found[0])
        if lacks(trial, other[0]):
            for body in group:
                body.put_chain(path, _renumbered(dict(body.chains())[path], found[0], found[1]))
                body.lacking = {path: found[1]}
            return True
    return False


def _raw(body: Body) -> Raw:
    assert body.raw is not None
    return body.raw


# -- whether they are the same ------------------------------------------------------------------------------------
def lacks(full: Body, less: Body) -> Lack | None:
    """What a use has not, if it is another one without that; None where it is not."""
    a, b = _raw(full), _raw(less)
    if less.lacking or not a.left_out <= b.left_out:
        return None
    missing = b.left_out - a.left_out
    if list(a.inputs.values()) != list(b.inputs.values()) or full.outputs != less.outputs:
        return None
    if not (missing <= {s.item for s in a.steps} and all(_single(a, n) for n in missing)):
        return None
    items = _items(full, less, missing)
    if items is None:
        return None
    gone = [path for path in full.members if a.items[path] in missing]
    frozen = [f for f in full.frozen if tuple(f.split(".")) not in gone]
    lack = Lack(missing, items)
    open_ = _open(full, lack)
    slots = [s for i, s in enumerate(full.slots) if i not in open_]
    if [(s.name, s.forward, s.default) for s in slots] != [(s.name, s.forward, s.default) for s in less.slots]:
        return None
    same = frozen == less.frozen and _canonical(full, missing) == _canonical(less, frozenset())
    return lack if same else None


def _items(full: Body, less: Body, missing: frozenset[str]) -> dict[Path, dict[int, str]] | None:
    """Items of chains that a use has not; None where its members are others."""
    raw = _raw(full)
    kept: dict[Path, Made] = {path: made for path, made in full.members.items() if raw.items[path] not in missing}
    if list(kept) != list(less.members) or (full.chain is None) != (less.chain is None):
        return None
    pairs = [(path, made, less.members[path]) for path, made in kept.items()]
    if full.chain is not None and less.chain is not None:
        pairs.append(((), full.chain, less.chain))
    out: dict[Path, dict[int, str]] = {}
    for path, made, other in pairs:
        if _loose(made) == _loose(other):
            continue
        found = lacking(made, other) if isinstance(made, Chain) and isinstance(other, Chain) else None
        if found is None or not isinstance(made, Chain) or not plainly_made(full, path):
            return None
        if _loose(without(made, found)) != _loose(other):
            return None
        out[path] = found
    return out


def _open(full: Body, lack: Lack) -> set[int]:
    """Slots that a use without those layers and items has no value for."""
    out = {i for i, s in enumerate(full.slots) if s.item in lack.layers}
    for path, chain in full.chains():
        for i in lack.items.get(path, ()):
            out.update(slots_of(chain.items[i][1]))
    return out


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
def _join(full: list[Body], joined: list[tuple[list[Body], Lack]], describer: Describer) -> None:
    first = full[0]
    every = frozenset(name for _, lack in joined for name in lack.layers)
    names = list(dict.fromkeys(s.item for s in _raw(first).steps if s.item in every))
    optional = _optional_items(first, [Lack(frozenset(), first.lacking), *(lack for _, lack in joined)])
    for others, lack in joined:
        for body in others:
            _become(body, first, lack)
    bodies = [*full, *(b for others, _ in joined for b in others)]
    usual = {at: 2 * sum(at[1] in b.lacking.get(at[0], ()) for b in bodies) <= len(bodies) for at in optional}
    for body in bodies:
        absent = body.absent
        flags = {n: body.slot(n.replace(".", "_"), n not in absent, False) for n in names}
        raw = _raw(body)
        for path, made in list(body.members.items()):
            if raw.items[path] in every:
                body.members[path] = Maybe(made, flags[raw.items[path]])
        for (path, i), name in optional.items():
            flag = body.slot(name, i not in body.lacking.get(path, ()), usual[path, i])
            body.put_chain(path, _with_flag(dict(body.chains())[path], i, flag))
        if body.chain is None:
            describer.optional(body, flags)
        body.close()


def _optional_items(full: Body, lacks: list[Lack]) -> dict[tuple[Path, int], str]:
    """The items of chains that any use lacks, in order, with names for the arguments that say so."""
    out: dict[tuple[Path, int], str] = {}
    for path, chain in full.chains():
        asked = {i: parameter for lack in lacks for i, parameter in lack.items.get(path, {}).items()}
        for i in sorted(asked):
            out[path, i] = flag_name(chain.items[i][1], asked[i])
    return out


def _with_flag(chain: Chain, number: int, flag: int) -> Chain:
    items = [(name, Maybe(made, flag) if i == number else made) for i, (name, made) in enumerate(chain.items)]
    return replace(chain, items=tuple(items))


def _become(body: Body, full: Body, lack: Lack) -> None:
    """Gives a use the structure of another; what it has not stays open."""
    own = iter(body.slots)
    open_ = _open(full, lack)
    body.slots = [replace(s, value=ABSENT) if i in open_ else next(own) for i, s in enumerate(full.slots)]
    raw, theirs = _raw(body), _raw(full)
    items = lack.items
    mine = {path: _renumbered(made, full.members[path], items.get(path, ())) for path, made in body.members.items()}
    body.members = {path: mine.get(path, made) for path, made in full.members.items()}
    if body.chain is not None and full.chain is not None:
        body.put_chain((), _renumbered(body.chain, full.chain, items.get((), ())))
    body.absent = lack.layers
    body.lacking = lack.items
    body.paths = list(full.paths)
    body.frozen = list(full.frozen)
    body.inputs = list(full.inputs)
    shapes = (step.shape for step in raw.steps)
    steps = [s if s.item in lack.layers else replace(s, shape=next(shapes)) for s in theirs.steps]
    body.raw = Raw(steps, theirs.returned, theirs.inputs, theirs.stored, raw.left_out, dict(theirs.items))


def _renumbered(made: Made, like: Made, missing: Container[int] = ()) -> Made:
    """A member with the slot numbers of another that is alike, and the items that it has not."""
    if isinstance(made, (Leaf, Stock)):
        return like
    if isinstance(made, Chain) and isinstance(like, Chain):
        own = (item for _, item in made.items)
        theirs = enumerate(like.items)
        items = [(name, other if i in missing else _renumbered(next(own), other)) for i, (name, other) in theirs]
        return replace(like, items=tuple(items))
    if isinstance(made, Maybe) and isinstance(like, Maybe):
        return Maybe(_renumbered(made.made, like.made), like.flag)
    return made
