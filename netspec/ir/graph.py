"""The graph of a network: immutable, and independent of the text of the spec and of targets.

Values are numbered: first the inputs of the network, then the outputs of each node in order. Everything that is
computed from the nodes (``layers``, ``tree``, ``parameters``, lookups by name) is computed once, in linear time,
when it is first used.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field, replace
from functools import cached_property
from typing import TYPE_CHECKING, Any

from ..diagnostics import Diagnostic, Error, clip, did_you_mean
from ..shapes.types import TensorType, shape_text
from .node import Layer, Node, Parameter, group_layers
from .scope import Scope

if TYPE_CHECKING:
    from ..shapes.named_sizes import Condition, NamedDim
    from .tree import Branch


class UnknownNameError(Error, KeyError):
    """NS301: a graph contains nothing with that name. The help suggests the nearest name."""


@dataclass(frozen=True, eq=False, repr=False)
class Graph:
    """A network: its nodes in topological order, the types of all values, inputs and outputs."""

    name: str
    """Name of the network."""
    variant: str | None
    """Name of the variant; None for the defaults."""
    inputs: Mapping[str, int]
    """Numbers of the input values by name, in order."""
    outputs: Mapping[str, int]
    """Numbers of the output values by name, in order."""
    nodes: tuple[Node, ...]
    """All operations in topological order."""
    values: tuple[TensorType, ...]
    """Types of all values, by number."""
    root: Scope
    """The scope of the whole network."""
    files: tuple[str, ...] = ()
    """Files that locations refer to; the first is the spec."""
    arguments: Mapping[str, Any] = field(default_factory=dict[str, Any])
    """Values of the spec's parameters (``params:``)."""
    layout: str = "channels_first"
    """``channels_first`` or ``channels_last``."""
    doc: str | None = None
    """The spec's description of the network."""
    cite: str | None = None
    """The publication of the network."""
    requires: str | None = None
    """The versions of netspec that the spec requires, as written: ``>=0.2``."""
    warnings: tuple[Diagnostic, ...] = ()
    """Warnings about valid but probably unintended parts. Their locations refer to ``files``."""
    dims: Mapping[str, NamedDim] = field(default_factory=dict[str, "NamedDim"])
    """The named dimensions, which are known only at run time: sizes are formulas of them (``Dim``)."""
    conditions: tuple[Condition, ...] = ()
    """Conditions on the named dimensions, from the rules and expressions of all layers. The defaults satisfy them."""
    sizes: Mapping[str, int] = field(default_factory=dict[str, int])
    """Numbers assigned to named dimensions of the spec (``--at``), or by :attr:`at_default`."""
    dtype: str = "float32"
    """The floating-point type of the spec: that of weights, unless a layer specifies another."""

    # -- named dimensions -------------------------------------------------------------------------------------------
    @cached_property
    def at_default(self) -> Graph:
        """The network at the defaults of its named dimensions; the same graph if it has none."""
        return self._at(None)

    def at(self, sizes: Mapping[str, int]) -> Graph:
        """Returns the network at given sizes of all named dimensions, unchecked; the same graph if it has none."""
        return self._at(sizes)

    def _at(self, sizes: Mapping[str, int] | None) -> Graph:
        if not self.dims:
            return self
        from .at_sizes import AtSizes  # loaded only for a network with named dimensions

        at = AtSizes(sizes)
        types = tuple(map(at.type, self.values))
        nodes = at.nodes(self.nodes, types)
        values = {name: dim.default if sizes is None else sizes[name] for name, dim in self.dims.items()}
        return replace(self, nodes=nodes, values=types, dims={}, conditions=(), sizes={**self.sizes, **values})

    # -- layers and parameters --------------------------------------------------------------------------------------
    @cached_property
    def layers(self) -> tuple[Layer, ...]:
        """Every layer, with its activation, in order."""
        return group_layers(self.nodes)

    @cached_property
    def tree(self) -> Branch:
        """The network as a tree of blocks and layers, in which a run of equal copies appears once."""
        from .tree import build_tree  # used by drawings and outlines only

        return build_tree(self.root, self.layers)

    @cached_property
    def parameters(self) -> tuple[Parameter, ...]:
        """Every parameter and buffer, in the order of the nodes; shared ones are included once."""
        return tuple(dict.fromkeys(p for node in self.nodes for _, p in node.weights))

    @cached_property
    def equal_constants(self) -> Mapping[Parameter, Parameter]:
        """For each table outside of the state dict that is stored as an equal one: the first of these."""
        if all(p.persistent for p in self.parameters):
            return {}
        from .equal_constants import equal_constants  # loaded only for a network with such tables

        return equal_constants(self.parameters)

    # -- by name ----------------------------------------------------------------------------------------------------
    def node(self, name: str) -> Node:
        """Returns the node with a name.

        Raises:
            UnknownNameError: no node has that name.
        """
        node = self._nodes_by_name.get(name)
        if node is None:
            raise self._unknown("node", name, self._nodes_by_name)
        return node

    def layer(self, name: str) -> Layer:
        """Returns the layer with a name, or the layer whose activation has the name.

        Raises:
            UnknownNameError: no layer has that name.
        """
        layer = self._layers_by_name.get(name)
        if layer is None:
            raise self._unknown("layer", name, self._layers_by_name)
        return layer

    def value(self, name: str) -> int:
        """Returns the number of the value that a name refers to.

        Args:
            name: an input of the network, a layer or block (its first output, after its activation), or one output of a
                layer with several (``lstm.hidden``).

        Raises:
            UnknownNameError: nothing has that name.
        """
        value = self.values_by_name.get(name)
        if value is None:
            raise self._unknown("value", name, self.values_by_name)
        return value

    def value_name(self, value: int) -> str:
        """Returns a unique name of a value: that of its node, followed by that of the output if the node has several.

        Raises:
            IndexError: there is no value of that number.
        """
        node = self.producer(value)
        if node is None:
            return self._input_names[value]
        return node.name if len(node.outputs) == 1 else _output_name(node, value)

    # -- edges ------------------------------------------------------------------------------------------------------
    def producer(self, value: int) -> Node | None:
        """Returns the node that outputs a value; None for an input of the network."""
        return self._producers[value]

    def readers(self, value: int) -> tuple[Node, ...]:
        """Returns the nodes that have a value among their inputs or weights, each once, in order."""
        return self._readers[value]

    def ancestors(self, values: Iterable[int]) -> tuple[Node, ...]:
        """Returns the nodes on which some values depend, in order. Linear in all nodes at every call."""
        needed = set(values)
        nodes: list[Node] = []
        for node in reversed(self.nodes):
            if not needed.isdisjoint(node.values):
                nodes.append(node)
                needed.update(node.reads)
        return tuple(nodes[::-1])

    def use_count(self, value: int) -> int:
        """Returns the number of uses of a value: by inputs and weights of nodes, and by outputs of the network."""
        return self._use_counts[value]

    def inputs_of(self, node: Node) -> tuple[TensorType, ...]:
        """Returns the types of the input values of a node."""
        return tuple([self.values[v] for v in node.inputs])

    @property
    def input_types(self) -> dict[str, TensorType]:
        """Types of the inputs of the network, by name."""
        return {name: self.values[v] for name, v in self.inputs.items()}

    @property
    def output_types(self) -> dict[str, TensorType]:
        """Types of the outputs of the network, by name."""
        return {name: self.values[v] for name, v in self.outputs.items()}

    # -- computed once ----------------------------------------------------------------------------------------------
    @cached_property
    def values_by_name(self) -> Mapping[str, int]:
        """Every name that :meth:`value` accepts, with the number of the value: inputs, layers, then blocks."""
        layers: dict[str, int] = {}
        blocks: dict[str, int] = {}
        for node in self.nodes:
            if node.weight_of is not None:
                layers[node.name] = node.first_value
                continue
            layers[node.layer] = last = node.first_value
            if len(node.outputs) > 1:
                for v in node.values:
                    layers.setdefault(_output_name(node, v), v)
            scope = node.scope
            while scope.parent is not None:  # the output of a chain of copies is that of its last copy
                last = scope.outputs[0][1] if scope.outputs else last
                blocks[scope.name] = last
                scope = scope.parent
        return {**self.inputs, **layers, **{name: v for name, v in blocks.items() if name not in layers}}

    @cached_property
    def _nodes_by_name(self) -> dict[str, Node]:
        return {node.name: node for node in self.nodes}

    @cached_property
    def _input_names(self) -> dict[int, str]:
        return {value: name for name, value in self.inputs.items()}

    @cached_property
    def _layers_by_name(self) -> dict[str, Layer]:
        return {node.name: layer for layer in self.layers for node in layer.all_nodes}

    @cached_property
    def _producers(self) -> list[Node | None]:
        out: list[Node | None] = [None] * len(self.values)
        for node in self.nodes:
            for v in node.values:
                out[v] = node
        return out

    @cached_property
    def _readers(self) -> list[tuple[Node, ...]]:
        out: list[list[Node]] = [[] for _ in self.values]
        for node in self.nodes:
            for v in dict.fromkeys(node.reads):
                out[v].append(node)
        return [tuple(readers) for readers in out]

    @cached_property
    def _use_counts(self) -> list[int]:
        out = [0] * len(self.values)
        for node in self.nodes:
            for v in node.reads:
                out[v] += 1
        for v in self.outputs.values():
            out[v] += 1
        return out

    def _unknown(self, kind: str, name: str, known: Iterable[str]) -> UnknownNameError:
        message = f"no {kind} '{clip(name)}' in '{clip(self.name)}'"
        return UnknownNameError("NS301", message, did_you_mean(name, known))

    def __repr__(self) -> str:
        name = f"{self.name}@{self.variant}" if self.variant else self.name
        count = sum(p.elements for p in self.parameters if not p.buffer)
        return (
            f"<Graph {clip(name)}: {len(self.layers):,} layer{'s' if len(self.layers) != 1 else ''}, "
            f"{count:,} parameters, {_type_list(self.input_types)} -> {_type_list(self.output_types)}>"
        )


def _type_list(types: Mapping[str, TensorType], most: int = 4) -> str:
    """Returns ``image (3, 224, 224), mask (1, 224, 224)``; only the first few."""
    texts = [f"{clip(name)} {shape_text(t.shape)}" for name, t in types.items()]
    return ", ".join([*texts[:most], "…"] if len(texts) > most else texts)


def _output_name(node: Node, value: int) -> str:
    return f"{node.name}.{node.op.output_name(value - node.first_value)}"
