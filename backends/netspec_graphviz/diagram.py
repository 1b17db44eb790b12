"""The content of a graph drawing before layout: boxes, frames of open blocks, and edges."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from typing import TypeAlias

from netspec.analysis.network_figures import Analysis
from netspec.backend import BackendError
from netspec.ir import Graph, Node
from netspec.shapes.types import TensorType

from .colours import kind_of
from .edge_roles import Edge, combined_role, mark_main_edges, ranks
from .figure_tree import Block, FigureItem, FigureTree, Layer, build_figure_tree
from .options import Options
from .read_roles import ReadRole, ReadRoles, read_roles
from .shared_weights import SharedWeights, shared_weights

MAX_BOXES = 1500
"""Maximum number of boxes that the layout engines process in reasonable time."""
MAX_SPAN = 30_000
"""Maximum total number of ranks that the edges span. The layout treats an edge as if it had a box on every rank."""
ATTACHED_KINDS = frozenset(("norm", "activation", "regularise"))
"""Kinds of layers that share a box with the layer before them, if they are its only reader."""


@dataclass(frozen=True, slots=True)
class Port:
    """An input or an output of the network."""

    name: str
    type: TensorType
    is_input: bool


@dataclass(eq=False, slots=True)
class Box:
    """A box: an input or output, a closed block, or a layer with the layers attached below it."""

    number: int
    """Its index in the diagram."""
    content: Port | FigureItem
    frame: Frame
    attached: list[Layer] = field(default_factory=list[Layer])
    letters: str = ""
    """The letters of weights that it shares with another box or frame."""


@dataclass(eq=False, slots=True)
class Frame:
    """An open block."""

    block: Block
    children: list[Box | Frame] = field(default_factory=list["Box | Frame"])
    letters: str = ""
    """The letter of its weights, if another box or frame has the same."""


@dataclass(frozen=True, slots=True)
class Diagram:
    """The boxes and edges of a picture."""

    analysis: Analysis
    root: Frame
    boxes: tuple[Box, ...]
    """In the order of the network; the index is the box number."""
    edges: tuple[Edge, ...]
    span: int
    """Number of ranks that the edges span together, which determines the work of the layout engine."""
    letters: tuple[str, ...]
    """The letters of weights that several boxes or frames share."""

    @property
    def graph(self) -> Graph:
        """The network."""
        return self.analysis.graph


IsOpen: TypeAlias = Callable[[Block], bool]


def build_diagram(
    analysis: Analysis,
    options: Options,
    tree: FigureTree | None = None,
    roles: ReadRoles | None = None,
    letters: SharedWeights | None = None,
) -> Diagram:
    """Builds the boxes and edges of a network.

    Its tree, its read roles and the letters of its shared weights are computed if they are not given.

    Raises:
        BackendError: NS722, there are too many boxes to lay out.
    """
    tree = tree or build_figure_tree(analysis)
    is_open = _open_blocks(options)
    _check_size(tree, is_open, options)
    root = Frame(tree.root)
    boxes: list[Box] = []
    box_of_item: dict[FigureItem, Box] = {}
    graph = analysis.graph
    for name, v in graph.inputs.items():
        boxes.append(Box(len(boxes), Port(name, graph.values[v], True), root))
    _add_boxes(tree.root, root, is_open, boxes, box_of_item)
    by_node = {
        node: next(box_of_item[item] for item in path if item in box_of_item) for node, path in tree.paths.items()
    }
    edges = _edges(graph, tree, by_node, boxes, read_roles(graph) if roles is None else roles)
    for name, v in graph.outputs.items():
        box = Box(len(boxes), Port(name, graph.values[v], False), root)
        boxes.append(box)
        producer = graph.producer(v)
        tail = by_node[producer] if producer else boxes[list(graph.inputs.values()).index(v)]
        edges.append(Edge(tail.number, box.number, _label(producer, v)))
    root.children = [*boxes[: len(graph.inputs)], *root.children, *boxes[-len(graph.outputs) :]]
    boxes, edges = _attach(boxes, edges)
    rank = ranks(len(boxes), edges)
    mark_main_edges(edges, rank)
    span = sum(rank[edge.head] - rank[edge.tail] for edge in edges)
    if span > MAX_SPAN:
        raise _too_large(f"edges that span {span:,} ranks", MAX_SPAN, tree, options)
    letters = letters or shared_weights(tree)
    return Diagram(analysis, root, tuple(boxes), tuple(edges), span, _set_letters(root, boxes, letters))


def _open_blocks(options: Options) -> IsOpen:
    opened, depth = options.opened, options.depth
    if opened is not None:
        return lambda block: block.depth == 0 or block.name in opened
    return lambda block: depth is None or block.depth < depth


def _add_boxes(
    block: Block, frame: Frame, is_open: IsOpen, boxes: list[Box], box_of_item: dict[FigureItem, Box]
) -> None:
    items: tuple[FigureItem, ...] = block.children if is_open(block) else (block,)
    for item in items:
        if isinstance(item, Block) and item is not block and is_open(item):
            inner = Frame(item)
            frame.children.append(inner)
            _add_boxes(item, inner, is_open, boxes, box_of_item)
        else:
            box = box_of_item[item] = Box(len(boxes), item, frame)
            boxes.append(box)
            frame.children.append(box)


def _edges(graph: Graph, tree: FigureTree, by_node: dict[Node, Box], boxes: list[Box], roles: ReadRoles) -> list[Edge]:
    """Returns the edges between different boxes, without duplicates and without edges that carry only sizes.

    Copies of a block are not connected, because their frame implies the connection.
    """
    inputs = {v: i for i, v in enumerate(graph.inputs.values())}
    edges: dict[tuple[int, int, str], list[ReadRole]] = {}
    for node in graph.nodes:
        head = by_node[node]
        for k, v in enumerate(node.reads):
            producer = graph.producer(v)
            tail = by_node[producer] if producer else boxes[inputs[v]]
            if tail is head or (producer and _in_different_copies(tree, producer, node)):
                continue
            label = _label(producer, v)
            edges.setdefault((tail.number, head.number, label), []).append(roles.get((node, k), "tensor"))
    out = [Edge(*key, combined_role(reads)) for key, reads in edges.items()]
    return [edge for edge in out if edge.role != "size"]


def _in_different_copies(tree: FigureTree, a: Node, b: Node) -> bool:
    """Whether two nodes are in different copies of one item."""
    copies_of_a, copies_of_b = tree.copy_indices.get(a), tree.copy_indices.get(b)
    if not copies_of_a or not copies_of_b:
        return False
    indices = dict(copies_of_a)
    return any(item in indices and indices[item] != n for item, n in copies_of_b)


def _label(producer: Node | None, value: int) -> str:
    if producer is None or not producer.op.results or value == producer.first_value:
        return ""
    return producer.op.output_name(value - producer.first_value)


def _attach(boxes: list[Box], edges: list[Edge]) -> tuple[list[Box], list[Edge]]:
    """Moves a layer into the box of the layer before it, if it is the only reader; renumbers the remaining boxes."""
    incoming: dict[int, list[Edge]] = {}
    outgoing: dict[int, list[Edge]] = {}
    for edge in edges:
        incoming.setdefault(edge.head, []).append(edge)
        outgoing.setdefault(edge.tail, []).append(edge)
    target = {box.number: box for box in boxes}
    attached: list[Box] = []
    for box in boxes:
        content, before = box.content, incoming.get(box.number, [])
        previous = target[before[0].tail] if len(before) == 1 else None
        if (
            previous is None
            or previous.frame is not box.frame
            or before[0].label
            or not isinstance(previous.content, Layer)
            or not isinstance(content, Layer)
            or content.further_copies
            or previous.content.further_copies
            or kind_of(content.nodes[0].op.name).name not in ATTACHED_KINDS
            or len(content.nodes[0].outputs) > 1
            or len(outgoing[before[0].tail]) > 1
        ):
            attached.append(box)
            continue
        previous.attached.append(content)
        target[box.number] = previous
        box.frame.children.remove(box)
    numbers = {box: i for i, box in enumerate(attached)}
    remaining: list[Edge] = []
    for edge in edges:
        tail, head = target[edge.tail], target[edge.head]
        if tail is not head:
            remaining.append(Edge(numbers[tail], numbers[head], edge.label, edge.role))
    for i, box in enumerate(attached):
        box.number = i
    return attached, remaining


def _set_letters(root: Frame, boxes: list[Box], shared: SharedWeights) -> tuple[str, ...]:
    """Sets the letters of boxes and frames; returns those that are visible at least twice."""
    if not shared.letters:
        return ()
    letters: dict[Box | Frame, list[str]] = {}
    for box in boxes:
        items: tuple[FigureItem, ...] = () if isinstance(box.content, Port) else (box.content, *box.attached)
        letters[box] = list(dict.fromkeys(letter for item in items for letter in shared.of(item)))
    frames = [root]
    for frame in frames:
        letters[frame] = list(shared.of(frame.block, closed=False))
        frames += [child for child in frame.children if isinstance(child, Frame)]
    counts: dict[str, int] = {}
    for each, names in letters.items():
        item = each.block if isinstance(each, Frame) else each.content
        for letter in names:
            counts[letter] = counts.get(letter, 0) + (1 if isinstance(item, Port) else 1 + len(item.further_copies))
    for each, names in letters.items():
        each.letters = " ".join(letter for letter in names if counts[letter] > 1)
    return tuple(letter for letter, count in counts.items() if count > 1)


def _check_size(tree: FigureTree, is_open: IsOpen, options: Options) -> None:
    count = _count_boxes(tree.root, is_open)
    if count > MAX_BOXES:
        raise _too_large(f"{count:,} boxes", MAX_BOXES, tree, options)


def _count_boxes(block: Block, is_open: IsOpen) -> int:
    if not is_open(block):
        return 1
    return sum(_count_boxes(c, is_open) if isinstance(c, Block) else 1 for c in block.children)


def _open_to(depth: int) -> IsOpen:
    """Whether a block is open, if ``depth`` levels are."""
    return lambda block: block.depth < depth


def _too_large(size: str, limit: int, tree: FigureTree, options: Options) -> BackendError:
    """Returns the error; it suggests the greatest depth with few enough boxes."""
    start = options.depth if options.depth is not None else 64
    fitting = 0
    for depth in range(1, start):
        count = _count_boxes(tree.root, _open_to(depth))
        if count > MAX_BOXES:
            break
        fitting = depth
    boxes = _count_boxes(tree.root, _open_to(fitting))
    help_ = f"--depth {fitting} closes blocks: {boxes:,} boxes" if fitting else "--depth 0 draws everything as one box"
    return BackendError("NS722", f"the drawing would have {size}; the limit is {limit:,}", help_)
