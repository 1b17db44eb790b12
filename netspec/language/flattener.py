"""Writes the layers of a flat spec, one per node."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping, Sequence
from functools import cached_property
from keyword import iskeyword
from typing import TYPE_CHECKING, Any, TypeAlias

from .. import limits
from ..diagnostics import Diagnostic, SpecError, clip
from ..formatting import spec_text
from ..ir import Graph, Node, Parameter, Scope
from ..ops.common.shortest_form import shortest_arguments
from ..shapes.dim_text import formula
from ..shapes.sizes import is_named
from ..shapes.types import TensorType, input_type, is_known
from ..text.writer import ALONE, Spread
from ..text.yaml_reader import Name
from .elaboration.input_layout import looks_channels_last

if TYPE_CHECKING:
    from ..shapes.named_sizes import NamedDim


WriteMapped: TypeAlias = Callable[["Flattener", Scope, Sequence[Node]], dict[str, Any]]
"""Writes the layer for all runs of a mapped layer, given their nodes."""


def _dimension(dim: NamedDim) -> Any:
    """Returns a named dimension as its default, or as a mapping with its constraints."""
    promises = {"multiple_of": dim.multiple_of, "min": dim.min, "max": dim.max}
    promised = {key: value for key, value in promises.items() if value not in (1, None)}
    return {"default": dim.default, **promised} if promised else dim.default


def outermost_runs(scope: Scope | None) -> Scope | None:
    """Returns the outermost scope of runs of a mapped layer that contains a scope, or None."""
    outermost: Scope | None = None
    while scope is not None:
        outermost = scope if scope.copies == "map" else outermost
        scope = scope.parent
    return outermost


class Flattener:
    """Writes the flat spec of one graph.

    Args:
        graph: the network.
        mapped: writes the layer for all runs of a mapped one; only needed if there are any.
    """

    def __init__(self, graph: Graph, mapped: WriteMapped | None = None) -> None:
        self.graph = graph
        self._mapped = mapped
        self._nodes_by_name = {node.name: node for node in graph.nodes}
        self.names = self._nodes_by_name.keys() | set(graph.inputs)
        """Names with which a reference could be confused."""
        self.activations = self._activations()

    def text(self, remark: str, expect: Mapping[str, Any] | None) -> str:
        """The whole document."""
        graph = self.graph
        layers, last = self.layers()
        if not layers and graph.nodes:
            raise self.needs_block(graph.nodes[0], "no layer is left but constants that nothing reads")
        sections = {**self.header(), **self.settings(), **self.inputs(), "layers": Spread(layers), **self.outputs(last)}
        if expect:
            sections["expect"] = expect
        return spec_text(sections, remark)

    def header(self) -> dict[str, Any]:
        """Returns the keys of a document about the network as a whole."""
        graph = self.graph
        header = {"requires": graph.requires, "name": graph.name, "doc": graph.doc, "cite": graph.cite}
        return {"netspec": 1, **{key: value for key, value in header.items() if value is not None}}

    def settings(self) -> dict[str, Any]:
        """Returns ``layout``, ``dtype``, ``dims`` and ``operations``, as far as needed."""
        graph = self.graph
        settings: dict[str, Any] = {}
        silenced = not graph.warnings and any(looks_channels_last(t.shape) for t in graph.input_types.values())
        if graph.layout != "channels_first" or silenced:
            settings["layout"] = graph.layout
        if graph.dtype != "float32":
            settings["dtype"] = graph.dtype
        if graph.dims:
            settings["dims"] = {name: _dimension(dim) for name, dim in graph.dims.items()}
        operations = self.operations()
        return settings | ({"operations": Spread(operations)} if operations else {})

    def operations(self) -> dict[str, Any]:
        """Returns the operations that the spec declares. Raises SpecError NS713 if two have the same name."""
        sources: dict[str, Any] = {}
        for node in self.graph.nodes:
            source = node.op.source
            if source is not None and sources.setdefault(node.op.name, source) != source:
                raise self.needs_block(node, f"two files declare '{node.op.name}'")
        return sources

    # -- inputs and outputs ------------------------------------------------------------------------------------------
    def inputs(self) -> dict[str, Any]:
        """Returns ``input``, or ``inputs`` if there are several or a name or type is not the default."""
        forms = {name: self._input(self.graph.values[v]) for name, v in self.graph.inputs.items()}
        if list(forms) == ["input"] and isinstance(forms["input"], list):
            return forms
        return {"inputs": forms}

    def _input(self, x: TensorType) -> Any:
        """Returns the shape of an input, or its long form if its type or axis names are not the default."""
        form: dict[str, Any] = {"shape": [Name(n) if is_named(n) else n for n in x.shape]}
        if x.dtype != self.graph.dtype:
            form["dtype"] = x.dtype
        usual = input_type(x.shape, x.dtype, self.graph.layout == "channels_last")
        if (x.axes, [*map(is_known, x.axes)]) != (usual.axes, [*map(is_known, usual.axes)]):
            form["axes"] = [name or None for name in x.axes]
        return form if len(form) > 1 else form["shape"]

    def outputs(self, last: int | None) -> dict[str, Any]:
        """Returns ``output`` or ``outputs``, unless the value ``last`` of the last layer is the only output."""
        layers = {name: self.reference(v) for name, v in self.graph.outputs.items()}
        unread = self.unread()
        if len(layers) == 1 and not unread:
            ((name, layer),) = layers.items()
            if self.graph.outputs[name] == last and layer.rsplit(".", 1)[-1] == name:
                return {}
            if name == layer:
                return {"output": layer}
        if not unread and all(name == layer for name, layer in layers.items()):
            return {"outputs": list(layers.values())}
        outputs: dict[str, Any] = dict(layers)
        for number, v in enumerate(unread):
            # A result that nothing reads is an error, unless an output names it.
            candidates = (f"unread{i}" for i in range(number, len(layers) + number + 1))
            outputs[next(c for c in candidates if c not in layers)] = {"from": self.reference(v), "when": False}
        return {"outputs": outputs}

    def unread(self) -> list[int]:
        """Returns the inputs, and one value per layer, that are unused and reach no output."""
        graph = self.graph
        reached = set(graph.outputs.values())
        for node in graph.ancestors(graph.outputs.values()):
            reached.update(node.values, node.reads)
        formulas = {node.first_value for node in graph.nodes if node.op.is_constant}
        unread = {v for v in range(len(graph.values)) if v not in reached and not graph.readers(v)} - formulas
        inputs = [v for v in graph.inputs.values() if v in unread]
        return inputs + [n.first_value for n in graph.nodes if unread.issuperset(n.values) and not self.is_implied(n)]

    # -- layers ------------------------------------------------------------------------------------------------------
    def layers(self) -> tuple[dict[str, Any], int | None]:
        """Returns all layers by name, and the default input of a further layer."""
        previous = next(iter(self.graph.inputs.values())) if len(self.graph.inputs) == 1 else None
        layers: dict[str, Any] = {}
        written: set[str] = set()
        for node in self.graph.nodes:
            if node.name in written or self.is_implied(node) or self.is_contained(node):
                continue
            runs = outermost_runs(node.scope)
            if runs is not None:
                assert self._mapped is not None
                layers[runs.name] = self._mapped(self, runs, self.runs[id(runs)])
                written.update(inner.name for inner in self.runs[id(runs)])
                previous = None  # no layer reads all of them
                continue
            layer, activation = self.layer(node, previous)
            layers[node.name] = layer
            if activation is not None:
                written.add(activation.name)
            if node.op.is_default_input and not node.op.is_constant:
                previous = (activation or node).first_value
        return layers, previous

    def is_contained(self, node: Node) -> bool:
        """Whether a node is a constant whose numbers nothing reads, as other formulas contain it."""
        return node.op.is_constant and not self.graph.use_count(node.first_value)

    def layer(self, node: Node, previous: int | None) -> tuple[Any, Node | None]:
        """Returns the layer of a node, and the node of its fused activation; ``previous`` is the default input."""
        op = node.op
        if op.bodies:
            raise self.needs_block(node, "its layers run along an axis, or by choice")
        along = getattr(op, "axis", None) if op.window_rank else None  # it says where the channels are
        if along is None and op.channels_last != (self.graph.layout == "channels_last"):
            raise self.needs_block(node, "it counts its axes in another layout than the network")
        names = self._names_in_formula(node) if op.has_variables else {}
        args = shortest_arguments(op, self.graph.inputs_of(node), [*names], lambda size: formula(size, self.sizes))
        args = self.without_names(args)
        if names and len(args["expression"]) > limits.EXPRESSION:
            raise self.needs_block(node, f"its formula has more than {limits.EXPRESSION:,} characters")
        named = [name for name, a in op.arguments.items() if a.validator.kind == "layer" and getattr(op, name)]
        count = len(node.inputs) - len(named)
        for name, v in zip(named, node.inputs[count:], strict=True):
            args[name] = self.reference(v)
        inputs = [self.reference(v) for v in node.inputs[:count]]
        layer: dict[str, Any]
        if op.primary == "from":
            # A single name would be joined to the previous layer, and a list of one is an error.
            layer = {op.name: inputs if len(inputs) > 1 else f"$(['{inputs[0]}'])"}
        else:
            layer = {op.name: args.pop(op.primary) if op.primary in args else ALONE}
            if names:
                renamed = {name: reference for name, reference in names.items() if name != reference}
                args |= {"from": renamed} if renamed else {}
            elif inputs and node.inputs[:count] != (previous,):
                args["from"] = inputs[0] if count == 1 else inputs
        layer |= args
        activation = self.activations.get(node.name)
        if activation is not None:
            layer["activation"] = self.activation(activation)
        weights = {name: self.reference(v) for name, v in node.given_weights if self.stored(node, name, v) is None}
        layer |= ({"weights": weights} if weights else {}) | self.dtype(node) | self.weights(node)
        if node.doc is not None:
            layer["doc"] = node.doc
        return (Name(op.name) if layer == {op.name: ALONE} else layer), activation

    def _names_in_formula(self, node: Node) -> dict[str, Name]:
        """Returns the names by which a formula refers to its inputs, with the references that they represent."""
        names: dict[str, Name] = {}
        used_names = {
            "incoming",
            "true",
            "false",
            "none",
            "True",
            "False",
            "None",
            "pi",
            "inf",
            *vars(node.op).get("for", ()),
        }
        for v in node.inputs:
            reference = self.reference(v)
            name = str(reference)
            if not name.isascii() or not name.isidentifier() or iskeyword(name) or name in used_names or name in names:
                stem = re.sub(r"\W", "_", name.rsplit(".", 1)[-1], flags=re.ASCII)
                stem = stem if stem[:1].isalpha() else f"x{stem}"
                candidates = (f"{stem}{i or ''}" for i in range(len(node.inputs) + len(used_names) + 2))
                name = next(c for c in candidates if c not in (*names, *used_names, *self.names) and not iskeyword(c))
            names[name] = reference
        return names

    def activation(self, node: Node) -> Any:
        """Returns the value of ``activation``."""
        args = shortest_arguments(node.op, self.graph.inputs_of(node))
        if not args:
            return node.op.name
        if list(args) == [node.op.primary] and not isinstance(args[str(node.op.primary)], dict):
            return {node.op.name: args[str(node.op.primary)]}
        return {node.op.name: args}

    def dtype(self, node: Node) -> dict[str, Any]:
        """Returns ``dtype``, if the type of a node's weights or table differs from that of the network."""
        types = {p.dtype for _, p in node.weights} | {self.graph.values[v].dtype for _, v in node.given_weights}
        types |= {t.dtype for t in node.outputs if not node.inputs}
        dtype = node.op.weight_type
        return {"dtype": dtype} if dtype in types and dtype != self.graph.dtype else {}

    def weights(self, node: Node) -> dict[str, Any]:
        """Returns ``share`` and ``freeze``, if the weights of a node are shared or frozen."""
        frozen: list[str] = []
        trained = 0
        owners: list[str] = []
        stored = dict(node.weights) | {
            name: p for name, v in node.given_weights if (p := self.stored(node, name, v)) is not None
        }
        for weight in node.op.weights(*self.graph.inputs_of(node)) if stored else ():
            name, p = weight.name, stored.get(weight.name)
            if p is None:
                continue
            if p.name != (f"{node.stored}.{name}" if name else node.stored):
                owners.append(self.weight_owner(p, p.name[: -len(name) - 1] if name else p.name))
            elif weight.trainable and not weight.buffer:
                trained += p.trainable
                frozen += [] if p.trainable else [name]
        if len(set(owners)) > 1:
            raise self.needs_block(node, f"it shares weights with '{owners[0]}' and '{owners[-1]}'")
        keys: dict[str, Any] = {"share": Name(owners[0])} if owners else {}
        if frozen:
            keys["freeze"] = frozen if trained else True
        return keys

    def weight_owner(self, parameter: Parameter, name: str) -> str:
        """Returns the layer that owns a parameter: that in the parameter's name, or its first run."""
        if name in self.names:
            return name
        holder = next(n for n in self.graph.nodes if any(p is parameter for _, p in n.weights))
        return holder.name if holder.stored != holder.name else name

    def stored(self, node: Node, name: str, value: int) -> Parameter | None:
        """Returns the parameter of a given weight that is only stored, under its own name; else None."""
        producer = self.graph.producer(value)
        if producer is None or producer.name != f"{node.name}.{name}" or producer.weight_of is None:
            return None
        return producer.weights[0][1] if producer.weights else None

    def is_implied(self, node: Node) -> bool:
        """Whether a node represents a weight that another layer stores, and is therefore not a layer itself."""
        if node.weight_of is None or not node.weights:
            return False
        return node.name in self._stored_weights

    @cached_property
    def _stored_weights(self) -> frozenset[str]:
        """The full names of weights that layers of the flat spec store."""
        names = {f"{node.name}.{name}" for node in self.graph.nodes for name, _ in node.weights if name}
        weights = [(node, name, v) for node in self.graph.nodes for name, v in node.given_weights]
        return frozenset(names | {f"{n.name}.{name}" for n, name, v in weights if self.stored(n, name, v) is not None})

    @cached_property
    def runs(self) -> dict[int, list[Node]]:
        """The nodes of mapped layers, by the identity of the scope of their runs."""
        nodes: dict[int, list[Node]] = {}
        for node in self.graph.nodes:
            if (scope := outermost_runs(node.scope)) is not None:
                nodes.setdefault(id(scope), []).append(node)
        return nodes

    # -- names -------------------------------------------------------------------------------------------------------
    def without_names(self, value: Any) -> Any:
        """Replaces sizes that depend on named dimensions by expressions."""
        if is_named(value):
            return f"$({formula(value, self.sizes)})"
        if isinstance(value, dict):
            return {key: self.without_names(v) for key, v in value.items()}  # pyright: ignore[reportUnknownVariableType] - of any type
        if isinstance(value, (list, tuple)):
            return [self.without_names(v) for v in value]  # pyright: ignore[reportUnknownVariableType] - of any type
        return value

    @cached_property
    def sizes(self) -> dict[str, str]:
        """For each named dimension, an expression that refers to it: ``input.shape.1``."""
        sizes: dict[str, str] = {}
        for name, t in self.graph.input_types.items():
            for axis, n in enumerate(t.shape):
                if is_named(n):
                    sizes.setdefault(str(n), f"{name}.shape.{axis}")
        return sizes

    def reference(self, v: int) -> Name:
        """Returns a name by which later layers can refer to a value."""
        node = self.graph.producer(v)
        if node is None:
            name = self.graph.value_name(v)
            layer = self._nodes_by_name.get(name)
            if layer is not None and any(r.first_value > layer.first_value for r in self.graph.readers(v)):
                raise self.needs_block(layer, "it has the name of an input that is read after it")
            return Name(name)
        if node.name != node.layer and node.layer in self.activations:
            return Name(node.layer)
        number = v - node.first_value
        if number == 0:
            return Name(node.name)
        output = node.op.output_name(number)
        for candidate in (f"{node.name}.{output}", f"{node.name}.{number}"):
            if candidate not in self.names:
                return Name(candidate)
        raise self.needs_block(node, f"a layer has the name of its output '{output}'")

    def _activations(self) -> dict[str, Node]:
        """The nodes of activations that can be written in their layer, by the name of the layer.

        The activation of a block becomes a separate layer, under its own name.
        """
        activations: dict[str, Node] = {}
        for layer in self.graph.layers:
            node, activation = layer.node, layer.activation
            if (
                activation is not None
                and activation.first_value == node.values.stop
                and activation.inputs == (node.first_value,)
                and self.graph.use_count(node.first_value) == 1
            ):
                activations[layer.name] = activation
        return activations

    def needs_block(self, node: Node, reason: str) -> SpecError:
        """Returns the error for a node that a flat spec cannot describe."""
        message = f"'{clip(node.name)}' cannot be written without blocks: {reason}"
        file = self.graph.files[0] if self.graph.files else None
        return SpecError([Diagnostic("NS713", message, file=file)])
