"""The nodes of a graph in topological order, with functions inlined."""

from __future__ import annotations

import ast
import heapq
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from typing import Any

import onnx

from netspec.diagnostics import clip

from . import limits
from .load import too_many_nodes
from .node import OnnxNode, attribute_value, check_attribute, operator_name
from .opsets import DOMAINS
from .tensor_reader import TensorReader, malformed

Key = tuple[str, str, str]


class NodeList:
    """Converts the nodes of a model's graphs.

    Args:
        model: the model.
        read: reads its tensors.
    """

    def __init__(self, model: onnx.ModelProto, read: TensorReader) -> None:
        self.read = read
        self.functions: dict[Key, onnx.FunctionProto] = {
            (f.domain, f.name, getattr(f, "overload", "")): f for f in model.functions
        }
        self.versions = _versions(model.opset_import)
        self.count = 0

    def nodes(self, protos: Iterable[onnx.NodeProto], known: Iterable[str]) -> list[OnnxNode]:
        """Returns the nodes in order; ``known`` are the values that no node produces.

        Raises:
            BackendError: NS861, there are too many; NS846, a value is missing or defined twice, or the graph has a
                cycle.
        """
        protos = list(protos)
        self.count += self._count(protos, {}, ())
        if self.count > limits.NODES:
            raise too_many_nodes()
        return in_order(list(self._nodes_of(protos, self.versions, (), {}, "")), set(known))

    def _count(self, protos: Iterable[onnx.NodeProto], known: dict[Key, int], calls: tuple[Key, ...]) -> int:
        """Counts nodes, including those of functions per call; ``known`` caches the counts of functions.

        Raises BackendError NS846 for recursive functions.
        """
        total = 0
        for proto in protos:
            total += 1
            key = (proto.domain, proto.op_type, getattr(proto, "overload", ""))
            function = self.functions.get(key)
            if function is None:
                continue
            if key in calls or len(calls) >= limits.FUNCTION_DEPTH:
                raise malformed(f"function '{clip(proto.op_type)}' calls itself, or functions nest too deeply")
            if key not in known:
                known[key] = self._count(function.node, known, (*calls, key))
            total += known[key]
        return total

    def _nodes_of(
        self,
        protos: Iterable[onnx.NodeProto],
        versions: Mapping[str, int],
        calls: tuple[Key, ...],
        function_attributes: Mapping[str, onnx.AttributeProto],
        prefix: str,
        names: Mapping[str, str] | None = None,
    ) -> Iterator[OnnxNode]:
        """Yields the nodes of a graph or function.

        Args:
            protos: its nodes.
            versions: versions of its operator sets.
            calls: the enclosing function calls.
            function_attributes: the attributes of the call.
            prefix: prefix for the names of its values.
            names: outer names of the function's inputs and outputs; None for a graph.
        """

        def outside(name: str) -> str:
            return name if names is None or not name else names.get(name, prefix + name)

        for proto in protos:
            attributes = {a.name: _resolve_attribute(a, function_attributes) for a in proto.attribute}
            key = (proto.domain, proto.op_type, getattr(proto, "overload", ""))
            function = self.functions.get(key)
            if function is not None:
                yield from self._inlined(proto, function, (*calls, key), attributes, outside, prefix)
                continue
            domain = "" if proto.domain in DOMAINS else proto.domain
            opset = versions.get(domain, self.versions.get(domain, 1))
            values: dict[str, Any] = {}
            for name, attribute in attributes.items():
                if attribute is not None:
                    if not domain:
                        check_attribute(attribute, proto.op_type, opset)
                    values[name] = attribute_value(attribute, self.read)
            yield OnnxNode(
                operator_name(proto),
                prefix + proto.name if prefix and proto.name else proto.name,
                tuple(map(outside, proto.input)),
                tuple(map(outside, proto.output)),
                values,
                opset,
                _scopes(proto),
                proto,
            )

    def _inlined(
        self,
        proto: onnx.NodeProto,
        function: onnx.FunctionProto,
        calls: tuple[Key, ...],
        attributes: Mapping[str, onnx.AttributeProto | None],
        outside: Callable[[str], str],
        prefix: str,
    ) -> Iterator[OnnxNode]:
        defaults = {a.name: a for a in function.attribute_proto}
        function_attributes = defaults | {k: a for k, a in attributes.items() if a is not None}
        names = dict.fromkeys(function.input, "")
        names |= {inner: outside(outer) for inner, outer in zip(function.input, proto.input, strict=False)}
        names |= {inner: outside(outer) for inner, outer in zip(function.output, proto.output, strict=False) if outer}
        inner = f"{prefix}{proto.name or proto.output[0] if proto.output else proto.op_type}/"
        if len(inner) > limits.PREFIX:
            raise malformed(f"the names of functions in functions have {len(inner):,} characters: '{clip(inner)}'")
        yield from self._nodes_of(
            function.node, _versions(function.opset_import), calls, function_attributes, inner, names
        )


