"""Writes an ONNX file piece by piece; lengths are computed from shapes, so that no tensor is held in memory as a whole.

A ``ModelProto`` is a sequence of length-prefixed fields, and repeated fields may occur anywhere. The model without its
graph comes first, then the header of the graph's field with the total length, then the head of the graph (nodes, types,
small constants), and each initialiser, whose numbers are computed while they are written.
"""

from __future__ import annotations

import os
from collections.abc import Callable, Generator, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from io import BufferedWriter
from pathlib import Path
from typing import Final, Protocol, TypeAlias

import numpy as np
import onnx

from netspec.backend import BackendError
from netspec.diagnostics import clip
from netspec.files import is_stream, replace_file, require_room, undo_on_signal
from netspec.shapes.types import FLOATS, LARGEST
from netspec.weights.numpy_types import Array, convert, little_endian
from netspec.weights.weight_source import WeightSource

from ..builder.emitter import Emitter
from ..builder.initialiser import Initialiser
from .folded_weights import folded_pieces
from .protobuf import GRAPH, LIMIT, field_header
from .stored_tensors import StoredTensor, free_name, referenced_data_files, store_externally, store_inline

_NARROWER: Final = {
    "float16": "--dtype bfloat16 has the range of float32",
    "bfloat16": "--dtype float32 has a larger range",
}
"""Element types with a smaller range than float32, and the recommended alternative."""
Progress: TypeAlias = Callable[[int, int], None]
"""Called with the bytes written and the total."""


class Output(Protocol):
    """A file to write to."""

    def write(self, data: bytes | memoryview, /) -> int:
        """Writes bytes."""
        ...


def save(
    path: Path,
    model: onnx.ModelProto,
    emitter: Emitter,
    source: WeightSource | None,
    external: bool | None,
    progress: Progress | None = None,
) -> None:
    """Writes the model; the file is replaced atomically.

    Args:
        path: the file.
        model: the model without its graph.
        emitter: the graph, and the initialisers to be streamed.
        source: the source of the weights; None writes only the architecture.
        external: whether to store weights in a separate data file; None does so if they exceed 2 GiB.
        progress: called with the bytes written and the total.

    Raises:
        BackendError: NS712, a pipe or a device, which cannot have a second file; NS709, numbers that the element type
            of the file cannot represent.
        FileWriteError: the file cannot be written, or the disk is full.
    """
    tensors = emitter.initialisers if source is not None else []
    head = emitter.proto.SerializeToString()
    stored = [store_inline(t) for t in tensors]
    length = len(head) + sum(len(s.prefix) + s.size for s in stored)
    before = model.SerializeToString()
    is_external = external if external is not None else len(before) + 10 + length > LIMIT
    if is_external and is_stream(path):
        message = f"'{clip(str(path), 200)}' takes one file, but the weights are a second one"
        raise BackendError("NS712", message, "use -o FILE, or --no-weights")
    require_room(path, len(before) + length, "--no-weights writes the architecture alone" if tensors else None)
    old_data = referenced_data_files(path)
    new_data = path.with_name(free_name(path, old_data)) if is_external else None
    with ThreadPoolExecutor(max(1, min(os.cpu_count() or 1, 4)), thread_name_prefix="netspec-weights") as pool:
        numbers = NumberWriter(source, pool, progress, sum(s.size for s in stored))
        offsets: dict[str, int] = {}
        if new_data is not None:
            stored, offsets = store_externally(tensors, new_data.name)
            length = len(head) + sum(len(s.prefix) + (0 if s.tensor.name in offsets else s.size) for s in stored)
        with _replaced_together(path, new_data) as (out, data):
            out.write(before + field_header(GRAPH, length) + head)
            for s in stored:
                out.write(s.prefix)
                if s.tensor.name not in offsets:
                    numbers.write(out, s)
            if data is not None:
                _write_data(data, stored, offsets, numbers)
    for name in old_data:
        if new_data is None or name != new_data.name:
            with suppress(OSError):
                path.with_name(name).unlink()


@contextmanager
def _replaced_together(model: Path, data: Path | None) -> Generator[tuple[BufferedWriter, BufferedWriter | None]]:
    """Opens the model's file and its data file, if any. The data file is renamed first, then the model.

    The data file is removed if the model cannot be renamed, or if a signal ends the process before that. A process that
    is killed in between leaves the data file, which the next export replaces, and the old model unchanged.
    """
    named = False

    def remove() -> None:
        if named and data is not None and data.name not in referenced_data_files(model):
            with suppress(OSError):
                data.unlink()

    with undo_on_signal(remove):
        try:
            with replace_file(model) as out:
                if data is None:
                    yield out, None
                    return
                with replace_file(data) as other:
                    yield out, other
                    out.flush()
                    named = True
        except BaseException:
            remove()
            raise


@dataclass
class NumberWriter:
    """Writes the numbers of tensors and reports progress."""

    source: WeightSource | None
    pool: ThreadPoolExecutor
    progress: Progress | None
    total: int
    """Total number of bytes."""
    written: int = 0

    def write(self, out: Output, stored: StoredTensor) -> None:
        """Writes the numbers of a tensor in pieces."""
        assert self.source is not None
        dtype = stored.tensor.dtype
        start = self.written
        for numbers in pieces_of(stored.tensor, self.source, self.pool):
            data = little_endian(_converted(numbers, stored.tensor), dtype)
            out.write(data)
            self.written += len(data)
            if self.progress is not None:
                self.progress(self.written, self.total)
        if self.written - start != stored.size:
            raise ValueError(
                f"'{stored.tensor.name}' has {stored.size} bytes; its source returned {self.written - start}"
            )


def _converted(numbers: Array, tensor: Initialiser) -> Array:
    """Converts numbers to the file's element type. Raises BackendError NS709 for numbers beyond its range."""
    dtype = tensor.dtype
    if dtype not in FLOATS or numbers.dtype == dtype:
        return numbers
    out = convert(numbers, dtype)
    beyond = np.isinf(out) & np.isfinite(numbers)
    if beyond.any():
        example = float(numbers[beyond][0])
        message = f"numbers of '{clip(tensor.name)}' do not fit {dtype}: {example:.6g} is beyond {LARGEST[dtype]:,.6g}"
        raise BackendError("NS709", message, _NARROWER.get(dtype))
    return out


def pieces_of(tensor: Initialiser, source: WeightSource, pool: ThreadPoolExecutor | None) -> Iterator[Array]:
    """Yields the numbers of an initialiser in pieces."""
    if tensor.fold is not None:
        return folded_pieces(tensor, tensor.fold, source, pool)
    assert tensor.parameter is not None
    return source.pieces(tensor.parameter, pool)


def _write_data(out: Output, stored: list[StoredTensor], offsets: dict[str, int], numbers: NumberWriter) -> None:
    """Writes the data file: the tensors at their offsets, with zeros in between."""
    end = 0
    for s in stored:
        offset = offsets.get(s.tensor.name)
        if offset is not None:
            out.write(b"\0" * (offset - end))
            numbers.write(out, s)
            end = offset + s.size
