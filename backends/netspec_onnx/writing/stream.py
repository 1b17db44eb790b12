"""Writing an ONNX file piece by piece: lengths follow from shapes, so that no tensor is ever held whole.

A ``ModelProto`` is a sequence of fields, each with its length before it, and fields of a kind that repeats may stand
anywhere: the model without its graph comes first, then the graph's own field with the length of all that follows,
its head (nodes, types, small constants), and each initialiser, whose numbers are drawn while they are written.
"""

from __future__ import annotations

import os
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress
from pathlib import Path
from typing import NamedTuple, Protocol, TypeAlias

import onnx

from netspec.files import replacing
from netspec.weights.numpy_types import Array, little_endian
from netspec.weights.weight_source import WeightSource

from ..builder.emitter import Emitter, Initialiser, narrowed
from ..builder.value_info import ELEMENT
from .folded_weights import folded

GRAPH, INITIALIZER, RAW_DATA = 7, 5, 9
"""Numbers of fields in ModelProto, GraphProto and TensorProto."""

LIMIT = 2**31 - 1
"""A protobuf message is smaller than 2 GiB."""

ITEM_BYTES = {"float32": 4, "float16": 2, "bfloat16": 2, "float64": 8, "int64": 8, "int32": 4, "bool": 1}

INLINE = 4096
"""Tensors of fewer bytes stay in the file itself when the others are beside it."""

PAGE, GRANULE, LARGE = 4096, 65536, 1 << 20
"""Offsets in a data file: whole pages, and for a megabyte or more what Windows can map."""

Progress: TypeAlias = Callable[[int, int], None]
"""Told the bytes written and the bytes in all."""


class Writer(Protocol):
    """A file to write to."""

    def write(self, data: bytes | memoryview, /) -> int:
        """Writes bytes."""
        ...


class Piece(NamedTuple):
    """An initialiser in the file: what stands before its numbers, and how many bytes these take."""

    tensor: Initialiser
    prefix: bytes
    size: int


def save(
    path: Path, model: onnx.ModelProto, emitter: Emitter, source: WeightSource | None, external: bool | None,
    progress: Progress | None = None,
) -> None:
    """Writes the model; the old file stays whole until the new one is.

    Args:
        path: the file.
        model: the model without its graph.
        emitter: the graph, and what is to be streamed.
        source: gives the numbers; None writes the architecture alone.
        external: whether numbers go into a file beside it; None means where they exceed 2 GiB.
        progress: is told how far it is.

    Raises:
        FileWriteError: the file cannot be written.
    """
    tensors = emitter.initialisers if source is not None else []
    head = emitter.proto.SerializeToString()
    pieces = [inline(t) for t in tensors]
    length = len(head) + sum(len(p.prefix) + p.size for p in pieces)
    before = model.SerializeToString()
    beside = external if external is not None else len(before) + 10 + length > LIMIT
    old = stale(path)
    total = sum(p.size for p in pieces)
    done = Done(progress, total)
    with ThreadPoolExecutor(max(1, min(os.cpu_count() or 1, 4)), thread_name_prefix="netspec-draw") as pool:
        if beside:
            data = path.with_name(free_name(path, old))
            pieces, offsets = _outside(tensors, data.name)
            with replacing(data) as out:
                _write_data(out, pieces, offsets, source, emitter, pool, done)
            length = len(head) + sum(len(p.prefix) + (0 if p.tensor.name in offsets else p.size) for p in pieces)
        else:
            offsets, data = {}, None
        with replacing(path) as out:
            out.write(before + field(GRAPH, length) + head)
            for piece in pieces:
                out.write(piece.prefix)
                if piece.tensor.name not in offsets:
                    _write_numbers(out, piece, source, emitter, pool, done)
    for name in old:
        if data is None or name != data.name:
            with suppress(OSError):
                path.with_name(name).unlink()


def varint(n: int) -> bytes:
    """A number as protobuf writes it, seven bits a byte."""
    out = bytearray()
    while n > 127:
        out.append(n & 127 | 128)
        n >>= 7
    out.append(n)
    return bytes(out)


def field(number: int, length: int) -> bytes:
    """What stands before a field of bytes: its number and kind, and its length."""
    return varint(number << 3 | 2) + varint(length)


