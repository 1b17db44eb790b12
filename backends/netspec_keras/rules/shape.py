"""Layers and functions that only move elements."""

from __future__ import annotations

import math
from typing import Any

from netspec.importing import CannotImportError
from netspec.importing.problems import ARGUMENT, BATCH, INVALID_SOURCE
from netspec.shapes import is_same, product

from ..call import LayerCall, Result, unless
from ..json_values import is_list
from ..values import KerasTensor
from .layouts import channel_axis
from .table import layer, operation


@layer("Flatten")
def flatten(call: LayerCall) -> Result:
    """Flattens all axes; with channels first, Keras moves the channels to the end before."""
    x = call.input
    if x.rank == 0:
        return call.add("reshape", shape=[1])
    if call.settings.values.get("data_format") == "channels_first" and x.rank > 1:
        x = call.add("permute", x, stem="permute", order=[*range(1, x.rank), 0])
    return call.add("flatten", x)


@layer("Reshape")
def reshape(call: LayerCall) -> Result:
    """Reshapes."""
    shape = call.settings.values.get("target_shape")
    if not is_list(shape):
        raise CannotImportError(INVALID_SOURCE, "'target_shape' must be a list")
    return _reshaped(call, call.input, [-1 if n is None else n for n in shape])


def _reshaped(call: LayerCall, x: KerasTensor, shape: list[Any]) -> KerasTensor:
    if any(type(n) is not int or n < -1 for n in shape) or shape.count(-1) > 1:
        raise CannotImportError(ARGUMENT, "the shape must consist of sizes, of which one may be -1")
    return call.add("reshape", x, shape=shape)


@operation("Reshape")
def reshape_function(call: LayerCall) -> Result:
    """Reshapes with the batch among the sizes, which must be preserved."""
    x, shape = call.input, call.argument(1, "newshape")
    if not is_list(shape) or not shape:
        raise CannotImportError(ARGUMENT, "the shape must be a list of sizes")
    items: list[Any] = list(shape)
    first, rest = items[0], [-1 if n is None else n for n in items[1:]]
    if first not in (-1, None) and -1 not in rest:
        raise CannotImportError(BATCH, "the shape has a fixed batch size")
    if first == -1 and (-1 in rest or not is_same(product(x.shape), math.prod(rest))):
        raise CannotImportError(BATCH, "it merges the batch with other axes")
    return _reshaped(call, x, rest)


@layer("Permute")
def permute(call: LayerCall) -> Result:
    """Permutes axes, which Keras counts from 1."""
    order = call.settings.integers("dims")
    if sorted(order) != list(range(1, call.input.rank + 1)):
        raise CannotImportError(INVALID_SOURCE, "'dims' must be an order of the axes")
    return call.add("permute", order=[a - 1 for a in order])


@operation("Transpose")
def transpose(call: LayerCall) -> Result:
    """Permutes axes; the batch must stay first."""
    order = call.argument(1, "axes")
    rank = call.input.rank
    if not is_list(order) or sorted(order) != list(range(rank + 1)) or order[0] != 0:
        raise CannotImportError(BATCH, "it moves the batch axis")
    return call.add("permute", order=[a - 1 for a in order[1:]])


@operation("Swapaxes", "Moveaxis")
def moved(call: LayerCall) -> Result:
    """Exchanges two axes, or moves one."""
    x = call.input
    swaps = call.layer.class_name == "Swapaxes"
    first, second = ("axis1", "axis2") if swaps else ("source", "destination")
    a, b = call.axis(call.argument(1, first), x.rank), call.axis(call.argument(2, second), x.rank)
    order = list(range(x.rank))
    if swaps:
        order[a], order[b] = order[b], order[a]
    else:
        order.insert(b, order.pop(a))
    return call.add("permute", order=order)


@layer("RepeatVector")
def repeat_vector(call: LayerCall) -> Result:
    """Repeats a vector along a new sequence axis."""
    count = call.settings.integer("n")
    row = call.add("unsqueeze", stem="row", axis=0)
    return call.add("expand", row, stem="repeat", shape=[count, -1])


