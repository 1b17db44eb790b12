"""Determines which calls of a model's layers are needed, and their order."""

from __future__ import annotations

import heapq
from collections import defaultdict

from .model_config import LayerConfig, Model, RecordedCall, TensorRef, references_in


def said_shapes(model: Model) -> dict[tuple[str, int], dict[int, TensorRef]]:
    """Returns the references to the outputs of each call, by output number, that state a shape."""
    shapes: dict[tuple[str, int], dict[int, TensorRef]] = defaultdict(dict)
    for layer in model.layers.values():
        for call in layer.calls:
            for ref in references_in([call.args, call.kwargs]):
                shapes[ref.layer, ref.call].setdefault(ref.output, ref)
    return shapes


def all_layers(model: Model) -> list[LayerConfig]:
    """Returns the layers of a model and of nested models, in order."""
    layers: list[LayerConfig] = []
    for layer in model.layers.values():
        layers.append(layer)
        if layer.model is not None:
            layers += all_layers(layer.model)
    return layers


def calls_in_order(model: Model) -> list[tuple[LayerConfig, int]]:
    """Returns the calls of a model's layers in topological order, close to that of the configuration.

    Calls with missing or cyclic inputs come last.
    """
    layers = list(model.layers.values())
    waiting: dict[tuple[int, int], int] = {}
    readers: dict[tuple[str, int], list[tuple[int, int]]] = {}
    ready: list[tuple[int, int]] = []
    for index, layer in enumerate(layers):
        for number in range(max(len(layer.calls), layer.class_name == "InputLayer")):
            call = layer.calls[number] if number < len(layer.calls) else RecordedCall([], {})
            sources = {(ref.layer, ref.call) for ref in references_in([call.args, call.kwargs])}
            waiting[index, number] = len(sources)
            for source in sources:
                readers.setdefault(source, []).append((index, number))
            if not sources:
                heapq.heappush(ready, (index, number))
    order: list[tuple[LayerConfig, int]] = []
    while ready:
        index, number = heapq.heappop(ready)
        del waiting[index, number]
        order.append((layers[index], number))
        for reader in readers.get((layers[index].name, number), ()):
            waiting[reader] -= 1
            if not waiting[reader]:
                heapq.heappush(ready, reader)
    return order + [(layers[index], number) for index, number in sorted(waiting)]


def without_mask(call: RecordedCall) -> RecordedCall:
    """Returns the call without its mask of positions, which Keras computes alongside the values."""
    return call._replace(kwargs={key: value for key, value in call.kwargs.items() if key not in ("mask", "training")})


def needed_calls(model: Model) -> set[tuple[str, int]]:
    """Returns the calls on which the outputs of a model depend."""
    needed: set[tuple[str, int]] = set()
    waiting = [(ref.layer, ref.call) for ref in references_in(model.outputs)]
    while waiting:
        name, number = waiting.pop()
        layer = model.layers.get(name)
        if (name, number) in needed or layer is None or not 0 <= number < len(layer.calls):
            continue
        needed.add((name, number))
        call = without_mask(layer.calls[number])
        waiting += [(ref.layer, ref.call) for ref in references_in([call.args, call.kwargs])]
    return needed


def read_by_embeddings(model: Model) -> set[TensorRef]:
    """Returns the references that only embeddings read."""
    readers: dict[TensorRef, set[str]] = {}
    for layer in model.layers.values():
        for call in map(without_mask, layer.calls):
            for ref in references_in([call.args, call.kwargs]):
                readers.setdefault(ref, set()).add(layer.class_name)
    return {ref for ref, classes in readers.items() if classes <= {"Embedding", "NotEqual"} and "Embedding" in classes}
