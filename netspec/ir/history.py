"""History of a size: how the size of an axis came about, from where it was set to the value at hand."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import NamedTuple

from ..diagnostics.location import Location
from ..shapes.reads import Along
from ..shapes.sizes import Size, same
from ..shapes.types import TensorType
from .graph import Node


class Change(NamedTuple):
    """One change of a size; the first of a history is where the size was set, and has no size before it."""

    before: Size | None
    after: Size
    name: str
    """Full name of the layer; empty for an input of the network."""
    op: str
    """Name of the operation; empty for an input of the network."""
    location: Location | None


def history(
    value: int, axis: int, producer: Callable[[int], Node | None], types: Callable[[int], TensorType]
) -> list[Change]:
    """Changes of the size of an axis, the earliest first.

    Goes back from the value through every layer that reads an axis of its input along this one, to the input of the
    network or the layer that sets the size (``dense``, an adaptive pooling). Of several inputs it follows the
    first that is read so. Works on a graph that is not finished: it looks only at what comes before the value.

    Args:
        value: number of a value.
        axis: number of its axis.
        producer: gives the node that makes a value, None for an input.
        types: gives the type of a value.
    """
    found: list[Change] = []
    while (node := producer(value)) is not None:
        after = types(value).shape[axis]
        inputs = tuple(types(v) for v in node.inputs)
        source = _source(node, axis, inputs, value - node.first)
        location = node.trace.location
        if source is None:
            found.append(Change(None, after, node.layer, node.op.name, location))
            break
        number, axis = source
        value = node.inputs[number]
        before = inputs[number].shape[axis]
        if not same(before, after):
            found.append(Change(before, after, node.layer, node.op.name, location))
    else:
        found.append(Change(None, types(value).shape[axis], "", "", None))
    return found[::-1]


def _source(node: Node, axis: int, inputs: tuple[TensorType, ...], output: int) -> tuple[int, int] | None:
    """Number of the input, and of its axis, that an axis of an output is read along."""
    for i, reads in enumerate(node.op.reads(inputs, node.outputs, output)):
        for a, read in enumerate(reads or ()):
            if isinstance(read, Along) and read.axis == axis:
                return i, a
    return None


def told(changes: Sequence[Change], most: int = 6) -> str:
    """A history as one line: ``109 -> 54 (pool1, line 20) -> 27 (pool2, line 24)``.

    Of more than ``most`` changes those in the middle are left out, with a mark.
    """
    first, *rest = changes
    origin = str(first.after) + (f" ({first.op} '{first.name}'{_line(first)})" if first.name else "")
    parts = [f"{c.after} ({_what(c)}{_line(c)})" for c in rest]
    if len(parts) > most:
        parts = [*parts[: most // 2], "…", *parts[-(most - most // 2) :]]
    return " -> ".join([origin, *parts])


def _what(c: Change) -> str:
    """The layer, with its operation where the name does not say it."""
    words = c.op.split("_")
    if words[-1][-2:] in ("1d", "2d", "3d"):
        words[-1] = words[-1][:-2]
    return c.name if any(w in c.name for w in words) else f"{c.op} '{c.name}'"


def _line(c: Change) -> str:
    return f", line {c.location.line}" if c.location is not None else ""
