"""The flat spec of a graph: one layer for each node, without blocks and expressions. It yields the same graph again."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any

from ..diagnostics import Diagnostic, SpecError, clip
from ..ir import Graph, Node
from ..ops.common.shortest_form import shortest_arguments
from ..shapes.types import TensorType, input_type, is_known
from ..text.reader import Map, Tree
from ..text.writer import ALONE, Name, entry
from .elaboration.input_layout import looks_channels_last
from .reading.evaluation import ParameterEnvironment
from .reading.values import read_value


def flat_spec(graph: Graph, *, remark: str = "", expect: Mapping[str, Any] | None = None) -> str:
    """The text of the flat spec.

    It keeps names, operations, arguments, shared and frozen weights, inputs and outputs, but not scopes and parameters.

    Args:
        graph: the network.
        remark: a comment for the first line.
        expect: expectations to include.

    Raises:
        SpecError: NS713, the network needs blocks (weights shared with two layers, two layouts in one network).
    """
    return Flattener(graph).text(remark, expect)


def flat_expectations(trees: Iterable[Tree], graph: Graph) -> dict[str, Any]:
    """The expectations that also apply to the flat spec, with their expressions evaluated.

    These are all expectations about the whole network; those about single layers are omitted.
    """
    expectations: dict[str, Any] = {}
    for tree in trees:
        for key, (_, node, _) in tree.entries.items() if type(tree) is Map else ():
            if key != "shapes":
                expectations[key] = read_value(node).evaluate(ParameterEnvironment(graph.arguments))
    return expectations


class Flattener:
    """Writes the flat spec of one graph."""

    def __init__(self, graph: Graph) -> None:
        self.graph = graph
        self.names = {node.name for node in graph.nodes} | set(graph.inputs)
        """Names that a reference could be confused with."""
        self.activations = self._activations()

    def text(self, remark: str, expect: Mapping[str, Any] | None) -> str:
        """The whole document."""
        graph = self.graph
        layers, last = self.layers()
        lines = [f"# {remark}"] if remark else []
        lines.append("netspec: 1")
        header = {"requires": graph.requires, "name": graph.name, "doc": graph.doc, "cite": graph.cite}
        lines += [entry(key, value) for key, value in header.items() if value is not None]
        silenced = not graph.warnings and any(looks_channels_last(t.shape) for t in graph.input_types.values())
        if graph.layout != "channels_first" or silenced:
            lines.append(entry("layout", graph.layout))
        lines += [*self.inputs(), "", "layers:", *layers]
        outputs = self.outputs(last)
        if expect:
            outputs += ["expect:", *(entry(key, value, 2) for key, value in expect.items())]
        if outputs:
            lines += ["", *outputs]
        return "\n".join(lines) + "\n"

    # -- inputs and outputs ------------------------------------------------------------------------------------------
    def inputs(self) -> list[str]:
        """The lines of ``input``, or of ``inputs`` if there are several or a name or type is not the default."""
        forms = {name: self._input(self.graph.values[v]) for name, v in self.graph.inputs.items()}
        if list(forms) == ["input"] and isinstance(forms["input"], list):
            return [entry("input", forms["input"])]
        return ["inputs:", *(entry(name, form, 2) for name, form in forms.items())]

    def _input(self, x: TensorType) -> Any:
        """The shape of an input; the long form if its type is not the default, or its axes have names of their own."""
        form: dict[str, Any] = {"shape": list(x.shape)}
        if x.dtype != "float32":
            form["dtype"] = x.dtype
        usual = input_type(x.shape, x.dtype, self.graph.layout == "channels_last")
        if (x.axes, [*map(is_known, x.axes)]) != (usual.axes, [*map(is_known, usual.axes)]):
            form["axes"] = [name or None for name in x.axes]
        return form if len(form) > 1 else form["shape"]

    def outputs(self, last: int | None) -> list[str]:
        """The lines of ``output`` or ``outputs``, unless the value ``last`` of the last layer is the only output."""
        layers = {name: self.reference(v) for name, v in self.graph.outputs.items()}
        unread = self._unread()
        if len(layers) == 1 and not unread:
            ((name, layer),) = layers.items()
            if self.graph.outputs[name] == last and layer.rsplit(".", 1)[-1] == name:
                return []
            if name == layer:
                return [entry("output", layer)]
        if not unread and all(name == layer for name, layer in layers.items()):
            return [entry("outputs", list(layers.values()))]
        lines = ["outputs:", *(entry(name, layer, 2) for name, layer in layers.items())]
        for number, v in enumerate(unread):
            # A result that nothing reads is an error, unless an output names it.
            candidates = (f"unread{i}" for i in range(number, len(layers) + number + 1))
            name = next(c for c in candidates if c not in layers)
            lines.append(entry(name, {"from": self.reference(v), "when": False}, 2))
        return lines

    def _unread(self) -> list[int]:
        """The inputs, and one value of each layer, that reach no output and that nothing reads."""
        graph = self.graph
        reached = set(graph.outputs.values())
        for node in graph.ancestors(graph.outputs.values()):
            reached.update(node.values, node.inputs)
        unread = {v for v in range(len(graph.values)) if v not in reached and not graph.readers(v)}
        inputs = [v for v in graph.inputs.values() if v in unread]
        return inputs + [node.first for node in graph.nodes if unread.issuperset(node.values)]

    # -- layers ------------------------------------------------------------------------------------------------------
    def layers(self) -> tuple[list[str], int | None]:
        """The lines of all layers, and the value that a further layer would read by default."""
        previous = next(iter(self.graph.inputs.values())) if len(self.graph.inputs) == 1 else None
        lines: list[str] = []
        written: set[str] = set()
        for node in self.graph.nodes:
            if node.name in written:
                continue
            layer, activation = self.layer(node, previous)
            lines.append(entry(node.name, layer, 2))
            if activation is not None:
                written.add(activation.name)
            if node.op.is_default_input:
                previous = (activation or node).first
        return lines, previous

    def layer(self, node: Node, previous: int | None) -> tuple[Any, Node | None]:
        """The layer of a node, and the node of the activation that it includes; ``previous`` is read by default."""
        op = node.op
        if op.channels_last != (self.graph.layout == "channels_last"):
            raise self._needs_block(node, "it counts its axes in another layout than the network")
        args = shortest_arguments(op, self.graph.inputs_of(node))
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
            if inputs and node.inputs[:count] != (previous,):
                args["from"] = inputs[0] if count == 1 else inputs
        layer |= args
        activation = self.activations.get(node.name)
        if activation is not None:
            layer["activation"] = self.activation(activation)
        layer |= self.weights(node)
        if node.doc is not None:
            layer["doc"] = node.doc
        return (Name(op.name) if layer == {op.name: ALONE} else layer), activation

    def activation(self, node: Node) -> Any:
        """The value of ``activation``."""
        args = shortest_arguments(node.op, self.graph.inputs_of(node))
        if not args:
            return node.op.name
        if list(args) == [node.op.primary] and not isinstance(args[str(node.op.primary)], dict):
            return {node.op.name: args[str(node.op.primary)]}
        return {node.op.name: args}

    def weights(self, node: Node) -> dict[str, Any]:
        """``share`` and ``freeze``, if the weights of a node are shared or frozen."""
        frozen: dict[str, Any] = {}
        lenders: list[str] = []
        for weight, (name, p) in zip(node.op.weights(*self.graph.inputs_of(node)), node.weights, strict=True):
            if p.name == (f"{node.name}.{name}" if name else node.name):
                if weight.trainable and not weight.buffer and not p.trainable:
                    frozen = {"freeze": True}
            else:
                lenders.append(p.name[: -len(name) - 1] if name else p.name)
        if len(set(lenders)) > 1:
            raise self._needs_block(node, f"it shares weights with '{lenders[0]}' and '{lenders[-1]}'")
        return {"share": Name(lenders[0]), **frozen} if lenders else frozen

    # -- names -------------------------------------------------------------------------------------------------------
    def reference(self, v: int) -> Name:
        """A name by which later layers can refer to a value."""
        node = self.graph.producer(v)
        if node is None:
            return Name(self.graph.value_name(v))
        if node.name != node.layer and node.layer in self.activations:
            return Name(node.layer)
        number = v - node.first
        if number == 0:
            return Name(node.name)
        output = node.op.output_name(number)
        for candidate in (f"{node.name}.{output}", f"{node.name}.{number}"):
            if candidate not in self.names:
                return Name(candidate)
        raise self._needs_block(node, f"a layer has the name of its output '{output}'")

    def _activations(self) -> dict[str, Node]:
        """The nodes of activations that can be written in their layer, by the name of the layer.

        The activation of a block becomes a layer by itself, under its own name.
        """
        activations: dict[str, Node] = {}
        for layer in self.graph.layers:
            node, activation = layer.node, layer.activation
            if (
                activation is not None
                and activation.first == node.values.stop
                and activation.inputs == (node.first,)
                and self.graph.use_count(node.first) == 1
            ):
                activations[layer.name] = activation
        return activations

    def _needs_block(self, node: Node, reason: str) -> SpecError:
        message = f"'{clip(node.name)}' cannot be written without blocks: {reason}"
        file = self.graph.files[0] if self.graph.files else None
        return SpecError([Diagnostic("NS713", message, file=file)])
