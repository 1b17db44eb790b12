"""State dicts as PyTorch saves them. PyTorch is not needed, and no code of the file runs."""

from __future__ import annotations

import math
import struct
import zipfile
from collections.abc import Iterator, Mapping
from io import BufferedReader
from pathlib import Path
from typing import Any, cast

import numpy as np

from ..diagnostics import clip
from ..files import FileReadError, open_regular, os_reason
from .initialisers import PIECE
from .numpy_types import Array, from_bfloat16_bits
from .torch_archive import READABLE, StoredTensor, read_archive
from .weight_file import WeightFile

_NESTED = ("state_dict", "model_state_dict", "model")
"""Keys under which checkpoints keep the state dict itself."""


class StateDict(WeightFile):
    """A file that ``torch.save`` wrote: a state dict, or a checkpoint that contains one.

    It is opened again for every tensor, and read in pieces.

    Raises:
        FileReadError: the file does not exist, is not a state dict, or contains code.
    """

    def __init__(self, path: Path) -> None:
        self.path = path
        try:
            with open_regular(path) as file:
                self._archive = read_archive(path, file)
        except OSError as error:
            raise FileReadError(path, os_reason(error)) from None
        self._tensors = _tensors(path, self._archive.content)

    @property
    def names(self) -> tuple[str, ...]:
        """The names in the order of the file."""
        return tuple(self._tensors)

    def shape(self, name: str) -> tuple[int, ...]:
        """The shape of a tensor."""
        return self._tensors[name].shape

    def dtype(self, name: str) -> str:
        """The element type."""
        return self._tensors[name].dtype

    def check(self, name: str) -> None:
        """Checks that the elements of a tensor are numbers, and that the file holds them."""
        tensor = self._tensors[name]
        if tensor.kind is not None:
            raise FileReadError(self.path, f"'{clip(name)}' is {tensor.kind}, which is not supported")
        if tensor.dtype not in READABLE:
            raise FileReadError(
                self.path, f"'{clip(name)}' has elements of type {tensor.dtype}, which is not supported"
            )
        try:
            items = self._archive.size(tensor.key) // np.dtype(READABLE[tensor.dtype]).itemsize
        except KeyError:
            raise FileReadError(self.path, f"it lacks the elements of '{clip(name)}'") from None
        if tensor.elements > items:
            repeated = f"'{clip(name)}' has {tensor.elements:,} elements, of which the file holds only {items:,}"
            raise FileReadError(self.path, repeated, "save a copy of it: tensor.contiguous()")
        if tensor.offset + tensor.extent > items:
            raise FileReadError(self.path, f"'{clip(name)}' lies outside of its storage")

    def read(self, name: str) -> Array:
        """Reads a tensor; bfloat16 as float32."""
        shape = self._tensors[name].shape
        pieces = list(self._pieces(name, max(math.prod(shape), 1)))
        return pieces[0].reshape(shape)

    def pieces(self, name: str) -> Iterator[Array]:
        """Yields a tensor in flat pieces of 2**20 elements."""
        return self._pieces(name, PIECE)

    def _pieces(self, name: str, most: int) -> Iterator[Array]:
        self.check(name)
        tensor = self._tensors[name]
        dtype = np.dtype(self._archive.byte_order + READABLE[tensor.dtype])
        with open_regular(self.path) as file:
            begin = self._begin(file, name) + tensor.offset * dtype.itemsize
            # Row by row in the storage: it is read piece by piece. Otherwise all of it is needed for the first piece.
            flat = None if _is_contiguous(tensor) else _read(self.path, file, begin, tensor.extent, dtype)
            for start in range(0, max(tensor.elements, 1), most):
                count = min(most, tensor.elements - start)
                if flat is None:
                    piece = _read(self.path, file, begin + start * dtype.itemsize, count, dtype)
                else:
                    strides = [s * dtype.itemsize for s in tensor.stride]
                    view = np.lib.stride_tricks.as_strided(flat, tensor.shape, strides, writeable=False)
                    piece = np.asarray(view.flat[start : start + count])
                yield _native(piece, tensor.dtype)

    def _begin(self, file: BufferedReader, name: str) -> int:
        """Returns the offset of the storage of a tensor."""
        try:
            return self._archive.locate(file, self._tensors[name].key)
        except (zipfile.BadZipFile, struct.error):
            raise FileReadError(self.path, f"it lacks the elements of '{clip(name)}'") from None
        except OSError as error:
            raise FileReadError(self.path, os_reason(error)) from None


def _is_contiguous(tensor: StoredTensor) -> bool:
    """Whether the elements are stored row by row without gaps."""
    step = 1
    for size, stride in zip(reversed(tensor.shape), reversed(tensor.stride), strict=True):
        if size != 1 and stride != step:
            return False
        step *= size
    return True


def _read(path: Path, file: BufferedReader, begin: int, count: int, dtype: np.dtype[Any]) -> Array:
    """Reads elements from the file."""
    out = np.empty(count, dtype)
    try:
        file.seek(begin)
        if file.readinto(out.view(np.uint8).data) != out.nbytes:
            raise FileReadError(path, "it was truncated after it was opened")
    except OSError as error:
        raise FileReadError(path, os_reason(error)) from None
    return out


def _native(piece: Array, dtype: str) -> Array:
    """Returns the elements in the byte order of this machine; bfloat16 as float32."""
    native = piece.astype(piece.dtype.newbyteorder("="), copy=False)
    if dtype == "bfloat16":
        return from_bfloat16_bits(native)
    return native != 0 if dtype == "bool" else native


def _tensors(path: Path, content: Any) -> dict[str, StoredTensor]:
    """Returns the tensors of a state dict, or of the state dict in a checkpoint."""
    seen = 0
    while isinstance(content, Mapping) and seen < len(_NESTED):
        entries = cast(Mapping[object, Any], content)
        tensors = {str(k): v for k, v in entries.items() if isinstance(k, (str, int)) and isinstance(v, StoredTensor)}
        if tensors:
            return tensors
        content = next((entries[key] for key in _NESTED if isinstance(entries.get(key), Mapping)), None)
        seen += 1
    raise FileReadError(path, "it contains no named tensors", "save model.state_dict()")
