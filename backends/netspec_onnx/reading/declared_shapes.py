"""Shapes that the file declares, or that ONNX infers; used for operators that netspec lacks."""

from __future__ import annotations

from collections.abc import Mapping
from functools import cached_property

import onnx

from netspec.shapes.sizes import Size

from .tensor_reader import DTYPES
from .values import Shape

INFERRED_BYTES = 2**28
"""Maximum size of a model, in bytes, for which shapes are inferred."""


class DeclaredShapes:
    """The declared or inferred shapes and types of values.

    Args:
        model: the model.
        sizes: the sizes for the names that the model has for them.
    """

    def __init__(self, model: onnx.ModelProto, sizes: Mapping[str, Size]) -> None:
        self._model = model
        self._sizes = sizes

    def find(self, name: str) -> tuple[Shape, str] | None:
        """Returns the shape and type of a value, or None if they are unknown."""
        info = self._declared.get(name)
        if info is None or not info.type.tensor_type.HasField("shape"):
            info = self._inferred.get(name)
        if info is None or not info.type.tensor_type.HasField("shape"):
            return None
        kind = info.type.tensor_type
        shape: list[Size] = []
        for dim in kind.shape.dim:
            size = dim.dim_value or self._sizes.get(dim.dim_param)
            if not size:
                return None
            shape.append(size)
        dtype = DTYPES.get(kind.elem_type)
        return None if dtype is None else (tuple(shape), dtype)

    @cached_property
    def _declared(self) -> dict[str, onnx.ValueInfoProto]:
        return {v.name: v for v in (*self._model.graph.value_info, *self._model.graph.output)}

    @cached_property
    def _inferred(self) -> dict[str, onnx.ValueInfoProto]:
        if self._model.ByteSize() > INFERRED_BYTES:
            return {}
        try:
            graph = onnx.shape_inference.infer_shapes(self._model).graph
        except Exception:  # C++ exceptions for any error in other nodes
            return {}
        return {v.name: v for v in (*graph.value_info, *graph.output)}
