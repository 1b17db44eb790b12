"""Tiny draft networks, written as rows."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from typing import Any

from netspec.importing import DraftInput, DraftNetwork, ModuleCall
from netspec.importing.draft import layer_arguments


class Network:
    """A draft network under construction, whose values have names.

    Args:
        inputs: shapes by name; a type of elements after a shape is that of the input.
    """

    def __init__(self, **inputs: Sequence[Any]) -> None:
        self.drafts = DraftNetwork("net")
        self.values: dict[str, int] = {}
        self.weights: dict[str, tuple[int, ...]] = {}
        for name, (*shape, last) in inputs.items():
            dtype = last if isinstance(last, str) else "float32"
            sizes = tuple(shape) if isinstance(last, str) else (*shape, last)
            self.values[name] = value = self.drafts.value(sizes)
            self.drafts.inputs[name] = DraftInput(value, sizes, dtype)

    def add(
        self,
        name: str,
        operation: str,
        inputs: str,
        shape: Sequence[int] | Sequence[Sequence[int]],
        arguments: Mapping[str, Any] | None = None,
        module: str = "",
        weights: Mapping[str, tuple[int, ...]] | None = None,
        computed: Mapping[str, str] | None = None,
        **details: Any,
    ) -> None:
        """Add a draft whose value has a name; several outputs are called ``name.0``, ``name.1``, ….

        Args:
            name: of its value.
            operation: of netspec.
            inputs: names of values, with spaces between.
            shape: of its output, or of each.
            arguments: of the operation; names of values for layers.
            module: paths of the modules around it, outermost first, with spaces between; ``@`` after the path of one
                that is called again.
            weights: shapes of its tensors by ``local=full`` name, or by full name if its last part is the local one.
            computed: names of values that are its weights, by local names.
            details: further fields of the draft.
        """
        shapes: Sequence[Any] = shape if shape and not isinstance(shape[0], int) else [shape]
        layers = layer_arguments(operation)
        named = {k: self.values[v] if k in layers else v for k, v in (arguments or {}).items()}
        tensors: dict[str, str] = {}
        for key, sizes in (weights or {}).items():
            local, equals, full = key.partition("=")
            full = full if equals else key
            tensors[local if equals else key.rpartition(".")[2]] = full
            self.weights[full] = sizes
        calls = tuple(ModuleCall(path, path.rstrip("@"), "my.Module") for path in module.split())
        given = {k: self.values[v] for k, v in (computed or {}).items()}
        ids = self.drafts.add(
            operation,
            [self.values[i] for i in inputs.split()],
            shapes,
            named,
            calls=calls,
            weights=tensors,
            given_weights=given,
            origin=details.pop("origin", f"{operation} '{name}'"),
            **details,
        )
        self.values |= {name: ids[0]} if len(ids) == 1 else {f"{name}.{k}": v for k, v in enumerate(ids)}

    def output(self, *names: str) -> DraftNetwork:
        """The network with these outputs."""
        self.drafts.outputs = {name if len(names) > 1 else "output": self.values[name] for name in names}
        return self.drafts


def listing(network: DraftNetwork) -> list[str]:
    """The drafts as ``operation inputs arguments``: values have the numbers of their places."""
    names = {given.value: name for name, given in network.inputs.items()}
    lines: list[str] = []
    for number, draft in enumerate(network.drafts):
        inputs = " ".join(names[v] for v in draft.inputs)
        names |= {v: f"{number}.{k}" if len(draft.outputs) > 1 else str(number) for k, v in enumerate(draft.outputs)}
        given = {key: names.get(v, v) if key == "mask" else v for key, v in draft.arguments.items()}
        lines.append(" ".join(part for part in (draft.operation, inputs, str(given) if given else "") if part))
    return lines


def add_elementwise(net: Network, rows: str, shape: tuple[int, ...]) -> None:
    """Add elementwise drafts: ``b = multiply a x``, ``c = a * 2`` for a formula of one or two values."""
    for row in rows.split(";"):
        name, _, text = row.strip().partition(" = ")
        words = text.split()
        if all(w.isidentifier() for w in words):
            net.add(name, words[0], " ".join(words[1:]), shape)
            continue
        inputs = [v for v in net.values if re.search(rf"\b{v}\b", text)]
        for number, value in enumerate(inputs):
            text = re.sub(rf"\b{value}\b", f"@{number}", text)
        text = text.replace("@", "x")
        net.add(name, "formula", " ".join(inputs), shape, {"expression": f"$({text})"})


def add_views(net: Network, name: str, value: str, *steps: tuple[int, ...] | str) -> None:
    """Add views: a shape is a ``reshape``, a text such as ``201`` the order of a ``permute``."""
    for number, step in enumerate(steps):
        out = name if number == len(steps) - 1 else f"{name}{number}"
        if isinstance(step, str):
            order = [int(axis) for axis in step]
            shape = tuple(net.drafts.shapes[net.values[value]][axis] for axis in order)
            net.add(out, "permute", value, shape, {"order": order})
        else:
            net.add(out, "reshape", value, step, {"shape": list(step)})
        value = out
