"""Shared weights: their owners, and whether one submodule can be used for both layers."""

from __future__ import annotations

from collections.abc import Iterable, Mapping

from netspec.ir import Graph, Node
from netspec.ops.dense import Dense, Embedding

from .body import Leaf, Member, Path
from .levels import Level
from .preparation import Prepared
from .templates import RuleTemplate, rule_template, with_weight_of


class WeightOwners:
    """The owners of a graph's weights: the first layer with a weight, after which the weight is named."""

    def __init__(self, graph: Graph) -> None:
        self.owner: dict[int, tuple[str, str]] = {}
        for node in graph.nodes:
            for name, parameter in node.weights:
                self.owner.setdefault(id(parameter), (node.stored, name))
        self.further: list[tuple[str, str]] = []
        """Further weights to tie, in submodules that runs of a mapped layer need; each with its owner's name."""
        self.unsettled = [node for node in graph.nodes if self.foreign([node])]
        self._any = bool(self.unsettled)

    def foreign(self, nodes: Iterable[Node]) -> bool:
        """Whether any node has a weight that another layer owns."""
        return any(self.owner[id(p)][0] != node.stored for node in nodes for _, p in node.weights)

    def whole(self, node: Node) -> str | None:
        """Returns the other layer that owns all weights of a layer, or None."""
        if not self._any:
            return None
        owners = {self.owner[id(parameter)][0] for _, parameter in node.weights}
        same_names = all(self.owner[id(parameter)][1] == name for name, parameter in node.weights)
        if len(owners) == 1 and same_names and node.stored not in owners:
            return owners.pop()
        return None

    def whole_level(self, level: Level) -> str | None:
        """Returns the other level that owns all weights of a level, with the same relative names, or None."""
        other: str | None = None
        for node in level.nodes if self._any else ():
            if not node.weights:
                continue
            owner, inner = self.whole(node), node.stored[len(level.stored) :]
            if owner is None or not owner.endswith(inner):
                return None
            candidate = owner[: len(owner) - len(inner)]
            if other not in (None, candidate):
                return None
            other = candidate
        return other

    def functional(self, node: Node, prepared: Prepared) -> RuleTemplate | None:
        """Returns a layer whose only weight is owned by another as an expression of that layer's submodule, or None."""
        if len(node.weights) != 1 or self.whole(node) is None:
            return None
        if isinstance(node.op, Dense):
            return with_weight_of(prepared.rule)
        if isinstance(node.op, Embedding):
            return rule_template("F.embedding({0}, {self}.weight)")
        return None

    def assign(self, nodes: Iterable[Node]) -> None:
        """Records that layers already use the weights of others in the source, so that these need not be tied."""
        done = {id(node) for node in nodes}
        self.unsettled = [node for node in self.unsettled if id(node) not in done]

    def ties(self) -> list[tuple[str, str]]:
        """Returns the full names of weights that must still be tied, each with its owner's name."""
        out = [*self.further]
        for node in self.unsettled:
            for name, parameter in node.weights:
                owner, theirs = self.owner[id(parameter)]
                mine = f"{node.stored}.{name}" if name else node.stored
                if owner != node.stored:
                    out.append((mine, f"{owner}.{theirs}" if theirs else owner))
        return out


def holder(node: Node, members: Mapping[str, tuple[Path, Member]]) -> tuple[str, str] | None:
    """Returns the layer, among the given members, whose weight a node is, and the name of the weight; else None."""
    for dot in [i for i, c in enumerate(node.name) if c == "." and node.weight_of is not None][::-1]:
        held = members.get(node.name[:dot])
        if held is not None and isinstance(held[1], Leaf):
            return node.name[:dot], node.name[dot + 1 :]
    return None
