"""Finds the tensors of the state dict that are the weights of an operation."""

from __future__ import annotations

from dataclasses import replace
from typing import TypeAlias

from .reader import ProgramReader
from .values import ProgramTensor

WeightNames: TypeAlias = dict[str, str]
"""Names in the state dict, by the operation's local names."""


def own_weights(reader: ProgramReader, **tensors: ProgramTensor | None) -> WeightNames | None:
    """Returns the names of an operation's weights if all of them are tensors of the state dict; else None.

    Args:
        reader: the reader.
        tensors: the weights by local name; None for weights that the operation does not have.
    """
    names: WeightNames = {}
    path = reader.calls[-1].path if reader.calls else ""
    for local, value in tensors.items():
        if value is None:
            continue
        stored = _original(reader, value).tensor_name
        if stored is None:
            return None
        names[local] = reader.state.name_for(stored, path, local)
    return names


def _original(reader: ProgramReader, value: ProgramTensor) -> ProgramTensor:
    """Returns the tensor of the state dict to which a chain of views is equivalent."""
    if value.tensor_name is not None or value.number is None:
        return value
    producers = {number: draft for draft in reader.network.drafts[-8:] for number in draft.outputs}
    draft = producers.get(value.number)
    while draft is not None and draft.operation == "reshape":
        draft = producers.get(draft.inputs[0])
    if draft is None or draft.operation != "parameter":
        return value
    name = draft.weights.get("", "")
    tensor = reader.state.tensors.get(name)
    if tensor is None or tuple(tensor.shape) != tuple(value.shape):
        return value
    return replace(value, number=None, batch=None, is_single=False, tensor_name=name)
