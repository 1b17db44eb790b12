"""The inputs of a model: shapes, types, and names for dynamic sizes."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from netspec.diagnostics import clip
from netspec.importing import CannotImportError
from netspec.importing.problems import ELEMENT_TYPE, INVALID_SOURCE

from .json_values import is_list
from .model_config import LayerConfig
from .saved_models.file_error import NO_STRUCTURE

INTEGER_TYPES = frozenset({"int8", "int16", "int32", "uint8", "uint16", "uint32", "int64", "uint64"})
AXIS_LETTERS = {1: ("T",), 2: ("T",), 3: ("H", "W"), 4: ("D", "H", "W")}
"""Names of dynamic sizes of an input, by its number of axes."""


def input_form(layer: LayerConfig | None) -> tuple[str, tuple[int | None, ...], str]:
    """Returns the name, shape and type of an input."""
    if layer is None or layer.class_name != "InputLayer":
        raise CannotImportError(INVALID_SOURCE, "an input of the model is not an InputLayer")
    settings = layer.settings
    shape = settings.values.get("batch_shape") or settings.values.get("batch_input_shape")
    if not is_list(shape) or len(shape) > 9 or not shape:
        raise CannotImportError(
            NO_STRUCTURE,
            f"the shape of the input '{clip(layer.name)}' is unknown",
            "build the model before saving it (`model.build((None, …))`), or start it with `keras.Input`",
        )
    sizes: list[Any] = shape[1:]
    if any(n is not None and (type(n) is not int or not 0 < n < 1 << 40) for n in sizes):
        message = f"the shape of the input '{clip(layer.name)}' must consist of sizes and None"
        raise CannotImportError(INVALID_SOURCE, message)
    dtype = settings.text("dtype", "float32")
    if dtype in INTEGER_TYPES:
        return layer.name, tuple(sizes), "int32" if dtype == "int32" else "int64"
    if dtype not in ("float32", "float16", "bfloat16", "float64", "bool"):
        raise CannotImportError(ELEMENT_TYPE, f"an input of type '{clip(dtype)}' has no equivalent")
    return layer.name, tuple(sizes), "bool" if dtype == "bool" else "float32"


def names_of_open(shape: Sequence[int | None], number: int) -> list[str]:
    """Returns a name for each dynamic size of an input, and empty strings for the others."""
    letters = AXIS_LETTERS.get(len(shape), ())
    count = sum(n is None for n in shape)
    suffix = str(number + 1) if number else ""
    names = [f"{letters[k] if count <= len(letters) else 'D' + str(k)}{suffix}" for k in range(count)]
    remaining = iter(names)
    return [next(remaining) if n is None else "" for n in shape]
