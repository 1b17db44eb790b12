"""Converts the boxes of a diagram, and the reads between them, to cells and edges of a figure."""

from __future__ import annotations

from netspec.backend import BackendError
from netspec.ir import Node

from ..colours import kind_of
from ..diagram import Box, Diagram, Port, build_diagram
from ..figure_tree import Block, Layer, total
from ..operation_text import shape_text
from ..options import Options
from .block_uses import BlockUses, Read
from .cell_text import QUIET, SYMBOLS, arguments_of, input_names, segment_text, written_argument
from .cells import Cell, CellValue, Segment


def open_diagram(uses: BlockUses, opened: set[str]) -> Diagram:
    """Returns the diagram with these blocks open. Cached. Raises BackendError NS722 if there are too many boxes."""
    key = frozenset(opened)
    if key not in uses.diagrams:
        try:
            uses.diagrams[key] = build_diagram(uses.analysis, Options(opened=key), uses.tree, uses.roles, uses.letters)
        except BackendError as error:
            raise BackendError(
                error.code, error.message, "a figure draws a block once: put layers into blocks"
            ) from None
    return uses.diagrams[key]


def reads_of(uses: BlockUses, diagram: Diagram) -> list[Read]:
    """Returns the reads that the edges of a diagram represent, except reads of a size. Cached."""
    known = uses.reads.get(id(diagram))
    if known is None:
        known = uses.reads[id(diagram)] = _reads(uses, diagram)
    return known


def _reads(uses: BlockUses, diagram: Diagram) -> list[Read]:
    graph = uses.graph
    of_item = {item: box.number for box in diagram.boxes for item in (box.content, *box.attached)}
    of_node = {node: next((of_item[i] for i in path if i in of_item), -1) for node, path in uses.tree.paths.items()}
    inputs = {
        graph.inputs[box.content.name]: box.number
        for box in diagram.boxes
        if isinstance(box.content, Port) and box.content.is_input
    }
    allowed = {(edge.tail, edge.head) for edge in diagram.edges}
    out: dict[Read, None] = {}
    for node in graph.nodes:
        if any(number for _, number in uses.tree.copy_indices.get(node, ())):
            continue  # represented by the first copy
        for k, v in enumerate(node.reads):
            if uses.roles.get((node, k)) == "size":
                continue
            producer = graph.producer(v)
            tail = of_node[producer] if producer else inputs[v]
            head = of_node[node]
            if (tail, head) in allowed:
                out[Read(tail, head, v, _input_name(uses, diagram.boxes[head], node, k))] = None
    for box in diagram.boxes:
        if isinstance(box.content, Port) and not box.content.is_input:
            v = graph.outputs[box.content.name]
            producer = graph.producer(v)
            out[Read(of_node[producer] if producer else inputs[v], box.number, v)] = None
    return list(out)


def _input_name(uses: BlockUses, box: Box, node: Node, number: int) -> str:
    """Returns the name of an input of a node in a box; empty if the box's inputs are not named."""
    content = box.content
    if isinstance(content, Block):
        inputs = content.scope.inputs
        names = [name for name, v in inputs.items() if v == node.reads[number]] if len(inputs) > 1 else []
        return ", ".join(names)
    if not isinstance(content, Layer) or node is not content.nodes[0] or number >= len(node.inputs):
        return ""
    return input_names(node.op, variables(uses, node))[number]


def variables(uses: BlockUses, node: Node) -> tuple[str, ...]:
    """Returns the names of a node's inputs in a formula: those in the spec, or ``x0``, …."""
    path = uses.tree.paths[node]
    scope = path[-2].scope if len(path) > 1 and isinstance(path[-2], Block) else uses.tree.root.scope
    by_value = {v: name for name, v in scope.inputs.items()}
    out: list[str] = []
    for k, v in enumerate(node.inputs):
        name = by_value.get(v) or uses.graph.value_name(v).rsplit(".", 1)[-1]
        out.append(name if name.isidentifier() and name not in out else f"x{k}")
    return tuple(out)


