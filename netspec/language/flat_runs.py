"""Mapped layers in a flat spec: all runs as one layer again, with expressions over ``index`` where they differ."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from ..ir import Node, Parameter, Scope
from ..ops import TABLE, find
from ..ops.argument import Argument, as_list
from ..text.writer import ALONE
from ..text.yaml_reader import Name
from .flattener import Flattener


class _DifferentError(Exception):
    """The runs cannot be written as one layer."""


def mapped_layer(flattener: Flattener, runs: Scope, nodes: Sequence[Node]) -> dict[str, Any]:
    """Returns the layer for all runs of these nodes. Raises SpecError NS713 if they cannot be written as one layer."""
    by_run: dict[int, list[Node]] = {}
    for node in nodes:
        number = node.name[len(runs.name) + 1 :].partition(".")[0]
        if not number.isdecimal():
            raise flattener.needs_block(node, "it converts a tensor of 'map'")
        by_run.setdefault(int(number), []).append(node)
    writers = {k: RunFlattener(flattener, runs, k, of_run) for k, of_run in by_run.items()}
    try:
        if any(node.scope is runs for node in nodes):
            layer = _operation([writers[k].alone() for k in by_run], list(by_run))
        else:
            layer = _block(list(writers.values()), list(by_run))
    except _DifferentError as error:
        raise flattener.needs_block(nodes[0], f"{error} for the tensors of 'map'") from None
    any_run = next(iter(writers.values()))
    return {**layer, "map": [writers.get(k, any_run).tensor for k in range(max(by_run) + 1)]}


class RunFlattener(Flattener):
    """Writes the layers of one run with local names; ``tensor`` is its input."""

    def __init__(self, around: Flattener, runs: Scope, number: int, nodes: list[Node]) -> None:
        self.__dict__ |= around.__dict__
        self.around, self.nodes = runs, nodes
        self.prefix = f"{runs.name}.{number}."
        self.local = {node.name[len(self.prefix) :] for node in nodes}
        scope: Scope | None = nodes[0].scope
        while scope is not None and scope.parent is not runs and scope is not runs:
            scope = scope.parent
        inputs = list(scope.inputs.values()) if scope is not None and scope is not runs else list(nodes[0].inputs)
        self.mapped = inputs[0] if inputs else next(iter(self.graph.inputs.values()))
        self.tensor = super().reference(self.mapped)
        self.input = "tensor"
        while self.input in self.local or any(name.startswith(f"{self.input}.") for name in self.local):
            self.input += "_"

    def reference(self, v: int) -> Name:
        """Returns the name by which layers of this run refer to a value."""
        name = super().reference(v)
        if name.startswith(self.prefix):
            return Name(name[len(self.prefix) :])
        if v == self.mapped and self.nodes[0].scope is not self.around:
            return Name(self.input)
        first = name.partition(".")[0]
        if any(local.partition(".")[0] == first for local in self.local):
            raise _DifferentError(f"'{name}' has another meaning inside")
        return name

    def weight_owner(self, parameter: Parameter, name: str) -> str:
        """Returns the layer that owns a parameter, as named by the layers of this run."""
        start = f"{self.around.name}."
        return name[len(start) :] if name.startswith(start) else super().weight_owner(parameter, name)

    def alone(self) -> dict[str, Any]:
        """Returns the only layer of the run."""
        main = next(node for node in self.nodes if node.scope is self.around)
        written, activation = self.layer(main, None)
        if any(node not in (main, activation) and not self.is_implied(node) for node in self.nodes):
            raise _DifferentError("an operation with weights that are computed cannot be written")
        layer = _mapping(written)
        source = layer.pop("from", None)
        if source is not None and not isinstance(source, str):
            raise _DifferentError("an operation with several inputs cannot be written")
        return layer

    def inside(self) -> dict[str, dict[str, Any]]:
        """Returns the layers of the run by local name."""
        layers: dict[str, dict[str, Any]] = {}
        written: set[str] = set()
        for node in self.nodes:
            if node.name in written or self.is_implied(node) or self.is_contained(node):
                continue
            if any(s.copies == "map" and s is not self.around for s in _scopes(node)):
                raise _DifferentError("a mapped layer within another cannot be written")
            layer, activation = self.layer(node, None)
            layers[node.name[len(self.prefix) :]] = _mapping(layer)
            if activation is not None:
                written.add(activation.name)
        return layers


def _scopes(node: Node) -> list[Scope]:
    scopes: list[Scope] = []
    scope: Scope | None = node.scope
    while scope is not None:
        scopes.append(scope)
        scope = scope.parent
    return scopes


def _mapping(layer: Any) -> dict[str, Any]:
    if isinstance(layer, dict):
        return layer  # pyright: ignore[reportUnknownVariableType] - a layer of the flat spec
    return {str(layer): ALONE}


def _operation(layers: list[dict[str, Any]], numbers: list[int]) -> dict[str, Any]:
    return {**_combined(_with_defaults(layers), numbers), **_condition(numbers, max(numbers) + 1)}


def _with_defaults(layers: list[dict[str, Any]]) -> list[dict[str, Any]]:
    """Completes the layers of all runs to the same arguments, using defaults."""
    operation = next(iter(layers[0]))
    keys = list(dict.fromkeys(key for layer in layers for key in layer))
    arguments: Mapping[str, Argument[Any]] = find(operation).arguments if operation in TABLE else {}
    defaults = {key: _single(arguments[key].default) for key in keys if key in arguments}
    return [
        {key: layer.get(key, defaults.get(key)) for key in keys if key in layer or key in defaults} for layer in layers
    ]


def _single(value: Any) -> Any:
    """Returns the item of a one-element tuple, which applies to every axis; other values unchanged."""
    items = as_list(list(value)) if isinstance(value, tuple) else []  # pyright: ignore[reportUnknownArgumentType] - of any type
    return items[0] if len(items) == 1 else value  # pyright: ignore[reportUnknownVariableType] - of any type


def _block(writers: list[RunFlattener], numbers: list[int]) -> dict[str, Any]:
    runs = [writer.inside() for writer in writers]
    total = max(numbers) + 1
    layers: dict[str, Any] = {}
    for name in _in_order([list(run) for run in runs]):
        having = [(number, run[name]) for number, run in zip(numbers, runs, strict=True) if name in run]
        present = [number for number, _ in having]
        layers[name] = {
            **_combined(_with_defaults([layer for _, layer in having]), present),
            **_condition(present, total),
        }
    last = [Name(next(reversed(run))) for run in runs]
    return {
        "layers": layers,
        "inputs": [_combined([writer.input for writer in writers], numbers)],
        "output": _combined(last, numbers),
        **_condition(numbers, total),
    }


def _in_order(lists: list[list[str]]) -> list[str]:
    """Merges lists of names to a common order. Raises _DifferentError if there is none."""
    rest, out = [names for names in lists if names], list[str]()
    while rest:
        later = {name for names in rest for name in names[1:]}
        head = next((names[0] for names in rest if names[0] not in later), None)
        if head is None:
            raise _DifferentError("the layers stand in different orders")
        out.append(head)
        rest = [left for names in rest if (left := names[1:] if names[0] == head else names)]
    return out


def _condition(numbers: Sequence[int], total: int) -> dict[str, Any]:
    return {} if len(numbers) == total else {"when": f"$(index in {list(numbers)})"}


def _combined(values: Sequence[Any], numbers: Sequence[int]) -> Any:
    """Returns the value for runs of these numbers: a common value, or an expression. Raises _DifferentError."""
    first = values[0]
    if all(type(v) is type(first) and v == first for v in values):
        return first
    if all(isinstance(v, Mapping) and list(v) == list(first) for v in values):  # pyright: ignore[reportUnknownArgumentType] - of any type
        return {key: _combined([v[key] for v in values], numbers) for key in first}
    if all(isinstance(v, (list, tuple)) and len(v) == len(first) for v in values):  # pyright: ignore[reportUnknownArgumentType] - of any type
        return [_combined(items, numbers) for items in zip(*map(_items, values), strict=True)]
    literals = [_literal(first)] * (max(numbers) + 1)
    for number, value in zip(numbers, values, strict=True):
        literals[number] = _literal(value)
    return f"$([{', '.join(literals)}][index])"


def _items(value: Any) -> list[Any]:
    return as_list(list(value))


def _literal(value: Any) -> str:
    """Formats a value as an expression. Raises _DifferentError if that is impossible."""
    if isinstance(value, str):
        if value.startswith("$(") and value.endswith(")"):
            return value[2:-1]
        if "'" not in value and "$" not in value:
            return f"'{value}'"
    elif type(value) is bool:
        return str(value).lower()
    elif isinstance(value, (int, float)):
        return repr(value)
    elif isinstance(value, (list, tuple)):
        return f"[{', '.join(map(_literal, _items(value)))}]"
    raise _DifferentError("the arguments differ")
