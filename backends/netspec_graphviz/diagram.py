"""What a picture shows: boxes in frames, and the edges between them, before anybody says where they go."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from typing import TypeAlias

from netspec.analysis.network import Analysis
from netspec.backend import BackendError
from netspec.ir import Graph, Node
from netspec.shapes.types import TensorType

from .colours import kind_of
from .options import Options
from .tree import Block, Item, Layer, Tree, grow

MOST_BOXES = 1500
"""Boxes that an engine lays out in reasonable time."""
MOST_RANKS = 30_000
"""Ranks that all edges may go down together; each is laid out as if there were a box at every one."""
ATTACHED = frozenset(("norm", "activation", "regularise"))
"""Kinds of layers that stand right below the layer whose only reader they are, in one box with it."""


@dataclass(frozen=True, slots=True)
class Port:
    """An input or an output of the network."""

    name: str
    type: TensorType
    is_input: bool


@dataclass(eq=False, slots=True)
class Box:
    """A box: an input or output, a closed block, or a layer; with the layers attached below it."""

    number: int
    """Its place in the plan."""
    content: Port | Item
    frame: Frame
    attached: list[Layer] = field(default_factory=list[Layer])


@dataclass(eq=False, slots=True)
class Frame:
    """An open block."""

    block: Block
    children: list[Box | Frame] = field(default_factory=list["Box | Frame"])


@dataclass(eq=False, slots=True)
class Edge:
    """A value's way from the box that makes it to one that reads it."""

    tail: int
    head: int
    label: str = ""
    """The output's name, where it is not the first of several that have names."""
    skips: bool = False
    """Whether it passes boxes by: there is another way from its tail to its head."""
    main: bool = False
    """Whether it is on the longest way through the network, branches of three or more apart."""

    @property
    def weight(self) -> int:
        """How much the layout engine tries to keep the edge short and straight."""
        return 1 if self.skips else 20 if self.main else 4


@dataclass(frozen=True, slots=True)
class Plan:
    """A picture's boxes and edges."""

    analysis: Analysis
    tree: Tree
    root: Frame
    boxes: tuple[Box, ...]
    """In the network's order; their numbers are their places."""
    edges: tuple[Edge, ...]
    span: int
    """Ranks that the edges go down together: what an engine's work grows with."""

    @property
    def graph(self) -> Graph:
        """The network."""
        return self.analysis.graph


Opens: TypeAlias = Callable[[Block], bool]


def opens(options: Options) -> Opens:
    """Which blocks are open."""
    chosen, depth = options.opened, options.depth
    if chosen is not None:
        return lambda block: block.depth == 0 or block.name in chosen
    return lambda block: depth is None or block.depth < depth


def plan(analysis: Analysis, options: Options) -> Plan:
    """Boxes and edges of a network.

    Raises:
        BackendError: NS722, there are more than can be laid out.
    """
    tree = grow(analysis)
    is_open = opens(options)
    _check_size(tree, is_open, options)
    root = Frame(tree.root)
    boxes: list[Box] = []
    homes: dict[Item, Box] = {}
    graph = analysis.graph
    for name, v in graph.inputs.items():
        boxes.append(Box(len(boxes), Port(name, graph.values[v], True), root))
    _place(tree.root, root, is_open, boxes, homes)
    by_node = {node: next(homes[item] for item in path if item in homes) for node, path in tree.paths.items()}
    edges = _edges(graph, tree, by_node, boxes)
    for name, v in graph.outputs.items():
        box = Box(len(boxes), Port(name, graph.values[v], False), root)
        boxes.append(box)
        producer = graph.producer(v)
        tail = by_node[producer] if producer else boxes[list(graph.inputs.values()).index(v)]
        edges.append(Edge(tail.number, box.number, _label(producer, v)))
    root.children = [*boxes[: len(graph.inputs)], *root.children, *boxes[-len(graph.outputs) :]]
    boxes, edges = _attach(boxes, edges)
    span = mark(len(boxes), edges)
    if span > MOST_RANKS:
        raise _too_large(f"edges past {span:,} boxes", MOST_RANKS, tree, options)
    return Plan(analysis, tree, root, tuple(boxes), tuple(edges), span)


def _place(block: Block, frame: Frame, is_open: Opens, boxes: list[Box], homes: dict[Item, Box]) -> None:
    items: tuple[Item, ...] = block.children if is_open(block) else (block,)
    for item in items:
        if isinstance(item, Block) and item is not block and is_open(item):
            inner = Frame(item)
            frame.children.append(inner)
            _place(item, inner, is_open, boxes, homes)
        else:
            box = homes[item] = Box(len(boxes), item, frame)
            boxes.append(box)
            frame.children.append(box)


def _edges(graph: Graph, tree: Tree, by_node: dict[Node, Box], boxes: list[Box]) -> list[Edge]:
    """Edges between different boxes, each once. From one copy to the next there is none: the frame says it."""
    inputs = {v: i for i, v in enumerate(graph.inputs.values())}
    found: dict[tuple[int, int, str], Edge] = {}
    for node in graph.nodes:
        head = by_node[node]
        for v in node.inputs:
            producer = graph.producer(v)
            tail = by_node[producer] if producer else boxes[inputs[v]]
            if tail is head or (producer and _between_copies(tree, producer, node)):
                continue
            label = _label(producer, v)
            found.setdefault((tail.number, head.number, label), Edge(tail.number, head.number, label))
    return list(found.values())


