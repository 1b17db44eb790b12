"""The graph under construction: scopes, types of values, nodes, and the set of values that are read."""

from __future__ import annotations

from collections.abc import Container, Iterable, Mapping
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
        "copies",
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
        """Its position in the list of all scopes; parents come before their children."""
        self.name = name
        self.parent = parent
        self.depth: int = parent.depth + 1 if parent is not None else 0
        """Number of scopes around it."""
        self.trace = trace
        self.block: str | None = None
        self.arguments: dict[str, Any] = {}
        self.copy: tuple[int, int] | None = None
        self.copies = ""
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

    def finished(self, parent: Scope | None, inputs: Mapping[str, int], outputs: tuple[tuple[str, int], ...]) -> Scope:
        """Returns the scope of the final graph, given the finished parent."""
        return Scope(
            self.name,
            parent,
            self.block,
            self.arguments,
            self.copy,
            self.key,
            tuple(self.left_out),
            tuple(self.left_out_items),
            self.doc,
            self.trace,
            inputs,
            outputs,
            self.copies,
        )


class DottedName(NamedTuple):
    """The full name of a layer whose name in its scope contains a dot, and may therefore belong to another layer."""

    name: str
    scope: DraftScope
    """The scope in which the layer is written."""
    location: int


class ScopeTree:
    """All scopes of a graph, and all full names in use."""

    def __init__(self) -> None:
        self.scopes: list[DraftScope] = []
        self.root = self.open("", None, None)
        self._names: set[str] = set()
        self.dotted: list[DottedName] = []
        """Names that were written with a dot."""

    def open(self, name: str, parent: DraftScope | None, trace: Trace | None) -> DraftScope:
        """Adds a scope with that full name."""
        scope = DraftScope(len(self.scopes), name, parent, trace)
        self.scopes.append(scope)
        return scope

    def claim(self, scope: DraftScope, name: str, location: int, *, written: bool = True) -> str:
        """Reserves the full name of a layer in a scope.

        Args:
            scope: the scope.
            name: the name in it.
            location: where the layer is written.
            written: whether the name is from the text, instead of generated for an activation.

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

    def is_taken(self, full_name: str) -> bool:
        """Whether a layer has that full name."""
        return full_name in self._names

    def free_name(self, scope: DraftScope, name: str, location: int) -> str:
        """Returns an unused full name for a generated node: the name in that scope, numbered if it is taken."""
        free = name
        if scope.full_name(name) in self._names:
            from ...free_names import free_name  # loaded only for a name that is taken

            free = free_name(name, lambda free: scope.full_name(free) in self._names)
        return self.claim(scope, free, location, written=False)

    def freeze(self) -> list[Scope]:
        """The finished scopes, in the order in which they were opened."""
        finished: list[Scope] = []
        for draft in self.scopes:
            parent = finished[draft.parent.number] if draft.parent is not None else None
            finished.append(draft.finished(parent, draft.inputs, draft.outputs))
        return finished


class DraftNode(NamedTuple):
    """A node whose scope is not finished yet; its fields are those of :class:`~netspec.ir.Node`."""

    name: str
    layer: str
    op: Op
    inputs: tuple[int, ...]
    outputs: tuple[TensorType, ...]
    first_value: int
    weights: tuple[tuple[str, Parameter], ...]
    scope: DraftScope
    trace: Trace
    doc: str | None
    given_weights: tuple[tuple[str, int], ...] = ()
    weight_of: str | None = None

    @property
    def values(self) -> range:
        """The numbers of its output values."""
        return range(self.first_value, self.first_value + len(self.outputs))

    @property
    def reads(self) -> tuple[int, ...]:
        """All values that it needs: its inputs, and the weights that are values."""
        return (*self.inputs, *[v for _, v in self.given_weights])

    def stored_weights(self, read: Container[int]) -> tuple[tuple[str, Parameter], ...]:
        """Its weights in a network in which these values are read.

        A constant whose numbers nothing reads, as other formulas contain it, has no tensor.
        """
        return () if self.op.is_constant and self.first_value not in read else self.weights


class DraftGraph:
    """Values and nodes in the order of their creation."""

    def __init__(self) -> None:
        self.types: list[TensorType] = []
        """The types of all values."""
        self.producers: list[DraftNode | None] = []
        """The node that outputs each value; None for an input of the network."""
        self.nodes: list[DraftNode] = []
        self.read: set[int] = set()
        """The values that any layer or output refers to, even if that layer failed."""
        self.fixed: set[int] = set()
        """The values that depend on no input of the network."""
        self.is_in_order = True
        """Whether the values are numbered in the order of the nodes."""
        self.stored: dict[tuple[str, str], int] = {}
        """The values of stored weights that are referred to, by layer and name."""

    def add_input(self, type: TensorType) -> int:
        """Adds an input of the network; returns the number of its value."""
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
        given_weights: tuple[tuple[str, int], ...] = (),
        weight_of: str | None = None,
    ) -> DraftNode:
        """Adds a node with new output values."""
        self.read.update(inputs, (v for _, v in given_weights))
        first = len(self.types)
        node = DraftNode(name, layer, op, inputs, outputs, first, weights, scope, trace, doc, given_weights, weight_of)
        if self.fixed.issuperset(inputs) and self.fixed.issuperset(v for _, v in given_weights):
            self.fixed.update(node.values)
        self.nodes.append(node)
        self.types += outputs
        self.producers += [node] * len(outputs)
        return node

    def move_to(self, start: int, scope: DraftScope) -> None:
        """Moves the nodes that are directly in a scope, among those from ``start`` on, before the others."""
        later = self.nodes[start:]
        self.nodes[start:] = [n for n in later if n.scope is scope] + [n for n in later if n.scope is not scope]
        self.is_in_order = False

    def types_of(self, values: Iterable[int]) -> tuple[TensorType, ...]:
        """The types of values."""
        return tuple([self.types[v] for v in values])

    def freeze(self, scopes: list[Scope], outputs: Iterable[int] = ()) -> tuple[Node, ...]:
        """The finished nodes, for a network with these outputs; ``scopes`` are the finished scopes by number."""
        read = {v for n in self.nodes for v in n.reads} | set(outputs)
        return tuple(
            [
                Node(
                    n.name,
                    n.layer,
                    n.op,
                    n.inputs,
                    n.outputs,
                    n.first_value,
                    n.stored_weights(read),
                    scopes[n.scope.number],
                    n.trace,
                    n.doc,
                    n.given_weights,
                    n.weight_of,
                )
                for n in self.nodes
            ]
        )
