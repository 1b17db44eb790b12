"""What operations require of the types of elements."""

from __future__ import annotations

from ...shapes.sizes import ShapeError
from ...shapes.types import TensorType
from ..base import Types

FLOATS = ("float32", "float16", "bfloat16", "float64")


def one_dtype(op: str, inputs: Types) -> str:
    """The type of the elements of all inputs; ShapeError NS515 if they differ."""
    for x in inputs[1:]:
        if x.dtype != inputs[0].dtype:
            raise ShapeError("NS515", f"the inputs of '{op}' differ in type: {inputs[0].dtype} and {x.dtype}")
    return inputs[0].dtype


def floating(op: str, x: TensorType) -> None:
    """ShapeError NS548 unless the elements are floating-point numbers."""
    if x.dtype not in FLOATS:
        raise ShapeError("NS548", f"'{op}' works on floating-point numbers; found {x.dtype}")
