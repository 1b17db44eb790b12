"""Writes ONNX models directly from graphs, with streamed weights, and imports ONNX files; no framework is needed."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Any, Unpack

from netspec.backend import BackendError, Need, OnnxOptions, Target
from netspec.ir import Graph, Node

from .reading import reader

if TYPE_CHECKING:
    import onnx

    from netspec.weights.weight_source import WeightSource

    from .verification.verify import Verified
    from .writing.stream import Progress

__all__ = ["backend", "export", "model", "reader"]


def export(
    graph: Graph,
    path: Path,
    *,
    source: WeightSource | None = None,
    progress: Progress | None = None,
    **options: Unpack[OnnxOptions],
) -> None:
    """Writes the graph as an ONNX model.

    Args:
        graph: the network.
        path: the file, which is replaced atomically.
        source: the source of the weights; the default is seed 0.
        progress: called with the bytes written and the total.
        options: see :class:`netspec.backend.OnnxOptions`.

    Raises:
        UnsupportedError: NS701, operations without a rule, before anything is written.
        BackendError: NS711 and NS712, options that are unknown or cannot be combined.
        FileWriteError: NS705, the file cannot be written.
    """
    from .convert import write
    from .file_options import Options

    write(graph, path, Options(**options), source, progress)


def model(graph: Graph, **options: Unpack[OnnxOptions]) -> onnx.ModelProto:
    """Returns the model without weights, which become inputs of its graph; ``options`` as for :func:`export`."""
    from .convert import convert
    from .file_options import Options

    options["weights"] = False
    emitter, proto = convert(graph, Options(**options))
    proto.graph.CopyFrom(emitter.proto)
    return proto


class OnnxBackend:
    """The backend behind ``--to onnx``."""

    name = "onnx"
    targets = (Target(".onnx", "ONNX model", weighted=True),)
    needs = (Need("onnx", "ONNX", "onnx"), Need("numpy", "NumPy", "numpy"))

    def unsupported(self, graph: Graph) -> list[Node]:
        """The nodes whose operation has no rule."""
        from .rules.rule_table import lower

        return lower.unsupported(graph)

    def export(self, graph: Graph, path: Path, options: Mapping[str, Any]) -> None:
        """Writes the graph; raises as :func:`export`, and NS711 for an unknown option."""
        from dataclasses import fields

        from .file_options import Options

        known = {"source", "progress", *(field.name for field in fields(Options))}
        unknown = next((name for name in options if name not in known), None)
        if unknown is not None:
            raise BackendError("NS711", f"'{unknown}' has no meaning for an ONNX model")
        export(graph, path, **options)

    def verify(self, graph: Graph, path: Path, source: WeightSource) -> Verified:
        """Runs a file and compares it; see :func:`netspec_onnx.verification.verify.verify`."""
        from .verification.verify import verify

        return verify(graph, path, source)


backend = OnnxBackend()
