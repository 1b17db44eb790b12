"""Tensor parallelism: layers of a block that can be divided by heads and units (Shoeybi et al. 2019).

A pair of dense layers is divided if nothing between them mixes units of different parts: the first by its outputs
(columns), the last by its inputs (rows), so that one sum over the devices completes it. Attention is divided by heads.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from math import gcd
from typing import Literal, TypeAlias

from ..ir import Graph, Node, Scope
from ..ir.scope import name_within
from ..ops.attention import Attention, DotProductAttention
from ..ops.dense import Dense, Embedding
from ..ops.merge import Add
from ..ops.norm import LayerNorm, RmsNorm
from ..ops.regularise import Dropout
from ..ops.shape import Split
from .block_chain import BlockChain

Side: TypeAlias = Literal["columns", "rows", "heads"]


@dataclass(frozen=True, slots=True)
class SplitLayer:
    """A layer that is divided.

    Attributes:
        name: its name within the block.
        side: ``columns`` by its outputs, ``rows`` by its inputs, ``heads`` for attention with its projections.
        parts: number of tensors concatenated in its output, each of which is divided: 3 for query, key, value.
    """

    name: str
    side: Side
    parts: int = 1


@dataclass(frozen=True, slots=True)
class HeadCount:
    """A number of heads or units that must be divisible by the number of devices.

    Attributes:
        layer: full name of the layer.
        what: the counted objects: ``heads``, ``heads of key and value``, ``units``.
        count: their number.
    """

    layer: str
    what: str
    count: int


@dataclass(frozen=True, slots=True, eq=False)
class TensorSplit:
    """The possible divisions of the layers of a network.

    Attributes:
        layers: the divided layers of a block, the same in every block; empty if there are none.
        norms: norms of the block that only divided layers read.
        sequence: size of the axis of positions, if everything else in the block works position by position.
        counts: numbers that must be divisible by the number of devices.
        embedding: the input layer with the vocabulary; it is divided if its size is divisible by the number of devices.
        head: the dense layer at the output, likewise.
        attention: whether attention is divided by heads.
        reason: why no layers can be divided; empty if some can.
    """

    layers: Sequence[SplitLayer] = ()
    norms: Sequence[str] = ()
    sequence: int | None = None
    counts: Sequence[HeadCount] = ()
    embedding: HeadCount | None = None
    head: HeadCount | None = None
    attention: bool = False
    reason: str = ""

    def undivided(self, devices: int) -> list[HeadCount]:
        """Returns the counts that are not divisible by a number of devices."""
        return [each for each in self.counts if each.count % devices]

    def divides(self, vocabulary: HeadCount | None, devices: int) -> bool:
        """Whether the layer exists and can be divided among the devices."""
        return vocabulary is not None and vocabulary.count % devices == 0

    def largest(self) -> int:
        """The largest number of devices that divides all counts; 1 without divided layers."""
        return gcd(*(each.count for each in self.counts)) if self.layers else 1

    def along_sequence(self, devices: int) -> bool:
        """Whether norms and sums between the divided layers can be divided by positions."""
        return self.sequence is not None and self.sequence % devices == 0 and self.sequence >= devices


@dataclass
class _Block:
    """The divided layers of one block, during the search."""

    graph: Graph
    uses: Counter[str]
    """Number of layers that use each parameter."""
    nodes: Sequence[Node]
    scope: Scope
    sides: dict[int, SplitLayer] = field(default_factory=dict[int, SplitLayer])
    between: set[int] = field(default_factory=set[int])
    """Identities of nodes that work on a part."""
    counts: list[HeadCount] = field(default_factory=list[HeadCount])

    def name(self, node: Node) -> str:
        return name_within(self.scope, node.layer)


@dataclass
class _Group:
    """Dense layers and what is between them and the dense layer that sums their outputs, by identity."""

    columns: dict[int, SplitLayer] = field(default_factory=dict[int, SplitLayer])
    between: dict[int, Node] = field(default_factory=dict[int, Node])
    """All nodes of the group, those with columns too."""
    counts: list[HeadCount] = field(default_factory=list[HeadCount])


def tensor_split(graph: Graph, chain: BlockChain) -> TensorSplit:
    """Returns the layers of a network that can be divided, with named dimensions at their defaults."""
    if not chain.blocks:
        return TensorSplit(reason="it has no blocks")
    uses = Counter(name for node in graph.nodes for name in {p.name for _, p in node.weights})
    blocks = [_block(graph, uses, nodes, scope) for nodes, scope in zip(chain.nodes, chain.blocks, strict=True)]
    first = blocks[0]
    if not first.sides:
        return TensorSplit(reason="its blocks have no attention and no pair of dense layers that can be divided")
    if any(list(block.sides.values()) != list(first.sides.values()) for block in blocks):
        return TensorSplit(reason="its blocks differ in the layers that can be divided")
    attention = [
        [id(n) in block.between for n in block.nodes if isinstance(n.op, DotProductAttention)] for block in blocks
    ]
    divided = {each for inner in attention for each in inner}
    if len(divided) > 1:
        return TensorSplit(reason="only some of its attention can be divided")
    norms = [_norms(block) for block in blocks]
    sequence = None
    if chain.carried is not None and all(n is not None and n == norms[0] for n in norms):
        shape = graph.values[chain.carried[0]].shape
        if len(shape) == 2:
            sequence = int(shape[0])
    counts = [count for block in blocks for count in block.counts]
    return TensorSplit(
        list(first.sides.values()), norms[0] or (), sequence, counts, *_vocabulary(graph, uses, chain), True in divided
    )


def _block(graph: Graph, uses: Counter[str], nodes: Sequence[Node], scope: Scope) -> _Block:
    block = _Block(graph, uses, nodes, scope)
    for node in nodes:
        if isinstance(node.op, Attention):
            if len(node.inputs) == 1 and node.weights and not _shared(uses, node):
                block.sides[id(node)] = SplitLayer(block.name(node), "heads", 3)
                block.counts.append(HeadCount(node.name, "heads", node.op.heads))
        elif isinstance(node.op, Dense) and id(node) not in block.sides:
            _pair(block, node)
    order = {id(node): n for n, node in enumerate(nodes)}
    block.sides = dict(sorted(block.sides.items(), key=lambda item: order[item[0]]))
    return block


def _shared(uses: Counter[str], node: Node) -> bool:
    """Whether other layers use a weight of this one."""
    return any(uses[p.name] > 1 for _, p in node.weights)


def _last_axis(graph: Graph, node: Node) -> bool:
    return isinstance(node.op, Dense) and node.op.axis in (-1, graph.values[node.inputs[0]].rank - 1)


def _pair(block: _Block, last: Node) -> None:
    """Divides a dense layer and those whose outputs it sums, if no operation between them mixes parts."""
    if not last.weights or not _last_axis(block.graph, last):
        return
    group = _Group()
    producers = {v: node for node in block.nodes for v in node.values}
    is_divided = (
        _trace_back(block, group, producers, last.inputs[0])
        and _has_no_other_readers(block.graph, group, last)
        and not any(_shared(block.uses, node) for node in (last, *group.between.values()) if node.weights)
        and _divide_splits(block, group, producers)
    )
    if is_divided:
        block.sides |= group.columns
        block.sides[id(last)] = SplitLayer(block.name(last), "rows")
        block.between |= set(group.between)
        block.counts += group.counts


def _trace_back(block: _Block, group: _Group, producers: Mapping[int, Node], value: int) -> bool:
    """Collects what computes a value, back to dense layers. False if something on the way mixes parts."""
    todo = [value]
    while todo:
        node = producers.get(todo.pop())
        if node is None or id(node) in block.sides:
            return False
        if isinstance(node.op, Dense):
            if not node.weights or not _last_axis(block.graph, node):
                return False
            group.columns.setdefault(id(node), SplitLayer(block.name(node), "columns"))
            group.counts.append(HeadCount(node.name, "units", node.op.units))
            group.between[id(node)] = node
        elif id(node) not in group.between:
            group.between[id(node)] = node
            group.counts += [HeadCount(node.name, what, count) for what, count in node.op.head_counts().items()]
            if node.weights or node.given_weights or not node.op.works_on_parts(block.graph.inputs_of(node)):
                return False
            todo += node.inputs[: node.op.arity[1]]  # without the inputs given in arguments
    return True


def _has_no_other_readers(graph: Graph, group: _Group, last: Node) -> bool:
    """Whether only the group and its last layer read what the group computes."""
    values = [v for node in group.between.values() for v in node.values]
    readers = {id(reader) for v in values for reader in graph.readers(v)}
    return readers <= {*group.between, id(last)} and not {*graph.outputs.values()}.intersection(values)


def _divide_splits(block: _Block, group: _Group, producers: Mapping[int, Node]) -> bool:
    """Divides each part of the dense layers that a split reads. False if it reads anything else."""
    for node in group.between.values():
        if isinstance(node.op, Split):
            producer = producers[node.inputs[0]]
            if id(producer) not in group.columns or len(block.graph.readers(node.inputs[0])) > 1:
                return False
            parts = len(node.outputs)
            group.columns[id(producer)] = SplitLayer(block.name(producer), "columns", parts)
            units = int(producer.outputs[0].shape[-1]) // parts
            group.counts.append(HeadCount(producer.name, "units of a part", units))
    return True


def _norms(block: _Block) -> list[str] | None:
    """Returns the norms that only divided layers read; None if an operation combines several positions."""
    graph, out = block.graph, list[str]()
    firsts = {key for key, layer in block.sides.items() if layer.side != "rows"}
    for node in block.nodes:
        if id(node) in block.sides or id(node) in block.between:
            continue
        shapes = {tuple(graph.values[v].shape) for v in (*node.inputs, *node.values)}
        if len(shapes) != 1 or len(next(iter(shapes))) != 2:
            return None
        if isinstance(node.op, (LayerNorm, RmsNorm)):
            last = node.op.axes() in ((-1,), (1,)) and node.op.heads == 1
            if not last or not node.weights or {id(r) for r in graph.readers(node.first_value)} - firsts:
                return None
            out.append(block.name(node))
        elif not isinstance(node.op, (Add, Dropout)) or node.weights:
            return None
    read = {v for node in block.nodes if id(node) in firsts for v in node.inputs}
    normed = {v for node in block.nodes if block.name(node) in out for v in node.values}
    return out if read <= normed else None


def _vocabulary(graph: Graph, uses: Counter[str], chain: BlockChain) -> tuple[HeadCount | None, HeadCount | None]:
    """Returns the input embedding and the dense layer that ends the network, unless they share their weights."""
    embedding = head = None
    inputs = set(graph.inputs.values())
    for node in chain.before:
        if isinstance(node.op, Embedding) and node.inputs[0] in inputs and node.weights and not _shared(uses, node):
            embedding = HeadCount(node.layer, "vectors", node.op.vocabulary)
            break
    for node in chain.after:
        if (
            isinstance(node.op, Dense) and node.first_value in graph.outputs.values() and node.weights
            and not _shared(uses, node) and _last_axis(graph, node)
        ):  # fmt: skip
            head = HeadCount(node.layer, "units", node.op.units)
    return embedding, head
