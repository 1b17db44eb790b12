"""Removes what a figure does not show: quiet operations, chains of shape operations, tables of constants."""

from __future__ import annotations

from collections.abc import Callable, Collection, Mapping, Sequence, Set
from dataclasses import replace
from heapq import heapify, heappop, heappush
from typing import TypeAlias, TypeVar

from .cell_text import QUIET
from .cells import Cell

Edges: TypeAlias = dict[tuple[int, int], str]
"""Edges from tail to head, each with the name of the head's input (``q``), if its inputs are distinguished."""
MOST_NAMES = 4
"""Maximum number of layer names that are listed in one box."""
T = TypeVar("T")


class CellGraph:
    """Cells and the edges between them, both by cell number. Edges lead from smaller to greater numbers."""

    def __init__(self, cells: list[Cell], edges: Edges) -> None:
        self.cells = cells
        self.edges = dict(edges)

    def heads(self, i: int) -> list[int]:
        """The cells that read a cell."""
        return [b for a, b in self.edges if a == i]

    def tails(self, i: int) -> list[int]:
        """The cells that a cell reads."""
        return [a for a, b in self.edges if b == i]

    def without(self, gone: set[int]) -> CellGraph:
        """Removes some cells and renumbers the others in topological order."""
        edges = {(a, b): name for (a, b), name in self.edges.items() if a not in gone and b not in gone}
        waiting = {i: 0 for i in range(len(self.cells)) if i not in gone}
        for _, b in edges:
            waiting[b] += 1
        heads: dict[int, list[int]] = {}
        for a, b in edges:
            heads.setdefault(a, []).append(b)
        ready = [i for i, n in waiting.items() if not n]
        heapify(ready)
        order: list[int] = []
        while ready:
            i = heappop(ready)
            order.append(i)
            for b in heads.get(i, ()):
                waiting[b] -= 1
                if not waiting[b]:
                    heappush(ready, b)
        number = {i: n for n, i in enumerate(order)}
        renumbered = {(number[a], number[b]): name for (a, b), name in edges.items()}
        return CellGraph([self.cells[i] for i in order], dict(sorted(renumbered.items())))

    def redirect(self, target: Callable[[int], int]) -> None:
        """Maps the ends of all edges; removes edges from a cell to itself."""
        edges: Edges = {}
        for (a, b), name in self.edges.items():
            if target(a) != target(b):
                add_edge(edges, (target(a), target(b)), name)
        self.edges = edges


def merging(members: Collection[int], into: int) -> Callable[[int], int]:
    """Returns a function that maps several cells to one, for :meth:`CellGraph.redirect`."""
    inside = frozenset(members)
    return lambda i: into if i in inside else i


def add_edge(edges: Edges, edge: tuple[int, int], name: str = "") -> None:
    """Adds an edge; joins the names of parallel edges: ``k, v``."""
    names = [*edges.get(edge, "").split(", "), *name.split(", ")]
    edges[edge] = ", ".join(dict.fromkeys(each for each in names if each))


def simplify(cells: list[Cell], edges: Edges) -> tuple[list[Cell], Edges]:
    """Removes quiet operations and merges related ones into one box."""
    graph = CellGraph(cells, edges)
    for step in (_drop_unused, _drop_quiet, _merge_constants, _merge_shape_operations):
        graph = step(graph)
    return graph.cells, graph.edges


def _drop_unused(graph: CellGraph) -> CellGraph:
    """Removes constants that nothing reads, such as formulas that are inlined elsewhere."""
    fed = {i for i, cell in enumerate(graph.cells) if cell.port}
    for a, b in sorted(graph.edges):
        if a in fed:
            fed.add(b)
    used = set(fed)
    for a, b in sorted(graph.edges, reverse=True):
        if b in used:
            used.add(a)
    return graph.without(set(range(len(graph.cells))) - used)


def _drop_quiet(graph: CellGraph) -> CellGraph:
    gone: set[int] = set()
    for i, cell in enumerate(graph.cells):
        if cell.kind == "block" or cell.operation not in QUIET:
            continue
        tails, heads = graph.tails(i), graph.heads(i)
        if len(tails) == 1 and heads:
            gone.add(i)
            graph.redirect(merging({i}, tails[0]))
    return graph.without(gone)


def _merge_shape_operations(graph: CellGraph) -> CellGraph:
    """Merges consecutive shape operations into one box with their names."""
    gone: set[int] = set()
    cells = graph.cells
    for i, cell in enumerate(cells):
        if i in gone or cell.kind != "shape":
            continue
        names = [cell.operation]
        while True:
            heads = graph.heads(i)
            if len(heads) != 1 or cells[i].segments or cells[i].is_stacked:
                break
            j, other = heads[0], cells[heads[0]]
            if (
                other.kind != "shape"
                or len(graph.tails(j)) != 1
                or other.operation in ("split", "chunk")
                or other.is_stacked
            ):
                break
            names.append(other.operation)
            text = ", ".join(dict.fromkeys(names))
            cells[i] = replace(
                cells[i],
                name="",
                operation=text,
                arguments=[],
                segments=other.segments,
                shape=other.shape,
                optional=cells[i].optional and other.optional,
                items=(*cells[i].items, *other.items),
            )
            graph.redirect(merging({j}, i))
            gone.add(j)
    return graph.without(gone)


