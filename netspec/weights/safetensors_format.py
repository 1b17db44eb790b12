"""The safetensors format: the header's length (8 bytes), the header in JSON, and the tensors one after another.

It is read and written here so that a file of any size is processed in pieces. The header is checked as the format's own
library does (offsets without gaps or overlaps, lengths that fit shapes) before a tensor is read.
"""

from __future__ import annotations

import json
import math
import os
from collections.abc import Iterable, Iterator, Mapping
from concurrent.futures import ThreadPoolExecutor
from io import BufferedReader
from pathlib import Path
from typing import TYPE_CHECKING, Any, NamedTuple, cast

import numpy as np

from ..diagnostics import clip
from ..files import FileReadError, open_regular, os_reason, replace_file, require_room
from ..shapes.types import ITEM_BYTES
from .initialisers import PIECE
from .numpy_types import Array, from_bfloat16_bits, little_endian
from .weight_file import WeightFile

if TYPE_CHECKING:
    from ..ir import Parameter
    from .weight_source import WeightSource

MAX_HEADER = 25_000_000
"""Largest header in bytes; enough for about 200,000 tensors."""
MAX_AXES = 64
"""NumPy's limit."""

_NAMES = {
    "float32": "F32",
    "float16": "F16",
    "bfloat16": "BF16",
    "float64": "F64",
    "int64": "I64",
    "int32": "I32",
    "bool": "BOOL",
}
_OURS = {code: name for name, code in _NAMES.items()}
_READABLE = {
    "F32": "<f4",
    "F16": "<f2",
    "BF16": "<u2",
    "F64": "<f8",
    "I64": "<i8",
    "I32": "<i4",
    "I16": "<i2",
    "I8": "i1",
    "U64": "<u8",
    "U32": "<u4",
    "U16": "<u2",
    "U8": "u1",
    "BOOL": "?",
}
_BYTES = {code: np.dtype(name).itemsize for code, name in _READABLE.items()} | {
    "F8_E4M3": 1,
    "F8_E5M2": 1,
    "F8_E8M0": 1,
    "C64": 8,
}


class TensorEntry(NamedTuple):
    """A tensor in the file: its type code, its shape, and where its bytes begin and end."""

    code: str
    shape: tuple[int, ...]
    begin: int
    end: int


