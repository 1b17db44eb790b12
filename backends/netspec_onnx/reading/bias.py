"""Folds biases, gains and offsets that exporters write as separate layers into the previous layer."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import numpy as np

from netspec.importing import Draft
from netspec.shapes.sizes import is_same
from netspec.weights.numpy_types import Array

from .emit import Emitter

BIASED = ("dense", "conv1d", "conv2d", "conv3d", "conv_transpose1d", "conv_transpose2d", "conv_transpose3d")


def fold_biases(e: Emitter, *, keep_learned: bool = False) -> None:
    """Folds stored vectors that are added to a layer without bias, and those after a batch normalisation."""
    network = e.network
    excluded = ("batch_norm",) if keep_learned else ()
    producers, readers = network.producers(), network.readers()
    output_values = set(network.outputs.values())
    removed: set[int] = set()
    for draft in network.drafts:
        if (
            _is_number_after(draft, producers)
            and len(readers.get(draft.inputs[0], ())) == 1
            and draft.inputs[0] not in output_values
        ):
            layer = producers[draft.inputs[0]]
            number = np.asarray([draft.arguments["offset"]], np.float32)
            if id(layer) not in removed and _folded(e, "add", layer, number):
                removed.add(id(draft))
                _outputs_of(layer, draft, producers)
            continue
        if draft.operation not in ("add", "multiply") or len(draft.inputs) != 2:
            continue
        for x, other in (draft.inputs, draft.inputs[::-1]):
            source, stored = producers.get(x), producers.get(other)
            if (
                source is None
                or stored is None
                or source.operation in excluded
                or x in output_values
                or id(source) in removed
            ):
                continue
            if len(readers.get(x, ())) != 1 or other in output_values:
                continue
            sharing = readers.get(other, ())
            if len(sharing) > 1 and not _is_bias_of_one_layer(other, sharing, producers):
                continue
            numbers = _numbers(e, stored, source, x)
            if numbers is None or not _folded(e, draft.operation, source, numbers, stored.weights.get("")):
                continue
            removed.add(id(draft))
            if removed.issuperset(map(id, sharing)):
                removed.add(id(stored))
                full = stored.weights.get("")
                if full is not None and full not in source.weights.values():
                    e.weights.pop(full, None)
                    network.tables.pop(full, None)
            _outputs_of(source, draft, producers)
            break
    network.drafts = [draft for draft in network.drafts if id(draft) not in removed]


def _is_bias_of_one_layer(value: int, sharing: Sequence[Draft], producers: Mapping[int, Draft]) -> bool:
    """Whether all readers of a stored value add it to the results of one layer, possibly used several times."""
    weights: set[str | None] = set()
    for draft in sharing:
        others = [v for v in draft.inputs if v != value]
        layer = producers.get(others[0]) if draft.operation == "add" and len(others) == 1 else None
        weights.add(layer.weights.get("weight") if layer is not None and layer.operation in BIASED else None)
    return len(weights) == 1 and None not in weights


def _is_number_after(draft: Draft, producers: Mapping[int, Draft]) -> bool:
    """Whether a draft adds a single number to the only output of a fully connected layer."""
    if draft.operation != "rescale" or set(draft.arguments) != {"offset"}:
        return False
    source = producers.get(draft.inputs[0])
    return source is not None and source.operation == "dense" and source.arguments["units"] == 1


def _outputs_of(source: Draft, draft: Draft, producers: dict[int, Draft]) -> None:
    """Makes a draft produce the outputs of the next one."""
    source.outputs = list(draft.outputs)
    producers[draft.outputs[0]] = source


def _axis(source: Draft) -> int | None:
    """Returns the channel axis of a layer's output."""
    if source.operation in BIASED and source.operation != "dense":
        return 0
    axis = source.arguments.get("axis")
    return axis if isinstance(axis, int) else None


def _numbers(e: Emitter, stored: Draft, source: Draft, value: int) -> Array | None:
    """Returns stored numbers as one per channel of a layer's output, or None."""
    axis = _axis(source)
    shape = e.network.shapes[value]
    if axis is None or stored.operation not in ("parameter", "buffer"):
        return None
    full = stored.weights.get("")
    array: Array | None = None
    if full is not None:
        array = e.weights.get(full, e.network.tables.get(full))
    elif isinstance(stored.arguments.get("init"), list):
        array = np.asarray(stored.arguments["init"], np.float32)
    if array is None or array.dtype.kind != "f":
        return None
    item = e.network.shapes[stored.outputs[0]]
    aligned = (1,) * (len(shape) - len(item)) + tuple(item)
    if len(item) > len(shape) or any(not is_same(n, 1) for k, n in enumerate(aligned) if k != axis):
        return None
    return array.reshape(-1) if is_same(aligned[axis], shape[axis]) else None


def _folded(e: Emitter, operation: str, source: Draft, numbers: Array, name_of: str | None = None) -> bool:
    """Folds numbers, which may have a name of their own, into a layer; returns whether that was possible."""
    if source.operation in BIASED and operation == "add" and not source.arguments.get("bias", True):
        if source.given_weights:
            return False
        prefix = source.weights["weight"].removesuffix(".weight")
        name = name_of if name_of is not None and name_of.endswith(".bias") else f"{prefix}.bias"
        if name != name_of and name in e.weights and not np.array_equal(e.weights[name], numbers):
            return False
        source.arguments["bias"] = True
        source.weights["bias"] = name
        e.weights[name] = np.ascontiguousarray(numbers, np.float32)
        return True
    if source.operation in ("batch_norm",) and "weight" in source.weights:
        weight, bias = source.weights["weight"], source.weights["bias"]
        if operation == "multiply":
            e.weights[weight] = e.weights[weight] * numbers
            e.weights[bias] = e.weights[bias] * numbers
        else:
            e.weights[bias] = e.weights[bias] + numbers
        return True
    return False
