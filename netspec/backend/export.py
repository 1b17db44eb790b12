"""Writing a network to a file, whatever the backend: which one, what it lacks, and where weights come from."""

from __future__ import annotations

import os
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

from ..diagnostics import Error, Sources
from ..ir import Graph
from . import Backend, BackendError, Target, UnsupportedError, by_ending, find, require

if TYPE_CHECKING:
    from ..weights.matching import Match
    from ..weights.weight_source import WeightSource

Progress = Callable[[int, int], None]
"""Told bytes written and bytes in all."""


def export(
    graph: Graph, path: Path, *, to: str | None = None, seed: int = 0, weights: str | os.PathLike[str] | None = None,
    rename: Sequence[str] = (), in_order: bool = False, progress: Progress | None = None,
    told: Callable[[Match], None] | None = None, sources: Sources | None = None,
    options: Mapping[str, Any] | None = None,
) -> None:
    """Write the network; an old file stays whole until the new one is.

    Args:
        graph: the network.
        path: the file.
        to: name of a backend; by default the one that writes files of that ending.
        seed: where weights are drawn from, when no file gives them.
        weights: a file of weights: safetensors, or a PyTorch state dict.
        rename: rules ``OLD=NEW`` for the names in that file.
        in_order: give what is left over to what is missing, by order and shape.
        progress: is told how far it is.
        told: is told how names and parameters went together.
        sources: texts of the spec, for what is said of a layer.
        options: the backend's own.

    Raises:
        BackendError: no such backend or extension, a missing library, operations without a rule, options that do not
            go together.
        FileError: a file that cannot be read or written.
        Error: weights that do not fit the network.
    """
    backend = find(to) if to else by_ending(path)
    require(backend)
    check_supported(backend, graph, sources)
    given = dict(options or {})
    if target(backend, path).weighted:
        given["source"] = source(graph, seed, weights, rename, in_order, told)
        given["progress"] = progress
    elif weights is not None:
        what = target(backend, path).what
        raise BackendError("NS711", f"a file of weights has no meaning for this target: {what}",
                           "netspec.build(spec, weights=…), or export to .onnx or .safetensors")
    backend.export(graph, path, given)


def target(backend: Backend, path: Path) -> Target:
    """What the backend writes under that name: by its ending, or else the first."""
    return next((t for t in backend.targets if path.name.endswith(t.ending)), backend.targets[0])


def check_supported(backend: Backend, graph: Graph, sources: Sources | None = None) -> None:
    """Check that the backend has a rule for every operation. Raises UnsupportedError, which names every other one."""
    nodes = backend.unsupported(graph)
    if nodes:
        raise UnsupportedError(backend.name, graph, nodes, sources)


def source(
    graph: Graph, seed: int, weights: str | os.PathLike[str] | None, rename: Sequence[str] = (),
    in_order: bool = False, told: Callable[[Match], None] | None = None,
) -> WeightSource:
    """The source of the weights. Raises FileError, and Error if the file's tensors do not fit the parameters."""
    from ..weights.weight_source import FileSource, SeedSource

    if weights is None:
        return SeedSource(seed)
    from ..weights.match_report import report
    from ..weights.matching import match
    from ..weights.renaming import parse_rule
    from ..weights.weight_file import open_weights

    file = open_weights(weights)
    found = match(graph.parameters, file, [parse_rule(r) for r in rename], in_order)
    if told is not None:
        told(found)
    if found.missing or found.mismatched:
        lines = report(found, os.fspath(weights))
        help_ = ("--in-order applies the suggested pairs" if found.suggested
                 else "--rename OLD=NEW maps names of the file to those of the network")
        raise Error("NS708", "the file's tensors do not fit the network's parameters", help_,
                    notes=[line for line in lines if line.strip()])
    return FileSource(file, found, seed)
