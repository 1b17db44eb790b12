"""Nodes, the parameters they own, and layers: a node together with the node of its ``activation``."""

from __future__ import annotations

from dataclasses import dataclass
from math import prod

from ..ops.base import Op
from ..ops.weight import Init
from ..shapes.types import TensorType, shape_text
from .scope import Scope, Trace, name_within, stored_name


@dataclass(frozen=True, slots=True, eq=False, repr=False)
class Parameter:
    """A tensor that a layer owns. Layers that share it hold the same object, named after the first of them."""

    name: str
    """Full dotted name: ``layer1.0.conv1.weight``."""
    shape: tuple[int, ...]
    init: Init
    """The initialiser of its values."""
    trainable: bool = True
    buffer: bool = False
    """Whether it is a running statistic or a table: neither trained nor counted as a parameter."""
    dtype: str = "float32"
    persistent: bool = True
    """Whether it is part of the state dict."""
    stacks: int = 0
    """Number of leading axes that are indices of copies, each of which has a part of it (``stacked``)."""

    @property
    def elements(self) -> int:
        """Number of elements."""
        return prod(self.shape)

    def __repr__(self) -> str:
        kind = "buffer" if self.buffer else "parameter" if self.trainable else "frozen parameter"
        return f"<Parameter {self.name}: {shape_text(self.shape)} {self.dtype}, {kind}>"


@dataclass(frozen=True, slots=True, eq=False, repr=False)
class Node:
    """One operation of the network."""

    name: str
    """Full dotted name; the node of an ``activation`` is ``<layer>.activation``."""
    layer: str
    """Name of the layer it belongs to: its own name, except for an ``activation``."""
    op: Op
    """The operation with its arguments."""
    inputs: tuple[int, ...]
    """Numbers of its input values."""
    outputs: tuple[TensorType, ...]
    """Types of its output values, in order."""
    first_value: int
    """Number of its first output value; its other outputs have the numbers that follow."""
    weights: tuple[tuple[str, Parameter], ...]
    """Its parameters and buffers with their local names (``weight``, ``bias``), in PyTorch's order."""
    scope: Scope
    """The scope that contains it."""
    trace: Trace
    """Its location in the text of the spec."""
    doc: str | None = None
    """The text of its layer's ``doc``; None if there is none."""
    given_weights: tuple[tuple[str, int], ...] = ()
    """Local name and value number of each of its weights, if other nodes output its weights.

    ``weights`` is empty then:
    a stored weight is the output of a node ``parameter`` or ``buffer``, a computed one that of any other node.
    """
    weight_of: str | None = None
    """Name of the layer whose weight it stores or computes; None for any other node."""

    @property
    def values(self) -> range:
        """Numbers of its output values."""
        return range(self.first_value, self.first_value + len(self.outputs))

    @property
    def reads(self) -> tuple[int, ...]:
        """Numbers of all values that it needs: its inputs, and weights that are values."""
        return (*self.inputs, *(v for _, v in self.given_weights)) if self.given_weights else self.inputs

    @property
    def local_name(self) -> str:
        """The name within its scope; it may contain dots."""
        return name_within(self.scope, self.name)

    @property
    def stored(self) -> str:
        """The name prefix of its weights: its own name, without the numbers of the runs of a mapped layer."""
        return stored_name(self.scope, self.name)

    def __repr__(self) -> str:
        shapes = ", ".join(shape_text(t.shape) for t in self.outputs)
        return f"<Node {self.name}: {self.op.name} -> {shapes}{_parameter_count(self)}>"


@dataclass(frozen=True, slots=True, eq=False, repr=False)
class Layer:
    """A layer of the spec: a node, and the node of its ``activation`` if it has one.

    The ``activation`` of a whole block is a layer by itself, named ``<block>.activation``.
    """

    node: Node
    activation: Node | None = None
    weight_nodes: tuple[Node, ...] = ()
    """Nodes that store or compute its weights; empty unless it has ``weights``, or a layer names one of them."""

    @property
    def name(self) -> str:
        """Full dotted name."""
        return self.node.name

    @property
    def local_name(self) -> str:
        """The name within its scope; it may contain dots."""
        return self.node.local_name

    @property
    def scope(self) -> Scope:
        """The scope that contains it."""
        return self.node.scope

    @property
    def nodes(self) -> tuple[Node, ...]:
        """Its one or two nodes, in order, without those of its weights."""
        return (self.node,) if self.activation is None else (self.node, self.activation)

    @property
    def all_nodes(self) -> tuple[Node, ...]:
        """Its nodes with those of its weights, which come first."""
        return (*self.weight_nodes, *self.nodes)

    @property
    def operation(self) -> str:
        """Name of its operation, and of its activation: ``conv2d + relu``."""
        return " + ".join(node.op.name for node in self.nodes)

    @property
    def inputs(self) -> tuple[int, ...]:
        """Numbers of its input values."""
        return self.node.inputs

    @property
    def value(self) -> int:
        """Number of its (first) output value, after the activation."""
        return self.nodes[-1].first_value

    @property
    def output(self) -> TensorType:
        """Type of its (first) output value."""
        return self.nodes[-1].outputs[0]

    def __repr__(self) -> str:
        shape = shape_text(self.output.shape)
        return f"<Layer {self.name}: {self.operation} -> {shape}{_parameter_count(*self.all_nodes)}>"


def group_layers(nodes: tuple[Node, ...]) -> tuple[Layer, ...]:
    """Returns the layers of these nodes, in their order."""
    main_nodes: dict[str, Node] = {}
    activations: dict[str, Node] = {}
    weight_nodes: dict[str, list[Node]] = {}
    for node in nodes:
        if node.weight_of is not None:
            weight_nodes.setdefault(node.weight_of, []).append(node)
        elif node.name != node.layer and node.layer in main_nodes:
            activations[node.layer] = node
        else:
            main_nodes[node.name] = node
    return tuple(
        Layer(node, activations.get(name), tuple(weight_nodes.get(name, ()))) for name, node in main_nodes.items()
    )


def _parameter_count(*nodes: Node) -> str:
    """Returns ``, 9,408 parameters``; empty if there are none."""
    count = sum(p.elements for p in dict.fromkeys(p for node in nodes for _, p in node.weights) if not p.buffer)
    return f", {count:,} parameters" if count else ""
