"""Arranges the cells of a graph relative to each other: a trunk, lanes beside it, fans, and rows.

The trunk is the longest path from an input to the end. The remaining cells form chains: branches of a fan between two
cells of the trunk, a lane from a fork to a join, a source beside the cell that reads it, or an end (a path to a
secondary output).
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from itertools import pairwise
from typing import Literal, TypeAlias

from .cells import Cell
from .simplify import Edges

Side: TypeAlias = Literal["lane", "left", "near"]
"""Position of a chain: in a lane on the right, left of the trunk, or directly right of the trunk in its own rows."""


@dataclass(slots=True)
class Chain:
    """A vertical chain of cells beside the trunk, and the rows from its fork to its join."""

    cells: list[int]
    side: Side
    first: int
    """Row of the first cell."""
    low: int
    high: int
    """The last row that its line covers."""


@dataclass(slots=True)
class Fan:
    """Branches side by side between two cells of the trunk. A branch is a list of layers of cells."""

    fork: int
    join: int
    branches: list[list[list[int]]]
    """From left to right; without the fork and the join."""

    @property
    def is_ladder(self) -> bool:
        """Whether every branch is a chain, so that the fan can be drawn as a ladder with one branch per row."""
        return all(len(layer) == 1 for branch in self.branches for layer in branch)


@dataclass(slots=True)
class Arrangement:
    """The rows of the trunk and of the chains and fans beside it."""

    cells: Sequence[Cell]
    edges: Edges
    trunk: list[int] = field(default_factory=list[int])
    row: dict[int, int] = field(default_factory=dict[int, int])
    rows: int = 0
    fans: list[Fan] = field(default_factory=list[Fan])
    chains: list[Chain] = field(default_factory=list[Chain])
    beside: dict[int, int] = field(default_factory=dict[int, int])
    """Outputs that are written to the right of the cell that computes them."""
    inserted: list[int] = field(default_factory=list[int])
    """Cells beside the trunk that were moved to its line, in rows of their own."""
    tails: dict[int, list[int]] = field(default_factory=dict[int, list[int]])
    heads: dict[int, list[int]] = field(default_factory=dict[int, list[int]])

    def owns_row(self, i: int) -> bool:
        """Whether a row of the table shows the values of this cell: on the trunk's line, or in an end with own rows."""
        ends = (chain.cells for chain in self.chains if chain.side == "near")
        return i in self.trunk or i in self.inserted or any(i in cells for cells in ends)


def arrange(cells: Sequence[Cell], edges: Edges, trunk: Sequence[int] | None = None) -> Arrangement:
    """Arranges a graph. Takes linear time, apart from the fans of each join.

    Args:
        cells: the cells.
        edges: the edges.
        trunk: the cells of the trunk, for a part of a graph; by default the longest path.
    """
    return _Builder(cells, edges).build(trunk)


