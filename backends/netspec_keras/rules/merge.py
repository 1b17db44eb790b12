"""Layers and functions that combine tensors."""

from __future__ import annotations

from netspec.diagnostics import clip
from netspec.importing import CannotImportError
from netspec.importing.problems import ARGUMENT, BATCH, INVALID_SOURCE

from ..call import LayerCall, Result, unless
from ..json_values import is_list
from ..values import KerasTensor
from .elementwise import combine
from .table import layer, operation

MERGES = {"Add": "add", "Multiply": "multiply", "Average": "average", "Maximum": "maximum", "Subtract": "subtract"}


@layer(*MERGES, "Minimum")
def merge(call: LayerCall) -> Result:
    """Elementwise merges."""
    inputs = call.inputs
    if len(inputs) < 2:
        raise CannotImportError(INVALID_SOURCE, "it requires several inputs; found 1")
    if call.layer.class_name == "Minimum":
        joined = inputs[0]
        for other in inputs[1:]:
            joined = combine(call, "minimum", joined, other)
        return joined
    return call.add(MERGES[call.layer.class_name], inputs)


@layer("Concatenate")
def concatenate(call: LayerCall) -> Result:
    """Concatenates along an axis."""
    return _concat(call, call.inputs, call.settings.values.get("axis", -1))


@operation("Concatenate")
def concatenate_function(call: LayerCall) -> Result:
    """Concatenation as a function."""
    return _concat(call, call.inputs, call.argument(1, "axis", -1))


def _concat(call: LayerCall, inputs: list[KerasTensor], axis: object) -> KerasTensor:
    if not inputs:
        raise CannotImportError(INVALID_SOURCE, "it requires inputs; found none")
    number = call.axis(axis, inputs[0].rank)
    if len(inputs) == 1:
        return inputs[0]
    return call.add("concat", inputs, axis=unless(number, inputs[0].type.channel))


@operation("Stack")
def stack(call: LayerCall) -> Result:
    """Stacks along a new axis."""
    axis = call.argument(1, "axis", 0)
    rank = call.input.rank + 1
    if type(axis) is not int or not -rank - 1 <= axis <= rank or axis % (rank + 1) == 0:
        raise CannotImportError(BATCH, "the new axis is before the batch axis")
    return call.add("stack", call.inputs, axis=axis % (rank + 1) - 1)


@layer("Dot")
def dot(call: LayerCall) -> Result:
    """Sums of products along one axis of each of two tensors."""
    inputs = call.inputs
    if len(inputs) != 2:
        raise CannotImportError(INVALID_SOURCE, f"it requires two inputs; found {len(inputs)}")
    axes = call.settings.integers("axes")
    pair = [call.axis(a, x.rank) for a, x in zip(axes if len(axes) == 2 else axes * 2, inputs, strict=False)]
    if call.settings.flag("normalize", False):
        inputs = [call.add("l2_normalize", x, stem="norm", axis=a, eps=1e-6) for a, x in zip(pair, inputs, strict=True)]
        call.walk.note(call.layer, "the norm of a vector counts as at least 1e-6, as Keras's square as at least 1e-12")
    letters = iter("abcdefghijklmnop")
    names = [[next(letters) for _ in range(x.rank)] for x in inputs]
    names[1][pair[1]] = names[0][pair[0]]
    output_axes = [n for n in (*names[0], *names[1]) if n != names[0][pair[0]]]
    if not output_axes:
        product = call.add("multiply", inputs, stem="product")
        return call.add("sum", product, axis=0, keepdims=True)
    return call.add("einsum", inputs, pattern=f"{' '.join(names[0])}, {' '.join(names[1])} -> {' '.join(output_axes)}")


@operation("Einsum")
def einsum(call: LayerCall) -> Result:
    """Sums of products by a pattern; the batch must come first."""
    pattern = call.settings.values.get("subscripts") or (call.args[0] if call.args else None)
    if not isinstance(pattern, str) or "->" not in pattern or "." in pattern or not pattern.replace(" ", "").isascii():
        raise CannotImportError(ARGUMENT, "this pattern has no equivalent")
    left, _, right = pattern.replace(" ", "").partition("->")
    terms = left.split(",")
    batch = right[:1]
    if not batch or any(term[:1] != batch or batch in term[1:] for term in (*terms, right)):
        raise CannotImportError(BATCH, f"pattern '{clip(pattern)}' moves the batch axis")
    written = ", ".join(" ".join(term[1:]) for term in terms)
    return call.add("einsum", call.inputs, pattern=f"{written} -> {' '.join(right[1:])}")


@operation("Matmul")
def matmul(call: LayerCall) -> Result:
    """The matrix product over the last two axes."""
    return call.add("matmul", call.inputs)


@operation("Tile")
def tile(call: LayerCall) -> Result:
    """Tiles along axes."""
    value, repeats = call.input, call.argument(1, "repeats")
    if not is_list(repeats) or len(repeats) != value.rank + 1 or any(type(n) is not int or n < 1 for n in repeats):
        raise CannotImportError(ARGUMENT, "repeats must be an integer for each axis")
    if repeats[0] != 1 or any(n > 1000 for n in repeats):
        raise CannotImportError(BATCH, "it repeats the batch axis")
    for axis, count in enumerate(repeats[1:]):
        if count > 1:
            value = call.add("concat", [value] * count, stem="repeat", axis=unless(axis, value.type.channel))
    return value


@operation("Repeat")
def repeat(call: LayerCall) -> Result:
    """Repeats every position of an axis."""
    x, count = call.input, call.argument(1, "repeats")
    axis = call.axis(call.argument(2, "axis"), x.rank)
    if type(count) is not int or count < 1:
        raise CannotImportError(ARGUMENT, "repeats that differ by position have no equivalent")
    letters = "abcdefghijklmnop"[: x.rank]
    parts = [f"({letter} r)" if k == axis else letter for k, letter in enumerate(letters)]
    return call.add("rearrange", pattern=f"{' '.join(letters)} -> {' '.join(parts)}", r=count)
