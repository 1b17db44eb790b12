"""The history of the size of an axis: its changes from its origin to a given value."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import NamedTuple, Protocol

from ..diagnostics.location import Location
from ..ops.base import Op
from ..shapes.reads import Along
from ..shapes.sizes import Size, is_same
from ..shapes.types import TensorType
from .scope import Trace


class Producer(Protocol):
    """A node of a graph, finished or under construction."""

    @property
    def layer(self) -> str: ...  # noqa: D102 - see Node
    @property
    def op(self) -> Op: ...  # noqa: D102 - as above
    @property
    def inputs(self) -> tuple[int, ...]: ...  # noqa: D102 - as above
    @property
    def outputs(self) -> tuple[TensorType, ...]: ...  # noqa: D102 - as above
    @property
    def first_value(self) -> int: ...  # noqa: D102 - as above
    @property
    def trace(self) -> Trace: ...  # noqa: D102 - as above


class Change(NamedTuple):
    """One change of a size. The first change of a history sets the size, and has no size before."""

    before: Size | None
    after: Size
    layer: str
    """Full name of the layer; empty for an input of the network."""
    op: str
    """Name of the operation; empty for an input of the network."""
    location: Location | None
    """Location of the layer; None for an input of the network."""


def size_history(
    value: int, axis: int, producer: Callable[[int], Producer | None], types: Callable[[int], TensorType]
) -> list[Change]:
    """Returns the changes of the size of an axis, earliest first.

    Follows the axis back through every layer that reads an axis of its input along it, to the input of the network
    or to the layer that sets the size (``dense``, an adaptive pooling). If several inputs are read so, the first is
    followed. Only nodes before the value are used, so the graph may be incomplete.

    Args:
        value: number of a value.
        axis: number of its axis.
        producer: returns the node that outputs a value, or None for an input.
        types: returns the type of a value.
    """
    changes: list[Change] = []
    while (node := producer(value)) is not None:
        after = types(value).shape[axis]
        inputs = tuple(types(v) for v in node.inputs)
        source = _source(node, axis, inputs, value - node.first_value)
        location = node.trace.location
        if source is None:
            changes.append(Change(None, after, node.layer, node.op.name, location))
            break
        number, axis = source
        value = node.inputs[number]
        before = inputs[number].shape[axis]
        if not is_same(before, after):
            changes.append(Change(before, after, node.layer, node.op.name, location))
    else:
        changes.append(Change(None, types(value).shape[axis], "", "", None))
    return changes[::-1]


def _source(node: Producer, axis: int, inputs: tuple[TensorType, ...], output: int) -> tuple[int, int] | None:
    """Returns the input and its axis along which an axis of an output reads; None if there is none."""
    for i, reads in enumerate(node.op.reads(inputs, node.outputs, output)):
        for a, read in enumerate(reads or ()):
            if isinstance(read, Along) and read.axis == axis:
                return i, a
    return None


def history_text(changes: Sequence[Change], most: int = 6) -> str:
    """Returns a history in one line: ``109 -> 54 (pool1, line 20) -> 27 (pool2, line 24)``.

    If there are more than ``most`` changes, those in the middle are replaced by an ellipsis.
    """
    first, *rest = changes
    origin = str(first.after) + (f" ({first.op} '{first.layer}'{_line(first)})" if first.layer else "")
    parts = [f"{c.after} ({_layer_text(c)}{_line(c)})" for c in rest]
    if len(parts) > most:
        parts = [*parts[: most // 2], "…", *parts[-(most - most // 2) :]]
    return " -> ".join([origin, *parts])


def _layer_text(change: Change) -> str:
    """Returns the layer's name, after the operation if not mentioned in it: ``pool1``, ``max_pool2d 'down'``."""
    words = change.op.split("_")
    if words[-1][-2:] in ("1d", "2d", "3d"):
        words[-1] = words[-1][:-2]
    return change.layer if any(w in change.layer for w in words) else f"{change.op} '{change.layer}'"


def _line(change: Change) -> str:
    return f", line {change.location.line}" if change.location is not None else ""
