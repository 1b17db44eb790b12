"""Blocks as functions of the ONNX model: every use of a block becomes a call, and equal uses call one function.

Works on the finished nodes. Inside a function names are those within the block (``conv1.weight``); what comes from
outside and has no name there is ``input``, ``input_2``, and so on.
"""

from __future__ import annotations

from collections.abc import Sequence

import onnx

from netspec.ir import Graph, Scope

from .builder.emitter import Emitter, Names, line_of

DOMAIN = "netspec"
"""The domain of the functions; they are all there is in it."""

Item = tuple[onnx.NodeProto, tuple[Scope, ...]]
"""A node, and the uses of blocks that it stands in, from the outermost on."""


def with_functions(graph: Graph, emitter: Emitter, model: onnx.ModelProto) -> None:
    """Moves the nodes of blocks into functions, which are added to the model without its graph."""
    Folder(graph, emitter, model).run()


def blocks_around(scope: Scope) -> tuple[Scope, ...]:
    """The uses of blocks that a scope is or stands in, outermost first."""
    out: list[Scope] = []
    at: Scope | None = scope
    while at is not None:
        if at.block is not None:
            out.append(at)
        at = at.parent
    return tuple(reversed(out))


class Folder:
    """Takes the nodes of blocks out of a graph."""

    def __init__(self, graph: Graph, emitter: Emitter, model: onnx.ModelProto) -> None:
        self.graph, self.emitter, self.model = graph, emitter, model
        self.bodies: dict[bytes, str] = {}
        self.names = Names()
        proto = emitter.proto
        self.constants = {t.name: t for t in proto.initializer}
        self.stored = {i.name for i in emitter.initialisers} | emitter.constants
        """What is no value of a node: it comes after those among the inputs of a function."""
        self.readers: dict[str, set[int]] = {}
        """For each value the numbers of the nodes that read it; -1 for the outputs of the graph."""
        for i, node in enumerate(proto.node):
            for name in node.input:
                self.readers.setdefault(name, set()).add(i)
        for value in proto.output:
            self.readers.setdefault(value.name, set()).add(-1)

    def run(self) -> None:
        """Replaces the nodes of the graph by what is left of them, and the types of values that are now inside."""
        proto = self.emitter.proto
        items = [
            (node, blocks_around(self.graph.nodes[origin].scope) if origin >= 0 else ())
            for node, origin in zip(proto.node, self.emitter.origin, strict=True)
        ]
        outside = self.level(list(enumerate(items)), 0)
        kept = [_copied(node) for node in outside]
        del proto.node[:]
        proto.node.extend(kept)
        seen = {name for node in kept for name in (*node.input, *node.output)}
        types = [v for v in proto.value_info if v.name in seen]
        constants = [t for t in proto.initializer if t.name in seen]
        proto.ClearField("value_info")
        proto.ClearField("initializer")
        proto.value_info.extend(types)
        proto.initializer.extend(constants)
        if self.bodies:
            opset = self.model.opset_import.add()
            opset.domain, opset.version = DOMAIN, 1

    def level(self, items: Sequence[tuple[int, Item]], depth: int) -> list[onnx.NodeProto]:
        """The nodes of one level: those that stand in no further block, and a call for each that do."""
        out: list[onnx.NodeProto] = []
        start = 0
        while start < len(items):
            scopes = items[start][1][1]
            if len(scopes) <= depth:
                out.append(items[start][1][0])
                start += 1
                continue
            scope, stop = scopes[depth], start
            while stop < len(items) and scope in items[stop][1][1]:
                stop += 1
            out.append(self.call(scope, items[start:stop], depth))
            start = stop
        return out

    def call(self, scope: Scope, items: Sequence[tuple[int, Item]], depth: int) -> onnx.NodeProto:
        """The call of a block's function, which is made unless an equal one is there."""
        body = [_copied(node) for node in self.level(items, depth + 1)]
        inside = {i for i, _ in items}
        made = {name for node in body for name in node.output}
        outputs = [n for node in body for n in node.output if n and not self.readers.get(n, set()) <= inside]
        given = dict.fromkeys(n for node in body for n in node.input if n and n not in made)
        own = [n for n in given if n in self.constants and self.readers[n] <= inside]
        inputs = sorted((n for n in given if n not in own), key=self.stored.__contains__)
        local = self.local_names(scope, inputs, [*own, *(n for node in body for n in node.output if n)])
        function = onnx.FunctionProto()
        function.domain = DOMAIN
        function.input.extend(local[n] for n in inputs)
        function.output.extend(local[n] for n in outputs)
        for name in own:
            constant = function.node.add()
            constant.op_type, constant.name = "Constant", local[name]
            constant.output.append(local[name])
            value = constant.attribute.add()
            value.name, value.type = "value", onnx.AttributeProto.TENSOR
            value.t.CopyFrom(self.constants[name])
            value.t.ClearField("name")
        for node in body:
            for names in (node.input, node.output):
                renamed = [local.get(n, n) for n in names]
                del names[:]
                names.extend(renamed)
            node.name = _within(scope, node.name) or node.name
            function.node.append(node)
        self.add_opsets(function)
        call = onnx.NodeProto()
        call.op_type, call.domain, call.name = self.function(scope, function), DOMAIN, scope.name
        call.input.extend(inputs)
        call.output.extend(outputs)
        if scope.trace is not None and self.graph.files:
            call.doc_string = line_of(self.graph, scope.trace.location)
        return call

    def add_opsets(self, function: onnx.FunctionProto) -> None:
        """The operator sets that a function's nodes are of."""
        opset = function.opset_import.add()
        opset.domain, opset.version = "", self.emitter.opset
        if any(node.domain == DOMAIN for node in function.node):
            opset = function.opset_import.add()
            opset.domain, opset.version = DOMAIN, 1

    def function(self, scope: Scope, function: onnx.FunctionProto) -> str:
        """The name of the function with that body."""
        assert scope.block is not None
        key = scope.block.encode() + b"\0" + function.SerializeToString(deterministic=True)
        name = self.bodies.get(key)
        if name is None:
            name = self.bodies[key] = self.names.claim(scope.block, "")
            function.name = name
            self.model.functions.append(function)
        return name

    def local_names(self, scope: Scope, inputs: Sequence[str], others: Sequence[str]) -> dict[str, str]:
        """Names inside a block for all that it reads and makes."""
        names = Names()
        out = {n: names.claim(within, "") for n in (*inputs, *others) if (within := _within(scope, n)) is not None}
        for n in (*inputs, *others):
            if n not in out:
                out[n] = names.claim("input" if n in inputs else "output", "")
        return out


def _within(scope: Scope, name: str) -> str | None:
    """A name without the scope's before it; None where it is not of the scope."""
    return name[len(scope.name) + 1 :] if name.startswith(f"{scope.name}.") else None


def _copied(node: onnx.NodeProto) -> onnx.NodeProto:
    out = onnx.NodeProto()
    out.CopyFrom(node)
    return out
