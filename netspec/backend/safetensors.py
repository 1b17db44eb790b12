"""Writes a file of weights only: the backend of ``netspec export SPEC -o model.safetensors``."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Any

from . import BackendError, Need, Target

if TYPE_CHECKING:
    from ..ir import Graph, Node


class WeightsBackend:
    """Writes the tensors of the network's state dict, initialised from a seed or read from a file."""

    name = "weights"
    targets = (Target(".safetensors", "weights by name", weighted=True),)
    needs = (Need("numpy", "NumPy", "numpy"),)

    def unsupported(self, graph: Graph) -> list[Node]:
        """Returns no nodes: all weights can be written."""
        return []

    def export(self, graph: Graph, path: Path, options: Mapping[str, Any]) -> None:
        """Writes the weights, tensor by tensor in pieces; raises FileWriteError, and BackendError for an option."""
        from ..weights.safetensors_format import write_safetensors

        remaining = dict(options)
        source = remaining.pop("source")
        remaining.pop("progress", None)
        if remaining:
            raise BackendError("NS711", f"'{next(iter(remaining))}' has no meaning for a file of weights")
        write_safetensors(path, [p for p in graph.parameters if p.persistent], source)


backend = WeightsBackend()
