"""Element types in NumPy. NumPy has no bfloat16: those numbers are float32 values that bfloat16 represents exactly."""

from __future__ import annotations

from typing import Any, TypeAlias

import numpy as np
from numpy.typing import NDArray

Array: TypeAlias = NDArray[Any]


def numpy_dtype(name: str) -> np.dtype[Any]:
    """Returns NumPy's type for one of :data:`netspec.shapes.types.DTYPES`; float32 for bfloat16."""
    return np.dtype("float32" if name == "bfloat16" else name)


def to_bfloat16_bits(numbers: Array) -> NDArray[np.uint16]:
    """Returns the 16 bits of each number as bfloat16, rounded to nearest (ties to even)."""
    exact = np.ascontiguousarray(numbers, np.float32)
    bits = exact.view(np.uint32)
    rounded = (bits + (np.uint32(0x7FFF) + ((bits >> np.uint32(16)) & np.uint32(1)))) >> np.uint32(16)
    # Rounding would carry a NaN's fraction into its sign: NaNs keep their upper half, with the quiet bit set.
    nan = np.isnan(exact)
    if nan.any():
        rounded[nan] = (bits[nan] >> np.uint32(16)) | np.uint32(0x40)
    return rounded.astype(np.uint16)


def from_bfloat16_bits(bits: NDArray[np.uint16]) -> NDArray[np.float32]:
    """Returns the float32 numbers whose bits as bfloat16 are given."""
    return (bits.astype(np.uint32) << np.uint32(16)).view(np.float32)


def convert(numbers: Array, name: str) -> Array:
    """Converts numbers to another element type; for bfloat16 as rounded float32.

    Out-of-range numbers become infinite.
    """
    if name == "bfloat16":
        return from_bfloat16_bits(to_bfloat16_bits(numbers)).reshape(numbers.shape)
    with np.errstate(over="ignore"):
        return numbers.astype(numpy_dtype(name), copy=False)


def little_endian(numbers: Array, name: str) -> bytes | memoryview:
    """Returns the little-endian bytes of contiguous numbers of an element type, as stored in files."""
    if name == "bfloat16":
        numbers = to_bfloat16_bits(numbers)
    return np.ascontiguousarray(numbers, numbers.dtype.newbyteorder("<")).reshape(-1).view(np.uint8).data
