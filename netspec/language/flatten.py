"""The flat spec of a graph: one layer for each node, no blocks, no expressions; read again it gives the same graph."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any

from ..diagnostics import Diagnostic, SpecError, clip
from ..ir import Graph, Node
from ..ops.common.spelling import shortest_arguments
from ..text.reader import Map, Tree
from ..text.writer import ALONE, Name, entry
from .reading.evaluation import ParameterEnvironment
from .reading.values import read_value


def flat_spec(graph: Graph, *, remark: str = "", expect: Mapping[str, Any] | None = None) -> str:
    """The text of the flat spec.

    Names, operations, arguments, shared and frozen weights, inputs and outputs are the graph's own; scopes and
    parameters are not in it.

    Args:
        graph: the network.
        remark: a comment for the first line.
        expect: expectations about the whole to write down.

    Raises:
        SpecError: NS713, for what only blocks can say (weights shared with two layers, two layouts in one network).
    """
    return Flattener(graph).text(remark, expect)


class Flattener:
    """A graph as it becomes a flat spec."""

    def __init__(self, graph: Graph) -> None:
        self.graph = graph
        self.names = {node.name for node in graph.nodes} | set(graph.inputs)
        """Names that a reference may be mistaken for."""
        self.activations = self._activations()

    def text(self, remark: str, expect: Mapping[str, Any] | None) -> str:
        """The whole document."""
        graph = self.graph
        layers, last = self.layers()
        out = [f"# {remark}"] if remark else []
        out.append("netspec: 1")
        header = {"requires": graph.requires, "name": graph.name, "doc": graph.doc, "cite": graph.cite}
        for key, said in header.items():
            if said is not None:
                out.append(entry(key, said))
        if graph.layout != "channels_first":
            out.append(entry("layout", graph.layout))
        out += self.inputs()
        out += ["", "layers:", *layers, ""]
        out += self.outputs(last)
        if expect:
            out.append("expect:")
            out += [entry(key, fact, 2) for key, fact in expect.items()]
        while not out[-1]:
            out.pop()
        return "\n".join(out) + "\n"

    # -- inputs and outputs ----------------------------------------------------------------------------------------
    def inputs(self) -> list[str]:
        """``input``, or ``inputs`` with types where they are not the default."""
        given = {name: self.graph.values[v] for name, v in self.graph.inputs.items()}
        if list(given) == ["input"] and given["input"].dtype == "float32":
            return [entry("input", list(given["input"].shape))]
        out = ["inputs:"]
        for name, t in given.items():
            shape = list(t.shape)
            out.append(entry(name, shape if t.dtype == "float32" else {"shape": shape, "dtype": t.dtype}, 2))
        return out

    def outputs(self, last: int | None) -> list[str]:
        """``output`` or ``outputs``, where they are not just what the last layer gives; ``last`` is its value."""
        graph = self.graph
        given = {name: self.reference(v) for name, v in graph.outputs.items()}
        unread = self._unread()
        if len(given) == 1 and not unread:
            (name, layer), = given.items()
            if graph.outputs[name] == last and layer.rsplit(".", 1)[-1] == name:
                return []
            if name == layer:
                return [entry("output", layer)]
        if not unread and all(name == layer for name, layer in given.items()):
            return [entry("outputs", list(given.values()))]
        out = ["outputs:", *(entry(name, layer, 2) for name, layer in given.items())]
        for number, v in enumerate(unread):
            # A result that nothing reads is an error, unless an output names it.
            name = next(n for n in (f"unread{i}" for i in range(number, len(given) + number + 1)) if n not in given)
            out.append(entry(name, {"from": self.reference(v), "when": False}, 2))
        return out

    def _unread(self) -> list[int]:
        """Values of layers, one each, and of inputs that reach no output and are read by nothing."""
        graph = self.graph
        reached = set(graph.outputs.values())
        for node in graph.ancestors(graph.outputs.values()):
            reached.update(node.values, node.inputs)
        unread = {v for v in range(len(graph.values)) if v not in reached and not graph.readers(v)}
        out = [v for v in graph.inputs.values() if v in unread]
        return out + [node.first for node in graph.nodes if unread.issuperset(node.values)]

    # -- layers ----------------------------------------------------------------------------------------------------
    def layers(self) -> tuple[list[str], int | None]:
        """A line or more for each layer, and the value that the last one of them passes on."""
        previous = next(iter(self.graph.inputs.values())) if len(self.graph.inputs) == 1 else None
        out: list[str] = []
        done: set[str] = set()
        for node in self.graph.nodes:
            if node.name in done:
                continue
            layer, activation = self.layer(node, previous)
            out.append(entry(node.name, layer, 2))
            if activation is not None:
                done.add(activation.name)
            if node.op.is_default_input:
                previous = (activation or node).first
        return out, previous

    def layer(self, node: Node, previous: int | None) -> tuple[Any, Node | None]:
        """The layer of a node, and the node of the activation that is written into it."""
        op = node.op
        inputs = self.graph.inputs_of(node)
        if op.channels_last != (self.graph.layout == "channels_last"):
            raise self._unwritable(node, "it counts its axes in another layout than the network")
        args = shortest_arguments(op, inputs)
        named = [name for name, a in op.arguments.items() if a.validator.kind == "layer" and getattr(op, name)]
        count = len(node.inputs) - len(named)
        for name, v in zip(named, node.inputs[count:], strict=True):
            args[name] = self.reference(v)
        sources = [self.reference(v) for v in node.inputs[:count]]
        body: dict[str, Any]
        if op.primary == "from":
            body = {op.name: sources}
        else:
            body = {op.name: args.pop(op.primary) if op.primary in args else ALONE}
            if sources and node.inputs[:count] != (previous,):
                args["from"] = sources[0] if count == 1 else sources
        body |= args
        activation = self.activations.get(node.name)
        if activation is not None:
            body["activation"] = self.activation(activation)
        body |= self.weights(node)
        if node.doc is not None:
            body["doc"] = node.doc
        return (Name(op.name) if body == {op.name: ALONE} else body), activation

    def activation(self, node: Node) -> Any:
        """The value of ``activation``."""
        args = shortest_arguments(node.op, self.graph.inputs_of(node))
        if not args:
            return node.op.name
        if list(args) == [node.op.primary] and not isinstance(args[str(node.op.primary)], dict):
            return {node.op.name: args[str(node.op.primary)]}
        return {node.op.name: args}

    def weights(self, node: Node) -> dict[str, Any]:
        """``share`` and ``freeze``, where they are needed."""
        out: dict[str, Any] = {}
        lenders: list[str] = []
        made = node.op.weights(*self.graph.inputs_of(node))
        for w, (name, p) in zip(made, node.weights, strict=True):
            if p.name == (f"{node.name}.{name}" if name else node.name):
                if w.trainable and not w.buffer and not p.trainable:
                    out["freeze"] = True
            else:
                lenders.append(p.name[: -len(name) - 1] if name else p.name)
        if len(set(lenders)) > 1:
            raise self._unwritable(node, f"it shares weights with '{lenders[0]}' and '{lenders[-1]}'")
        return {"share": Name(lenders[0]), **out} if lenders else out

    # -- names -----------------------------------------------------------------------------------------------------
    def reference(self, v: int) -> Name:
        """A name by which later layers find a value."""
        node = self.graph.producer(v)
        if node is None:
            return Name(self.graph.value_name(v))
        if node.name != node.layer and node.layer in self.activations:
            return Name(node.layer)
        number = v - node.first
        if number == 0:
            return Name(node.name)
        output = node.op.output_names(len(node.outputs))[number]
        for candidate in (f"{node.name}.{output}", f"{node.name}.{number}"):
            if candidate not in self.names:
                return Name(candidate)
        raise self._unwritable(node, f"a layer has the name of its output '{output}'")

    def _activations(self) -> dict[str, Node]:
        """Nodes of activations that can be written into their layers, by the layers' names.

        The activation of a block stands on its own, under the same name.
        """
        out: dict[str, Node] = {}
        for layer in self.graph.layers:
            node, activation = layer.node, layer.activation
            if (
                activation is not None and activation.first == node.values.stop and activation.inputs == (node.first,)
                and self.graph.use_count(node.first) == 1
            ):
                out[layer.name] = activation
        return out

    def _unwritable(self, node: Node, reason: str) -> SpecError:
        return SpecError([Diagnostic(
            "NS713", f"'{clip(node.name)}' cannot be written without blocks: {reason}", file=self.graph.files[0]
            if self.graph.files else None)])


def flat_expectations(trees: Iterable[Tree], graph: Graph) -> dict[str, Any]:
    """Of expectations those that hold for the flat spec too, expressions in them worked out: all about the whole
    network, none about single layers.
    """
    out: dict[str, Any] = {}
    for tree in trees:
        for key, (_, node, _) in tree.entries.items() if type(tree) is Map else ():
            if key != "shapes":
                out[key] = read_value(node).evaluate(ParameterEnvironment(graph.arguments))
    return out
