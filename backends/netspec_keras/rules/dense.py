"""Dense layers and look-ups."""

from __future__ import annotations

import re

from netspec.diagnostics import clip
from netspec.importing import CannotImportError
from netspec.importing.problems import ARGUMENT, BATCH, ELEMENT_TYPE

from ..call import LayerCall, Result
from ..json_values import is_list
from ..tensors import SpecTensor, as_stored, transposed
from ..values import KerasTensor
from .activation import activate
from .layouts import channel_or_last_axis
from .table import layer

INTEGERS = ("int64", "int32")


@layer("Dense")
def dense(call: LayerCall) -> Result:
    """A dense layer along the last axis with its activation."""
    x, units = call.input, call.settings.integer("units")
    features = call.known(x, x.rank - 1)
    kernel = call.variable(0, "kernel", features, units)
    weights = {"weight": SpecTensor((units, features), (kernel,), transposed)}
    bias = call.settings.flag("use_bias", True)
    if bias:
        weights["bias"] = SpecTensor((units,), (call.variable(1, "bias", units),), as_stored)
    axis = channel_or_last_axis(call, x.rank - 1)
    if axis is None and x.rank >= 3:  # where netspec asks for it, so that an image is not meant to be flattened
        axis = x.rank - 1
    return activate(call, call.add("dense", weights=weights, units=units, bias=None if bias else False, axis=axis))


@layer("EinsumDense")
def einsum_dense(call: LayerCall) -> Result:
    """A product by an equation: a dense layer and a reshape if it is equivalent, else ``einsum``."""
    x = call.input
    first, kernel, result = _equation(call, x.rank)
    sizes = dict(zip(first, x.shape, strict=True))
    for label, size in zip(reversed(result), reversed(_output_shape(call)), strict=False):
        if label not in sizes and size is not None:
            sizes[label] = size
    missing = [label for label in kernel if label not in sizes]
    if missing:
        raise CannotImportError(ARGUMENT, "output_shape does not determine the shape of the kernel")
    shape = tuple(call.known(x, first.index(k)) if k in first else sizes[k] for k in kernel)
    variable = call.variable(0, "kernel", *shape)
    bias_labels = call.settings.values.get("bias_axes") or ""
    if not set(bias_labels) <= set(result):
        raise CannotImportError(ARGUMENT, "bias_axes must be axes of the output")
    bias_shape = tuple(sizes[label] if label in bias_labels else 1 for label in result)
    while bias_shape and bias_shape[0] == 1:
        bias_shape = bias_shape[1:]
    bias = (
        call.variable(1, "bias", *(sizes[label] for label in result if label in bias_labels)) if bias_labels else None
    )
    if (
        first[-1:]
        and kernel == first[-1] + result[-1]
        and result == first[:-1] + result[-1]
        and bias_labels in ("", result[-1])
    ):
        weights = {"weight": SpecTensor(shape[::-1], (variable,), transposed)}
        if bias is not None:
            weights["bias"] = SpecTensor(bias.shape, (bias,), as_stored)
        axis = channel_or_last_axis(call, x.rank - 1) if x.rank < 3 else x.rank - 1
        return activate(
            call, call.add("dense", weights=weights, units=shape[1], bias=None if bias else False, axis=axis)
        )
    table = call.add(
        "parameter", [], weights={"": SpecTensor(shape, (variable,), as_stored)}, part="kernel", shape=list(shape)
    )
    pattern = f"{' '.join(first)}, {' '.join(kernel)} -> {' '.join(result)}"
    value = call.add("einsum", [x, table], stem="product", pattern=pattern)
    if bias is not None:
        offset = SpecTensor(bias_shape, (bias,), as_stored)
        shift = call.add("parameter", [], weights={"": offset}, part="bias", shape=list(bias_shape))
        value = call.add("add", [value, shift], stem="add")
    return activate(call, value)


def _equation(call: LayerCall, rank: int) -> tuple[str, str, str]:
    """Returns the labels of the input, the kernel and the output, without the batch."""
    equation = call.settings.text("equation").replace(" ", "")
    match = re.fullmatch(r"(\.\.\.)?([a-zA-Z]*),([a-zA-Z]+)->(\.\.\.)?([a-zA-Z]*)", equation)
    if match is None:
        raise CannotImportError(ARGUMENT, f"equation '{clip(equation)}' has no equivalent")
    dots, first, kernel, more_dots, result = match.groups()
    if dots:
        free = [c for c in "abcdefghijklmnopqrstuvwxyz" if c not in first + kernel + result]
        count = rank + 1 - len(first)
        if not more_dots or not 1 <= count <= len(free):
            raise CannotImportError(ARGUMENT, f"equation '{clip(equation)}' does not fit an input with {rank + 1} axes")
        ahead = "".join(free[:count])
        first, result = ahead + first, ahead + result
    if len(first) != rank + 1 or first[0] in kernel or result[:1] != first[0]:
        raise CannotImportError(BATCH, f"equation '{clip(equation)}' changes the batch axis")
    return first[1:], kernel, result[1:]


def _output_shape(call: LayerCall) -> list[int | None]:
    """Returns the output shape in the layer's configuration, without the batch."""
    shape = call.settings.values.get("output_shape")
    items = [shape] if type(shape) is int else shape
    if not is_list(items) or any(n is not None and (type(n) is not int or n < 1) for n in items):
        raise CannotImportError(ARGUMENT, "output_shape must be a list of sizes")
    return list(items)


@layer("Embedding")
def embedding(call: LayerCall) -> Result:
    """A table of vectors. Non-integer indices are truncated, as in Keras."""
    vocabulary, width = call.settings.integer("input_dim"), call.settings.integer("output_dim")
    variable = call.variable(0, "embeddings", vocabulary, width)
    indices = as_integers(call, call.input)
    weights = {"weight": SpecTensor((vocabulary, width), (variable,), as_stored)}
    value = call.add("embedding", indices, weights=weights, vocabulary=vocabulary, width=width)
    return value.with_mask(call.settings.flag("mask_zero", False))


def as_integers(call: LayerCall, value: KerasTensor) -> KerasTensor:
    """Casts a value to integers."""
    if value.type.dtype in INTEGERS:
        return value
    if value.type.dtype == "bool":
        raise CannotImportError(ELEMENT_TYPE, "booleans have no equivalent as indices")
    return call.add("cast", value, stem="indices", to="int64")
