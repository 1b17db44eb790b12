"""The blocks of a network as a chain: where it can be cut, sharded and recomputed."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from ..ir import Graph, Node, Scope


@dataclass(frozen=True, eq=False)
class BlockChain:
    """The outermost blocks of a network, with the nodes that run before and after them.

    Attributes:
        blocks: their scopes, in execution order.
        nodes: the nodes of each block.
        before: nodes that the first block needs.
        after: all other nodes outside the blocks.
        carried: the value that each block passes to the next one; None if they do not form a chain.
        further: values computed before the first block that later blocks read, such as position angles.
        obstacle: why the network cannot be cut between two blocks; empty if it can.
        tied: names of parameters that are used both before and after the blocks.
    """

    blocks: Sequence[Scope]
    nodes: Sequence[Sequence[Node]]
    before: Sequence[Node]
    after: Sequence[Node]
    carried: Sequence[int] | None
    further: Sequence[int]
    obstacle: str
    tied: Sequence[str]


def block_chain(graph: Graph) -> BlockChain:
    """Returns the blocks of a network: the outermost uses of blocks of the spec, if there are several.

    If the network is a single use of a block, the blocks inside it are taken.
    """
    blocks, owner = _blocks(graph)
    index = {id(scope): n for n, scope in enumerate(blocks)}
    nodes: list[list[Node]] = [[] for _ in blocks]
    of: dict[int, int] = {}
    others: list[Node] = []
    for node in graph.nodes:
        scope = owner.get(id(node))
        if scope is None:
            others.append(node)
            continue
        nodes[index[id(scope)]].append(node)
        of |= dict.fromkeys(node.values, index[id(scope)])
    needed = _needed_outside(graph, nodes, of)
    before = [node for node in others if not needed.isdisjoint(node.values)]
    first = {id(node) for node in before}
    after = [node for node in others if id(node) not in first]
    carried, further, obstacle = _cuts(graph, nodes, of, before, after)
    return BlockChain(blocks, nodes, before, after, carried, further, obstacle, _tied(before, nodes, after))


def _blocks(graph: Graph) -> tuple[list[Scope], dict[int, Scope]]:
    """Returns the scopes of the blocks, and the index of the block of each node by the node's identity."""
    depth = 0
    while True:
        owner: dict[int, Scope] = {}
        scopes: dict[int, Scope] = {}
        deeper = False
        for node in graph.nodes:
            uses = _uses(node.scope)
            deeper = deeper or len(uses) > depth + 1
            if len(uses) > depth:
                owner[id(node)] = scopes.setdefault(id(uses[depth]), uses[depth])
        if len(scopes) > 1 or not deeper:
            return list(scopes.values()), owner
        depth += 1


def _uses(scope: Scope | None) -> list[Scope]:
    """Returns the uses of blocks that contain a scope, outermost first."""
    out: list[Scope] = []
    while scope is not None:
        if scope.block is not None:
            out.append(scope)
        scope = scope.parent
    return out[::-1]


def _needed_outside(graph: Graph, nodes: Sequence[Sequence[Node]], of: dict[int, int]) -> set[int]:
    """Returns the values computed outside the blocks that the blocks depend on, directly or indirectly."""
    needed = {v for inner in nodes for node in inner for v in node.reads if v not in of}
    for node in reversed(graph.nodes):
        if not needed.isdisjoint(node.values):
            needed.update(v for v in node.reads if v not in of)
    return needed


def _cuts(
    graph: Graph, nodes: Sequence[Sequence[Node]], of: dict[int, int], before: Sequence[Node], after: Sequence[Node]
) -> tuple[Sequence[int] | None, Sequence[int], str]:
    """Returns the values passed between blocks, further values they read, and why the network cannot be cut there."""
    if len(nodes) < 2:
        return None, (), "it has fewer than two blocks"
    if len(graph.inputs) != 1 or len(graph.outputs) != 1:
        return None, (), "it has several inputs or outputs"
    early = {v for node in before for v in node.values} | set(graph.inputs.values())
    if any(v in of for node in before for v in node.reads):
        return None, (), "layers stand between its blocks"
    carried: list[int] = []
    further: dict[int, None] = {}
    for n, inner in enumerate(nodes):
        inner_values = {v for node in inner for v in node.values}
        outer = list(dict.fromkeys(v for node in inner for v in node.reads if v not in inner_values))
        previous = [v for v in outer if v not in early]
        if n == 0:
            carried += outer[:1]
            further |= dict.fromkeys(outer[1:])
            continue
        if len(previous) != 1 or of.get(previous[0]) != n - 1:
            return None, (), "its blocks do not follow one another"
        carried.append(previous[0])
        further |= dict.fromkeys(v for v in outer if v in early)
    late = list(dict.fromkeys(v for node in after for v in node.reads if v in of or v in early))
    last = [v for v in (*late, *graph.outputs.values()) if v in of or v in early]
    if not last or any(of.get(v) != len(nodes) - 1 for v in last) or len(set(last)) != 1:
        return None, (), "layers after its blocks read more than the last one"
    return [*carried, last[0]], tuple(further), ""


def _tied(before: Sequence[Node], nodes: Sequence[Sequence[Node]], after: Sequence[Node]) -> list[str]:
    early = {p.name for node in before for _, p in node.weights}
    late = dict.fromkeys(p.name for node in after for _, p in node.weights)
    return [name for name in late if name in early]
