"""Reads PyTorch's file formats: tensors described by a pickle, and the bytes of their storages.

Two formats are read: the ZIP archive, and the one that ``torch.save`` wrote before version 1.6. Tensors are not read
here, but their descriptions are checked against the storages, so that their sizes can be trusted.
"""

from __future__ import annotations

import math
import os
import struct
import zipfile
from collections.abc import Callable, Mapping
from io import BufferedReader
from pathlib import Path
from typing import Any, Final, NamedTuple, cast

import numpy as np

from ..diagnostics import clip
from ..files import FileReadError
from .inert_pickle import MAX_BYTES, Constructor, ForbiddenError, Global, InertPickle, Opaque, PickleError, mapping

MAX_AXES: Final = 64
"""NumPy's limit."""
_MAGIC: Final = 0x1950A86A20F9469CFC6C
"""The first object of the older format."""
_PROTOCOL: Final = 1001
_STORAGES: Final = {
    "Float": "float32",
    "Double": "float64",
    "Half": "float16",
    "BFloat16": "bfloat16",
    "Long": "int64",
    "Int": "int32",
    "Short": "int16",
    "Char": "int8",
    "Byte": "uint8",
    "Bool": "bool",
    "ComplexFloat": "complex64",
    "ComplexDouble": "complex128",
    "Untyped": "uint8",
}
"""Element types by the names of storages."""
READABLE: Final = {
    "float32": "f4", "float64": "f8", "float16": "f2", "bfloat16": "u2",
    "int64": "i8", "int32": "i4", "int16": "i2", "int8": "i1",
    "uint64": "u8", "uint32": "u4", "uint16": "u2", "uint8": "u1", "bool": "u1",
}  # fmt: skip
"""NumPy's types of the elements that can be read; bfloat16 and truth values as integers."""


class Storage(NamedTuple):
    """A reference to the bytes of one or more tensors."""

    key: str
    dtype: str


class StoredTensor(NamedTuple):
    """The description of a tensor."""

    dtype: str
    shape: tuple[int, ...]
    stride: tuple[int, ...]
    offset: int
    """Offset of the first element, in elements."""
    key: str
    """Key of the storage."""
    kind: str | None = None
    """A description such as ``a sparse tensor`` for anything but a tensor whose elements are numbers in a storage."""

    @property
    def elements(self) -> int:
        """Number of elements."""
        return math.prod(self.shape)

    @property
    def extent(self) -> int:
        """Number of elements of the storage from the first to the last one, both included."""
        return 1 + sum((n - 1) * s for n, s in zip(self.shape, self.stride, strict=True)) if self.elements else 0


class Archive(NamedTuple):
    """The content of a file."""

    content: Any
    """Mappings, lists, scalars, and :class:`StoredTensor`."""
    size: Callable[[str], int]
    """Returns the number of bytes of a storage. Raises KeyError for an unknown one."""
    locate: Callable[[BufferedReader, str], int]
    """Returns where these bytes begin. Raises BadZipFile if that is not in the file."""
    byte_order: str
    """``<`` or ``>``."""


def read_archive(path: Path, file: BufferedReader) -> Archive:
    """Returns the content of a file.

    Raises:
        FileReadError: PyTorch did not write it, or it contains more than tensors and scalars.
        OSError: it cannot be read.
    """
    try:
        if file.read(2) == b"PK":
            return _read_zip(path, file)
        file.seek(0)
        return _read_legacy(file)
    except ForbiddenError as error:
        raise FileReadError(
            path,
            f"it contains more than tensors: reading it would run code ('{clip(str(error))}')",
            "save its state dict alone",
        ) from None
    except (PickleError, zipfile.BadZipFile, struct.error, KeyError, ValueError, RuntimeError):
        raise FileReadError(path, "torch.save did not write it") from None


