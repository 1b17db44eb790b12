"""Maps copies to their parts of a weight that is stored for all copies (``stacked``)."""

from __future__ import annotations

from collections.abc import Collection
from math import prod
from typing import NamedTuple

from ..ir import Node, Parameter
from ..ops.shape import Select


class Part(NamedTuple):
    """A parameter, or the part of a stacked parameter that belongs to one copy."""

    parameter: Parameter
    copies: tuple[int, ...] = ()
    """The indices of the copies along the first axes."""


class StackedParts:
    """Finds new parameters of nodes that are visited in order, starting at the first one with a stack.

    Args:
        seen: the parameters of the preceding nodes.
    """

    def __init__(self, seen: Collection[Parameter]) -> None:
        self._seen = {Part(p) for p in seen}
        self._stacks: dict[int, Part] = {}
        """Stacks by their values; a part of an outer copy may be a stack of inner copies."""

    def new(self, node: Node) -> list[tuple[Parameter, int]]:
        """Returns the parameters of a node that no earlier node has, with the number of elements this node uses."""
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
