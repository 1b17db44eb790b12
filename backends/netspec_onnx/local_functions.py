"""Blocks as model-local functions: each use of a block becomes a call, and equal uses share a function.

Operates on finished nodes. Inside a function, names are relative to the block (``conv1.weight``); values from outside
the block are named ``input``, ``input_2``, and so on.
"""

from __future__ import annotations

from collections.abc import Sequence

import onnx

from netspec.ir import Graph, Scope

from .builder.emitter import Emitter, source_line
from .builder.unique_names import UniqueNames

DOMAIN = "netspec"
"""The domain of the functions."""

ScopedNode = tuple[onnx.NodeProto, tuple[Scope, ...]]
"""A node, and the uses of blocks that contain it, outermost first."""


def move_blocks_into_functions(graph: Graph, emitter: Emitter, model: onnx.ModelProto) -> None:
    """Moves the nodes of blocks into functions, which are added to ``model``, the model without its graph."""
    FunctionExtractor(graph, emitter, model).run()


def enclosing_blocks(scope: Scope) -> tuple[Scope, ...]:
    """The uses of blocks that contain a scope, including the scope itself, outermost first."""
    blocks: list[Scope] = []
    current: Scope | None = scope
    while current is not None:
        if current.block is not None:
            blocks.append(current)
        current = current.parent
    return tuple(reversed(blocks))


class FunctionExtractor:
    """Moves the nodes of blocks out of a graph into functions."""

    def __init__(self, graph: Graph, emitter: Emitter, model: onnx.ModelProto) -> None:
        self.graph, self.emitter, self.model = graph, emitter, model
        self.bodies: dict[bytes, str] = {}
        self.names = UniqueNames()
        proto = emitter.proto
        self.constants = {t.name: t for t in proto.initializer}
        self.stored = {i.name for i in emitter.initialisers} | emitter.constants
        """Names of initialisers and constants, which come last among the inputs of a function."""
        self.readers: dict[str, set[int]] = {}
        """For each value, the indices of its reading nodes; -1 for an output of the graph."""
        for i, node in enumerate(proto.node):
            for name in names_read(node):
                self.readers.setdefault(name, set()).add(i)
        for value in proto.output:
            self.readers.setdefault(value.name, set()).add(-1)

    def run(self) -> None:
        """Replaces nodes of the graph by calls, and removes types and constants that are now inside functions."""
        proto = self.emitter.proto
        blocks = [enclosing_blocks(self.graph.nodes[i].scope) if i >= 0 else () for i in self.emitter.origin]
        pairs = list(zip(proto.node, blocks, strict=True))
        looping = {scope for node, scopes in pairs if has_graph(node) for scope in scopes}
        """Blocks that contain a node with a subgraph, whose names cannot be made local; they are not converted."""
        items = [(node, tuple(scope for scope in scopes if scope not in looping)) for node, scopes in pairs]
        outside = self.level(list(enumerate(items)), 0)
        copies = [_copy(node) for node in outside]
        del proto.node[:]
        proto.node.extend(copies)
        names = {name for node in copies for name in (*names_read(node), *node.output)}
        types = [v for v in proto.value_info if v.name in names]
        constants = [t for t in proto.initializer if t.name in names]
        proto.ClearField("value_info")
        proto.ClearField("initializer")
        proto.value_info.extend(types)
        proto.initializer.extend(constants)
        if self.bodies:
            opset = self.model.opset_import.add()
            opset.domain, opset.version = DOMAIN, 1

    def level(self, items: Sequence[tuple[int, ScopedNode]], depth: int) -> list[onnx.NodeProto]:
        """Returns the nodes of one level: those outside of inner blocks, and a call for each inner block."""
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

    def call(self, scope: Scope, items: Sequence[tuple[int, ScopedNode]], depth: int) -> onnx.NodeProto:
        """Returns the call of a block's function, which is created unless an equal one exists."""
        body = [_copy(node) for node in self.level(items, depth + 1)]
        inside = {i for i, _ in items}
        computed = {name for node in body for name in node.output}
        outputs = [n for node in body for n in node.output if n and not self.readers.get(n, set()) <= inside]
        read = dict.fromkeys(n for node in body for n in node.input if n and n not in computed)
        own_constants = [n for n in read if n in self.constants and self.readers[n] <= inside]
        inputs = sorted((n for n in read if n not in own_constants), key=self.stored.__contains__)
        local = self.local_names(scope, inputs, [*own_constants, *(n for node in body for n in node.output if n)])
        function = onnx.FunctionProto()
        function.domain = DOMAIN
        function.input.extend(local[n] for n in inputs)
        function.output.extend(local[n] for n in outputs)
        for name in own_constants:
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
        call.op_type, call.domain = self.function_name(scope, function), DOMAIN
        call.name = self.emitter.node_names.claim(scope.name, "weights")
        call.input.extend(inputs)
        call.output.extend(outputs)
        if scope.trace is not None and self.graph.files:
            call.doc_string = source_line(self.graph.files, scope.trace.location)
        return call

    def add_opsets(self, function: onnx.FunctionProto) -> None:
        """Declares the operator sets of a function's nodes."""
        opset = function.opset_import.add()
        opset.domain, opset.version = "", self.emitter.opset
        if any(node.domain == DOMAIN for node in function.node):
            opset = function.opset_import.add()
            opset.domain, opset.version = DOMAIN, 1

    def function_name(self, scope: Scope, function: onnx.FunctionProto) -> str:
        """The name of the function with this body, which is added unless it exists."""
        assert scope.block is not None
        key = scope.block.encode() + b"\0" + function.SerializeToString(deterministic=True)
        name = self.bodies.get(key)
        if name is None:
            name = self.bodies[key] = self.names.claim(scope.block, "")
            function.name = name
            self.model.functions.append(function)
        return name

    def local_names(self, scope: Scope, inputs: Sequence[str], others: Sequence[str]) -> dict[str, str]:
        """The names inside a block of the values that it reads and computes."""
        names = UniqueNames()
        out = {n: names.claim(within, "") for n in (*inputs, *others) if (within := _within(scope, n)) is not None}
        for n in (*inputs, *others):
            if n not in out:
                out[n] = names.claim("input" if n in inputs else "output", "")
        return out


def names_read(node: onnx.NodeProto) -> list[str]:
    """Returns the values that a node reads, including those in its subgraphs."""
    graphs = [attribute.g for attribute in node.attribute if attribute.HasField("g")]
    return [*node.input, *(name for graph in graphs for inner in graph.node for name in names_read(inner))]


def has_graph(node: onnx.NodeProto) -> bool:
    """Whether a node has a subgraph, as a loop does."""
    return any(attribute.HasField("g") for attribute in node.attribute)


def _within(scope: Scope, name: str) -> str | None:
    """A name relative to the scope, or None if it is outside the scope."""
    return name[len(scope.name) + 1 :] if name.startswith(f"{scope.name}.") else None


def _copy(node: onnx.NodeProto) -> onnx.NodeProto:
    out = onnx.NodeProto()
    out.CopyFrom(node)
    return out
