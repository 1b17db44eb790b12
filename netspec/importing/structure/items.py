"""Items of a body: layers, uses of blocks and groups, before anything is a parameter."""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from functools import cached_property
from typing import Any

from ...blocks import ABSENT
from ...ir import Graph, Node
from ...language.flattener import Flattener
from ...ops.common.shortest_form import full_argument, shortest_arguments
from ...shapes.types import TensorType
from ...text.yaml_reader import Name
from .item_kinds import ACTIVATION, Head, layer_head
from .levels import relative_name

OPERATION = "operation"
"""The argument of an activation that is an item by itself: which one it is."""


@dataclass(eq=False)
class BodyItem:
    """One layer of a body, a use of a block, or a run of uses in a chain."""

    name: str
    """Within the body; it may contain dots."""
    head: Head
    reads: list[int]
    """The values that it reads."""
    results: list[int]
    """The values that it outputs."""
    arguments: dict[str, Any] = field(default_factory=dict[str, Any])
    """Those that must be written, in their shortest form."""
    layers: dict[str, int] = field(default_factory=dict[str, int])
    """Arguments that name layers: the values of these."""
    node: Node | None = None
    """The layer, if it is one."""
    body: Body | None = None
    """Its contents, if it is a group."""
    copies: list[dict[str, Any]] | None = None
    """For uses of a block: the arguments of every copy, in the order of the chain."""
    named: bool = True
    """Whether its name must stay: that of weights in it."""
    weight_names: tuple[str, ...] = ()
    """Local names of its weights among the results: those that other layers read."""
    has_children: bool = False
    """Whether it is a chain whose copies are children of its name: ``layers.0``, ``layers.1``."""
    share: Name | None = None
    """The layer or level whose weights it shares, as seen from the body."""
    owner: str | None = None
    """Its full name."""
    commutes: bool = False
    """Whether the order of its two inputs is of no importance."""

    def argument(self, name: str, graph: Graph) -> Any:
        """An argument, also if it need not be written."""
        if name in self.arguments:
            return self.arguments[name]
        if self.node is None:
            return ABSENT
        if name in ("activation", "freeze", "dtype"):
            return {"activation": "identity", "freeze": False, "dtype": graph.dtype}[name]
        return full_argument(self.node.op, name) if name in self.node.op.arguments else ABSENT


@dataclass(eq=False)
class Body:
    """The contents of a level: its items, and the values that it reads from outside and outputs."""

    items: list[BodyItem]
    inputs: list[int]
    outputs: list[int]
    listed: bool
    """Whether its items are called 0, 1, 2, …"""
    types: list[TensorType]
    """Types of its inputs."""


COMMUTATIVE = ("add", "multiply", "maximum")


class Leaves:
    """Makes the items of layers.

    Args:
        graph: the network, flat.
    """

    def __init__(self, graph: Graph) -> None:
        self.graph = graph
        self.flattener = Flattener(graph)
        self.activations = self.flattener.activations
        self.known: dict[str, BodyItem] = {}
        folded = {node.name for node in self.activations.values()}
        self.nodes = tuple(
            node
            for node in graph.nodes
            if node.name not in folded and not self.flattener.is_implied(node) and not self.flattener.is_contained(node)
        )
        """The nodes that are layers of their own."""
        self.stored = frozenset(v for node in graph.nodes if self.flattener.is_implied(node) for v in node.values)

    @cached_property
    def weights_read(self) -> dict[str, dict[int, str]]:
        """For layers that store weights which others read: these values, and the weights' local names."""
        out: dict[str, dict[int, str]] = {}
        for node in self.graph.nodes:
            readers = self.graph.readers(node.first_value) if node.first_value in self.stored else ()
            if node.weight_of is not None and any(reader.name != node.weight_of for reader in readers):
                out.setdefault(node.weight_of, {})[node.first_value] = node.name[len(node.weight_of) + 1 :]
        return out

    @cached_property
    def read_values(self) -> frozenset[int]:
        """The weights that layers store and others read."""
        return frozenset(value for values in self.weights_read.values() for value in values)

    def results(self, node: Node) -> list[int]:
        """The values that a layer outputs, the first after its activation, and weights of it that others read."""
        activation = self.activations.get(node.name)
        first = node.first_value if activation is None else activation.first_value
        return [first, *node.values[1:], *self.weights_read.get(node.name, {})]

    def reads(self, node: Node) -> tuple[int, ...]:
        """The values that a layer reads, also as weights, without weights that it stores itself."""
        weights = self.weights_read.get(node.name, {})
        return tuple(v for v in node.reads if v not in self.stored or (v in self.read_values and v not in weights))

    def item(self, node: Node, path: str) -> BodyItem:
        """The item of a node in the level of that path.

        Raises:
            SpecError: NS713, no flat spec can describe it.
        """
        known = self.known.get(node.name)
        if known is None:
            known = self.known[node.name] = self.new_item(node)
        return replace(
            known,
            name=relative_name(node.name, path),
            reads=list(known.reads),
            results=list(known.results),
            arguments=dict(known.arguments),
            share=known.share and Name(relative_name(known.share, path)),
        )

    def weight_owner(self, node: Node) -> str | None:
        """The name of the layer whose weights a node shares; None if it has its own."""
        if all(p.name == (f"{node.name}.{local}" if local else node.name) for local, p in node.weights):
            return None
        return self.item(node, "").share

    def new_item(self, node: Node) -> BodyItem:
        """The item of a node under its full name."""
        op = node.op
        types = self.graph.inputs_of(node)
        if hasattr(op, "bodies"):
            raise self.flattener.needs_block(node, "its layers run along an axis, or by choice")
        names = [f"x{n}" for n in range(len(node.inputs))] if op.primary == "expression" else []
        arguments: dict[str, Any] = self.flattener.without_names(shortest_arguments(op, types, names))
        by_name = [a for a, argument in op.arguments.items() if argument.validator.kind == "layer" and getattr(op, a)]
        count = len(node.inputs) - len(by_name)
        layers = dict(zip(by_name, node.inputs[count:], strict=True))
        for weight, value in node.given_weights:
            if self.flattener.stored(node, weight, value) is None:
                layers[f"weights.{weight}"] = value
        extra = self.flattener.dtype(node) | self.flattener.weights(node)
        share: Name | None = extra.pop("share", None)
        activation = self.activations.get(node.name)
        head = layer_head(op.name)
        plain = not arguments and not layers and not extra and share is None and activation is None and not node.weights
        if op.is_activation and plain:
            head, arguments = ACTIVATION, {OPERATION: op.name}
        if activation is not None:
            arguments = arguments | {"activation": self.flattener.activation(activation)}
        return BodyItem(
            node.name,
            head,
            list(node.inputs[:count]),
            self.results(node),
            arguments | extra,
            layers,
            node,
            named=bool(node.weights or node.given_weights),
            weight_names=tuple(self.weights_read.get(node.name, {}).values()),
            share=share,
            owner=share,
            commutes=op.name in COMMUTATIVE and count == 2 and op.primary == "from",
        )