def inline(tensor: Initialiser) -> Piece:
    """An initialiser whose numbers stand in the file."""
    proto = _described(tensor).SerializeToString()
    size = tensor.elements * ITEM_BYTES[tensor.dtype]
    raw = field(RAW_DATA, size)
    return Piece(tensor, field(INITIALIZER, len(proto) + len(raw) + size) + proto + raw, size)


def free_name(path: Path, taken: list[str]) -> str:
    """A name for the data file that the old model does not use, so that it stays whole if this write is stopped."""
    return next(name for name in _data_names(path) if name not in taken)


def stale(path: Path) -> list[str]:
    """Data files of ours that the file now at ``path`` refers to."""
    with suppress(OSError):
        there = [name for name in _data_names(path) if path.with_name(name).exists()]
        if there and path.stat().st_size < 1 << 28:
            content = path.read_bytes()
            return [name for name in there if b"\x0a\x08location\x12" + _text(name) in content]
    return []


def _text(name: str) -> bytes:
    encoded = name.encode()
    return varint(len(encoded)) + encoded


def _data_names(path: Path) -> tuple[str, str]:
    return f"{path.name}.data", f"{path.name}.1.data"


def _described(tensor: Initialiser) -> onnx.TensorProto:
    proto = onnx.TensorProto()
    proto.name = tensor.name
    proto.data_type = ELEMENT[tensor.dtype]
    proto.dims.extend(tensor.shape)
    return proto


def _outside(tensors: list[Initialiser], location: str) -> tuple[list[Piece], dict[str, int]]:
    """Initialisers that say where their numbers are, but for small ones; and the offsets."""
    pieces: list[Piece] = []
    offsets: dict[str, int] = {}
    end = 0
    for tensor in tensors:
        size = tensor.elements * ITEM_BYTES[tensor.dtype]
        if size < INLINE:
            pieces.append(inline(tensor))
            continue
        end += -end % (GRANULE if size >= LARGE else PAGE)
        offsets[tensor.name] = end
        proto = _described(tensor)
        proto.data_location = onnx.TensorProto.EXTERNAL
        for key, value in (("location", location), ("offset", str(end)), ("length", str(size))):
            entry = proto.external_data.add()
            entry.key, entry.value = key, value
        body = proto.SerializeToString()
        pieces.append(Piece(tensor, field(INITIALIZER, len(body)) + body, size))
        end += size
    return pieces, offsets


def _write_data(
    out: Writer, pieces: list[Piece], offsets: dict[str, int], source: WeightSource | None, emitter: Emitter,
    pool: ThreadPoolExecutor, done: Done,
) -> None:
    at = 0
    for piece in pieces:
        offset = offsets.get(piece.tensor.name)
        if offset is not None:
            out.write(b"\0" * (offset - at))
            _write_numbers(out, piece, source, emitter, pool, done)
            at = offset + piece.size


def _write_numbers(
    out: Writer, piece: Piece, source: WeightSource | None, emitter: Emitter, pool: ThreadPoolExecutor, done: Done
) -> None:
    assert source is not None
    written = 0
    for numbers in numbers_of(piece.tensor, source, pool):
        data = little_endian(narrowed(numbers, piece.tensor.dtype), piece.tensor.dtype)
        written += len(data)
        out.write(data)
        done.add(len(data))
    if written != piece.size:
        raise ValueError(f"'{piece.tensor.name}' has {piece.size} bytes; its source gave {written}")


def numbers_of(tensor: Initialiser, source: WeightSource, pool: ThreadPoolExecutor | None) -> Iterator[Array]:
    """The numbers of an initialiser in order, in pieces."""
    if tensor.fold is not None:
        return folded(tensor, tensor.fold, source, pool)
    assert tensor.parameter is not None
    return source.pieces(tensor.parameter, pool)


class Done:
    """Counts what has been written."""

    def __init__(self, progress: Progress | None, total: int) -> None:
        self._progress, self._total, self._written = progress, total, 0

    def add(self, count: int) -> None:
        """So many bytes more."""
        self._written += count
        if self._progress is not None:
            self._progress(self._written, self._total)