def _between_copies(tree: Tree, a: Node, b: Node) -> bool:
    mine, others = tree.turns.get(a), tree.turns.get(b)
    if not mine or not others:
        return False
    numbers = dict(mine)
    return any(item in numbers and numbers[item] != n for item, n in others)


def _label(producer: Node | None, value: int) -> str:
    if producer is None or not producer.op.results or value == producer.first:
        return ""
    return producer.op.output_names(len(producer.outputs))[value - producer.first]


def _attach(boxes: list[Box], edges: list[Edge]) -> tuple[list[Box], list[Edge]]:
    """Puts a layer that is the only reader of the one before into its box; numbers the boxes that are left."""
    into: dict[int, list[Edge]] = {}
    out: dict[int, list[Edge]] = {}
    for edge in edges:
        into.setdefault(edge.head, []).append(edge)
        out.setdefault(edge.tail, []).append(edge)
    home = {box.number: box for box in boxes}
    kept: list[Box] = []
    for box in boxes:
        content, before = box.content, into.get(box.number, [])
        head = home[before[0].tail] if len(before) == 1 else None
        if (
            head is None or head.frame is not box.frame or before[0].label
            or not isinstance(head.content, Layer) or not isinstance(content, Layer)
            or content.others or head.content.others
            or kind_of(content.nodes[0].op.name).name not in ATTACHED or len(content.nodes[0].outputs) > 1
            or len(out[before[0].tail]) > 1
        ):
            kept.append(box)
            continue
        head.attached.append(content)
        home[box.number] = head
        box.frame.children.remove(box)
    numbers = {box: i for i, box in enumerate(kept)}
    left: list[Edge] = []
    for edge in edges:
        tail, head = home[edge.tail], home[edge.head]
        if tail is not head:
            left.append(Edge(numbers[tail], numbers[head], edge.label))
    for i, box in enumerate(kept):
        box.number = i
    return kept, left


def mark(count: int, edges: list[Edge]) -> int:
    """Finds the edges of the longest ways, and those beside which there is another way; gives the ranks that all go
    down together. A head has a greater number than its tail.
    """
    out: list[list[int]] = [[] for _ in range(count)]
    into: list[list[Edge]] = [[] for _ in range(count)]
    for edge in edges:
        out[edge.tail].append(edge.head)
        into[edge.head].append(edge)
    rank = [0] * count
    longest: list[Edge | None] = [None] * count
    for v in range(count):
        best = longest[v] = max(into[v], key=lambda edge: rank[edge.tail], default=None)
        if best is not None:
            rank[v] = rank[best.tail] + 1
    for edge in edges:
        edge.skips = rank[edge.head] - rank[edge.tail] > 1 and _other_way(edge, out, rank)
    branches = [sum(not edge.skips for edge in found) for found in into]
    forks = [0] * count
    for edge in edges:
        forks[edge.tail] += not edge.skips
    for edge in edges:
        edge.main = forks[edge.tail] < 2 and branches[edge.head] < 2 and not edge.skips
    edge_back = longest[max(range(count), key=rank.__getitem__)] if count else None
    while edge_back is not None:
        edge_back.main = forks[edge_back.tail] < 3 and branches[edge_back.head] < 3
        edge_back = longest[edge_back.tail]
    return sum(rank[edge.head] - rank[edge.tail] for edge in edges)


def _other_way(edge: Edge, out: list[list[int]], rank: list[int]) -> bool:
    last = rank[edge.head]
    seen = {w for w in out[edge.tail] if rank[w] < last}
    ahead = list(seen)
    while ahead:
        for w in out[ahead.pop()]:
            if w == edge.head:
                return True
            if w not in seen and rank[w] < last:
                seen.add(w)
                ahead.append(w)
    return False


def _check_size(tree: Tree, is_open: Opens, options: Options) -> None:
    count = _count(tree.root, is_open)
    if count > MOST_BOXES:
        raise _too_large(f"{count:,} boxes", MOST_BOXES, tree, options)


def _count(block: Block, is_open: Opens) -> int:
    if not is_open(block):
        return 1
    return sum(_count(c, is_open) if isinstance(c, Block) else 1 for c in block.children)


def _too_large(found: str, most: int, tree: Tree, options: Options) -> BackendError:
    """The error, with the greatest depth that has fewer boxes."""
    start = options.depth if options.depth is not None else 64
    fitting = 0
    for depth in range(1, start):
        count = _count(tree.root, lambda block, d=depth: block.depth < d)  # type: ignore[misc]  # bound per turn
        if count > MOST_BOXES:
            break
        fitting = depth
    boxes = _count(tree.root, lambda block: block.depth < fitting)
    help_ = f"--depth {fitting} closes blocks: {boxes:,} boxes" if fitting else "--depth 0 draws all as one box"
    return BackendError("NS722", f"the drawing would have {found}; {most:,} is the most that is laid out", help_)