def _versions(imports: Iterable[onnx.OperatorSetIdProto]) -> dict[str, int]:
    return {("" if o.domain in DOMAINS else o.domain): o.version for o in imports}


def _resolve_attribute(
    attribute: onnx.AttributeProto, attributes: Mapping[str, onnx.AttributeProto]
) -> onnx.AttributeProto | None:
    """Resolves a reference to an attribute of the function call; other attributes are returned unchanged."""
    return attributes.get(attribute.ref_attr_name) if attribute.ref_attr_name else attribute


def _scopes(proto: onnx.NodeProto) -> tuple[tuple[str, str], ...]:
    """Returns names and classes of enclosing modules from the metadata of PyTorch's exporter."""
    properties = {
        p.key: p.value
        for p in proto.metadata_props
        if isinstance(p.value, str)  # pyright: ignore[reportUnnecessaryIsInstance]  # bytes where it is not UTF-8
    }
    names = _texts(properties.get("pkg.torch.onnx.name_scopes", ""))
    classes = _texts(properties.get("pkg.torch.onnx.class_hierarchy", ""))
    if len(names) != len(classes):
        return ()
    return tuple(zip(names[:-1], classes[:-1], strict=True))


def _texts(written: str) -> list[str]:
    """Parses a Python list of strings; empty for anything else."""
    if not written.startswith("[") or len(written) > 10_000 or written.count("[") != 1:
        return []
    try:
        parsed: object = ast.literal_eval(written)
    except (ValueError, SyntaxError, MemoryError, RecursionError):
        return []
    return [str(item) for item in parsed] if isinstance(parsed, list) else []  # pyright: ignore[reportUnknownVariableType, reportUnknownArgumentType] - of any type


def in_order(nodes: Sequence[OnnxNode], known: set[str]) -> list[OnnxNode]:
    """Sorts the nodes topologically, preserving the order of the file where possible. Raises as above."""
    writer: dict[str, int] = {}
    for i, node in enumerate(nodes):
        for name in filter(None, node.outputs):
            if name in writer or name in known:
                raise malformed(f"two nodes write '{clip(name)}'")
            writer[name] = i
    readers: list[list[int]] = [[] for _ in nodes]
    missing = [0] * len(nodes)
    for i, node in enumerate(nodes):
        for name in {*filter(None, node.inputs)} - known:
            if name not in writer:
                raise malformed(f"{node.origin} reads '{clip(name)}', which no node writes")
            readers[writer[name]].append(i)
            missing[i] += 1
    ready = [i for i, count in enumerate(missing) if not count]
    heapq.heapify(ready)
    out: list[OnnxNode] = []
    while ready:
        i = heapq.heappop(ready)
        out.append(nodes[i])
        for reader in readers[i]:
            missing[reader] -= 1
            if not missing[reader]:
                heapq.heappush(ready, reader)
    if len(out) < len(nodes):
        stuck = next(node for i, node in enumerate(nodes) if missing[i])
        raise malformed(f"the graph has a cycle: {stuck.origin} depends on its own output")
    return out
