"""Which copy has which part of a weight that is stored for all copies (``stacked``)."""

from __future__ import annotations

from collections.abc import Collection
from math import prod
from typing import NamedTuple

from ..ir import Node, Parameter
from ..ops.shape import Select


class Part(NamedTuple):
    """A parameter, or the part of a stacked one that one copy has."""

    parameter: Parameter
    copies: tuple[int, ...] = ()
    """The numbers of the copies along the first axes."""


class StackedParts:
    """Finds what nodes have of the parameters of a graph. They are given in order, from the first with a stack on.

    Args:
        seen: the parameters of the nodes before.
    """

    def __init__(self, seen: Collection[Parameter]) -> None:
        self._seen = {Part(p) for p in seen}
        self._stacks: dict[int, Part] = {}
        """Stacks, and parts of outer copies, which are stacks of inner ones, by their values."""

    def new(self, node: Node) -> list[tuple[Parameter, int]]:
        """The parameters of a node that no node before has, each with the number of elements that the node has."""
        parts = [Part(p) for name, p in node.weights if name or not p.stacks]
        if node.weights and not parts:
            self._stacks[node.first_value] = Part(node.weights[0][1])
        elif isinstance(node.op, Select) and node.inputs[0] in self._stacks:
            p, copies = self._stacks[node.inputs[0]]
            part = Part(p, (*copies, node.op.index))
            if len(part.copies) < p.stacks:
                self._stacks[node.first_value] = part
            else:
                parts.append(part)
        parts = [part for part in dict.fromkeys(parts) if part not in self._seen]
        self._seen.update(parts)
        return [(part.parameter, prod(part.parameter.shape[len(part.copies) :])) for part in parts]
