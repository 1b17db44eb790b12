"""Evaluates the nodes and types of a network with named dimensions at given sizes."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from typing import TYPE_CHECKING, Any

from ..ops.argument import Declared
from ..ops.base import Op
from ..shapes.sizes import is_named
from ..shapes.types import TensorType
from .node import Node, Parameter

if TYPE_CHECKING:
    from ..shapes.dims import Dim


class AtSizes:
    """Replaces named dimensions by numbers.

    Args:
        sizes: the number of every named dimension; None for the defaults.
    """

    def __init__(self, sizes: Mapping[str, int] | None) -> None:
        self._sizes = sizes

    def _number(self, size: Dim) -> int:
        return size.value if self._sizes is None else size.at(self._sizes)

    def nodes(self, nodes: tuple[Node, ...], types: tuple[TensorType, ...]) -> tuple[Node, ...]:
        """Returns the nodes of the network without named dimensions, whose values have these types.

        Tables that were computed at run time because their sizes depended on the names become buffers.
        """
        operations: dict[int, Op] = {}
        result: list[Node] = []
        for node in nodes:
            op = operations.get(id(node.op))
            if op is None:
                op = operations[id(node.op)] = self.value(node.op)
            outputs = types[node.first_value : node.first_value + len(node.outputs)]
            weights = node.weights
            if not weights and op is not node.op and not node.given_weights:
                weights = tuple(
                    [(w.name, _parameter(node, w)) for w in op.typed_weights(*[types[v] for v in node.inputs])]
                )
            same = op is node.op and outputs == node.outputs
            result.append(node if same else replace(node, op=op, outputs=outputs, weights=weights))
        return tuple(result)

    def type(self, type: TensorType) -> TensorType:
        """Returns a type with its sizes as numbers."""
        shape = tuple([self._number(n) if is_named(n) else n for n in type.shape])
        return type if shape == type.shape else type.with_shape(shape)

    def value(self, value: Any) -> Any:
        """Returns a value with its sizes as numbers; the same object if none depends on names."""
        if is_named(value):
            return self._number(value)
        if hasattr(value, "at_default"):  # a body
            return value.at_default if self._sizes is None else value.at(self._sizes)
        if isinstance(value, Declared):
            return value.at(self.value)
        if isinstance(value, (tuple, list)):
            items = [self.value(v) for v in value]  # pyright: ignore[reportUnknownVariableType] - of any type
            if all(new is old for new, old in zip(items, value, strict=True)):  # pyright: ignore[reportUnknownArgumentType, reportUnknownVariableType] - of any type
                return value  # pyright: ignore[reportUnknownVariableType] - of any type
            if isinstance(value, list):
                return items
            make = getattr(value, "_make", tuple)  # pyright: ignore[reportUnknownArgumentType] - of any type
            return make(items)
        return value


def _parameter(node: Node, weight: Any) -> Parameter:
    name = f"{node.name}.{weight.name}" if weight.name else node.name
    return Parameter(name, weight.shape, weight.init, weight.trainable, weight.buffer, weight.dtype, weight.persistent)


def type_at_default(type: TensorType) -> TensorType:
    """Returns a type at the defaults of named dimensions."""
    return AtSizes(None).type(type)
