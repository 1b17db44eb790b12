"""Weights that several layers have: whose they are, and whether a layer may simply be the other one."""

from __future__ import annotations

from collections.abc import Iterable

from netspec.ir import Graph, Node
from netspec.ops.dense import Dense, Embedding

from .prepare import Prepared
from .rules.base import Expr
from .tree import Unit


class Sharing:
    """Who owns the weights of a graph: the first layer that has them, whose name they carry."""

    def __init__(self, graph: Graph) -> None:
        self.owner: dict[int, tuple[str, str]] = {}
        for node in graph.nodes:
            for name, p in node.weights:
                self.owner.setdefault(id(p), (node.name, name))
        self.unsettled = [n for n in graph.nodes if self.foreign([n])]

    def foreign(self, nodes: Iterable[Node]) -> bool:
        """Whether any has a weight of another layer."""
        return any(self.owner[id(p)][0] != node.name for node in nodes for _, p in node.weights)

    def whole(self, node: Node) -> str | None:
        """The other layer that all weights of a layer belong to, where there is one."""
        owners = {self.owner[id(p)][0] for _, p in node.weights}
        names = {self.owner[id(p)][1] == name for name, p in node.weights}
        if len(owners) == 1 and names == {True} and node.name not in owners:
            return owners.pop()
        return None

    def whole_unit(self, unit: Unit) -> str | None:
        """The other level that all weights of a level belong to, at the same places."""
        other: str | None = None
        for node in unit.nodes():
            if not node.weights:
                continue
            owner, inner = self.whole(node), node.name[len(unit.name) :]
            if owner is None or not owner.endswith(inner):
                return None
            found = owner[: len(owner) - len(inner)]
            if other not in (None, found):
                return None
            other = found
        return other

    def functional(self, node: Node, p: Prepared) -> Expr | None:
        """The function of a layer whose only weight is another's, over that one's submodule ``{self}``."""
        if len(node.weights) != 1 or self.whole(node) is None:
            return None
        if isinstance(node.op, Dense):
            inside = p.call.text.replace("{self}(", "F.linear(", 1)
            return Expr(inside.replace(*_with_weight(inside)), p.call.holes)
        if isinstance(node.op, Embedding):
            return Expr("F.embedding({0}, {self}.weight)")
        return None

    def settle(self, nodes: Iterable[Node]) -> None:
        """Says that layers use the weights of others in the text, so that nothing is left to tie."""
        done = {id(n) for n in nodes}
        self.unsettled = [n for n in self.unsettled if id(n) not in done]

    def ties(self) -> list[tuple[str, str]]:
        """Full names of weights that are still to be tied, with the names of those they are."""
        out: list[tuple[str, str]] = []
        for node in self.unsettled:
            for name, p in node.weights:
                owner, theirs = self.owner[id(p)]
                if owner != node.name:
                    out.append((f"{node.name}.{name}" if name else node.name, f"{owner}.{theirs}" if theirs else owner))
        return out


def _with_weight(text: str) -> tuple[str, str]:
    """The end of the inner call, without and with the weight."""
    inner = text[text.index("F.linear(") :]
    depth = 0
    for i, c in enumerate(inner):
        depth += (c == "(") - (c == ")")
        if depth == 0 and c == ")":
            call = inner[: i + 1]
            return call, f"{call[:-1]}, {{self}}.weight)"
    return "", ""
