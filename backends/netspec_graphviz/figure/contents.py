"""The contents of a figure: an overview with a table of letters, and each repeated block once."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

from netspec.analysis.network_figures import Analysis, analyze

from ..figure_tree import Block, Layer
from .arrangement import arrange
from .block_uses import BlockUses
from .cells import Argument, Cell, Letter, Segment
from .inset import Inset, insets_of
from .letters import Column, assign_letters
from .network_cells import cell_of, distinguish, open_diagram, reads_of
from .output_ports import merge_outputs
from .simplify import Edges, add_edge, fold_equal_layers, simplify


@dataclass(eq=False, slots=True)
class Contents:
    """The contents of a figure."""

    cells: list[Cell]
    """The rows of the overview, in order."""
    edges: Edges
    insets: list[Inset]
    columns: list[Column]
    """The table beside the overview, with one column per letter."""
    shared: int
    """Number of groups of boxes that share weights."""
    folded: bool = False
    """Whether some boxes represent several layers with the same text."""
    title: str | None = None
    """The title above the figure."""

    def letters_in(self, inset: Inset) -> set[str]:
        """Returns the letters that occur in an inset."""
        return {v.name for cell in inset.cells for v in cell.values() if isinstance(v, Letter)}


class FigureNetwork:
    """Prepares the contents of figures of a network, with more or fewer blocks closed.

    Named dimensions have their default sizes.
    """

    def __init__(self, analysis: Analysis, title: str | None = None) -> None:
        self.title = title
        graph = analysis.graph
        self.uses = BlockUses(analyze(graph.at_default) if graph.dims else analysis)
        self._built: dict[tuple[str, frozenset[str]], list[Inset]] = {}
        """Insets by their class and the closed classes; figures show copies of them."""

    def contents(
        self,
        *,
        close_all: bool = False,
        fold: bool = False,
        table: bool = True,
        omitted: frozenset[str] = frozenset(),
    ) -> Contents:
        """Returns the contents of a figure.

        Args:
            close_all: whether to close blocks that are used only once as well.
            fold: whether to merge adjacent layers with the same text into one box.
            table: whether to write the values of letters in columns beside the overview, not in its boxes.
            omitted: classes of blocks whose contents are not shown.

        Raises:
            BackendError: NS722, the network has too many layers outside of blocks.
        """
        closed = set(self.uses.classes) if close_all else self.uses.repeated()
        root = self.uses.tree.root
        diagram = open_diagram(self.uses, self.uses.opened(root, closed))
        cells = [cell_of(self.uses, box, root, closed) for box in diagram.boxes]
        edges: Edges = {}
        for read in reads_of(self.uses, diagram):
            add_edge(edges, (read.tail, read.head), read.input)
        cells, edges = simplify(cells, edges)
        cells, edges = merge_outputs(cells, edges)
        ends = [cell for cell in cells if cell.port == "out"]
        if len(ends) == 1:
            ends[0].name = "output"
        insets = self._insets(cells, closed, omitted)
        count = len(cells) + sum(len(inset.cells) for inset in insets)
        if fold:
            cells, edges = fold_equal_layers(cells, edges)
            for inset in insets:
                inset.cells, inset.edges = fold_equal_layers(inset.cells, inset.edges)
        shared = _mark_shared(cells)
        distinguish(cells)
        columns = assign_letters(cells, insets)
        _write_values_in_boxes(cells, edges, columns, table)
        folded = len(cells) + sum(len(inset.cells) for inset in insets) < count
        return Contents(cells, edges, insets, columns, shared, folded, self.title)

    def _insets(self, cells: list[Cell], closed: set[str], omitted: frozenset[str]) -> list[Inset]:
        """Returns the insets of the closed blocks among the cells, then those of the blocks within these, and so on."""
        out: list[Inset] = []
        seen: set[str] = set()
        pending = [cells]
        while pending:
            for key in [cell.block for cell in pending.pop(0) if cell.block is not None]:
                if key not in seen and key in self.uses.classes and key not in omitted:
                    seen.add(key)
                    built = key, frozenset(closed)
                    if built not in self._built:
                        self._built[built] = insets_of(self.uses, key, closed)
                    insets = [inset.copied() for inset in self._built[built]]
                    out += insets
                    pending += [inset.cells for inset in insets]
        return out

    @property
    def closes_more(self) -> bool:
        """Whether there are blocks that are used only once, so that ``close_all`` makes a difference."""
        return len(self.uses.repeated()) < len(self.uses.classes)


def _write_values_in_boxes(cells: list[Cell], edges: Edges, columns: list[Column], table: bool) -> None:
    """Moves values of letters to the boxes, ``a = 768``; with a table, only to those that have no row in it."""
    arrangement = arrange(cells, edges)
    for column in columns:
        for i in [i for i in column.rows if not (table and arrangement.owns_row(i))]:
            argument = Argument(column.argument, column.rows.pop(i), letter=Letter(column.letter))
            cells[i].arguments = [*cells[i].arguments, argument]
    columns[:] = [column for column in columns if column.rows]


def _mark_shared(cells: list[Cell]) -> int:
    """Marks boxes that share weights with a common letter; returns the number of such groups."""
    owners: dict[int, set[int]] = {}
    for i, cell in enumerate(cells):
        for weight in _weights(cell):
            owners.setdefault(weight, set()).add(i)
    groups: list[set[int]] = []
    for group in owners.values():
        if len(group) > 1 and group not in groups:
            groups.append(group)
    for n, group in enumerate(groups):
        for i in group:
            cells[i].segments = [*cells[i].segments, Segment("learned", "W" if len(groups) == 1 else f"W{n + 1}")]
    return len(groups)


def _weights(cell: Cell) -> Iterable[int]:
    """The identities of the weights of a cell."""
    pending: list[Layer | Block] = list(cell.items)
    while pending:
        item = pending.pop()
        if isinstance(item, Layer):
            for node in item.all_nodes:
                yield from (id(weight) for _, weight in node.weights)
        else:
            pending += [*item.children]
        pending += [*item.further_copies]
