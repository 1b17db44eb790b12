"""Items of a body: layers, uses of blocks and groups, before parameters are introduced."""

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
"""The argument of a standalone activation that says which function it is."""


@dataclass(eq=False)
class BodyItem:
    """A layer of a body, a use of a block, a group, or a chain of uses."""

    name: str
    """Name relative to the body; may contain dots."""
    head: Head
    reads: list[int]
    """Input values."""
    results: list[int]
    """Output values."""
    arguments: dict[str, Any] = field(default_factory=dict[str, Any])
    """Arguments that differ from their defaults, in their shortest form."""
    layers: dict[str, int] = field(default_factory=dict[str, int])
    """Values of arguments that name layers."""
    node: Node | None = None
    """The node, for a layer."""
    body: LevelBody | None = None
    """The contents, for a group."""
    copies: list[dict[str, Any]] | None = None
    """The arguments of each copy, for a chain of uses of a block."""
    named: bool = True
    """Whether the name must be kept because it is part of the names of weights."""
    weight_names: tuple[str, ...] = ()
    """Local names of those of its weights that are results because other layers use them."""
    has_children: bool = False
    """Whether its copies are children of its name, as in ``layers.0``, ``layers.1``."""
    share: Name | None = None
    """The layer or level whose weights it shares, relative to the body."""
    owner: str | None = None
    """Full name of that layer or level."""
    commutes: bool = False
    """Whether its two inputs can be exchanged."""

    def argument(self, name: str, graph: Graph) -> Any:
        """Returns an argument, including one that equals its default; ABSENT if there is none."""
        if name in self.arguments:
            return self.arguments[name]
        if self.node is None:
            return ABSENT
        if name in ("activation", "freeze", "dtype"):
            return {"activation": "identity", "freeze": False, "dtype": graph.dtype}[name]
        return full_argument(self.node.op, name) if name in self.node.op.arguments else ABSENT


@dataclass(eq=False)
class LevelBody:
    """The contents of a level: its items, input values and output values."""

    items: list[BodyItem]
    inputs: list[int]
    outputs: list[int]
    listed: bool
    """Whether the items are named 0, 1, 2, …"""
    types: list[TensorType]
    """Types of the inputs."""


class Leaves:
    """Creates the items of layers.

    Args:
        graph: the flat network.
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
        """The nodes that become layers; fused activations and stored weights are left out."""
        self.stored = frozenset(v for node in graph.nodes if self.flattener.is_implied(node) for v in node.values)

    @cached_property
    def weights_read(self) -> dict[str, dict[int, str]]:
        """For each layer with weights that other layers use: the values of these weights and their local names."""
        out: dict[str, dict[int, str]] = {}
        for node in self.graph.nodes:
            readers = self.graph.readers(node.first_value) if node.first_value in self.stored else ()
            if node.weight_of is not None and any(reader.name != node.weight_of for reader in readers):
                out.setdefault(node.weight_of, {})[node.first_value] = node.name[len(node.weight_of) + 1 :]
        return out

    @cached_property
    def read_values(self) -> frozenset[int]:
        """The values of stored weights that other layers use."""
        return frozenset(value for values in self.weights_read.values() for value in values)

    def results(self, node: Node) -> list[int]:
        """Returns the outputs of a layer, the first after its activation, then its weights that others use."""
        activation = self.activations.get(node.name)
        first = node.first_value if activation is None else activation.first_value
        return [first, *node.values[1:], *self.weights_read.get(node.name, {})]

    def reads(self, node: Node) -> tuple[int, ...]:
        """Returns the values that a layer uses as inputs or weights, except weights that it stores itself."""
        weights = self.weights_read.get(node.name, {})
        return tuple(v for v in node.reads if v not in self.stored or (v in self.read_values and v not in weights))

    def item(self, node: Node, path: str) -> BodyItem:
        """Returns the item of a node in the level with this path.

        Raises:
            SpecError: NS713, the network cannot be described by a flat spec.
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
        """Returns the name of the layer whose weights a node shares, or None if it has its own."""
        if all(p.name == (f"{node.name}.{local}" if local else node.name) for local, p in node.weights):
            return None
        return self.item(node, "").share

    def new_item(self, node: Node) -> BodyItem:
        """Creates the item of a node, under its full name."""
        op = node.op
        types = self.graph.inputs_of(node)
        if op.bodies:
            raise self.flattener.needs_block(node, "its layers run along an axis, or by choice")
        names = [f"x{n}" for n in range(len(node.inputs))] if op.has_variables else []
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
            commutes=op.commutative and count == 2,
        )
