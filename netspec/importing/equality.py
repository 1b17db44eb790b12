"""Decides whether two specs describe the same network: the structured text of an import and its flat one."""

from __future__ import annotations

from collections.abc import Hashable, Iterable, Mapping
from typing import Any

from ..ir import Graph, Node
from ..ops.argument import as_list
from ..ops.shape import Identity

"""Operations of two inputs whose order makes no difference, not even in rounding."""
"""Operations that keep the order of all elements: the shape of the result says what they do."""
_LISTED = 5


def differences(flat: Graph, other: Graph) -> list[str]:
    """Returns what one network has and the other lacks; empty if they are equal.

    Operations with arguments, connections, the names, shapes and initial values of weights, inputs and outputs are
    compared. Names of layers may differ, ``identity`` is ignored, and arguments may be written in equivalent ways, such
    as ``padding: same`` and 1.

    Args:
        flat: one network.
        other: the other one.
    """
    keys = _Keys()
    values = keys.of(flat), keys.of(other)
    listed = [
        f"only in {place}: {node.op.name} '{node.name}'"
        for place, graph, mine, its in (("the flat spec", flat, *values), ("the other", other, *values[::-1]))
        for node in _without(graph, mine, set(its))
    ]
    for what, mine, its in (("inputs", flat.inputs, other.inputs), ("outputs", flat.outputs, other.outputs)):
        ends = [(name, values[0][v]) for name, v in mine.items()], [(name, values[1][v]) for name, v in its.items()]
        if ends[0] != ends[1]:
            listed.append(f"other {what}: {', '.join(mine)} and {', '.join(its)}")
    if flat.dims != other.dims:
        listed.append("other named dimensions")
    return listed[:_LISTED]


def _without(graph: Graph, values: list[int], others: set[int]) -> Iterable[Node]:
    """Yields the nodes with a value not in ``others``, unless this follows from an input."""
    for node in graph.nodes:
        if values[node.first_value] not in others and all(values[v] in others for v in node.reads):
            yield node


class _Keys:
    """Assigns numbers to values; values that are computed in the same way have equal numbers."""

    def __init__(self) -> None:
        self._numbers: dict[Hashable, int] = {}

    def of(self, graph: Graph) -> list[int]:
        """Returns the number of each value of a graph."""
        out = [0] * len(graph.values)
        for position, (name, value) in enumerate(graph.inputs.items()):
            kind = graph.values[value]
            out[value] = self._number(("input", position, name, kind.shape, kind.dtype))
        for node in graph.nodes:
            if isinstance(node.op, Identity):
                out[node.first_value] = out[node.inputs[0]]
                continue
            key = self._key(graph, node, out)
            for index, value in enumerate(node.values):
                out[value] = self._number((key, index))
        return out

    def _number(self, key: Hashable) -> int:
        return self._numbers.setdefault(key, len(self._numbers))

    def _key(self, graph: Graph, node: Node, values: list[int]) -> Hashable:
        inputs = [values[v] for v in node.inputs]
        if node.op.commutative and len(inputs) == 2:
            inputs.sort()
        weights = tuple(
            [
                (local, p.name if p.persistent else "", p.shape, p.dtype, p.trainable, p.init)
                for local, p in node.weights
            ]
        )
        weight_values = tuple([(local, values[v]) for local, v in node.given_weights])
        return (_meaning(graph, node), tuple(inputs), weights, weight_values)


def _meaning(graph: Graph, node: Node) -> Hashable:
    """Returns a key that is equal for operations that do the same to inputs of these types, however they are
    written.
    """
    op = node.op
    if op.follows_from_shapes:
        return "in order" if op.keeps_order else op.name, node.outputs[0].shape
    arguments: dict[str, Any] = dict(vars(op))
    arguments.pop("init", None)  # the first values of its weights
    inputs = graph.inputs_of(node)
    windows = op.sliding(inputs[0]) if inputs and op.window_rank else []
    if windows:
        arguments["padding"] = [pads for _, _, pads in windows]
    return op.name, frozen(arguments)


def frozen(value: Any) -> Hashable:
    """Converts a value to a hashable one."""
    if isinstance(value, Mapping):
        items: list[tuple[str, Any]] = [(str(key), v) for key, v in value.items()]  # pyright: ignore[reportUnknownVariableType, reportUnknownArgumentType] - of any type
        return tuple([(key, frozen(v)) for key, v in sorted(items, key=lambda item: item[0])])
    if isinstance(value, (list, tuple, range)):
        return tuple([frozen(v) for v in as_list(list(value))])  # pyright: ignore[reportUnknownArgumentType] - of any type
    if isinstance(value, Graph):
        return repr(value)
    try:
        hash(value)
    except TypeError:
        return repr(value)
    return type(value).__name__, value
