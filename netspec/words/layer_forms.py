"""The forms in which layers are written elsewhere, such as calls and layers around others, as one mapping."""

from __future__ import annotations

from collections.abc import Collection
from typing import Any

from ..ops import TABLE, find
from ..ops.argument import as_mapping
from ..ops.layer_keys import LAYER_KEYS
from . import lookup
from .calls import read_call, read_tuple

OPERATION_KEYS = ("type", "op", "operation", "class_name", "layer_type", "kind", "op_type", "layer", "module")
"""Keys that name the operation in other formats: ``{type: conv2d, filters: 32}``."""
_ARGUMENT_KEYS = ("config", "args", "kwargs", "params", "arguments", "attrs")
"""Keys that contain the arguments in other formats."""
NEW_AXIS = "frames"
"""The name that help gives to an axis along which a layer runs."""
_WRAPPERS: dict[str, dict[str, Any]] = {
    "activation": {},
    "timedistributed": {"over": NEW_AXIS},
    "bidirectional": {"bidirectional": True},
}
"""Layers of Keras around another layer, and what stands for them here. In ``{Bidirectional: …}`` the directions are
concatenated."""
_OF_EACH_POSITION = frozenset(("dense", "dropout", "embedding", "layer_norm", "rms_norm"))
"""Operations that work on each position of a sequence, or on each value."""
_OF_RELU = ("max_value", "negative_slope", "threshold")
"""Arguments of Keras's ReLU."""
_LARGEST = 40
"""Maximum number of keys and items of a layer to translate."""


def as_layer(data: Any) -> dict[str, Any] | None:
    """Returns a layer as a mapping, with calls as data; None if it is not one, or too large."""
    if isinstance(data, str):
        call = read_call(data)
        return call if call is not None else {data: None}
    layer = as_mapping(data)
    if layer is None or not 0 < len(layer) <= _LARGEST:
        return None
    if len(layer) == 1:
        ((key, value),) = layer.items()
        call = read_call(key) if value is None else None
        return call if call is not None else layer
    return layer


def without_name(layer: dict[str, Any]) -> tuple[dict[str, Any], str | None]:
    """Returns the layer without a key for its name, and that name."""
    name = layer.get("name")
    if not isinstance(name, str):
        return dict(layer), None
    return {key: value for key, value in layer.items() if key != "name"}, name


def with_operation_as_key(layer: dict[str, Any]) -> dict[str, Any]:
    """Converts ``{type: conv2d, filters: 32}`` to ``{conv2d: {filters: 32}}``."""
    for key in OPERATION_KEYS:
        word = layer.get(key)
        if not isinstance(word, str) or lookup.operation(word) is None:
            continue
        rest = {k: v for k, v in layer.items() if k != key}
        for inner in _ARGUMENT_KEYS:
            if isinstance(rest.get(inner), dict):
                rest = {**rest.pop(inner), **rest}
        rest.pop("name", None)
        return {word: None, **rest}
    return layer


def without_wrapper(layer: dict[str, Any]) -> dict[str, Any]:
    """Returns the inner layer: ``{relu}`` of ``{Activation: relu}``, also of ``{Bidirectional: {LSTM: 8}}``."""
    for key, value in layer.items():
        wrapper = lookup.folded(key)
        if wrapper not in _WRAPPERS or key in LAYER_KEYS:
            continue
        rest = {k: v for k, v in layer.items() if k != key}
        inner = as_mapping(value)
        if isinstance(value, str):
            inner = read_call(value) or {value: None}
        key_of_inner = operation_key(inner, ()) if inner is not None else None
        if inner is None or key_of_inner is None:
            return layer
        implied = {} if wrapper == "timedistributed" and _works_on_each(key_of_inner) else _WRAPPERS[wrapper]
        return {**inner, **rest, **implied}
    return layer


def with_own_activation(layer: dict[str, Any]) -> dict[str, Any]:
    """Converts Keras's ``{ReLU: {max_value: 6}}``, whose arguments decide which activation it is."""
    key = next((key for key in layer if key not in TABLE and key.rpartition(".")[2] == "ReLU"), None)
    value = layer.get(key) if key is not None else None
    names = lookup.signature(key, 1) if key is not None else None
    if key is None or names is None:
        return layer
    arguments = as_mapping(value) if value is None or isinstance(value, dict) else {names[0]: value}
    arguments = {**(arguments or {}), **{name: layer[name] for name in _OF_RELU if name in layer}}
    settings = {name: arguments[name] for name in _OF_RELU if arguments.get(name) not in (None, 0, False, True)}
    match [*settings.items()]:
        case [("max_value", 6 | 6.0)]:
            activation: dict[str, Any] = {"relu6": None}
        case [("max_value", most)]:
            activation = {"clamp": {"low": 0, "high": most}}
        case [("negative_slope", slope)]:
            activation = {"leaky_relu": slope}
        case _:
            return layer
    others = {name: v for name, v in arguments.items() if name not in _OF_RELU}
    return {**activation, **others, **{name: v for name, v in layer.items() if name not in (key, *_OF_RELU)}}


def _works_on_each(word: str) -> bool:
    """Whether an operation works on each position of a sequence without ``over``."""
    known = lookup.operation(word)
    assert known is not None
    name = known.name()
    return name in _OF_EACH_POSITION or find(name).is_activation or TABLE[name].family == "elementwise"


def joined_tuples(layer: dict[str, Any]) -> dict[str, Any]:
    """Joins ``{kernel: (3, 3)}``, which YAML parses as two entries."""
    out: dict[str, Any] = {}
    last: str | None = None
    for key, value in layer.items():
        before = out.get(last) if last is not None else None
        if value is None and isinstance(before, str) and before.startswith("(") and not before.endswith(")"):
            out[str(last)] = f"{before}, {key}"
        else:
            out[key] = value
            last = key
    return {key: read_tuple(value) for key, value in out.items()}


def operation_key(layer: dict[str, Any], blocks: Collection[str]) -> str | None:
    """Returns the key that names the operation: one of this language, otherwise a word that is not an argument's."""
    if any(key in blocks or key.startswith("$") for key in layer):
        return None
    operations = [key for key in layer if key in TABLE]
    if operations:
        return operations[0] if len(operations) == 1 else None
    words = [key for key in layer if key not in LAYER_KEYS and lookup.operation(key) is not None]
    first = next((key for key in layer if key not in LAYER_KEYS), None)
    return next((key for key in words if not lookup.is_argument(key)), first if first in words else None)
