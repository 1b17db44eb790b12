"""Opening an ONNX file: its size, versions and the names in it are checked before anything is made of it."""

from __future__ import annotations

import os
from collections.abc import Iterator
from pathlib import Path
from typing import TypeAlias

import onnx

from netspec.backend import BackendError
from netspec.diagnostics import clip
from netspec.files.input_files import read_input

from . import limits
from .opsets import DOMAINS, EARLIEST
from .stored import malformed

ModelSource: TypeAlias = "str | os.PathLike[str] | bytes | onnx.ModelProto"


def load(source: ModelSource) -> tuple[onnx.ModelProto, Path | None]:
    """The model, and the folder of its external data; None if it is given as bytes or as a message.

    Raises:
        BackendError: NS706, the file cannot be read; NS860, it is no ONNX model; NS861, it is too large; NS846, names
            in it are missing; NS864, its operators are older than :data:`.opsets.EARLIEST`.
    """
    folder: Path | None = None
    if isinstance(source, onnx.ModelProto):
        model = source
    else:
        data: bytes
        if isinstance(source, bytes):
            data = source
        else:
            folder = Path(source).parent
            try:
                data = read_input(source, limits.FILE_BYTES + 1)
            except (OSError, ValueError) as error:
                reason = getattr(error, "strerror", None) or str(error)
                raise BackendError("NS706", f"cannot read '{clip(str(source))}': {reason}") from None
        if len(data) > limits.FILE_BYTES:
            raise BackendError("NS861", "an ONNX file has at most 2 GiB; this one has more")
        model = onnx.ModelProto()
        try:
            model.ParseFromString(data)
        except Exception as error:  # protobuf's DecodeError, which differs between its implementations
            message = "this is no ONNX model: it is truncated, damaged, or of another format"
            raise BackendError("NS860", message, "write it again, or copy it completely") from error
    check(model)
    return model, folder


def check(model: onnx.ModelProto) -> None:
    """Raises BackendError if the model as a whole cannot be read; see :func:`load`."""
    if not model.HasField("graph") or not (model.graph.node or model.graph.output):
        raise BackendError("NS860", "this is no ONNX model: it has no graph", "choose another file")
    if not model.graph.output:
        raise malformed("the graph has no output")
    versions = {("" if o.domain == "ai.onnx" else o.domain): o.version for o in model.opset_import}
    version = versions.get("")
    if version is None and any(n.domain in DOMAINS for n in model.graph.node):
        raise malformed("the model does not say which operator set it uses")
    if version is not None and version < EARLIEST:
        message = f"the file uses operator set {version}; those from {EARLIEST} on are read"
        raise BackendError("NS864", message, f"convert it: onnx.version_converter.convert_version(model, {EARLIEST})")
    if model.graph.sparse_initializer:
        raise BackendError("NS844", "the file stores sparse tensors", "write it with dense ones")
    if len(model.graph.node) > limits.NODES:
        raise too_many_nodes()
    for name in _names(model.graph):
        if len(name) > limits.NAME:
            raise malformed(f"a name has {len(name):,} characters: '{clip(name)}'")


def _names(graph: onnx.GraphProto) -> Iterator[str]:
    for node in graph.node:
        yield node.name
        yield from node.output
    for tensor in graph.initializer:
        yield tensor.name
    for value in (*graph.input, *graph.output):
        yield value.name


def too_many_nodes() -> BackendError:
    """The error of a graph that is too large."""
    return BackendError("NS861", f"the graph has more than {limits.NODES:,} nodes, with those of its functions")
