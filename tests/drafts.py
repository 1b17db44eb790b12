"""Graphs built by hand, for tests of everything after elaboration."""

from __future__ import annotations

from typing import Any

from netspec.ir import Graph, Location, Node, Parameter, Scope, Trace
from netspec.ops import create
from netspec.shapes.types import TensorType, input_type


class Draft:
    """A graph under construction. Methods that add something return the number of its (first) output value."""

    def __init__(self, name: str = "net", *, channels_last: bool = False, weight_type: str = "float32") -> None:
        self.name = name
        self.weight_type = weight_type
        self.channels_last = channels_last
        self.root = Scope("", None)
        self.scope = self.root
        self.inputs: dict[str, int] = {}
        self.nodes: list[Node] = []
        self.values: list[TensorType] = []
        self.by_layer: dict[str, Node] = {}
        self.line = 9

    def input(self, *shape: int, name: str = "input", dtype: str = "float32", named: bool = True) -> int:
        """Adds an input of the network, with the names of axes that an input of that rank has, or without any."""
        self.inputs[name] = len(self.values)
        type_ = input_type(shape, dtype, self.channels_last)
        self.values.append(type_ if named else type_._replace(axes=("",) * len(shape)))
        return self.inputs[name]

    def add(
        self,
        layer: str,
        op: str,
        *inputs: int,
        activation: str | None = None,
        share: str | None = None,
        freeze: bool = False,
        **args: Any,
    ) -> int:
        """Adds a layer with this full name; returns its first output."""
        self.line += 1
        value = self._node(layer, layer, op, inputs, args, share, freeze)
        return value if activation is None else self.activate(layer, activation, value)

    def activate(self, layer: str, activation: str, value: int) -> int:
        """Adds the activation of a layer or block with this output value."""
        return self._node(f"{layer}.activation", layer, activation, (value,), {})

    def _node(
        self,
        name: str,
        layer: str,
        op: str,
        inputs: tuple[int, ...],
        args: dict[str, Any],
        share: str | None = None,
        freeze: bool = False,
    ) -> int:
        types = tuple(self.values[v] for v in inputs)
        created = create(op, args, types, self.channels_last, self.weight_type)
        shared = dict(self.by_layer[share].weights) if share is not None else {}
        weights = tuple(
            (
                w.name,
                shared.get(w.name)
                or Parameter(
                    f"{name}.{w.name}" if w.name else name,
                    w.shape,
                    w.init,
                    w.trainable and not freeze,
                    w.buffer,
                    w.dtype,
                ),
            )
            for w in created.typed_weights(*types)
        )
        outputs = created.infer(*types)
        trace = Trace(Location(0, self.line, 3), None, op)
        node = Node(name, layer, created, inputs, outputs, len(self.values), weights, self.scope, trace)
        self.by_layer.setdefault(layer, node)
        self.nodes.append(node)
        self.values += outputs
        return node.first_value

    def enter(
        self, name: str, block: str | None = None, copy: tuple[int, int] | None = None, key: object = None
    ) -> Scope:
        """Opens a scope within the current one; layers are added to it until :meth:`leave`."""
        full = f"{self.scope.name}.{name}" if self.scope.name else name
        trace = Trace(Location(0, self.line + 1, 3), None, block or "")
        self.scope = Scope(full, self.scope, block, copy=copy, key=key, trace=trace)
        return self.scope

    def leave(self) -> None:
        """Returns to the enclosing scope."""
        assert self.scope.parent is not None
        self.scope = self.scope.parent

    def graph(self, *outputs: int, doc: str | None = None, variant: str | None = None) -> Graph:
        """The graph with these outputs; with the last value if none are given."""
        given = outputs or (len(self.values) - 1,)
        names = {f"output{i}" if len(given) > 1 else "output": v for i, v in enumerate(given)}
        return Graph(
            self.name,
            variant,
            self.inputs,
            names,
            tuple(self.nodes),
            tuple(self.values),
            self.root,
            (f"{self.name}.yaml",),
            doc=doc,
        )