def _read_zip(path: Path, file: BufferedReader) -> Archive:
    file_size = os.fstat(file.fileno()).st_size
    with zipfile.ZipFile(file) as archive:
        entries = {info.filename: info for info in archive.infolist()}
    main = next((name for name in entries if name.rpartition("/")[2] == "data.pkl"), "")
    prefix = main.removesuffix("data.pkl")

    def size(name: str) -> int:
        info = entries[name]
        if info.compress_type != zipfile.ZIP_STORED or info.flag_bits & 1:
            raise FileReadError(path, f"its entry '{clip(name)}' is compressed", "save it again with torch.save")
        return int(info.file_size)

    def begin(reader: BufferedReader, name: str) -> int:
        info = entries[name]
        reader.seek(info.header_offset)
        header = reader.read(30)
        if header[:4] != b"PK\3\4":
            raise zipfile.BadZipFile
        name_length, extra_length = struct.unpack("<HH", header[26:30])
        at = int(info.header_offset + 30 + name_length + extra_length)
        if at + info.file_size > file_size:
            raise zipfile.BadZipFile
        return at

    def content_of(name: str, most: int) -> bytes:
        if size(name) > most:
            raise PickleError("it is too large")
        file.seek(begin(file, name))
        return file.read(size(name))

    def size_of_storage(key: str) -> int:
        return size(f"{prefix}data/{key}")

    def begin_of_storage(reader: BufferedReader, key: str) -> int:
        return begin(reader, f"{prefix}data/{key}")

    big = f"{prefix}byteorder" in entries and content_of(f"{prefix}byteorder", 10) == b"big"
    content = _unpickle(content_of(main, MAX_BYTES), 0).value
    return Archive(content, size_of_storage, begin_of_storage, ">" if big else "<")


def _read_legacy(file: BufferedReader) -> Archive:
    data = file.read(MAX_BYTES)
    end = 0
    values: list[Any] = []
    item_bytes: dict[str, int] = {}
    for _ in range(5):  # a magic number, the protocol, facts about the system, the content, the keys of the storages
        pickle = _unpickle(data, end, item_bytes)
        end = pickle.end
        values.append(pickle.value)
        if values[:2] != [_MAGIC, _PROTOCOL][: len(values)]:
            raise PickleError("it has another magic number")
    system, content, keys = values[2:]
    big = isinstance(system, dict) and cast(dict[object, object], system).get("little_endian") is False
    places: dict[str, tuple[int, int]] = {}
    size = os.fstat(file.fileno()).st_size
    if not isinstance(keys, list) or not all(isinstance(key, str) for key in cast(list[object], keys)):
        raise PickleError("it has no list of storages")
    for key in cast(list[str], keys):
        file.seek(end)
        (items,) = struct.unpack("<q", file.read(8))
        length = items * item_bytes[key]
        if not 0 <= length <= size - end - 8:
            raise PickleError("it is truncated")
        places[key] = end + 8, length
        end += 8 + length

    def size_of_storage(key: str) -> int:
        return places[key][1]

    def begin_of_storage(reader: BufferedReader, key: str) -> int:
        return places[key][0]

    return Archive(content, size_of_storage, begin_of_storage, ">" if big else "<")


def _unpickle(data: bytes, start: int, item_bytes: dict[str, int] | None = None) -> InertPickle:
    """Reads a pickle of PyTorch; records the element size of each storage in ``item_bytes``."""

    def storage(identifier: Any) -> Storage:
        tag, kind, key, _, _, *view = identifier
        if tag != "storage" or not isinstance(kind, Global) or not isinstance(key, str) or any(view):
            raise PickleError("an unknown reference")
        name = kind.name.rpartition(".")[2].removesuffix("Storage")
        dtype = _STORAGES.get(name, name.lower())
        if item_bytes is not None:
            item_bytes[key] = {"complex64": 8, "complex128": 16}.get(dtype) or np.dtype(
                READABLE.get(dtype, "u1")
            ).itemsize
        return Storage(key, dtype)

    return InertPickle(data, start, _CONSTRUCTORS, _is_allowed, storage)


def _is_allowed(name: str) -> bool:
    """Whether a pickle may refer to a name without calling it: the types of storages, tensors and elements."""
    module, _, attribute = name.rpartition(".")
    return (module in ("torch", "torch.storage", "torch.cuda") and attribute.isidentifier()) or name in _TYPES


_TYPES: Final = ("torch.nn.parameter.Parameter", "torch.nn.parameter.Buffer")