class _Builder:
    def __init__(self, cells: Sequence[Cell], edges: Edges) -> None:
        self.out = Arrangement(cells, edges)
        self.tails: dict[int, list[int]] = {i: [] for i in range(len(cells))}
        self.heads: dict[int, list[int]] = {i: [] for i in range(len(cells))}
        for a, b in edges:
            self.tails[b].append(a)
            self.heads[a].append(b)
        self.out.tails, self.out.heads = self.tails, self.heads
        self.position: dict[int, int] = {}
        """Positions on the trunk."""

    def build(self, trunk: Sequence[int] | None) -> Arrangement:
        out = self.out
        out.trunk = self._trunk() if trunk is None else [*trunk]
        self.position = {t: n for n, t in enumerate(out.trunk)}
        components = self._components()
        fanned = self._fans(components)
        rest = [c for c in components if not fanned.intersection(c)]
        ends = self._ends(rest)
        self._place_trunk(ends)
        self._place_fans()
        occupied: set[int] = set()
        for component in rest:
            if id(component) not in ends:
                self._place_component(component, occupied)
        self._normalise()
        return out

    def _trunk(self) -> list[int]:
        """Returns the longest path, preferably from an input."""
        cells = self.out.cells
        rank: list[tuple[int, int]] = []
        before: list[int | None] = []
        for i in range(len(cells)):
            best = max(self.tails[i], key=lambda a: rank[a], default=None)
            before.append(best)
            rank.append((rank[best][0] + 1, rank[best][1]) if best is not None else (0, int(cells[i].port == "in")))
        at: int | None = max(
            (i for i in range(len(cells)) if not self.heads[i]), key=lambda i: (rank[i], cells[i].port == "out")
        )
        trunk: list[int] = []
        while at is not None:
            trunk.append(at)
            at = before[at]
        return trunk[::-1]

    def _components(self) -> list[list[int]]:
        """Returns the connected components of the cells outside the trunk, in order."""
        seen = set(self.position)
        out: list[list[int]] = []
        for i in range(len(self.out.cells)):
            if i in seen:
                continue
            seen.add(i)
            part, pending = [i], [i]
            while pending:
                x = pending.pop()
                for y in (*self.tails[x], *self.heads[x]):
                    if y not in seen:
                        seen.add(y)
                        part.append(y)
                        pending.append(y)
            out.append(sorted(part))
        return out

    def _fans(self, components: list[list[int]]) -> set[int]:
        """Finds the fans. Returns the cells of their branches that are not on the trunk."""
        groups: dict[tuple[int, int], list[list[int]]] = {}
        for part in components:
            inside = set(part)
            forks = {a for i in part for a in self.tails[i] if a not in inside}
            joins = {b for i in part for b in self.heads[i] if b not in inside}
            sources = [i for i in part if not self.tails[i]]
            if len(forks) == 1 and len(joins) == 1 and not sources:
                (fork,), (join,) = forks, joins
                if not self.out.cells[join].symbol and self._layers(part, fork, join) is not None:
                    groups.setdefault((fork, join), []).append(part)
        out: set[int] = set()
        for (fork, join), parts in groups.items():
            trunk = self.out.trunk[self.position[fork] + 1 : self.position[join]]
            absorbed = self._absorbed(trunk, fork, join, components)
            branch = sorted([*trunk, *(i for part in absorbed for i in part)])
            if len(parts) + len(absorbed) < 2 or not self._is_separate(branch, fork, join):
                continue
            branches = [*parts, branch] if trunk else [*parts]
            branches.sort(key=lambda branch: branch[0])
            layered = [self._layers(branch, fork, join) for branch in branches]
            if all(layers is not None for layers in layered):
                self.out.fans.append(Fan(fork, join, [layers for layers in layered if layers is not None]))
                out.update(i for part in (*parts, *absorbed) for i in part)
        return out

    def _absorbed(self, trunk: Sequence[int], fork: int, join: int, components: list[list[int]]) -> list[list[int]]:
        """Returns the components that fork from a branch on the trunk and are part of that branch."""
        inner, allowed = set(trunk), {fork, join, *trunk}
        out: list[list[int]] = []
        for part in components:
            inside = set(part)
            outer = {x for i in part for x in (*self.tails[i], *self.heads[i]) if x not in inside}
            if outer & inner and outer <= allowed:
                out.append(part)
        return out

    def _is_separate(self, trunk: Sequence[int], fork: int, join: int) -> bool:
        """Whether a section of the trunk is connected only to its fork and join."""
        allowed = {fork, join, *trunk}
        return all(x in allowed for i in trunk for x in (*self.tails[i], *self.heads[i]))

    def _layers(self, part: Sequence[int], fork: int, join: int) -> list[list[int]] | None:
        """Divides a branch into layers such that each reads only the previous one; None if that is impossible."""
        inside = set(part)
        depth: dict[int, int] = {}
        for i in sorted(part):
            inner = {depth[a] for a in self.tails[i] if a in inside}
            if len(inner) > 1 or (inner and fork in self.tails[i]):
                return None
            depth[i] = inner.pop() + 1 if inner else 0
        last = max(depth.values())
        layers = [[i for i in sorted(part) if depth[i] == n] for n in range(last + 1)]
        if any(depth[i] < last and join in self.heads[i] for i in part) or len(layers[0]) > 1:
            return None
        # Edges between adjacent layers must not cross.
        for upper, lower in pairwise(layers):
            spans = [sorted(upper.index(a) for a in self.tails[i]) for i in lower]
            if any(a[-1] > b[0] for a, b in pairwise(spans)):
                return None
        return layers

    def _ends(self, components: Iterable[list[int]]) -> dict[int, list[int]]:
        """Returns the components that are chains from a single cell of the trunk to an output, by that cell."""
        out: dict[int, list[int]] = {}
        for part in components:
            inside = set(part)
            joins = [b for i in part for b in self.heads[i] if b not in inside]
            forks = [a for i in part for a in self.tails[i] if a not in inside]
            chain = all(len(self.heads[i]) <= 1 and len(self.tails[i]) == 1 for i in part)
            if not joins and len(forks) == 1 and chain:
                out[id(part)] = part
        return out

    def _place_trunk(self, ends: dict[int, list[int]]) -> None:
        """Assigns rows to the trunk, with free rows for the ends that branch off."""
        out = self.out
        after: dict[int, list[list[int]]] = {}
        for part in ends.values():
            after.setdefault(self.tails[part[0]][0], []).append(part)
        row = 0
        for t in out.trunk:
            out.row[t] = row
            row += 1
            for part in after.get(t, ()):
                if out.cells[part[-1]].port == "out":
                    port = part[-1]
                    box = part[-2] if len(part) > 1 else t
                    if box not in out.beside.values():
                        out.beside[port] = box
                rest = [i for i in part if i not in out.beside]
                if rest:
                    out.chains.append(Chain(rest, "near", row, out.row[t], row + len(rest) - 1))
                for i in rest:
                    out.row[i] = row
                    row += 1
        out.rows = row
        for port, box in out.beside.items():
            out.row[port] = out.row[box]

    def _place_fans(self) -> None:
        for fan in self.out.fans:
            join = self.out.row[fan.join]
            for branch in fan.branches:
                for n, layer in enumerate(branch):
                    for i in layer:
                        self.out.row[i] = join - len(branch) + n

    def _place_component(self, part: list[int], occupied: set[int]) -> None:
        """Assigns rows to a component beside the trunk.

        ``occupied`` contains joins that already have a source to their right. An output of a cell that others read as
        well is written beside the cell.
        """
        out = self.out
        ports: list[int] = []
        for i in part:
            if out.cells[i].port == "out" and len(self.tails[i]) == 1:
                (box,) = self.tails[i]
                if box in part and len(self.heads[box]) > 1 and box not in out.beside.values():
                    out.beside[i] = box
                    ports.append(i)
        self._place_chains([i for i in part if i not in out.beside], occupied)
        for i in ports:
            out.row[i] = out.row[out.beside[i]]

    def _heads(self, i: int) -> list[int]:
        """Returns the cells that read a cell, without outputs written beside it."""
        return [b for b in self.heads[i] if b not in self.out.beside]

    def _place_chains(self, part: list[int], occupied: set[int]) -> None:
        row = self.out.row
        inside = set(part)
        chains = self._chains(part)
        joins = [b for i in part for b in self._heads(i) if b not in inside]
        forks = [a for i in part for a in self.tails[i] if a not in inside]
        if len(chains) == 1 and not forks and joins:
            (cells,) = chains
            join = min(joins, key=row.__getitem__)
            used = (join in occupied) + (-join - 1 in occupied)
            has_output = join in self.out.beside.values()  # written where the source would stand
            beside = used < 2 and not has_output and join in self._heads(cells[-1])
            last = row[join] if beside else row[join] - 1
            first = last - len(cells) + 1
            side: Side = "left" if used == 1 else "lane"
            if used < 2:
                occupied.add(join if used == 0 else -join - 1)
            self.out.chains.append(Chain(cells, side, first, first, max(row[b] for b in joins)))
            for n, i in enumerate(cells):
                row[i] = first + n
            return
        self._place_by_depth(part, inside, forks, joins)
        for cells in chains:
            before = [row[a] for i in cells for a in self.tails[i] if a not in cells]
            after = [row[b] for i in cells for b in self._heads(i) if b not in cells]
            low, high = min([*before, row[cells[0]]]), max([*after, row[cells[-1]]])
            self.out.chains.append(Chain(cells, "lane", row[cells[0]], low, high))

    def _place_by_depth(self, part: list[int], inside: set[int], forks: list[int], joins: list[int]) -> None:
        """Assigns rows by depth: as high as the forks allow, then centred between forks and joins; sources go low."""
        row = self.out.row
        base = min((row[b] for b in joins), default=self.out.rows)
        for i in part:
            row[i] = max((row[a] + 1 for a in self.tails[i]), default=-1 << 20)
        latest: dict[int, int] = {}
        for i in reversed(part):
            latest[i] = min((latest.get(b, row[b]) for b in self._heads(i)), default=max(base, row[i] + 1)) - 1
        if any(row[i] < -len(row) for i in part):
            for i in part:
                row[i] = max(latest[i], row[i])
            return
        slack = min((latest[i] - row[i] for i in part), default=0)
        shift = max(slack, 0) // 2 if forks and joins else 0
        for i in part:
            row[i] += shift

    def _chains(self, part: list[int]) -> list[list[int]]:
        """Splits the component into chains, the longest first."""
        left = set(part)
        out: list[list[int]] = []
        while left:
            length: dict[int, int] = {}
            before: dict[int, int | None] = {}
            for i in sorted(left):
                best = max((a for a in self.tails[i] if a in left), key=lambda a: length[a], default=None)
                before[i] = best
                length[i] = length[best] + 1 if best is not None else 1
            at: int | None = max(sorted(left), key=lambda i: length[i])
            chain: list[int] = []
            while at is not None:
                chain.append(at)
                at = before[at]
            out.append(chain[::-1])
            left -= set(chain)
        return out

    def _normalise(self) -> None:
        """Removes empty rows and numbers the others from zero."""
        out = self.out
        used = sorted(set(out.row.values()))
        new = {r: n for n, r in enumerate(used)}

        def at(r: int) -> int:
            return new[r] if r in new else min((n for u, n in new.items() if u >= r), default=len(used) - 1)

        out.row = {i: new[r] for i, r in out.row.items()}
        for chain in out.chains:
            chain.first, chain.low, chain.high = at(chain.first), at(chain.low), at(chain.high)
        out.rows = len(used)
