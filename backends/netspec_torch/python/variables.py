"""Names of the variables of a ``forward``: a name is used again when its value is dead."""

from __future__ import annotations

from collections.abc import Collection, Container, Mapping, Sequence

from ..classes.parts import SharedStep
from ..syntax.literals import identifier, unique

GENERIC = ("x", "out")
"""Names for what is on its way, in order of preference."""


def last_readers(steps: Sequence[SharedStep], kept: Sequence[int]) -> dict[int, int]:
    """For every value the number of the last step that reads it; one more than there are for those that are kept."""
    last: dict[int, int] = {}
    for i, step in enumerate(steps):
        last.update(dict.fromkeys(step.reads, i))
    last.update(dict.fromkeys(kept, len(steps)))
    return last


class AnyOf(Container[str]):
    """Names that are in any of several collections, which are not copied."""

    def __init__(self, *collections: Collection[str]) -> None:
        self.collections = collections

    def __contains__(self, name: object) -> bool:
        return any(name in collection for collection in self.collections)


def name_results(
    steps: Sequence[SharedStep], kept: Sequence[int], inputs: Mapping[int, str], taken: Collection[str]
) -> list[list[str]]:
    """The names of the results of every step.

    A value takes the name of what it was computed from, when nobody reads that any more. One that is read at once and
    again later, as skip connections are, has a name of its own: the next step then takes the name that is free.

    Args:
        steps: in order.
        kept: values that are needed behind the last step.
        inputs: the names of the inputs.
        taken: names that no variable may have.
    """
    last = last_readers(steps, kept)
    names = dict(inputs)
    live = {name: value for value, name in names.items() if value in last}
    free = {name for value, name in names.items() if value not in last}.intersection(GENERIC)
    out: list[list[str]] = []
    for i, step in enumerate(steps):
        dying: list[str] = []
        for value in dict.fromkeys(step.reads):
            name = names.get(value)
            if name is not None and last[value] <= i and live.get(name) == value:
                dying.append(name)
                del live[name]
        pool = [*dying, *free.difference(dying)]
        pool.sort(key=lambda name: GENERIC.index(name) if name in GENERIC else len(GENERIC))
        following = steps[i + 1].reads if i + 1 < len(steps) else ()
        results = step.results
        brief = [value for value in results if last.get(value) == i + 1]
        apart = len(results) > 1 and (len(brief) != 1 or len(brief) == len(results))
        given: list[str] = []
        out.append(given)
        for value, title in zip(results, step.titles, strict=True):
            if value not in last:
                given.append("_")
                continue
            long = last[value] > i + 1
            skip = long and value in following and len(pool) < 2
            own = apart or (len(results) > 1 and value not in brief)
            overwritten = overwritten_name(step, names)
            if overwritten in pool and overwritten not in live:
                pool.remove(name := overwritten)
            elif pool and not skip and not own:
                name = pool.pop(0)
            else:
                busy = AnyOf(taken, live, pool, given)
                name = identifier(title, busy) if long or own else unique("out", busy)
            given.append(name)
            names[value] = name
            live[name] = value
        free = free.union(pool).intersection(GENERIC).difference(live)
    return out


def overwritten_name(step: SharedStep, names: Mapping[int, str]) -> str:
    """For an optional step, or one that overwrites, the name of the value that it is applied to; else nothing."""
    if (step.flag is None and not step.overwrites) or step.main is None:
        return ""
    return names.get(step.main, "")
