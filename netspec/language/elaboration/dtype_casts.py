"""Conversions between element types for ``dtype``: ``cast`` nodes, one for each value in a scope."""

from __future__ import annotations

from typing import Protocol

from ...diagnostics import unpack
from ...ir import Trace
from ...ops.argument import LayerValidator
from ...ops.base import Op
from ...shapes.types import FLOATS, TensorType
from .copies import Instance
from .draft_graph import DraftGraph, ScopeTree
from .inference import Inference, Inferred
from .names import Entry, LexicalScope, Several


class Nodes(Protocol):
    """The interface for adding nodes to a graph."""

    graph: DraftGraph
    tree: ScopeTree
    inference: Inference
    converted: dict[tuple[int, int, str], Entry]
    """Values that have been converted, by the scope, the value and the type."""

    def add(
        self,
        inferred: Inferred,
        name: str,
        layer: str,
        inputs: tuple[int, ...],
        scope: LexicalScope,
        trace: Trace,
        doc: str | None,
        location: int,
    ) -> Entry:
        """Add the node of an operation: its entry."""
        ...


def place(instance: Instance) -> tuple[LexicalScope, str]:
    """Returns the scope and name for converting a layer's inputs: before it, or before the chain it begins."""
    scope, name, layer = instance.scope, instance.name, instance.layer
    if instance.copy.number == 0 and layer.name is not None and layer.name.constant:
        for _ in instance.copy.path:
            assert scope.parent is not None
            scope, name = scope.parent, scope.draft.name
    return scope, scope.draft.local_name(name)


def types_in_block(instance: Instance, types: tuple[TensorType, ...]) -> tuple[TensorType, ...]:
    """Returns the types of a block's inputs if they are converted before it."""
    dtype = instance.dtype
    if dtype is None or place(instance)[0] is instance.scope:
        return types
    return tuple([t._replace(dtype=dtype) if t.dtype in FLOATS else t for t in types])


def cast(nodes: Nodes, entry: Entry, dtype: str, stem: str, scope: LexicalScope, location: int) -> Entry:
    """Converts a value to an element type; returns the entry itself if it has that type.

    Args:
        nodes: adds the node.
        entry: the value.
        dtype: the type.
        stem: the name, in the scope, of the layer that requests it; empty for inputs and outputs of a block.
        scope: the scope of the conversion.
        location: where that layer is written.

    Raises:
        LocatedError: its name is too long.
    """
    assert entry.value is not None
    if nodes.graph.types[entry.value].dtype == dtype:
        return entry
    key = (scope.draft.number, entry.value, dtype)
    known = nodes.converted.get(key)
    if known is None:
        name = nodes.tree.free_name(scope.draft, f"{stem}_to_{dtype}" if stem else f"to_{dtype}", location)
        types, channels_last = nodes.graph.types_of([entry.value]), scope.document.layout == "channels_last"
        inferred = nodes.inference.infer("cast", {"to": dtype}, types, channels_last, location)
        trace = Trace(unpack(location), scope.draft.trace, "cast")
        known = nodes.add(inferred, name, name, (entry.value,), scope, trace, None, location)
        nodes.converted[key] = known
    return known


def cast_floats(
    nodes: Nodes, entries: list[Entry], dtype: str, stem: str, scope: LexicalScope, location: int
) -> list[Entry]:
    """Converts floating-point entries to a type; integers, booleans and failed entries are unchanged."""

    out: list[Entry] = []
    for entry in entries:
        if isinstance(entry, Several):
            each = cast_floats(nodes, list(entry.members.values()), dtype, stem, scope, location)
            out.append(Several(entry.full_name, dict(zip(entry.members, each, strict=True)), entry.inner))
        elif entry.value is not None and nodes.graph.types[entry.value].dtype in FLOATS:
            out.append(cast(nodes, entry, dtype, stem, scope, location))
        else:
            out.append(entry)
    return out


def cast_companions(
    nodes: Nodes,
    operation: type[Op],
    entries: list[Entry],
    named: list[str],
    stem: str,
    scope: LexicalScope,
    location: int,
) -> list[Entry]:
    """Returns an operation's inputs, converting those that must have the type of the first to that type.

    ``named`` are the arguments that name the last inputs.
    """
    first, count = entries[0], len(entries) - len(named)
    if first.value is None or (dtype := nodes.graph.types[first.value].dtype) not in FLOATS:
        return entries
    out = entries[:count]
    for name, entry in zip(named, entries[count:], strict=True):
        validator = operation.arguments[name].validator
        follows = isinstance(validator, LayerValidator) and validator.follows
        out += cast_floats(nodes, [entry], dtype, stem, scope, location) if follows else [entry]
    return out


def cast_results(nodes: Nodes, entry: Entry, dtype: str, stem: str, scope: LexicalScope, location: int) -> Entry:
    """Converts the result of a layer to a type; several results are converted like in :func:`cast_floats`."""
    if not entry.outputs:
        value = cast(nodes, entry, dtype, stem, scope, location).value
        return Entry(entry.full_name, value, passes_on=entry.passes_on)
    single = [Entry(name, value) for name, value in entry.outputs]
    results = cast_floats(nodes, single, dtype, stem, scope, location)
    outputs = tuple(
        [(name, e.value) for (name, _), e in zip(entry.outputs, results, strict=True) if e.value is not None]
    )
    return Entry(entry.full_name, outputs[0][1], outputs, passes_on=entry.passes_on)
