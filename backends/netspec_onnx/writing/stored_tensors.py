"""Decides where each initialiser is stored, in the model or in a separate data file, and describes it."""

from __future__ import annotations

from contextlib import suppress
from pathlib import Path
from typing import NamedTuple

import onnx

from netspec.shapes.types import ITEM_BYTES

from ..builder.initialiser import Initialiser
from ..builder.value_info import ELEMENT
from .protobuf import INITIALIZER, RAW_DATA, field_header, varint

INLINE = 4096
"""Size in bytes below which tensors are stored in the model even if there is a data file."""

PAGE, GRANULE, LARGE = 4096, 65536, 1 << 20
"""Alignment of offsets in a data file: pages, and for tensors of at least a megabyte the granularity of Windows."""


class StoredTensor(NamedTuple):
    """An initialiser, the bytes that precede its numbers in the model's file, and the size of the numbers in bytes."""

    tensor: Initialiser
    prefix: bytes
    size: int


def store_inline(tensor: Initialiser) -> StoredTensor:
    """Returns an initialiser whose numbers are in the model."""
    proto = _description(tensor).SerializeToString()
    size = tensor.elements * ITEM_BYTES[tensor.dtype]
    raw = field_header(RAW_DATA, size)
    return StoredTensor(tensor, field_header(INITIALIZER, len(proto) + len(raw) + size) + proto + raw, size)


def store_externally(tensors: list[Initialiser], file_name: str) -> tuple[list[StoredTensor], dict[str, int]]:
    """Stores all but small tensors in a data file of that name; also returns their offsets in it by name."""
    stored: list[StoredTensor] = []
    offsets: dict[str, int] = {}
    end = 0
    for tensor in tensors:
        size = tensor.elements * ITEM_BYTES[tensor.dtype]
        if size < INLINE:
            stored.append(store_inline(tensor))
            continue
        end += -end % (GRANULE if size >= LARGE else PAGE)
        offsets[tensor.name] = end
        proto = _description(tensor)
        proto.data_location = onnx.TensorProto.EXTERNAL
        for key, value in (("location", file_name), ("offset", str(end)), ("length", str(size))):
            entry = proto.external_data.add()
            entry.key, entry.value = key, value
        body = proto.SerializeToString()
        stored.append(StoredTensor(tensor, field_header(INITIALIZER, len(body)) + body, size))
        end += size
    return stored, offsets


def free_name(path: Path, used: list[str]) -> str:
    """Returns a name for the data file that the existing model does not use, so that it survives an interruption."""
    return next(name for name in _data_names(path) if name not in used)


def referenced_data_files(path: Path) -> list[str]:
    """Returns names of data files that the existing model at ``path`` uses, among the names that netspec generates."""
    with suppress(OSError):
        existing = [name for name in _data_names(path) if path.with_name(name).exists()]
        if existing and path.stat().st_size < 1 << 28:
            content = path.read_bytes()
            return [name for name in existing if b"\x0a\x08location\x12" + _length_prefixed(name) in content]
    return []


def _length_prefixed(name: str) -> bytes:
    encoded = name.encode()
    return varint(len(encoded)) + encoded


def _data_names(path: Path) -> tuple[str, str]:
    return f"{path.name}.data", f"{path.name}.1.data"


def _description(tensor: Initialiser) -> onnx.TensorProto:
    proto = onnx.TensorProto()
    proto.name = tensor.name
    proto.data_type = ELEMENT[tensor.dtype]
    proto.dims.extend(tensor.shape)
    return proto
