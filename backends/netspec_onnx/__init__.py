"""ONNX straight from the graph: no framework, no forward pass, and weights streamed into the file."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Any

from netspec.backend import BackendError, Need, Target
from netspec.ir import Graph, Node

if TYPE_CHECKING:
    import onnx

    from netspec.weights.weight_source import WeightSource

    from .verification.verify import Verified
    from .writing.stream import Progress

__all__ = ["backend", "export", "model"]


def export(
    graph: Graph, path: Path, *, source: WeightSource | None = None, progress: Progress | None = None, **choices: Any
) -> None:
    """Writes the graph as an ONNX model.

    Args:
        graph: the network.
        path: the file; an old one stays whole until the new one is.
        source: where the weights come from; by default seed 0.
        progress: is told bytes written and bytes in all.
        choices: fields of :class:`netspec_onnx.settings.Options`.

    Raises:
        UnsupportedError: NS701, operations without a rule, before anything is written.
        BackendError: NS711 and NS712, options that there are not or that do not go together.
        FileWriteError: NS705, the file cannot be written.
    """
    from .convert import write
    from .options import Options

    write(graph, path, Options(**choices), source, progress)


def model(graph: Graph, **choices: Any) -> onnx.ModelProto:
    """The model without weights, which are inputs of its graph; ``choices`` as for :func:`export`."""
    from .convert import convert
    from .options import Options

    choices["weights"] = False
    emitter, out = convert(graph, Options(**choices))
    out.graph.CopyFrom(emitter.proto)
    return out


class OnnxBackend:
    """The backend behind ``--to onnx``."""

    name = "onnx"
    targets = (Target(".onnx", "ONNX model", weighted=True),)
    needs = (Need("onnx", "ONNX", "onnx"), Need("numpy", "NumPy", "numpy"))

    def unsupported(self, graph: Graph) -> list[Node]:
        """Operations that have no rule."""
        from .rules.base import lower

        return lower.unsupported(graph)

    def export(self, graph: Graph, path: Path, options: Mapping[str, Any]) -> None:
        """Writes the graph; see :func:`export` for what it raises, and NS711 for an option that there is not."""
        from dataclasses import fields

        from .options import Options

        known = {"source", "progress", *(field.name for field in fields(Options))}
        unknown = next((name for name in options if name not in known), None)
        if unknown is not None:
            raise BackendError("NS711", f"'{unknown}' has no meaning for an ONNX model")
        export(graph, path, **options)

    def verify(self, graph: Graph, path: Path, source: WeightSource) -> Verified:
        """Runs a file; see :func:`netspec_onnx.verify.verify`."""
        from .verification.verify import verify

        return verify(graph, path, source)


backend = OnnxBackend()
