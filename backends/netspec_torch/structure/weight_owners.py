"""Shared weights: their owner, and whether one submodule can serve both layers."""

from __future__ import annotations

from collections.abc import Iterable, Mapping

from netspec.ir import Graph, Node
from netspec.ops.dense import Dense, Embedding

from .body import Leaf, Member, Path
from .levels import Level
from .preparation import Prepared
from .templates import RuleTemplate, rule_template, with_weight_of


class WeightOwners:
    """Who owns the weights of a graph: the first layer that has them, whose name they carry."""

    def __init__(self, graph: Graph) -> None:
        self.owner: dict[int, tuple[str, str]] = {}
        for node in graph.nodes:
            for name, parameter in node.weights:
                self.owner.setdefault(id(parameter), (node.stored, name))
        self.further: list[tuple[str, str]] = []
        """Weights of submodules that runs of a mapped layer need besides, each with the one that it is."""
        self.unsettled = [node for node in graph.nodes if self.foreign([node])]
        self._any = bool(self.unsettled)

    def foreign(self, nodes: Iterable[Node]) -> bool:
        """Whether any has a weight of another layer."""
        return any(self.owner[id(p)][0] != node.stored for node in nodes for _, p in node.weights)

    def whole(self, node: Node) -> str | None:
        """The other layer that all weights of a layer belong to, where there is one."""
        if not self._any:
            return None
        owners = {self.owner[id(parameter)][0] for _, parameter in node.weights}
        same_names = all(self.owner[id(parameter)][1] == name for name, parameter in node.weights)
        if len(owners) == 1 and same_names and node.stored not in owners:
            return owners.pop()
        return None

    def whole_level(self, level: Level) -> str | None:
        """The other level that all weights of a level belong to, at the same places."""
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
        """The expression of a layer whose only weight is another's, as a function of that one's submodule."""
        if len(node.weights) != 1 or self.whole(node) is None:
            return None
        if isinstance(node.op, Dense):
            return with_weight_of(prepared.rule)
        if isinstance(node.op, Embedding):
            return rule_template("F.embedding({0}, {self}.weight)")
        return None

    def assign(self, nodes: Iterable[Node]) -> None:
        """Records that layers use the weights of others in the text, so that nothing is left to tie."""
        done = {id(node) for node in nodes}
        self.unsettled = [node for node in self.unsettled if id(node) not in done]

    def ties(self) -> list[tuple[str, str]]:
        """Full names of weights that are still to be tied, each with the name of the one that it is."""
        out = [*self.further]
        for node in self.unsettled:
            for name, parameter in node.weights:
                owner, theirs = self.owner[id(parameter)]
                mine = f"{node.stored}.{name}" if name else node.stored
                if owner != node.stored:
                    out.append((mine, f"{owner}.{theirs}" if theirs else owner))
        return out


def holder(node: Node, members: Mapping[str, tuple[Path, Member]]) -> tuple[str, str] | None:
    """The layer whose weight a node stands for, if it is a submodule among some members, and the name of the weight."""
    for dot in [i for i, c in enumerate(node.name) if c == "." and node.weight_of is not None][::-1]:
        held = members.get(node.name[:dot])
        if held is not None and isinstance(held[1], Leaf):
            return node.name[:dot], node.name[dot + 1 :]
    return None
