"""Names of local variables in ``forward``; a name is reused once its value is no longer needed."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence

from ..classes.shared_body import SharedStep
from ..syntax.literals import identifier

GENERIC = ("x", "out")
"""Default variable names, in order of preference."""


def last_readers(steps: Sequence[SharedStep], returned: Sequence[int]) -> dict[int, int]:
    """Returns for every value the index of the last step that reads it; for returned values, the number of steps."""
    last: dict[int, int] = {}
    for i, step in enumerate(steps):
        last.update(dict.fromkeys(step.reads, i))
    last.update(dict.fromkeys(returned, len(steps)))
    return last


class LiveNames:
    """The names of values that are still needed.

    Args:
        names: names of the inputs, by value.
        used_names: names that variables must not have.
    """

    def __init__(self, names: Mapping[str, int], used_names: Collection[str]) -> None:
        self.values = dict(names)
        self.used_names = used_names
        self._next: dict[str, int] = {}
        """For each name, a number below which all numbered variants are in use, to resume the search."""

    def release(self, name: str) -> None:
        """Frees the name of a value that is no longer read."""
        del self.values[name]
        for at in range(len(name) - 1, 0, -1):  # "x12" is number 12 of "x", and number 2 of "x1"
            if not (name[at].isascii() and name[at].isdigit()):
                break
            stem = name[:at]
            if name[at] != "0" and stem in self._next:
                self._next[stem] = min(self._next[stem], max(int(name[at:]), 2))

    def unique(self, name: str, busy: Collection[str]) -> str:
        """Returns the name with the smallest number that makes it unique; ``busy`` contains further names in use."""
        if name not in self.values and name not in self.used_names and name not in busy:
            return name
        number = self._next.get(name, 2)
        while f"{name}{number}" in self.values or f"{name}{number}" in self.used_names:
            number += 1
        self._next[name] = number
        while any(f"{name}{number}" in names for names in (self.values, self.used_names, busy)):
            number += 1
        return f"{name}{number}"


def name_results(
    steps: Sequence[SharedStep], returned: Sequence[int], inputs: Mapping[int, str], used_names: Collection[str]
) -> list[list[str]]:
    """Names the results of every step.

    A value takes the name of the value from which it was computed, if that is no longer read. A value that is read
    immediately and again later (a skip connection) gets its own name, and the next step takes the free name.

    Args:
        steps: in order.
        returned: values that are needed after the last step.
        inputs: names of the inputs.
        used_names: names that variables must not have.
    """
    last = last_readers(steps, returned)
    names = dict(inputs)
    live = LiveNames({name: value for value, name in names.items() if value in last}, used_names)
    free = {name for value, name in names.items() if value not in last}.intersection(GENERIC)
    out: list[list[str]] = []
    for i, step in enumerate(steps):
        dying: list[str] = []
        for value in dict.fromkeys(step.reads):
            name = names.get(value)
            if name is not None and last[value] <= i and live.values.get(name) == value:
                dying.append(name)
                live.release(name)
        pool = [*dying, *free.difference(dying)]
        pool.sort(key=lambda name: GENERIC.index(name) if name in GENERIC else len(GENERIC))
        following = set(steps[i + 1].reads) if i + 1 < len(steps) else set[int]()
        results = step.results
        brief = [value for value in results if last.get(value) == i + 1]
        apart = len(results) > 1 and (len(brief) != 1 or len(brief) == len(results))
        result_names: list[str] = []
        out.append(result_names)
        for value, title in zip(results, step.titles, strict=True):
            if value not in last:
                result_names.append("_")
                continue
            long = last[value] > i + 1
            skip = long and value in following and len(pool) < 2
            needs_name = apart or (len(results) > 1 and value not in brief)
            overwritten = overwritten_name(step, names)
            if overwritten in pool and overwritten not in live.values:
                pool.remove(name := overwritten)
            elif pool and not skip and not needs_name:
                name = pool.pop(0)
            else:
                name = live.unique(identifier(title) if long or needs_name else "out", pool)
            result_names.append(name)
            names[value] = name
            live.values[name] = value
        free = free.union(pool).intersection(GENERIC).difference(live.values)
    return out


def overwritten_name(step: SharedStep, names: Mapping[int, str]) -> str:
    """Returns the name of the main input of a step that is optional or overwrites its input; else an empty string."""
    if (step.flag is None and not step.overwrites) or step.main is None:
        return ""
    return names.get(step.main, "")
