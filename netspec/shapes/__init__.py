"""Shapes of tensors: sizes, types, windows, and the input positions read by an output."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from .reads import (
        SAME_POSITION,
        WHOLE,
        Along,
        AxisRead,
        Fixed,
        ReadPattern,
        Reads,
        pointwise_reads,
        reads_except,
        transposed_reads,
        whole_reads,
        window_reads,
    )
    from .shape_error import ShapeError
    from .sizes import (
        Size,
        broadcast,
        ceil_div,
        equals,
        exact_div,
        is_named,
        is_same,
        maximum,
        minimum,
        product,
        require_at_least,
        require_equal,
        require_known,
        scale,
    )
    from .types import (
        CHANNELS,
        DTYPES,
        FLOATS,
        FULL_PRECISION,
        INTEGERS,
        ITEM_BYTES,
        NUMBERS,
        SEQUENCE,
        SPATIAL,
        GuessedName,
        TensorType,
        axis_names,
        is_known,
        shape_text,
        type_with_axes,
    )
    from .window import (
        Padding,
        Pads,
        Window,
        has_empty_window,
        multiple_within,
        output_size,
        transposed_output_size,
        transposed_padding,
        window_padding,
    )

__all__ = [
    "CHANNELS",
    "DTYPES",
    "FLOATS",
    "FULL_PRECISION",
    "INTEGERS",
    "ITEM_BYTES",
    "NUMBERS",
    "SAME_POSITION",
    "SEQUENCE",
    "SPATIAL",
    "WHOLE",
    "Along",
    "AxisRead",
    "Fixed",
    "GuessedName",
    "Padding",
    "Pads",
    "ReadPattern",
    "Reads",
    "ShapeError",
    "Size",
    "TensorType",
    "Window",
    "axis_names",
    "broadcast",
    "ceil_div",
    "equals",
    "exact_div",
    "has_empty_window",
    "is_known",
    "is_named",
    "is_same",
    "maximum",
    "minimum",
    "multiple_within",
    "output_size",
    "pointwise_reads",
    "product",
    "reads_except",
    "require_at_least",
    "require_equal",
    "require_known",
    "scale",
    "shape_text",
    "transposed_output_size",
    "transposed_padding",
    "transposed_reads",
    "type_with_axes",
    "whole_reads",
    "window_padding",
    "window_reads",
]

_NAMES = {
    "reads": (
        "SAME_POSITION WHOLE Along AxisRead Fixed ReadPattern Reads pointwise_reads reads_except transposed_reads "
        "whole_reads window_reads"
    ),
    "shape_error": "ShapeError",
    "sizes": (
        "Size broadcast ceil_div equals exact_div is_named is_same maximum minimum product require_at_least "
        "require_equal require_known scale"
    ),
    "types": (
        "CHANNELS DTYPES FLOATS FULL_PRECISION INTEGERS ITEM_BYTES NUMBERS SEQUENCE SPATIAL GuessedName "
        "TensorType axis_names is_known shape_text type_with_axes"
    ),
    "window": (
        "Padding Pads Window has_empty_window multiple_within output_size transposed_output_size "
        "transposed_padding window_padding"
    ),
}
_MODULES = {name: module for module, names in _NAMES.items() for name in names.split()}


def __getattr__(name: str) -> Any:
    """Imports a public name on first use."""
    module = _MODULES.get(name)
    if module is None:
        raise AttributeError(f"module '{__name__}' has no attribute '{name}'")
    from importlib import import_module

    return getattr(import_module(f".{module}", __name__), name)
