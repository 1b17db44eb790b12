"""The graph under construction: its scopes, the types of its values, its nodes, and the values that are read."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any, NamedTuple

from ... import limits
from ...diagnostics import LocatedError, clip
from ...ir import Node, Parameter, Scope, Trace
from ...ops.base import Op
from ...shapes.types import TensorType


class DraftScope:
    """A scope whose layers are being elaborated. Its fields are those of :class:`~netspec.ir.Scope`."""

    __slots__ = (
        "arguments",
        "block",
        "copy",
        "depth",
        "doc",
        "inputs",
        "key",
        "left_out",
        "left_out_items",
        "name",
        "number",
        "outputs",
        "parent",
        "trace",
    )

    def __init__(self, number: int, name: str, parent: DraftScope | None, trace: Trace | None) -> None:
        self.number = number
        """Its position in the list of all scopes; a parent precedes its children."""
        self.name = name
        self.parent = parent
        self.depth: int = parent.depth + 1 if parent is not None else 0
        """Number of scopes around it."""
        self.trace = trace
        self.block: str | None = None
        self.arguments: dict[str, Any] = {}
        self.copy: tuple[int, int] | None = None
        self.key: object = None
        self.doc: str | None = None
        self.left_out: list[str] = []
        self.left_out_items: list[tuple[int, str]] = []
        self.inputs: Mapping[str, int] = {}
        self.outputs: tuple[tuple[str, int], ...] = ()

    def full_name(self, name: str) -> str:
        """The full name of a layer in this scope."""
        return f"{self.name}.{name}" if self.name else name

    def local_name(self, full_name: str) -> str:
        """The name within this scope of a layer in it."""
        return full_name[len(self.name) + 1 :] if self.name else full_name


class DottedName(NamedTuple):
    """The full name of a layer whose name in its scope has a dot: it may lead into another layer."""

    name: str
    scope: DraftScope
    """The scope in which the layer is written."""
    location: int


class ScopeTree:
    """All scopes of a graph, and the full names that are taken."""

    def __init__(self) -> None:
        self.scopes: list[DraftScope] = []
        self.root = self.open("", None, None)
        self._names: set[str] = set()
        self.dotted: list[DottedName] = []
        """The names that are written with a dot."""

    def open(self, name: str, parent: DraftScope | None, trace: Trace | None) -> DraftScope:
        """Add a scope of that full name."""
        scope = DraftScope(len(self.scopes), name, parent, trace)
        self.scopes.append(scope)
        return scope

    def claim(self, scope: DraftScope, name: str, location: int, *, written: bool = True) -> str:
        """The full name of a layer in a scope, which no other layer can then have.

        Args:
            scope: the scope.
            name: the name in it.
            location: where the layer is written.
            written: whether the name is that of the text, rather than one made up for an activation.

        Raises:
            LocatedError: NS303, the name is taken; NS907, it is too long.
        """
        full_name = scope.full_name(name)
        if len(full_name) > limits.DOTTED_NAME:
            message = f"a full name is longer than {limits.DOTTED_NAME:,} characters: {clip(full_name)}"
            raise LocatedError("NS907", message, location)
        if full_name in self._names:
            raise LocatedError("NS303", f"there are two layers named '{clip(full_name)}'", location)
        self._names.add(full_name)
        if written and "." in name:
            self.dotted.append(DottedName(full_name, scope, location))
        return full_name

    def freeze(self) -> list[Scope]:
        """The finished scopes, in the order in which they were opened."""
        finished: list[Scope] = []
        for draft in self.scopes:
            parent = finished[draft.parent.number] if draft.parent is not None else None
            finished.append(
                Scope(
                    draft.name,
                    parent,
                    draft.block,
                    draft.arguments,
                    draft.copy,
                    draft.key,
                    tuple(draft.left_out),
                    tuple(draft.left_out_items),
                    draft.doc,
                    draft.trace,
                    draft.inputs,
                    draft.outputs,
                )
            )
        return finished


class DraftNode(NamedTuple):
    """A node whose scope is not finished yet. Its fields are those of :class:`~netspec.ir.Node`."""

    name: str
    layer: str
    op: Op
    inputs: tuple[int, ...]
    outputs: tuple[TensorType, ...]
    first: int
    weights: tuple[tuple[str, Parameter], ...]
    scope: DraftScope
    trace: Trace
    doc: str | None

    @property
    def values(self) -> range:
        """The numbers of its output values."""
        return range(self.first, self.first + len(self.outputs))


class DraftGraph:
    """Values and nodes in the order in which they are added."""

    def __init__(self) -> None:
        self.types: list[TensorType] = []
        """The types of all values."""
        self.producers: list[DraftNode | None] = []
        """The node that outputs each value; None for an input of the network."""
        self.nodes: list[DraftNode] = []
        self.read: set[int] = set()
        """The values that some layer or output names, even if that layer failed."""

    def add_input(self, type: TensorType) -> int:
        """Add an input of the network: the number of its value."""
        self.types.append(type)
        self.producers.append(None)
        return len(self.types) - 1

    def add_node(
        self,
        name: str,
        layer: str,
        op: Op,
        inputs: tuple[int, ...],
        outputs: tuple[TensorType, ...],
        weights: tuple[tuple[str, Parameter], ...],
        scope: DraftScope,
        trace: Trace,
        doc: str | None = None,
    ) -> DraftNode:
        """Add a node, which reads its inputs and outputs new values."""
        self.read.update(inputs)
        node = DraftNode(name, layer, op, inputs, outputs, len(self.types), weights, scope, trace, doc)
        self.nodes.append(node)
        self.types += outputs
        self.producers += [node] * len(outputs)
        return node

    def types_of(self, values: Iterable[int]) -> tuple[TensorType, ...]:
        """The types of values."""
        return tuple([self.types[v] for v in values])

    def freeze(self, scopes: list[Scope]) -> tuple[Node, ...]:
        """The finished nodes; ``scopes`` are the finished scopes by number."""
        return tuple(
            [
                Node(
                    n.name,
                    n.layer,
                    n.op,
                    n.inputs,
                    n.outputs,
                    n.first,
                    n.weights,
                    scopes[n.scope.number],
                    n.trace,
                    n.doc,
                )
                for n in self.nodes
            ]
        )