def cell_of(uses: BlockUses, box: Box, owner: Block, closed: set[str]) -> Cell:
    """Converts a box to a cell in the figure of ``owner``, which is the network or a use of a block."""
    content = box.content
    if isinstance(content, Port):
        dtype = "" if content.type.dtype == "float32" else f" {content.type.dtype}"
        return Cell(
            content.name, shape=shape_text(content.type.shape) + dtype, port="in" if content.is_input else "out"
        )
    name, copies = _name_and_copies(uses, content, owner)
    if isinstance(content, Layer) and name == content.nodes[0].op.name:
        name = ""
    if isinstance(content, Block):
        return _block_cell(uses, content, closed, name, copies)
    node = content.nodes[0]
    params = total(content).params + sum(layer.row.params for layer in box.attached)
    last = (box.attached or [content])[-1].nodes[-1]
    return Cell(
        name,
        kind_of(node.op.name).name,
        node.op.name,
        [written_argument(node.op, n, text) for n, text in arguments_of(node.op, variables(uses, node)).items()],
        segments_of(box),
        shape=shape_text(last.outputs[0].shape),
        copies=copies,
        symbol=SYMBOLS.get(node.op.name, "") if len(node.inputs) > 1 else "",
        params=params * (copies // (1 + len(content.further_copies))),
        items=(content, *box.attached),
    )


def segments_of(box: Box) -> list[Segment]:
    """Returns the segments of a layer's box: the activations and normalisations attached to it."""
    assert isinstance(box.content, Layer)
    nodes = [*box.content.nodes[1:], *(node for layer in box.attached for node in layer.nodes)]
    return [Segment(kind_of(n.op.name).name, segment_text(n.op.name)) for n in nodes if n.op.name not in QUIET]


def _block_cell(uses: BlockUses, block: Block, closed: set[str], name: str, copies: int) -> Cell:
    chain = uses.chain_class(block, closed)
    key = chain or uses.class_of(block) or block.name
    if chain is not None:
        copies *= sum(1 + len(child.further_copies) for child in block.children)
    title = uses.title(key)
    if name == title:
        name = ""
    value = block.value
    shape = shape_text(uses.graph.values[value].shape) if value is not None else ""
    return Cell(name, "block", title, shape=shape, copies=copies, block=key, params=total(block).params, items=(block,))


def _name_and_copies(uses: BlockUses, item: Layer | Block, owner: Block) -> tuple[str, int]:
    """Returns the name of an item relative to ``owner``, and the number of copies that its box represents.

    An item that is the whole content of a block takes the name of that block.
    """
    node = item.nodes[0] if isinstance(item, Layer) else _first_node(item)
    path = uses.tree.paths[node]
    below = path[path.index(owner) + 1 : path.index(item) + 1] if owner in path else (item,)
    copies, name = 1, ""
    for each in below:
        copies *= 1 + len(each.further_copies)
        if not name and (each is item or (isinstance(each, Block) and uses.single_layer(each) is not None)):
            name = each.label.rsplit(".", 1)[-1]
    return (name if _says_something(name) else ""), copies


def _says_something(name: str) -> bool:
    return not name.replace("–", "").replace(".", "").isdigit()


def _first_node(block: Block) -> Node:
    child = block.children[0]
    return child.nodes[0] if isinstance(child, Layer) else _first_node(child)


def distinguish(cells: list[Cell]) -> None:
    """Sets for each cell the arguments in which the cells of its operation differ."""
    groups: dict[str, list[Cell]] = {}
    for cell in cells:
        groups.setdefault(cell.operation, []).append(cell)
    for alike in groups.values():
        values: dict[str, set[CellValue | None]] = {}
        for name in {a.name for cell in alike for a in cell.arguments}:
            values[name] = {next((a.value for a in c.arguments if a.name == name), None) for c in alike}
        differing = frozenset(name for name, seen in values.items() if len(seen) > 1)
        for cell in alike:
            cell.distinctive = differing
