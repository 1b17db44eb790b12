"""Writes drafts as a flat spec, which the language elaborates, so that an import is always expressible as a spec.

Every layer is one line, so that problems can be assigned to drafts. This text is only for the compiler; the text for
users is written from the graph (:func:`netspec.language.flatten.flat_spec`).
"""

from __future__ import annotations

import math
from collections.abc import Mapping
from functools import cached_property
from typing import Any

from ..ops import find
from ..shapes.dim_text import formula
from ..shapes.sizes import is_named
from ..text.writer import ALONE, one_line
from ..text.yaml_reader import Name
from .draft import Draft, DraftNetwork, layer_arguments
from .layer_names import declared_name


class FlatDocument:
    """The text of a network, and the draft of each line.

    Args:
        network: the network; its drafts must be named.
    """

    def __init__(self, network: DraftNetwork) -> None:
        self.network = network
        self.references = self._references()
        """The name by which layers refer to each value."""
        self.declared: dict[str, dict[str, Any]] = {}
        """The operations that the text declares."""
        layers = [(draft, one_line(draft.name, self._layer(draft), 1)) for draft in network.drafts]
        header = self._header()
        self.drafts = {number: draft for number, (draft, _) in enumerate(layers, len(header) + 1)}
        """The drafts by line number, counted from 1."""
        self.text = "\n".join([*header, *(line for _, line in layers), *self._outputs()]) + "\n"

    # -- the document ------------------------------------------------------------------------------------------------
    def _header(self) -> list[str]:
        network = self.network
        lines = ["netspec: 1", one_line("name", network.name)]
        if network.dtype != "float32":
            lines.append(one_line("dtype", network.dtype))
        if network.dims:
            lines.append(one_line("dims", network.dims))
        lines += [one_line("layout", network.layout), "inputs:"]
        for name, draft_input in network.inputs.items():
            given_input: dict[str, Any] = {
                "shape": [Name(n) if is_named(n) else n for n in draft_input.shape],
                "dtype": draft_input.dtype,
            }
            if draft_input.axes is not None:
                given_input["axes"] = list(draft_input.axes)
            lines.append(one_line(name, given_input, 1))
        if self.declared:
            lines.append(one_line("operations", self.declared))
        return [*lines, "layers:"]

    def _outputs(self) -> list[str]:
        """Returns the lines of the outputs; unused inputs are named by an output that is left out."""
        network = self.network
        read = {value for draft in network.drafts for value in draft.reads} | set(network.outputs.values())
        lines = [one_line(name, Name(self.references[value]), 1) for name, value in network.outputs.items()]
        for name, draft_input in network.inputs.items():
            if draft_input.value not in read:
                lines.append(one_line(f"unread_{name}", {"from": Name(name), "when": False}, 1))
        return ["outputs:", *lines]

    def _references(self) -> dict[int, str]:
        references = {draft_input.value: name for name, draft_input in self.network.inputs.items()}
        for draft in self.network.drafts:
            references |= {value: f"{draft.name}.{number}" for number, value in enumerate(draft.outputs)}
            references[draft.outputs[0]] = draft.name
        references |= {value: _weight(*weight) for value, weight in self.network.weight_values.items()}
        return references

    # -- layers ------------------------------------------------------------------------------------------------------
    def _layer(self, draft: Draft) -> dict[str, Any]:
        if draft.opaque:
            return self._opaque_layer(draft)
        operation = find(draft.operation)
        arguments = {key: self._value(value) for key, value in draft.arguments.items()}
        for name in layer_arguments(draft.operation):
            if name in arguments:
                arguments[name] = Name(self.references[draft.arguments[name]])
        inputs: list[Any] = [Name(self.references[value]) for value in draft.inputs]
        if operation.primary == "from":
            layer: dict[str, Any] = {draft.operation: inputs if len(inputs) > 1 else f"$(['{inputs[0]}'])"}
        else:
            layer = {draft.operation: arguments.pop(str(operation.primary), ALONE)}
            if draft.operation == "formula" and inputs:
                layer["from"] = {f"x{number}": name for number, name in enumerate(inputs)}
            elif inputs:
                layer["from"] = inputs
        return {**layer, **arguments, **self._weights(draft)}

    def _weights(self, draft: Draft) -> dict[str, Any]:
        """Returns the keys of a layer for shared, given and frozen weights."""
        keys: dict[str, Any] = {}
        entries = {name: Name(self.references[value]) for name, value in draft.given_weights.items()}
        if (owner := _weight_owner(draft)) is not None:
            keys["share"] = Name(owner.name)
        else:
            entries |= {name: Name(_weight(*weight)) for name, weight in draft.shared_weights.items()}
        if entries:
            keys["weights"] = entries
        if draft.frozen or draft.frozen_weights:
            keys["freeze"] = True if draft.frozen else list(draft.frozen_weights)
        return keys

    def _opaque_layer(self, draft: Draft) -> dict[str, Any]:
        """Returns a layer with a declared operation, identified by its number of inputs and its output types."""
        inputs = [f"x{number}" for number, _ in enumerate(draft.reads)]
        outputs = {f"y{number}": value for number, value in enumerate(draft.outputs)}
        forms: dict[str, Any] = {}
        for name, value in outputs.items():
            dtype = self.network.dtypes.get(value)
            forms[name] = {"shape": f"$shape_{name}"} | ({"dtype": dtype} if dtype is not None else {})
        declaration: dict[str, Any] = {"inputs": inputs, "params": {f"shape_{name}": Name("list") for name in outputs}}
        if len(outputs) == 1:
            declaration = {
                "inputs": inputs,
                "params": {"shape": Name("list")},
                "output": {**forms["y0"], "shape": "$shape"},
            }
        else:
            declaration["outputs"] = forms
        name = stem = declared_name(draft.operation)
        number = 1
        while self.declared.setdefault(name, declaration) != declaration:
            name, number = f"{stem}_{number}", number + 1
        shapes = [self._value(self.network.shapes[value]) for value in draft.outputs]
        layer = {name: shapes[0]} if len(shapes) == 1 else {name: dict(zip(declaration["params"], shapes, strict=True))}
        return {**layer, "from": [Name(self.references[value]) for value in draft.reads]} if inputs else layer

    # -- values ------------------------------------------------------------------------------------------------------
    def _value(self, value: Any) -> Any:
        """Converts a value for YAML: expressions for symbolic sizes and infinities, Python numbers for those of
        NumPy.
        """
        if is_named(value):
            return f"$({formula(value, self._sizes)})"
        if isinstance(value, Mapping):
            return {str(key): self._value(v) for key, v in value.items()}  # pyright: ignore[reportUnknownVariableType, reportUnknownArgumentType] - of any type
        if isinstance(value, (list, tuple)):
            return [self._value(v) for v in value]  # pyright: ignore[reportUnknownVariableType] - of any type
        if hasattr(value, "tolist"):  # a number or array of NumPy
            return self._value(value.tolist())
        if isinstance(value, float) and math.isinf(value):
            return "$(inf)" if value > 0 else "$(-inf)"
        return value

    @cached_property
    def _sizes(self) -> dict[str, str]:
        """Returns an expression for each named dimension: ``input.shape.1``."""
        sizes: dict[str, str] = {}
        for name, draft_input in self.network.inputs.items():
            for axis, size in enumerate(draft_input.shape):
                if is_named(size):
                    sizes.setdefault(str(size), f"{name}.shape.{axis}")
        return sizes


def _weight(owner: Draft, local: str) -> str:
    """Returns the full name of a weight."""
    return f"{owner.name}.{local}" if local else owner.name


def _weight_owner(draft: Draft) -> Draft | None:
    """Returns the layer with which a draft shares all weights, each in the same role; else None."""
    owners = {id(owner): owner for owner, _ in draft.shared_weights.values()}
    if len(owners) != 1:
        return None
    (owner,) = owners.values()
    same = all(local == name for name, (_, local) in draft.shared_weights.items())
    own_weights = set(owner.weights) - set(draft.shared_weights)
    return owner if same and own_weights.isdisjoint(draft.weights) else None
