"""A block that is drawn once: the common structure of its uses, with variables for what differs."""

from __future__ import annotations

from collections.abc import Hashable, Iterable, Mapping, Sequence
from dataclasses import dataclass, replace

from netspec.blocks import DifferentError
from netspec.blocks.align import merge_orders
from netspec.ir import Scope
from netspec.ops.base import Op

from ..diagram import Box, Diagram
from ..figure_tree import Block, Layer
from .block_uses import BlockUses
from .block_variables import VariableTable
from .cell_text import arguments_of, written_argument
from .cells import Argument, Cell, CellValue, Reference, Segment, Variable
from .network_cells import cell_of, distinguish, open_diagram, reads_of, variables
from .simplify import Edges, drop_identity_edges, simplify

ONE_BY_DEFAULT = frozenset(("dilation", "groups", "stride"))
WINDOW = frozenset(("dilation", "kernel", "size", "stride"))
"""Arguments with one number per axis, which may take the value of a letter."""
JOINS = frozenset(("add", "concat", "multiply"))


@dataclass(eq=False, slots=True)
class Inset:
    """A block as shown in a figure, with its inputs and outputs."""

    key: str
    """The class of the block."""
    title: str
    cells: list[Cell]
    edges: Edges
    uses: frozenset[str]
    """Names of the scopes that the inset represents."""
    table: VariableTable
    """The variables."""

    def copied(self) -> Inset:
        """Returns a copy with cells and variables of its own, which can be changed."""
        table, copies = self.table.copied()

        def value(of: CellValue) -> CellValue:
            return Reference(copies[of.variable], of.factor) if isinstance(of, Reference) else of

        cells = [
            replace(
                cell,
                arguments=[replace(argument, value=value(argument.value)) for argument in cell.arguments],
                segments=[Segment(segment.kind, value(segment.value)) for segment in cell.segments],
                copies_value=value(cell.copies_value),
            )
            for cell in self.cells
        ]
        return Inset(self.key, self.title, cells, dict(self.edges), self.uses, table)

    @property
    def written(self) -> set[Variable]:
        """Returns the variables that its cells refer to."""
        values = (value for cell in self.cells for value in cell.values())
        return {value.variable for value in values if isinstance(value, Reference)}


def insets_of(uses: BlockUses, key: str, closed: set[str]) -> list[Inset]:
    """Returns the insets of a class; several if its uses end in different joins.

    Args:
        uses: the blocks of the network.
        key: the class.
        closed: the classes that are drawn once.
    """
    groups = _by_last_join(uses.classes[key])
    title = uses.title(key)
    if len([join for join in groups if join]) < 2:
        return [_InsetBuilder(uses, key, uses.classes[key], closed).build(title)]
    return [
        _InsetBuilder(uses, key, group, closed).build(f"{title}, with {join}" if join else title)
        for join, group in groups.items()
    ]


def _by_last_join(blocks: Iterable[Block]) -> dict[str, list[Block]]:
    groups: dict[str, list[Block]] = {}
    for block in blocks:
        names = [child.nodes[0].op.name for child in block.children if isinstance(child, Layer)]
        groups.setdefault(next((name for name in reversed(names) if name in JOINS), ""), []).append(block)
    return groups