def _tensor(arguments: list[Any], dtype: str | None = None, metadata: object = None) -> StoredTensor:
    """Returns a tensor from its storage, offset, sizes and strides."""
    storage, offset, shape, stride = arguments[:4]
    if not isinstance(storage, Storage):
        raise PickleError("a tensor without a storage")
    sizes, strides = _numbers(shape), _numbers(stride)
    if len(sizes) != len(strides) or not _is_size(offset):
        raise PickleError("a tensor with invalid sizes")
    kind = None
    if isinstance(metadata, dict):
        bits = cast(dict[object, object], metadata)
        kind = "a conjugate view" if bits.get("conj") else "a negated view" if bits.get("neg") else None
    return StoredTensor(dtype or storage.dtype, sizes, strides, offset, storage.key, kind)


def _typed_tensor(arguments: list[Any]) -> StoredTensor:
    """Returns a tensor whose element type is an argument; older versions of PyTorch have no storage of that type."""
    dtype = arguments[6]
    if not isinstance(dtype, Global):
        raise PickleError("an invalid element type")
    return _tensor(arguments, dtype.name.rpartition(".")[2], arguments[7] if len(arguments) > 7 else None)


def _numbers(value: Any) -> tuple[int, ...]:
    """Sizes or strides."""
    if not isinstance(value, (tuple, list)) or len(cast(list[object], value)) > MAX_AXES:
        raise PickleError("invalid sizes")
    numbers = tuple(n for n in cast(list[object], value) if type(n) is int and _is_size(n))
    if len(numbers) != len(cast(list[object], value)):
        raise PickleError("invalid sizes")
    return numbers


def _is_size(value: object) -> bool:
    return type(value) is int and 0 <= value < 1 << 48


def _of_kind(kind: str) -> Constructor:
    """Returns a function that describes a tensor whose elements are not, or not only, in a storage."""
    return lambda _: StoredTensor("", (), (), 0, "", kind)


def _subclass(arguments: list[Any]) -> object:
    """Returns the tensor of an object that adds attributes to one."""
    function, _, inner, *_ = arguments
    if not isinstance(function, Global) or function.name not in _CONSTRUCTORS:
        raise PickleError("an unknown tensor")
    return _CONSTRUCTORS[function.name](list(inner))


def _opaque(arguments: list[Any]) -> Opaque:
    return Opaque("object")


_CONSTRUCTORS: Final[Mapping[str, Constructor]] = {
    "collections.OrderedDict": lambda arguments: mapping(arguments[0] if arguments else ()),
    "torch._utils._rebuild_tensor": _tensor,
    "torch._utils._rebuild_tensor_v2": lambda a: _tensor(a, metadata=a[6] if len(a) > 6 else None),
    "torch._utils._rebuild_tensor_v3": _typed_tensor,
    "torch._utils._rebuild_parameter": lambda arguments: arguments[0],
    "torch._utils._rebuild_parameter_with_state": lambda arguments: arguments[0],
    "torch._tensor._rebuild_from_type_v2": _subclass,
    "torch._utils._rebuild_sparse_tensor": _of_kind("a sparse tensor"),
    "torch._utils._rebuild_sparse_csr_tensor": _of_kind("a sparse tensor"),
    "torch._utils._rebuild_nested_tensor": _of_kind("a nested tensor"),
    "torch._utils._rebuild_qtensor": _of_kind("a quantised tensor"),
    "torch._utils._rebuild_meta_tensor_no_storage": _of_kind("a tensor of the device 'meta', without elements"),
    "torch._utils._rebuild_device_tensor_from_numpy": _of_kind("a tensor of a device without storages"),
    "torch._utils._rebuild_device_tensor_from_cpu_tensor": _of_kind("a tensor of a device without storages"),
    "torch._utils._rebuild_wrapper_subclass": _of_kind("a tensor of a type of its own"),
    "torch.Size": lambda arguments: arguments[0],
    "torch.device": _opaque,
    "torch.serialization._get_layout": _opaque,
    "builtins.set": _opaque,
    "builtins.complex": _opaque,
    "builtins.bytearray": _opaque,
    "_codecs.encode": _opaque,
    "collections.Counter": _opaque,
    "collections.defaultdict": _opaque,
}
"""The results of the calls in a pickle of PyTorch."""
