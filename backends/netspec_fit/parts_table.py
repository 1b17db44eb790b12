"""Groups the memory of modules into the rows of a table."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping, Sequence
from typing import TypeAlias

from netspec.backend import BlockMemory

MAX_ROWS = 40
Figures: TypeAlias = "tuple[float, ...]"
_NUMBERED = re.compile(r"(.*\.)(\d+)\Z")


def group_parts(parts: Sequence[BlockMemory]) -> Sequence[BlockMemory]:
    """Sums memory over modules; see :func:`group_modules`.

    Args:
        parts: the memory of each module without its submodules, parents before children.
    """
    figures = {part.name: (part.weights, part.saved) for part in parts}
    return [BlockMemory(name, int(weights), int(saved)) for name, (weights, saved) in group_modules(figures, sum)]


def group_modules(figures: Mapping[str, Figures], size: Callable[[Figures], float]) -> list[tuple[str, Figures]]:
    """Sums figures over modules. Repeatedly opens the largest module while at most :data:`MAX_ROWS` rows result.

    Args:
        figures: for each module, its figures without submodules, parents before children.
        size: returns the size of some figures.
    """
    children: dict[str, list[str]] = {}
    sums = dict(figures)
    order = list(figures)
    zero = tuple(0 for _ in next(iter(figures.values()), ()))
    for name in sorted(figures, key=lambda n: n.count("."), reverse=True):
        if name:
            parent = name.rpartition(".")[0]
            while parent not in figures:
                parent = parent.rpartition(".")[0]
            children.setdefault(parent, []).append(name)
            sums[parent] = added(sums[parent], sums[name])
    rows = {"": sums.get("", zero)}
    total = size(rows[""]) or 1
    while True:
        large = [n for n in rows if n in children and (n == "" or size(sums[n]) * 3 > total)]
        if not large:
            break
        name = max(large, key=lambda n: (n == "", size(sums[n])))
        inner = children[name]
        if len(rows) + len(inner) > MAX_ROWS:
            break
        del rows[name]
        rows |= {n: sums[n] for n in inner}
        if any(figures[name]):
            rows[f"{name}."] = figures[name]
    places = {name: place for place, name in enumerate(order)}
    listed = [n for n in rows if any(rows[n])]
    listed.sort(key=lambda n: places[n.removesuffix(".")])
    return [(n.removesuffix("."), rows[n]) for n in listed]


def added(a: Figures, b: Figures) -> Figures:
    """Adds figures elementwise."""
    return tuple(x + y for x, y in zip(a, b, strict=True))


def merge_equal(rows: Sequence[tuple[str, Figures]]) -> list[tuple[str, Figures]]:
    """Returns rows with their titles; a run of numbered blocks with equal figures becomes one row with their sum."""
    runs: list[list[tuple[str, Figures]]] = []
    for name, figures in rows:
        last = runs[-1][-1] if runs else ("", ())
        here, before = _NUMBERED.match(name), _NUMBERED.match(last[0])
        if here is not None and before is not None and here[1] == before[1] and figures == last[1]:
            runs[-1].append((name, figures))
        else:
            runs.append([(name, figures)])
    out: list[tuple[str, Figures]] = []
    for run in runs:
        title, total = run[0][0] or "(outside of blocks)", run[0][1]
        for _, figures in run[1:]:
            total = added(total, figures)
        if len(run) > 1:
            title += f" to {run[-1][0].rpartition('.')[2]}, {len(run)} alike"
        out.append((title, total))
    return out