class _InsetBuilder:
    """Aligns the boxes of all uses of a block by the locations in the spec that created them."""

    def __init__(self, uses: BlockUses, key: str, blocks: Sequence[Block], closed: set[str]) -> None:
        self.uses = uses
        self.key = key
        self.closed = closed
        self.diagram = open_diagram(uses, self._opened(blocks))
        self.edges = {(edge.tail, edge.head) for edge in self.diagram.edges}
        self.contents: dict[Block, list[Box]] = {}
        self._collect(self.diagram, blocks)
        self.blocks = [block for block in blocks if self.contents.get(block)]
        self.variables = VariableTable([block.name for block in self.blocks])
        self.places: dict[int, tuple[Block, Hashable]] = {}
        """For each box, the use that contains it, and its key, which is the same in all uses."""
        self.runs: dict[int, int] = {}
        """For the first box of a run with the same key, the number of copies in the other boxes of the run."""
        self.rows: dict[Hashable, dict[Block, Box]] = {}
        """For each key, its box in each use, in the order of the figure."""
        self.input_names: dict[tuple[int | str, int], tuple[Block, list[str]]] = {}
        """For each edge, the first use that has it, and the names of the head's input in that use."""
        self._align()

    def _opened(self, blocks: Sequence[Block]) -> set[str]:
        opened: set[str] = {""}
        for block in blocks:
            scope: Scope | None = block.scope
            while scope is not None:
                opened.add(scope.name)
                scope = scope.parent
            opened |= self.uses.opened(block, self.closed)
        return opened

    def _collect(self, diagram: Diagram, blocks: Sequence[Block]) -> None:
        chosen = set(blocks)
        for box in diagram.boxes:
            if not isinstance(box.content, Block | Layer):
                continue
            layer = box.content if isinstance(box.content, Layer) else _first_layer(box.content)
            for block in reversed(self.uses.tree.paths[layer.nodes[0]]):
                if isinstance(block, Block) and block in chosen and block is not box.content:
                    self.contents.setdefault(block, []).append(box)
                    break

    def _align(self) -> None:
        orders: list[list[Hashable]] = []
        for block in sorted(self.blocks, key=lambda b: -len(self.contents[b])):
            order: list[Hashable] = []
            repetitions: dict[Hashable, int] = {}
            previous: tuple[Hashable, Box, Box] | None = None
            for box in self.contents[block]:
                place = _place(box, block.scope)
                if previous is not None and previous[0] == place and self._continues(previous[2], box):
                    first = previous[1].number
                    self.runs[first] = self.runs.get(first, 0) + _own_copies(box)
                    self.places[box.number] = self.places[first]
                    previous = (place, previous[1], box)
                    continue
                previous = (place, box, box) if isinstance(box.content, Block) else None
                number = repetitions[place] = repetitions.get(place, -1) + 1
                self.places[box.number] = block, (place, number)
                order.append((place, number))
                self.rows.setdefault((place, number), {})[block] = box
            orders.append(order)
        self.rows = {place: self.rows[place] for place in _merged(orders)}

    def _continues(self, before: Box, box: Box) -> bool:
        """Whether a block continues a run: it is a use of the same block as the previous box and reads its output."""
        a, b = before.content, box.content
        is_run = isinstance(a, Block) and isinstance(b, Block) and a.scope.block == b.scope.block
        return is_run and (before.number, box.number) in self.edges

    def build(self, title: str) -> Inset:
        """Builds the inset: its cells with variables, inputs and outputs."""
        cells = [self._cell(boxes) for boxes in self.rows.values()]
        index = {place: i for i, place in enumerate(self.rows)}
        edges, entries, exits = self._edges(index)
        inputs = list(dict.fromkeys(name for name, _ in entries)) or ["input"]
        outputs = list(dict.fromkeys(name for _, name in exits)) or ["output"]
        n, end = len(inputs), len(inputs) + len(cells)
        every = [Cell(name, port="in") for name in inputs] + cells + [Cell(name, port="out") for name in outputs]
        numbered = {(a + n, b + n): uses for (a, b), uses in edges.items()}
        numbered |= {(inputs.index(name), i + n): uses for (name, i), uses in entries.items()}
        numbered |= {(i + n, end + outputs.index(name)): uses for (i, name), uses in exits.items()}
        if not entries:
            numbered[0, n] = set(self.blocks)
        if not exits:
            numbered[end - 1, end] = set(self.blocks)
        present = (
            [set(self.blocks)] * n + [set(boxes) for boxes in self.rows.values()] + [set(self.blocks)] * len(outputs)
        )
        simplified = drop_identity_edges({edge: uses for edge, uses in numbered.items() if edge[0] < edge[1]}, present)
        named = {(a, b): self._input_name(inputs[a] if a < n else a - n, b - n) for a, b in simplified}
        simple, connections = simplify(every, named)
        distinguish(simple)
        scopes = frozenset(copy.name for block in self.blocks for copy in (block, *block.further_copies))
        return Inset(self.key, title, simple, connections, scopes, self.variables)

    def _cell(self, boxes: Mapping[Block, Box]) -> Cell:
        cells = {block: cell_of(self.uses, box, block, self.closed) for block, box in boxes.items()}
        cell = next(iter(cells.values()))
        present = {block.name for block in boxes}
        copies = {block.name: str(cells[block].copies + self.runs.get(box.number, 0)) for block, box in boxes.items()}
        first_copies = next(iter(copies.values()))
        variable = self.variables.value("copies", copies)
        out = replace(
            cell,
            arguments=self._arguments(boxes, cell) if isinstance(next(iter(boxes.values())).content, Layer) else [],
            segments=self._segments({block.name: cells[block].segments for block in boxes}),
            optional=len(present) < len(self.blocks),
            copies=int(first_copies),
            copies_value="" if isinstance(variable, str) else variable,
            shape="",
            items=tuple(item for c in cells.values() for item in c.items),
        )
        if len({c.name for c in cells.values()}) > 1 or any(box.number in self.runs for box in boxes.values()):
            out.name = ""
        return out

    def _arguments(self, boxes: Mapping[Block, Box], cell: Cell) -> list[Argument]:
        texts: dict[str, dict[str, str]] = {}
        ops: dict[str, Op] = {}
        for block, box in boxes.items():
            assert isinstance(box.content, Layer)
            ops[block.name] = box.content.nodes[0].op
            texts[block.name] = arguments_of(ops[block.name], variables(self.uses, box.content.nodes[0]))
        labelled = {a.name: a for a in cell.arguments}
        out: list[Argument] = []
        for name in dict.fromkeys(n for arguments in texts.values() for n in arguments):
            default = "1" if name in ONE_BY_DEFAULT else None
            column = {use: arguments.get(name, default) for use, arguments in texts.items()}
            known = {use: text for use, text in column.items() if text is not None}
            square = name in ("kernel", "size") and all(_is_square(text) for text in known.values())
            if len(set(known.values())) > 1:
                if name == "padding":
                    continue
                if square:
                    known = {use: text.split("×")[0] for use, text in known.items()}
                elif name not in WINDOW and not all(_is_short(text) for text in known.values()):
                    continue
            value = self.variables.value(name, known)
            use = next(use for use in texts if name in texts[use])
            model = labelled.get(name) or written_argument(ops[use], name, texts[use][name])
            if isinstance(value, str):
                value = texts[use][name]
            out.append(Argument(name, value, model.labelled and value != "depthwise", square))
        return out

    def _segments(self, by_use: Mapping[str, list[Segment]]) -> list[Segment]:
        lists = list(by_use.values())
        if len({len(segments) for segments in lists}) > 1 or len({tuple(s.kind for s in each) for each in lists}) > 1:
            return self._common_segments(lists)
        out: list[Segment] = []
        for i, segment in enumerate(lists[0]):
            column = {use: segments[i].value for use, segments in by_use.items()}
            out.append(
                Segment(segment.kind, self.variables.value("activation", {u: str(v) for u, v in column.items()}))
            )
        return out

    def _common_segments(self, lists: list[list[Segment]]) -> list[Segment]:
        longest = max(lists, key=len)
        return [segment for segment in longest if all(segment in each for each in lists)]

    def _edges(
        self, index: Mapping[Hashable, int]
    ) -> tuple[dict[tuple[int, int], set[Block]], dict[tuple[str, int], set[Block]], dict[tuple[int, str], set[Block]]]:
        """Returns the edges between rows, from inputs, and to outputs, each with the uses that have it."""
        edges: dict[tuple[int, int], set[Block]] = {}
        entries: dict[tuple[str, int], set[Block]] = {}
        exits: dict[tuple[int, str], set[Block]] = {}
        several = any(len(block.scope.inputs) > 1 for block in self.blocks)
        same: list[tuple[list[str], int, Block]] = []
        """Values that have several names in a use."""
        results = self._results()
        for read in reads_of(self.uses, self.diagram):
            tail, head = self.places.get(read.tail), self.places.get(read.head)
            if tail is not None and head is not None and tail[0] is head[0]:
                if tail[1] != head[1]:
                    edges.setdefault((index[tail[1]], index[head[1]]), set()).add(head[0])
                    self._name_input(head[0], index[tail[1]], index[head[1]], read.input)
                continue
            if head is not None:
                names = [name for name, v in head[0].scope.inputs.items() if v == read.value and several]
                if len(names) > 1:
                    same.append((names, index[head[1]], head[0]))
                else:
                    name = names[0] if names else "input"
                    entries.setdefault((name, index[head[1]]), set()).add(head[0])
                    self._name_input(head[0], name, index[head[1]], read.input)
            if tail is not None:
                name = results.get(read.tail, self._label(read.tail) if tail[0].scope.outputs else "")
                exits.setdefault((index[tail[1]], name or "output"), set()).add(tail[0])
        for names, row, block in same:
            name = next((name for name in names if (name, row) in entries), names[0])
            entries.setdefault((name, row), set()).add(block)
        return edges, entries, exits

    def _name_input(self, block: Block, tail: int | str, head: int, name: str) -> None:
        """Records the name of an input of a row; ``tail`` is a row or an input of the block."""
        use, names = self.input_names.setdefault((tail, head), (block, []))
        if use is block and name:
            names.append(name)

    def _input_name(self, tail: int | str, head: int) -> str:
        return ", ".join(dict.fromkeys(self.input_names[tail, head][1])) if (tail, head) in self.input_names else ""

    def _results(self) -> dict[int, str]:
        """Returns the names of the outputs, by the number of the box that computes each."""
        numbers = {
            item: box.number
            for boxes in self.contents.values()
            for box in boxes
            for item in (box.content, *box.attached)
        }
        out: dict[int, str] = {}
        for block in self.blocks:
            for name, v in block.scope.outputs:
                producer = self.uses.graph.producer(v)
                path = self.uses.tree.paths[producer] if producer is not None else ()
                number = next((numbers[item] for item in path if item in numbers), None)
                if number is not None:
                    out.setdefault(number, name)
        return out

    def _label(self, number: int) -> str:
        """Returns the name of a box whose value another block reads directly."""
        return self.diagram.boxes[number].content.name.rsplit(".", 1)[-1]


