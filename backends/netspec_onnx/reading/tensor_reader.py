"""Reads the tensors stored in a file; their declared sizes are checked against the data first."""

from __future__ import annotations

import math
from pathlib import Path
from typing import Any

import numpy as np
import onnx
from onnx import TensorProto, numpy_helper

from netspec.backend import BackendError
from netspec.diagnostics import clip
from netspec.files import os_reason
from netspec.weights.numpy_types import Array, from_bfloat16_bits

from . import limits

FORMAT = "the file violates the ONNX format: onnx.checker.check_model(path) may say more"
"""What to do about a malformed file."""
DTYPES: dict[int, str] = {
    TensorProto.FLOAT: "float32",
    TensorProto.DOUBLE: "float32",
    TensorProto.FLOAT16: "float32",
    TensorProto.BFLOAT16: "float32",
    TensorProto.INT64: "int64",
    TensorProto.INT32: "int32",
    TensorProto.BOOL: "bool",
}
"""netspec's element types for those of ONNX; all floating-point types become float32."""
SMALL_INTEGERS = (TensorProto.UINT8, TensorProto.INT8, TensorProto.UINT16, TensorProto.INT16)
"""Types that occur in quantised graphs and in shape arithmetic."""
_BITS: dict[int, int] = {
    TensorProto.FLOAT: 32,
    TensorProto.DOUBLE: 64,
    TensorProto.FLOAT16: 16,
    TensorProto.BFLOAT16: 16,
    TensorProto.INT64: 64,
    TensorProto.INT32: 32,
    TensorProto.UINT64: 64,
    TensorProto.UINT32: 32,
    TensorProto.BOOL: 8,
    **dict.fromkeys((TensorProto.UINT8, TensorProto.INT8), 8),
    **dict.fromkeys((TensorProto.UINT16, TensorProto.INT16), 16),
}
_FIELDS: dict[int, str] = {
    TensorProto.FLOAT: "float_data",
    TensorProto.DOUBLE: "double_data",
    TensorProto.INT64: "int64_data",
    TensorProto.UINT64: "uint64_data",
    TensorProto.UINT32: "uint64_data",
}
"""The fields for numbers outside of ``raw_data``; ``int32_data`` for other types."""


def type_name(element: int) -> str:
    """Returns ONNX's name of an element type."""
    try:
        return str(TensorProto.DataType.Name(element))
    except ValueError:
        return f"type {element}"


class TensorReader:
    """Reads the tensors of one file.

    Args:
        folder: folder of external data; None if it is not permitted.
    """

    def __init__(self, folder: Path | None) -> None:
        self.folder = folder

    def __call__(self, tensor: onnx.TensorProto) -> Array:
        """Returns the array of a tensor; floating-point numbers keep their type, except bfloat16 (to float32).

        Raises:
            BackendError: NS861, it is too large; NS862, its external data cannot be read; NS846, its sizes do not fit
                its data; NS844, it does not contain numbers.
        """
        what = f"tensor '{clip(tensor.name)}'"
        shape = tuple(tensor.dims)
        if len(shape) > limits.RANK or any(n < 0 for n in shape):
            raise malformed(f"{what} has the shape {list(shape)[:8]}")
        bits = _BITS.get(tensor.data_type)
        if bits is None:
            message = f"{what} has the unsupported type {type_name(tensor.data_type)}"
            raise BackendError("NS844", message, "use a floating-point type, an integer of 8 to 64 bits, or bool")
        count = math.prod(shape)
        if count * bits // 8 > limits.TENSOR_BYTES:
            raise BackendError("NS861", f"{what} of shape {list(shape)} is larger than 64 GiB")
        if tensor.data_location == TensorProto.EXTERNAL:
            return self._typed(self._external(tensor, what, count * bits // 8), tensor.data_type, shape)
        if tensor.HasField("raw_data"):
            if len(tensor.raw_data) != count * bits // 8:
                raise malformed(f"{what} of shape {list(shape)} has {len(tensor.raw_data):,} bytes of data")
            return self._typed(np.frombuffer(tensor.raw_data, np.uint8), tensor.data_type, shape)
        length = len(getattr(tensor, _FIELDS.get(tensor.data_type, "int32_data")))
        if length != count:
            raise malformed(f"{what} of shape {list(shape)} has {length:,} elements")
        try:
            array: Array = numpy_helper.to_array(tensor)
        except (TypeError, ValueError, OverflowError) as error:
            raise malformed(f"{what} cannot be read: {clip(str(error))}") from None
        return array.astype(np.float32) if tensor.data_type == TensorProto.BFLOAT16 else array

    @staticmethod
    def _typed(data: Array, element: int, shape: tuple[int, ...]) -> Array:
        if element == TensorProto.BFLOAT16:
            return from_bfloat16_bits(data.view(np.dtype("<u2"))).reshape(shape)
        dtype = onnx.helper.tensor_dtype_to_np_dtype(element)
        return data.view(dtype.newbyteorder("<")).reshape(shape)

    def _external(self, tensor: onnx.TensorProto, what: str, count: int) -> Array:
        entries = {e.key: e.value for e in tensor.external_data}
        location = entries.get("location", "")
        try:
            offset, length = int(entries.get("offset", 0)), int(entries.get("length", count))
        except ValueError:
            raise malformed(f"{what} has an offset or length of external data that is not an integer") from None
        if self.folder is None:
            message = f"{what} has its data in the file '{clip(location)}', but the model was passed without its path"
            raise BackendError("NS862", message, "pass the path of the file in place of the model")
        folder = self.folder.resolve()
        if not location or "\0" in location:
            raise malformed(f"{what} has external data without a location")
        path = (folder / location).resolve()
        if not path.is_relative_to(folder):
            message = f"{what} has its data outside of the folder of the model, at '{clip(location)}'"
            raise BackendError("NS862", message, "move the data into the folder of the model")
        if length != count or offset < 0:
            raise malformed(
                f"{what} has {length:,} bytes of external data at offset {offset:,}; its shape has {count:,}"
            )
        try:
            size = path.stat().st_size if path.is_file() else -1
        except OSError:
            size = -1
        if size < 0:
            raise BackendError(
                "NS862", f"{what} has its data in '{clip(location)}', which does not exist", "copy that file, too"
            )
        if offset + length > size:
            message = f"{what} has its data at offset {offset:,} of '{clip(location)}', which has only {size:,} bytes"
            raise BackendError("NS862", message, "copy or export the file of weights again")
        if not length:
            return np.zeros(0, np.uint8)
        try:
            mapped: Any = np.memmap(path, np.uint8, "r", offset, (length,))
        except OSError as error:
            message = f"{what} has its data in '{clip(location)}', which cannot be read: {os_reason(error)}"
            raise BackendError("NS862", message) from None
        return np.asarray(mapped)


def malformed(message: str) -> BackendError:
    """Returns the error for a file that violates the ONNX format."""
    return BackendError("NS846", message, FORMAT)
