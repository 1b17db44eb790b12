"""A table of a network's parts."""

from __future__ import annotations

from collections.abc import Sequence

from netspec.backend import BlockMemory

MAX_ROWS = 40


def group_parts(parts: Sequence[BlockMemory]) -> Sequence[BlockMemory]:
    """Sums over modules: the largest is opened, again and again, while that leaves at most :data:`MAX_ROWS` rows.

    Args:
        parts: each module of the network with what belongs to itself alone, parents before children.
    """
    children: dict[str, list[str]] = {}
    own = {part.name: (part.weights, part.kept) for part in parts}
    sums = dict(own)
    order = list(own)
    for name in sorted(own, key=lambda n: n.count("."), reverse=True):
        if name:
            parent = name.rpartition(".")[0]
            while parent not in own:
                parent = parent.rpartition(".")[0]
            children.setdefault(parent, []).append(name)
            sums[parent] = (sums[parent][0] + sums[name][0], sums[parent][1] + sums[name][1])
    rows = {"": sums.get("", (0, 0))}
    total = sum(rows[""]) or 1
    while True:
        large = [n for n in rows if n in children and (n == "" or sum(sums[n]) * 3 > total)]
        if not large:
            break
        name = max(large, key=lambda n: (n == "", sum(sums[n])))
        inner = children[name]
        if len(rows) + len(inner) > MAX_ROWS:
            break
        del rows[name]
        rows |= {n: sums[n] for n in inner}
        if any(own[name]):
            rows[f"{name}."] = own[name]
    places = {name: place for place, name in enumerate(order)}
    listed = [n for n in rows if any(rows[n])]
    listed.sort(key=lambda n: places[n.removesuffix(".")])
    return [BlockMemory(n.removesuffix("."), *rows[n]) for n in listed]
