"""The network as an outline: blocks are headings of their layers, and equal copies are shown once."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from functools import reduce
from itertools import groupby

from ..ir.tree import Branch, TreeItem
from .collapse import item_row, item_rows, join_rows
from .network_figures import Analysis, Line, Row

LEAST_LAYERS = 3
"""Minimum number of consecutive equal layers that are shown as one line; for blocks it is two."""


def outline(
    analysis: Analysis,
    depth: int | None = None,
    *,
    unfold: bool = False,
    compared: Callable[[Row], object] = lambda row: None,
) -> Iterator[Line]:
    """Yields the lines of the outline of a network.

    Args:
        analysis: the analysis of the network.
        depth: levels of blocks to show; a deeper block is a line with the sums of its layers. None shows all layers.
        unfold: whether to show every copy.
        compared: returns further properties of a row, beyond its figures, in which equal copies must agree.
    """
    tree = analysis.graph.tree
    if depth == 0:
        row = item_row(analysis, tree)
        return iter([Line(row, row.name)])
    return _Outline(analysis, depth, unfold, compared).below(tree, "", 0)


class _Outline:
    def __init__(self, analysis: Analysis, depth: int | None, unfold: bool, compared: Callable[[Row], object]) -> None:
        self.analysis = analysis
        self.depth = depth
        self.unfold = unfold
        self.compared = compared

    def below(self, branch: Branch, heading: str, level: int) -> Iterator[Line]:
        """Yields the lines of the children of a branch below a heading, grouped by the parts of their names."""
        return iter(_by_parts(list(self.children(branch, heading, level)), level))

    def children(self, branch: Branch, heading: str, level: int) -> Iterator[Line]:
        """Yields the lines of the children of a branch with dotted names."""
        if self.at_limit(branch):
            for row in self.limit_rows(branch):
                yield Line(row, _label(row.name, heading), level)
            return
        for run in self.runs(branch):
            yield from self.lines(run, heading, level)

    def at_limit(self, branch: Branch) -> bool:
        """Whether the blocks in a branch stay closed."""
        return self.depth is not None and branch.depth + 1 >= self.depth

    def limit_rows(self, branch: Branch) -> list[Row]:
        """Returns the rows of the children of a branch that stay closed."""
        items = [copy for child in branch.children for copy in child.copies]
        return [item_row(self.analysis, item) for item in items] if self.unfold else item_rows(self.analysis, items)

    def lines(self, run: Sequence[TreeItem], heading: str, level: int) -> Iterator[Line]:
        """Yields the lines of equal copies, or of a single item."""
        first = run[0]
        rows = [item_row(self.analysis, item) for item in run]
        if len(run) > 1:
            joined = reduce(join_rows, rows)
            yield Line(joined, range_label(rows[0].name, rows[-1].name, heading), level, "copies")
            if isinstance(first, Branch) and rows[0].layer_count == 1:
                layer = self.analysis.layer(next(first.layers()).name)
                yield Line(layer, _label(layer.name, first.name), level + 1, "each")
                return
            yield Line(rows[0], "", level + 1, "each")
        elif isinstance(first, Branch):
            if first.scope.block is None and (only := self.only_lines(first, heading, level)) is not None:
                yield from only
                return
            yield Line(rows[0], _label(rows[0].name, heading), level, "block")
        else:
            yield Line(rows[0], _label(rows[0].name, heading), level)
        if isinstance(first, Branch):
            yield from self.below(first, first.name, level + 1)

    def only_lines(self, branch: Branch, heading: str, level: int) -> Iterator[Line] | None:
        """Returns the lines of a scope that holds one item, or copies of one, and needs no heading; else None."""
        if self.at_limit(branch):
            rows = self.limit_rows(branch)
            return iter([Line(rows[0], _label(rows[0].name, heading), level)]) if len(rows) == 1 else None
        runs = list(self.runs(branch))
        return self.lines(runs[0], heading, level) if len(runs) == 1 else None

    def runs(self, branch: Branch) -> Iterator[Sequence[TreeItem]]:
        """Yields the children of a branch, with equal copies grouped."""
        for child in branch.children:
            run: list[TreeItem] = []
            signature: object = None
            copies = child.copies
            for copy in copies:
                if self.unfold or len(copies) == 1:
                    yield [copy]
                    continue
                copy_signature = self.signature(copy)
                if run and copy_signature != signature:
                    yield from _worth_folding(run)
                    run = []
                run.append(copy)
                signature = copy_signature
            yield from _worth_folding(run)

    def signature(self, item: TreeItem) -> object:
        """Returns the properties in which equal copies agree: everything shown of their layers."""
        rows = [self.analysis.layer(layer.name) for layer in item.layers()]
        return [(row.operation, row.output, row.figures, self.compared(row)) for row in rows]


def _worth_folding(run: list[TreeItem]) -> Iterator[Sequence[TreeItem]]:
    if run and (len(run) >= LEAST_LAYERS or (len(run) > 1 and isinstance(run[0], Branch))):
        yield run
    else:
        for item in run:
            yield [item]


def _by_parts(lines: Sequence[Line], level: int) -> list[Line]:
    """Yields lines of one level and those below them, with a heading for neighbours whose dotted names begin alike."""
    siblings: list[list[Line]] = []
    for line in lines:
        if line.level == level:
            siblings.append([line])
        else:
            siblings[-1].append(line)
    out: list[Line] = []
    for _, group in groupby(siblings, key=_first_part):
        alike = list(group)
        if len(alike) == 1:
            out += alike[0]
            continue
        shared = _shared_parts([sibling[0].label for sibling in alike])
        out.append(Line(alike[0][0].row, shared, level, "part"))
        inner: list[Line] = []
        for first, *rest in alike:
            inner.append(first._replace(label=first.label[len(shared) + 1 :], level=level + 1))
            inner += [line._replace(level=line.level + 1) for line in rest]
        out += _by_parts(inner, level + 1)
    return out


def _first_part(sibling: Sequence[Line]) -> object:
    """Returns the first part of a dotted name; for other names, an object that equals no other."""
    part, dot, _ = sibling[0].label.partition(".")
    return part if dot else object()


def _shared_parts(names: Sequence[str]) -> str:
    """Returns the leading parts shared by all of these dotted names, at most all but the last."""
    shared: list[str] = []
    for parts in zip(*(name.split(".")[:-1] for name in names), strict=False):
        if len(set(parts)) > 1:
            break
        shared.append(parts[0])
    return ".".join(shared)


def range_label(first: str, last: str, heading: str) -> str:
    """Returns ``h.0 … 11`` for two names; ``layers.encoder_layer_0 … 11`` if the names end in numbers."""
    before, after = first.split("."), last.split(".")
    while len(before) > 1 and before[0] == after[0]:
        before, after = before[1:], after[1:]
    end = ".".join(after)
    if len(after) == 1 and (stem := end.rstrip("0123456789")) != end and before[0].startswith(stem):
        end = end[len(stem) :]
    return f"{_label(first, heading)} … {end}"


def _label(name: str, heading: str) -> str:
    """Returns a full name without that of the heading above it."""
    return name[len(heading) + 1 :] if heading and name.startswith(f"{heading}.") else name
