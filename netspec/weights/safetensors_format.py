"""The safetensors format: a length (8 bytes), a header in JSON, and the tensors one after the other.

Read and written here, so that a file of any size goes through in pieces; what the header says is checked as the
format's own library does (offsets without gaps or overlaps, lengths that fit shapes) before a tensor is read.
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
from ..files import FileReadError, replacing, why
from ..shapes.types import ITEM_BYTES
from .dtypes import Array, from_bfloat16_bits, little_endian
from .rules import PIECE
from .weight_file import WeightFile

if TYPE_CHECKING:
    from ..ir import Parameter
    from .source import Source

MAX_HEADER = 25_000_000
"""Bytes of a header; about 200,000 tensors."""
MAX_AXES = 64
"""As many as NumPy has."""

_NAMES = {
    "float32": "F32", "float16": "F16", "bfloat16": "BF16", "float64": "F64", "int64": "I64", "int32": "I32",
    "bool": "BOOL",
}
_OURS = {code: name for name, code in _NAMES.items()}
_READABLE = {
    "F32": "<f4", "F16": "<f2", "BF16": "<u2", "F64": "<f8", "I64": "<i8", "I32": "<i4", "I16": "<i2", "I8": "i1",
    "U64": "<u8", "U32": "<u4", "U16": "<u2", "U8": "u1", "BOOL": "?",
}
_BYTES = {code: np.dtype(found).itemsize for code, found in _READABLE.items()} | {
    "F8_E4M3": 1, "F8_E5M2": 1, "F8_E8M0": 1, "C64": 8,
}


class Entry(NamedTuple):
    """A tensor in the file: its type there, its shape, and where its bytes begin and end."""

    code: str
    shape: tuple[int, ...]
    begin: int
    end: int


class SafeTensors(WeightFile):
    """A file of that format; it is opened anew for every tensor, and read in pieces.

    Raises:
        FileReadError: there is no such file, or its header does not hold.
    """

    def __init__(self, path: Path) -> None:
        self.path = path
        try:
            with open(path, "rb") as file:
                self._entries = _entries(path, file)
        except OSError as error:
            raise FileReadError(path, why(error)) from None
        self._names = tuple(self._entries)

    @property
    def names(self) -> tuple[str, ...]:
        """The names in the order of their bytes."""
        return self._names

    @property
    def ordered(self) -> bool:
        """The usual writer sorts names within each element type; then their order tells nothing."""
        by_type: dict[str, list[str]] = {}
        for name, entry in self._entries.items():
            by_type.setdefault(entry.code, []).append(name)
        return any(names != sorted(names) for names in by_type.values())

    def shape(self, name: str) -> tuple[int, ...]:
        """The shape of a tensor."""
        return self._entries[name].shape

    def dtype(self, name: str) -> str:
        """The element type, by our name where we have one, else by the format's."""
        code = self._entries[name].code
        return _OURS.get(code, code)

    def read(self, name: str) -> Array:
        """A tensor, whole."""
        entry = self._entries[name]
        out = [*self._parts(name, max(math.prod(entry.shape), 1))]
        return out[0].reshape(entry.shape) if out else np.empty(entry.shape, self._dtype(name))

    def pieces(self, name: str) -> Iterator[Array]:
        """A tensor in flat pieces of 2**20 elements; no more than one is held."""
        return self._parts(name, PIECE)

    def _dtype(self, name: str) -> np.dtype[Any]:
        entry = self._entries[name]
        if entry.code not in _READABLE:
            raise FileReadError(
                self.path, f"'{clip(name)}' has elements of type {entry.code}, which cannot be used here"
            )
        return np.dtype(_READABLE[entry.code])

    def _parts(self, name: str, most: int) -> Iterator[Array]:
        entry = self._entries[name]
        dtype = self._dtype(name)
        try:
            with open(self.path, "rb") as file:
                file.seek(entry.begin)
                for start in range(entry.begin, entry.end, most * dtype.itemsize):
                    raw = np.empty(min(most, (entry.end - start) // dtype.itemsize), dtype)
                    if file.readinto(raw.view(np.uint8).data) != raw.nbytes:
                        raise FileReadError(self.path, "it has become shorter since it was opened")
                    yield from_bfloat16_bits(raw) if entry.code == "BF16" else raw
        except OSError as error:
            raise FileReadError(self.path, why(error)) from None


def _entries(path: Path, file: BufferedReader) -> dict[str, Entry]:
    """The header, checked against itself and the size of the file; tensors in the order of their bytes."""

    def wrong(reason: str) -> FileReadError:
        return FileReadError(path, f"it is no whole safetensors file: {reason}")

    size = os.fstat(file.fileno()).st_size
    length = int.from_bytes(file.read(8), "little")
    if size < 8 or length > size - 8:
        raise wrong(f"the header should take {length} bytes of {size}" if size >= 8 else f"it has {size} bytes")
    if length > MAX_HEADER:
        raise wrong(f"the header takes {length} bytes; {MAX_HEADER} is the limit")
    try:
        header: Any = json.loads(file.read(length).decode(), object_pairs_hook=_once)
    except (ValueError, RecursionError) as error:
        reason = str(error) if isinstance(error, _TwiceError) else "the header is not JSON"
        raise wrong(reason) from None
    if not isinstance(header, dict):
        raise wrong("the header is no mapping")
    found: dict[str, Entry] = {}
    for name, fields in cast(dict[str, Any], header).items():
        if name == "__metadata__":
            continue
        entry = _entry(fields, 8 + length)
        if entry is None:
            raise wrong(f"'{clip(name)}' is not described as it must be")
        found[name] = entry
    ordered = dict(sorted(found.items(), key=lambda item: (item[1].begin, item[1].end)))
    at = 8 + length
    for name, entry in ordered.items():
        if entry.begin != at:
            raise wrong(f"the bytes of '{clip(name)}' do not begin where those before them end")
        at = entry.end
    if at != size:
        raise wrong(f"its tensors end at byte {at}; the file has {size}")
    return ordered


def _entry(fields: Any, base: int) -> Entry | None:
    """One tensor of the header; None where it does not hold."""
    if not isinstance(fields, dict):
        return None
    given = cast(dict[str, Any], fields)
    code, shape, offsets = given.get("dtype"), _sizes(given.get("shape")), _sizes(given.get("data_offsets"))
    if not isinstance(code, str) or code not in _BYTES or shape is None or offsets is None or len(offsets) != 2:
        return None
    begin, end = offsets
    return Entry(code, shape, base + begin, base + end) if end - begin == math.prod(shape) * _BYTES[code] else None


def _sizes(value: Any) -> tuple[int, ...] | None:
    if not isinstance(value, list):
        return None
    given: list[Any] = value  # pyright: ignore[reportUnknownVariableType] - a list of anything
    if len(given) > MAX_AXES or not all(type(n) is int and 0 <= n < 1 << 48 for n in given):
        return None
    return tuple(given)


class _TwiceError(ValueError):
    pass


def _once(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    out = dict(pairs)
    if len(out) != len(pairs):
        raise _TwiceError("a name stands twice in the header")
    return out


def write_safetensors(
    path: str | os.PathLike[str],
    parameters: Iterable[Parameter],
    source: Source,
    pool: ThreadPoolExecutor | None = None,
    metadata: Mapping[str, str] | None = None,
) -> None:
    """Writes the tensors of a state dict in pieces, wide element types first so that all are aligned.

    Those that are not persistent are left out. The file appears when it is whole.

    Raises:
        FileWriteError: the file cannot be written.
        FileReadError: a weight file that the values come from cannot be read.
    """
    chosen = sorted((p for p in parameters if p.persistent), key=lambda p: -ITEM_BYTES[p.dtype])
    header: dict[str, Any] = {"__metadata__": {"format": "pt", **(metadata or {})}}
    at = 0
    for p in chosen:
        end = at + p.elements * ITEM_BYTES[p.dtype]
        header[p.name] = {"dtype": _NAMES[p.dtype], "shape": list(p.shape), "data_offsets": [at, end]}
        at = end
    text = json.dumps(header, ensure_ascii=False, separators=(",", ":")).encode()
    text += b" " * (-len(text) % 8)
    with replacing(path) as file:
        file.write(len(text).to_bytes(8, "little") + text)
        for p in chosen:
            for piece in source.pieces(p, pool):
                file.write(little_endian(piece, p.dtype))
