"""The graph: nodes in topological order, immutable, with no knowledge of text or targets.

Values are numbered: first the graph's inputs, then the outputs of each node in order. A flat walk over ``nodes``
needs nothing else; scopes and traces are for those who draw, write classes, or explain.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from functools import cached_property
from typing import Any

from ..diagnostics.location import Location
from ..ops.base import Init, Op
from ..shapes.types import TensorType


@dataclass(frozen=True, slots=True)
class Trace:
    """The location a node came from, and the use of the block (or the repeated layer) that led there, outwards."""

    location: Location
    parent: Trace | None
    what: str = ""
    """What stands there: ``conv2d``, ``Bottleneck 'layer1.0'``."""


@dataclass(frozen=True, slots=True, eq=False)
class Scope:
    """A level of the tree of names: the whole network, a use of a block, a block in place, or a chain of copies."""

    name: str
    """Full dotted name; empty for the network."""
    parent: Scope | None
    block: str | None = None
    """Name of the block that is used here; None for the network, a block in place, or a chain."""
    arguments: Mapping[str, Any] = field(default_factory=dict[str, Any])
    """Values of the block's parameters."""
    copy: tuple[int, int] | None = None
    """(number from 0, how many) where this is one copy of a chain made by ``repeat`` or ``each``."""
    key: object = None
    """Copies with equal keys were made from the same text with the same arguments; only for comparison."""
    left_out: tuple[str, ...] = ()
    """Names of the layers in it that ``when`` left out."""
    gaps: tuple[tuple[int, str], ...] = ()
    """Where ``when`` left out an item of a list: the number that the next one has, and the parameter asked for."""
    doc: str | None = None
    trace: Trace | None = None
    inputs: Mapping[str, int] = field(default_factory=dict[str, int])
    """Values by the names that the scope's inputs have in it."""
    outputs: tuple[tuple[str, int], ...] = ()
    """Values that the scope gives, by name (one without a name where the block has one output)."""

    @property
    def local_name(self) -> str:
        """The name within the parent scope (it may have dots)."""
        if self.parent is None or not self.parent.name:
            return self.name
        return self.name[len(self.parent.name) + 1 :]


@dataclass(frozen=True, slots=True, eq=False)
class Parameter:
    """A tensor that a layer owns. Shared ones are the same object, under the name of the first layer that has it."""

    name: str
    """Full dotted name: ``layer1.0.conv1.weight``."""
    shape: tuple[int, ...]
    init: Init
    trainable: bool = True
    buffer: bool = False
    """Running statistics and tables: not trained, not counted."""
    dtype: str = "float32"
    persistent: bool = True
    """Whether the state dict has it."""

    @property
    def elements(self) -> int:
        """Number of its elements."""
        out = 1
        for n in self.shape:
            out *= n
        return out


@dataclass(frozen=True, slots=True, eq=False)
class Node:
    """One operation at its place in the network."""

    name: str
    """Full dotted name; the node of an ``activation`` is ``<layer>.activation``."""
    layer: str
    """The layer it belongs to: its own name, but for an ``activation``."""
    op: Op
    inputs: tuple[int, ...]
    """Numbers of the values it takes."""
    outputs: tuple[TensorType, ...]
    first: int
    """Number of its first output value; the others follow."""
    weights: tuple[tuple[str, Parameter], ...]
    """Its tensors by the names they have within it, in PyTorch's order."""
    scope: Scope
    trace: Trace
    doc: str | None = None

    @property
    def values(self) -> range:
        """Numbers of its output values."""
        return range(self.first, self.first + len(self.outputs))

    @property
    def local_name(self) -> str:
        """The name within its scope (it may have dots)."""
        return self.name[len(self.scope.name) + 1 :] if self.scope.name else self.name


@dataclass(frozen=True, eq=False)
class Graph:
    """A whole network."""

    name: str
    variant: str | None
    inputs: Mapping[str, int]
    """Values by the names of the inputs, in order."""
    outputs: Mapping[str, int]
    """Values by the public names of the outputs, in order."""
    nodes: tuple[Node, ...]
    values: tuple[TensorType, ...]
    """Types of all values."""
    root: Scope
    files: tuple[str, ...] = ()
    """Files that locations refer to; the first is the spec."""
    params: Mapping[str, Any] = field(default_factory=dict[str, Any])
    """The document's parameters with their values."""
    layout: str = "channels_first"
    doc: str | None = None
    cite: str | None = None

    @cached_property
    def parameters(self) -> tuple[Parameter, ...]:
        """Every parameter and buffer once, in the order of the nodes."""
        seen: dict[int, Parameter] = {}
        for node in self.nodes:
            for _, p in node.weights:
                seen.setdefault(id(p), p)
        return tuple(seen.values())

    @cached_property
    def producers(self) -> tuple[Node | None, ...]:
        """For every value the node that makes it; None for inputs."""
        out: list[Node | None] = [None] * len(self.values)
        for node in self.nodes:
            for v in node.values:
                out[v] = node
        return tuple(out)

    def inputs_of(self, node: Node) -> tuple[TensorType, ...]:
        """Types of the values that a node takes."""
        return tuple(self.values[v] for v in node.inputs)

    def value_name(self, value: int) -> str:
        """A name for a value, unique in the graph: the node's, with the output's where it has several."""
        node = self.producers[value]
        if node is None:
            return next(name for name, v in self.inputs.items() if v == value)
        if len(node.outputs) == 1:
            return node.name
        return f"{node.name}.{node.op.output_names(len(node.outputs))[value - node.first]}"