@operation("Squeeze")
def squeeze(call: LayerCall) -> Result:
    """Removes axes of size 1."""
    axes = call.axes(call.argument(1, "axis"), call.input.rank)
    return call.add("squeeze", axis=axes[0] if len(axes) == 1 else axes)


@operation("ExpandDims")
def expand_dims(call: LayerCall) -> Result:
    """Inserts an axis of size 1."""
    axes, rank = call.argument(1, "axis"), call.input.rank
    value = call.input
    items = axes if is_list(axes) else [axes]
    for item in items:
        axis = call.axis(item, rank + 1)
        value = call.add("unsqueeze", value, axis=axis)
    return value


@operation("Split")
def split(call: LayerCall) -> Result:
    """Splits an axis into equal parts, or at given positions."""
    x = call.input
    axis, parts = call.axis(call.argument(2, "axis", 0), x.rank), call.argument(1, "indices_or_sections")
    if is_list(parts) and all(type(n) is int for n in parts):
        ends = [*parts, call.known(x, axis)]
        sizes = [end - start for start, end in zip([0, *parts], ends, strict=True)]
        return call.add_several("split", parts=sizes, axis=channel_axis(call, axis))
    if type(parts) is not int:
        raise CannotImportError(ARGUMENT, "indices_or_sections must be an integer or a list of positions")
    return call.add_several("split", parts=parts, axis=channel_axis(call, axis))


@operation("GetItem")
def get_item(call: LayerCall) -> Result:
    """Indexes axes by ranges, positions and new axes."""
    key = call.argument(1, "key")
    items: list[Any] = list(key) if is_list(key) else [key]
    if items.count(...) > 1:
        raise CannotImportError(INVALID_SOURCE, "an index has two ellipses")
    x = call.input
    if ... in items:
        at = items.index(...)
        named = sum(item is not None and item is not ... for item in items)
        items[at : at + 1] = [slice(None)] * (x.rank + 1 - named)
    if not items or not (isinstance(items[0], slice) and items[0] == slice(None)):
        raise CannotImportError(BATCH, "it indexes the batch axis")
    value, axis = x, 0
    for item in items[1:]:
        if item is None:
            value = call.add("unsqueeze", value, stem="unsqueeze", axis=axis)
        elif type(item) is int:
            value = call.add("select", value, stem="select", index=item, axis=axis)
            continue
        elif type(item) is slice:
            value = _sliced(call, value, axis, item)
        else:
            raise CannotImportError(ARGUMENT, "an index that is a tensor has no equivalent")
        axis += 1
    return value


def _sliced(call: LayerCall, value: KerasTensor, axis: int, item: slice) -> KerasTensor:
    """Selects a range of an axis."""
    start, stop, step = item.start, item.stop, item.step
    if any(n is not None and type(n) is not int for n in (start, stop, step)):
        raise CannotImportError(ARGUMENT, "an index that is a tensor has no equivalent")
    if axis >= value.rank:
        raise CannotImportError(INVALID_SOURCE, "an index has more items than the tensor has axes")
    size = value.shape[axis]
    if type(size) is int:
        if step is not None and step < 0:
            if slice(start, stop, step).indices(size) == slice(None, None, -1).indices(size):
                return call.add("flip", value, stem="flip", axis=axis)
            raise CannotImportError(ARGUMENT, "a negative step has no equivalent")
        start, stop, step = slice(start, stop, step).indices(size)
        start, stop, step = unless(start, 0), unless(stop, size), unless(step, 1)
    if (start, stop, step) == (None, None, None):
        return value
    return call.add("slice", value, stem="slice", axis=axis, start=start, stop=stop, step=step)


@operation("Flip")
def flip(call: LayerCall) -> Result:
    """Reverses axes."""
    axes = call.axes(call.argument(1, "axis"), call.input.rank)
    return call.add("flip", axis=axes[0] if len(axes) == 1 else axes)


@operation("Roll")
def roll(call: LayerCall) -> Result:
    """Rotates axes."""
    shift, axis = call.argument(1, "shift"), call.argument(2, "axis")
    return call.add("roll", shift=shift, axis=call.axis(axis, call.input.rank))


@operation("Identity")
def identity_function(call: LayerCall) -> Result:
    """Returns its input."""
    return call.add("identity")
