"""Opens an ONNX file and checks its size, versions and names before anything is processed."""

from __future__ import annotations

import os
from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import TypeAlias

import onnx

from netspec.backend import BackendError
from netspec.diagnostics import clip
from netspec.files import read_input

from . import limits
from .opsets import DOMAINS, EARLIEST
from .tensor_reader import malformed

ModelSource: TypeAlias = "str | os.PathLike[str] | bytes | onnx.ModelProto"


def load(source: ModelSource) -> tuple[onnx.ModelProto, Path | None]:
    """Returns the model, and the folder of its external data (None if the model is given as bytes or as a message).

    Raises:
        BackendError: NS706, the file cannot be read; NS860, it is not an ONNX model; NS861, it is too large; NS846,
            names in it are missing; NS864, its operators are older than :data:`.opsets.EARLIEST`, or newer than the
            onnx package supports.
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
            raise BackendError("NS861", "the file is larger than 2 GiB, the limit for ONNX")
        model = onnx.ModelProto()
        try:
            model.ParseFromString(data)
        except Exception as error:  # protobuf's DecodeError, which differs between its implementations
            message = "this is not an ONNX model: it is truncated, damaged, or in another format"
            raise BackendError("NS860", message, "export the model again, or copy the file again") from error
    check(model)
    return model, folder


def check(model: onnx.ModelProto) -> None:
    """Raises BackendError if the model as a whole cannot be read; see :func:`load`."""
    if not model.HasField("graph") or not (model.graph.node or model.graph.output):
        raise BackendError("NS860", "this is not an ONNX model: it has no graph", "check the path")
    if not model.graph.output:
        raise malformed("the graph has no outputs")
    versions = {("" if o.domain == "ai.onnx" else o.domain): o.version for o in model.opset_import}
    version = versions.get("")
    if version is None and any(n.domain in DOMAINS for n in model.graph.node):
        raise malformed("the model declares no operator set")
    if version is not None and version < EARLIEST:
        message = f"operator set {version} is not supported; the earliest is {EARLIEST}"
        raise BackendError("NS864", message, f"convert it: onnx.version_converter.convert_version(model, {EARLIEST})")
    latest = onnx.defs.onnx_opset_version()
    if version is not None and version > latest:
        message = f"operator set {version} is unknown; the latest is {latest}"
        raise BackendError("NS864", message, "export the model with an earlier one, or update the onnx package")
    if model.graph.sparse_initializer:
        raise BackendError("NS844", "sparse tensors are not supported", "export the model with dense tensors")
    if len(model.graph.node) > limits.NODES:
        raise too_many_nodes()
    for name in _names_of_model(model):
        if isinstance(name, bytes):  # protobuf returns bytes if they are not valid UTF-8
            raise malformed("a name is not UTF-8")
        if len(name) > limits.NAME:
            raise malformed(f"a name has {len(name):,} characters: '{clip(name)}'")


def _names_of_model(model: onnx.ModelProto) -> Iterator[str | bytes]:
    for version in model.opset_import:
        yield version.domain
    yield from _names(model.graph)
    for function in model.functions:
        yield from (function.name, function.domain, *function.input, *function.output)
        yield from (version.domain for version in function.opset_import)
        yield from _names_of_nodes(function.node, 0)


def _names(graph: onnx.GraphProto, depth: int = 0) -> Iterator[str | bytes]:
    if depth > limits.FUNCTION_DEPTH:
        raise malformed("branches nest too deeply")
    yield from _names_of_nodes(graph.node, depth)
    for tensor in graph.initializer:
        yield tensor.name
        yield from (text for entry in tensor.external_data for text in (entry.key, entry.value))
    for value in (*graph.input, *graph.output, *graph.value_info):
        yield value.name
        yield from (dim.dim_param for dim in value.type.tensor_type.shape.dim)


def _names_of_nodes(nodes: Iterable[onnx.NodeProto], depth: int) -> Iterator[str | bytes]:
    for node in nodes:
        yield from (node.name, node.op_type, node.domain, *node.input, *node.output)
        for attribute in node.attribute:
            yield from (attribute.name, attribute.ref_attr_name)
            if attribute.type == onnx.AttributeProto.GRAPH:
                yield from _names(attribute.g, depth + 1)


def too_many_nodes() -> BackendError:
    """The error of a graph that is too large."""
    return BackendError("NS861", f"the graph has more than {limits.NODES:,} nodes, including those of its functions")