def _first_layer(block: Block) -> Layer:
    child = block.children[0]
    return child if isinstance(child, Layer) else _first_layer(child)


def _own_copies(box: Box) -> int:
    return 1 + len(box.content.further_copies) if isinstance(box.content, Block | Layer) else 1


def _place(box: Box, scope: Scope) -> Hashable:
    """Returns the key of a box: the locations in the spec that created it, up to the use of the enclosing block."""
    content = box.content
    assert isinstance(content, Block | Layer)
    trace = content.nodes[0].trace if isinstance(content, Layer) else content.scope.trace
    out: list[Hashable] = []
    while trace is not None and trace is not scope.trace:
        out.append(trace.location)
        trace = trace.parent
    return (*out, isinstance(content, Block))


def _merged(orders: list[list[Hashable]]) -> list[Hashable]:
    """Merges the orders of keys in all uses; for contradictory orders, the first one (of the longest use) wins."""
    try:
        return merge_orders(orders)
    except DifferentError:
        out: list[Hashable] = []
        for order in orders:
            at = -1
            for place in order:
                if place in out:
                    at = out.index(place)
                else:
                    at += 1
                    out.insert(at, place)
        return out


def _is_square(text: str) -> bool:
    parts = text.split("×")
    return len(parts) > 1 and len(set(parts)) == 1 and parts[0].isdigit()


def _is_short(text: str) -> bool:
    """Whether a text is short enough for a table column; shapes and formulas are not."""
    return len(text) <= 12 and not any(c in text for c in "×, ")