def _merge_constants(graph: CellGraph) -> CellGraph:
    """Merges three or more cells that do not depend on an input into one box."""
    fed = {i for i, cell in enumerate(graph.cells) if cell.port == "in"}
    if not fed:
        return graph
    for a, b in sorted(graph.edges):
        if a in fed:
            fed.add(b)
    free = [i for i in range(len(graph.cells)) if i not in fed and not graph.cells[i].port]
    group = {i: i for i in free}

    def root(i: int) -> int:
        while group[i] != i:
            i = group[i]
        return i

    for a, b in graph.edges:
        if a in group and b in group:
            group[root(b)] = root(a)
    gone: set[int] = set()
    for first in sorted({root(i) for i in free}):
        members = [i for i in free if root(i) == first]
        if len(members) <= 2:
            continue
        head = max(members)
        operations = [graph.cells[i].operation for i in members]
        counts = {op: operations.count(op) for op in ("parameter", "buffer") if op in operations}
        text = ", ".join(f"{n} {op}s" if n > 1 else op for op, n in counts.items()) or operations[0]
        named = next((graph.cells[i].name for i in members if graph.cells[i].operation == "parameter"), "")
        graph.cells[head] = Cell(
            named,
            "learned",
            text,
            params=sum(graph.cells[i].params for i in members),
            items=tuple(item for i in members for item in graph.cells[i].items),
            copies=min(graph.cells[i].copies for i in members),
        )
        graph.redirect(merging(members, head))
        gone |= set(members) - {head}
    return graph.without(gone)


def fold_equal_layers(cells: list[Cell], edges: Edges) -> tuple[list[Cell], Edges]:
    """Merges layers with the same text, consecutive or side by side, into one box with the first and last name."""
    graph = CellGraph(list(cells), edges)
    gone: set[int] = set()
    cells = graph.cells
    for i in range(len(cells)):
        if i in gone or not cells[i].is_plain or cells[i].kind in ("block", "pool"):
            continue
        names = [cells[i].name]
        while True:
            heads = graph.heads(i)
            if len(heads) != 1 or len(graph.tails(heads[0])) != 1 or not _say_the_same(cells[i], cells[heads[0]]):
                break
            j = heads[0]
            names.append(cells[j].name)
            cells[i] = replace(
                cells[i],
                name=_name_range(names),
                copies=cells[i].copies + cells[j].copies,
                params=cells[i].params + cells[j].params,
                items=(*cells[i].items, *cells[j].items),
            )
            graph.redirect(merging({j}, i))
            gone.add(j)
    folded = _fold_parallel_layers(graph.without(gone))
    return folded.cells, folded.edges


def _fold_parallel_layers(graph: CellGraph) -> CellGraph:
    """Merges layers side by side with the same text and the same neighbours into one box."""
    gone: set[int] = set()
    cells = graph.cells
    groups: dict[tuple[tuple[int, ...], tuple[int, ...]], list[int]] = {}
    for i, cell in enumerate(cells):
        if cell.is_plain and cell.kind != "block" and not cell.is_stacked and graph.tails(i) and graph.heads(i):
            groups.setdefault((tuple(graph.tails(i)), tuple(graph.heads(i))), []).append(i)
    for group in groups.values():
        for n, first in enumerate(group):
            alike = [i for i in group[n + 1 :] if i not in gone and _say_the_same(cells[first], cells[i])]
            if first not in gone and alike:
                together = [cells[i] for i in (first, *alike)]
                cells[first] = replace(
                    cells[first],
                    name=_name_range([cell.name for cell in together]),
                    copies=len(together),
                    is_parallel=True,
                    params=sum(cell.params for cell in together),
                    items=tuple(item for cell in together for item in cell.items),
                )
                graph.redirect(merging(alike, first))
                gone.update(alike)
    return graph.without(gone)


def _say_the_same(a: Cell, b: Cell) -> bool:
    keys = [(c.operation, c.arguments, c.segments, c.shape, c.kind, c.optional, c.copies_value, c.port) for c in (a, b)]
    return keys[0] == keys[1]


def _name_range(names: Sequence[str]) -> str:
    """Returns ``conv2–4`` for conv2 to conv4, or ``q, k, v`` for up to four different names."""
    first, last, stem = names[0], names[-1], 0
    while stem < min(len(first), len(last)) and first[stem] == last[stem]:
        stem += 1
    while stem and first[stem - 1].isdigit():
        stem -= 1
    if stem and last[stem:]:
        return f"{first}–{last[stem:]}"
    return ", ".join(names) if len(names) <= MOST_NAMES and all(names) else first


def drop_identity_edges(edges: Mapping[tuple[int, int], Set[T]], present: Sequence[Set[T]]) -> list[tuple[int, int]]:
    """Removes edges that are bypassed by a path through boxes which the uses with that edge lack.

    Args:
        edges: for each edge, the uses of the block that have it.
        present: for each cell, the uses that have it.
    """
    heads: dict[int, list[int]] = {}
    for a, b in edges:
        heads.setdefault(a, []).append(b)

    def has_detour(a: int, b: int) -> bool:
        uses = edges[a, b]
        ahead, seen = [x for x in heads[a] if uses.isdisjoint(present[x])], set[int]()
        while ahead:
            x = ahead.pop()
            if x in seen:
                continue
            seen.add(x)
            if b in heads.get(x, ()):
                return True
            ahead += [y for y in heads.get(x, ()) if uses.isdisjoint(present[y])]
        return False

    return [(a, b) for a, b in edges if not has_detour(a, b)]
