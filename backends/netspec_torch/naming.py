"""Names of the variables of a ``forward``: a name is used again when its value is dead."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import TypeAlias

from .syntax.literals import identifier, unique

Operand: TypeAlias = "Value | Step"


@dataclass(frozen=True, slots=True)
class Value:
    """A value that a step reads."""

    number: int
    lift: bool = False
    """Whether it gets a batch axis of one."""


@dataclass(slots=True)
class Step:
    """An expression over operands, and the values it gives."""

    text: str
    """With ``{0}``, ``{1}`` for the operands; slots and paths already stand in it."""
    operands: Mapping[int, Operand]
    outs: tuple[int, ...]
    titles: tuple[str, ...]
    """What the values are called after."""
    shape: tuple[int, ...] | None = None
    names: list[str] = field(default_factory=list[str])
    item: str = ""
    """The layer (or level) of the block that it belongs to."""
    condition: str = ""
    """What must hold for it to be run; else its value is its first operand."""
    overwrites: bool = False
    """Whether it is a statement that writes over its first operand."""
    fuse: bool = False
    """Whether it is written around what it is applied to, where that has no other use."""

    def values(self) -> list[int]:
        """Numbers of the values it reads, in order, those within it included."""
        out: list[int] = []
        for operand in self.operands.values():
            out += operand.values() if isinstance(operand, Step) else [operand.number]
        return out


def last_uses(steps: Sequence[Step], returned: Sequence[int]) -> dict[int, int]:
    """For every value the number of the last step that reads it; one more than there are for what is returned."""
    last: dict[int, int] = {}
    for i, step in enumerate(steps):
        for v in step.values():
            last[v] = i
    for v in returned:
        last[v] = len(steps)
    return last


def _kept(step: Step, names: Mapping[int, str], live: Mapping[str, int]) -> str | None:
    """For an optional step, or one that overwrites, the name of its first operand."""
    if not step.condition and not step.overwrites:
        return None
    operand = innermost(step).operands.get(0)
    name = names.get(operand.number) if isinstance(operand, Value) else None
    return name if name not in live else None


def innermost(step: Step) -> Step:
    """What an activation is applied to."""
    while isinstance(inner := step.operands.get(0), Step):
        step = inner
    return step


GENERIC = ("x", "out")
"""Names for what is on its way, in order of preference."""


def name_values(
    steps: Sequence[Step], returned: Sequence[int], names: dict[int, str], taken: frozenset[str]
) -> None:
    """Gives every step the names of its values; ``names`` holds those of the inputs, and all of them in the end.

    A value takes the name of what it was made from, when nobody reads that any more. One that is read now and again
    later, as skips are, has a name of its own: the next step then takes the name that is free.
    """
    last = last_uses(steps, returned)
    live = {name: v for v, name in names.items() if v in last}
    free: list[str] = [name for v, name in names.items() if v not in last]
    for i, step in enumerate(steps):
        dying: list[str] = []
        for v in dict.fromkeys(step.values()):
            name = names.get(v)
            if name is not None and last[v] <= i and live.get(name) == v:
                dying.append(name)
                del live[name]
        pool = [*dying, *(n for n in free if n not in dying and n in GENERIC)]
        pool.sort(key=lambda n: GENERIC.index(n) if n in GENERIC else len(GENERIC))
        following = set(steps[i + 1].values()) if i + 1 < len(steps) else set[int]()
        brief = [v for v in step.outs if last.get(v) == i + 1]
        apart = len(step.outs) > 1 and (len(brief) != 1 or len(brief) == len(step.outs))
        for v, title in zip(step.outs, step.titles, strict=True):
            if v not in last:
                step.names.append("_")
                continue
            long = last[v] > i + 1
            skip = long and v in following and len(pool) < 2
            own = apart or (len(step.outs) > 1 and v not in brief)
            busy = taken | live.keys() | set(pool) | set(step.names)
            kept = _kept(step, names, live)
            if kept is not None and kept in pool:
                name = kept
                pool.remove(kept)
            elif pool and not skip and not own:
                name = pool.pop(0)
            elif long or own:
                name = identifier(title, busy)
            else:
                name = unique("out", busy)
            step.names.append(name)
            names[v] = name
            live[name] = v
        several: list[str] = [*free, *pool]
        free = [n for n in dict.fromkeys(several) if n not in live]