class SafeTensors(WeightFile):
    """A safetensors file; it is opened again for every tensor, and read in pieces.

    Raises:
        FileReadError: the file does not exist, or its header is invalid.
    """

    def __init__(self, path: Path) -> None:
        self.path = path
        try:
            with open_regular(path) as file:
                self._entries = _entries(path, file)
        except OSError as error:
            raise FileReadError(path, os_reason(error)) from None
        self._names = tuple(self._entries)

    @property
    def names(self) -> tuple[str, ...]:
        """The names in the order of their bytes."""
        return self._names

    @property
    def ordered(self) -> bool:
        """False if names are sorted within each element type, as the usual writer does: the network's order is lost."""
        by_type: dict[str, list[str]] = {}
        for name, entry in self._entries.items():
            by_type.setdefault(entry.code, []).append(name)
        return any(names != sorted(names) for names in by_type.values())

    def shape(self, name: str) -> tuple[int, ...]:
        """The shape of a tensor."""
        return self._entries[name].shape

    def dtype(self, name: str) -> str:
        """The element type: netspec's name for it, or else the format's code."""
        code = self._entries[name].code
        return _OURS.get(code, code)

    def check(self, name: str) -> None:
        """Checks that NumPy has the element type of a tensor; where its bytes are was checked with the header."""
        self._dtype(name)

    def read(self, name: str) -> Array:
        """Reads a whole tensor."""
        entry = self._entries[name]
        out = [*self._parts(name, max(math.prod(entry.shape), 1))]
        return out[0].reshape(entry.shape) if out else np.empty(entry.shape, self._dtype(name))

    def pieces(self, name: str) -> Iterator[Array]:
        """Yields a tensor in flat pieces of 2**20 elements; one is held at a time."""
        return self._parts(name, PIECE)

    def _dtype(self, name: str) -> np.dtype[Any]:
        entry = self._entries[name]
        if entry.code not in _READABLE:
            raise FileReadError(self.path, f"'{clip(name)}' has elements of type {entry.code}, which is not supported")
        return np.dtype(_READABLE[entry.code])

    def _parts(self, name: str, most: int) -> Iterator[Array]:
        entry = self._entries[name]
        dtype = self._dtype(name)
        try:
            with open_regular(self.path) as file:
                file.seek(entry.begin)
                for start in range(entry.begin, entry.end, most * dtype.itemsize):
                    raw = np.empty(min(most, (entry.end - start) // dtype.itemsize), dtype)
                    if file.readinto(raw.view(np.uint8).data) != raw.nbytes:
                        raise FileReadError(self.path, "it was truncated after it was opened")
                    yield from_bfloat16_bits(raw) if entry.code == "BF16" else raw
        except OSError as error:
            raise FileReadError(self.path, os_reason(error)) from None


def _entries(path: Path, file: BufferedReader) -> dict[str, TensorEntry]:
    """Parses and checks the header; returns the tensors in the order of their bytes."""

    def invalid(reason: str) -> FileReadError:
        return FileReadError(path, f"it is not a valid safetensors file: {reason}")

    size = os.fstat(file.fileno()).st_size
    length = int.from_bytes(file.read(8), "little")
    if size < 8 or length > size - 8:
        raise invalid(f"the header has {length} bytes, the file {size}" if size >= 8 else f"it has {size} bytes")
    if length > MAX_HEADER:
        raise invalid(f"the header has {length} bytes; the limit is {MAX_HEADER}")
    try:
        header: Any = json.loads(file.read(length).decode(), object_pairs_hook=_unique)
    except (ValueError, RecursionError) as error:
        reason = str(error) if isinstance(error, _DuplicateError) else "the header is not JSON"
        raise invalid(reason) from None
    if not isinstance(header, dict):
        raise invalid("the header is not an object")
    entries: dict[str, TensorEntry] = {}
    for name, fields in cast(dict[str, Any], header).items():
        if name == "__metadata__":
            continue
        entry = _entry(fields, 8 + length)
        if entry is None:
            raise invalid(f"'{clip(name)}' has an invalid description")
        entries[name] = entry
    ordered = dict(sorted(entries.items(), key=lambda item: (item[1].begin, item[1].end)))
    at = 8 + length
    for name, entry in ordered.items():
        if entry.begin != at:
            raise invalid(f"the bytes of '{clip(name)}' do not start where the previous tensor ends")
        at = entry.end
    if at != size:
        raise invalid(f"its tensors end at byte {at}; the file has {size} bytes")
    return ordered


def _entry(fields: Any, base: int) -> TensorEntry | None:
    """Parses the description of a tensor; None if it is invalid."""
    if not isinstance(fields, dict):
        return None
    entry = cast(dict[str, Any], fields)
    code, shape, offsets = entry.get("dtype"), _sizes(entry.get("shape")), _sizes(entry.get("data_offsets"))
    if not isinstance(code, str) or code not in _BYTES or shape is None or offsets is None or len(offsets) != 2:
        return None
    begin, end = offsets
    return (
        TensorEntry(code, shape, base + begin, base + end) if end - begin == math.prod(shape) * _BYTES[code] else None
    )


def _sizes(value: Any) -> tuple[int, ...] | None:
    if not isinstance(value, list):
        return None
    sizes: list[Any] = value  # pyright: ignore[reportUnknownVariableType] - a list of anything
    if len(sizes) > MAX_AXES or not all(type(n) is int and 0 <= n < 1 << 48 for n in sizes):
        return None
    return tuple(sizes)


class _DuplicateError(ValueError):
    pass


def _unique(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    out = dict(pairs)
    if len(out) != len(pairs):
        raise _DuplicateError("the header has a name twice")
    return out


def write_safetensors(
    path: str | os.PathLike[str],
    parameters: Iterable[Parameter],
    source: WeightSource,
    pool: ThreadPoolExecutor | None = None,
    metadata: Mapping[str, str] | None = None,
) -> None:
    """Writes the persistent parameters in pieces, wide element types first so that all tensors are aligned.

    The file is replaced atomically.

    Raises:
        FileWriteError: the file cannot be written, or the disk is full.
        FileReadError: the weight file behind ``source`` cannot be read.
    """
    persistent = sorted((p for p in parameters if p.persistent), key=lambda p: -ITEM_BYTES[p.dtype])
    header: dict[str, Any] = {"__metadata__": {"format": "pt", **(metadata or {})}}
    at = 0
    for p in persistent:
        end = at + p.elements * ITEM_BYTES[p.dtype]
        header[p.name] = {"dtype": _NAMES[p.dtype], "shape": list(p.shape), "data_offsets": [at, end]}
        at = end
    text = json.dumps(header, ensure_ascii=False, separators=(",", ":")).encode()
    text += b" " * (-len(text) % 8)
    require_room(path, 8 + len(text) + at)
    with replace_file(path) as file:
        file.write(len(text).to_bytes(8, "little") + text)
        for p in persistent:
            for piece in source.pieces(p, pool):
                file.write(little_endian(piece, p.dtype))
