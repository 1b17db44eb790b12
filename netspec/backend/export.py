"""Exports a network to a file: selects the backend, checks its requirements and opens the weights."""

from __future__ import annotations

import os
import warnings
from collections.abc import Callable, Mapping, Sequence
from operator import index
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final, SupportsIndex

from ..diagnostics import Diagnostic, Error, Sources, clip, render
from ..files import FileWriteError
from ..ir import Graph
from .errors import BackendError, UnsupportedError
from .installed_backends import by_extension, find, require
from .protocol import Backend, Need, Progress, Target

if TYPE_CHECKING:
    from ..weights.matching import Match
    from ..weights.weight_source import WeightSource

NUMPY: Final = Need("numpy", "NumPy", "numpy", use="files of weights")
SEEDS: Final = 1 << 64
"""Seeds must be less than this."""


def warn(warning: Diagnostic) -> None:
    """Issues a diagnostic as a Python warning."""
    warnings.warn(render(warning, Sources()), stacklevel=4)


def export(
    graph: Graph,
    path: Path,
    *,
    to: str | None = None,
    seed: int = 0,
    weights: str | os.PathLike[str] | None = None,
    rename: Sequence[str] = (),
    in_order: bool = False,
    strict: bool = True,
    progress: Progress | None = None,
    on_match: Callable[[Match], None] | None = None,
    on_warning: Callable[[Diagnostic], None] | None = None,
    sources: Sources | None = None,
    options: Mapping[str, Any] | None = None,
) -> None:
    """Write the network; the file is replaced atomically.

    Args:
        graph: the network.
        path: the file.
        to: name of a backend; by default the backend that writes files with that extension.
        seed: seed of the initial weights, unless a file provides them.
        weights: a file of weights: safetensors, or a PyTorch state dict.
        rename: rules ``OLD=NEW`` for the names in that file.
        in_order: assign the remaining tensors to the parameters that lack one, by order and shape.
        strict: whether every tensor of the file must belong to a parameter, and every parameter must have one.
        progress: called while weights are written.
        on_match: called with the match between the tensors of the file and the parameters.
        on_warning: called with a diagnostic about unusual numbers in the file, and, if ``strict`` is false, about
            unmatched tensors; by default it becomes a Python warning.
        sources: texts of the spec, for messages about its layers.
        options: options of the backend.

    Raises:
        BackendError: no such backend or extension, a missing library, unsupported operations, or options that
            exclude each other.
        FileError: a file cannot be read or written.
        Error: NS707 to NS709, weights that do not fit the network.
    """
    backend = find(to) if to else by_extension(path)
    format_ = (options or {}).get("format")
    target = find_target(backend, Path(f"file.{format_}") if isinstance(format_, str) else path)
    require(backend, target)
    _check_no_input(path, graph, weights)
    check_supported(backend, graph, sources)
    all_options = dict(options or {})
    if target.shows_weights and weights is not None:
        require(backend, target._replace(needs=(*(target.needs or ()), NUMPY)))
    if target.weighted or (target.shows_weights and weights is not None):
        all_options["source"] = open_weight_source(
            graph, seed, weights, rename, in_order, strict, on_match, on_warning or warn
        )
        all_options["progress"] = progress
    elif weights is None:
        check_weight_arguments(seed, weights, rename, in_order, strict)
    else:
        raise BackendError(
            "NS711",
            f"a file of weights has no meaning for this target: {target.description}",
            "netspec.build(spec, weights=…), or export to .onnx or .safetensors",
        )
    backend.export(graph, path, all_options)


def _check_no_input(path: Path, graph: Graph, weights: str | os.PathLike[str] | None) -> None:
    """Check that the output file is none of the input files. Raises FileWriteError."""
    for name in graph.files:
        if _same_file(path, name):
            raise FileWriteError(path, "the spec is read from it", "another name")
    if weights is not None and _same_file(path, weights):
        raise FileWriteError(path, "the weights are read from it", "another name")


def _same_file(path: Path, other: str | os.PathLike[str]) -> bool:
    """Whether both names refer to one existing regular file."""
    try:
        return os.path.isfile(path) and os.path.samefile(path, other)
    except (OSError, ValueError):
        return False


def find_target(backend: Backend, path: Path) -> Target:
    """Return the backend's target with the extension of the path, else its first target."""
    return next((t for t in backend.targets if path.name.endswith(t.extension)), backend.targets[0])


def check_supported(backend: Backend, graph: Graph, sources: Sources | None = None) -> None:
    """Check that the backend supports every operation. Raises UnsupportedError, which lists the unsupported ones."""
    nodes = backend.unsupported(graph)
    if nodes:
        raise UnsupportedError(backend.name, graph, nodes, sources)


def check_weight_arguments(
    seed: object, weights: str | os.PathLike[str] | None, rename: Sequence[str], in_order: bool, strict: bool
) -> int:
    """Check the arguments that say where weights come from; returns the seed as an integer.

    Raises:
        BackendError: NS711, a seed outside 0 to 2**64 - 1; ``rename``, ``in_order`` or ``strict`` without a file of
            weights.
        TypeError: ``rename`` is one text, not a list.
    """
    if isinstance(rename, str):
        raise TypeError("rename is a list of rules OLD=NEW, not a text")
    if not isinstance(seed, SupportsIndex) or isinstance(seed, bool) or not 0 <= index(seed) < SEEDS:
        raise BackendError("NS711", "seed must be an integer from 0 to 2**64 - 1")
    if weights is None and (rename or in_order or not strict):
        name = "rename" if rename else "in_order" if in_order else "strict"
        raise BackendError("NS711", f"'{name}' has no meaning without a file of weights", "weights names the file")
    return index(seed)


def open_weight_source(
    graph: Graph,
    seed: int,
    weights: str | os.PathLike[str] | None,
    rename: Sequence[str] = (),
    in_order: bool = False,
    strict: bool = True,
    on_match: Callable[[Match], None] | None = None,
    on_warning: Callable[[Diagnostic], None] = warn,
) -> WeightSource:
    """Return the source of the weights; see :func:`export` for the arguments.

    Raises:
        BackendError: NS711, an invalid seed, or arguments about a file of weights without one.
        FileError: the file cannot be read.
        Error: NS707 to NS709, the file's tensors do not fit the parameters.
    """
    from ..weights.weight_source import FileSource, SeedSource

    seed = check_weight_arguments(seed, weights, rename, in_order, strict)
    if weights is None:
        return SeedSource(seed)
    from ..weights.matching import match
    from ..weights.number_check import check_numbers
    from ..weights.renaming import parse_rule
    from ..weights.weight_file import open_weights

    file = open_weights(weights)
    matched = match(graph.parameters, file, [parse_rule(r) for r in rename], in_order)
    if on_match is not None:
        on_match(matched)
    if not matched.complete:
        on_warning(_incomplete(matched, os.fspath(weights), strict))
    warning = check_numbers(file, matched.assignments, graph.parameters, os.fspath(weights))
    if warning is not None:
        on_warning(warning)
    return FileSource(file, matched, seed)


def _incomplete(matched: Match, file: str, strict: bool) -> Diagnostic:
    """Return the warning about an incomplete match. Raises Error NS708 if ``strict`` is set, or shapes differ."""
    from ..weights.match_report import report

    lines = tuple(line for line in report(matched, file) if line.strip())
    help = None
    if matched.suggested:
        help = "--in-order applies the suggested pairs"
    elif matched.missing and matched.unexpected:
        help = "--rename OLD=NEW maps names of the file to those of the network"
    if strict or matched.mismatched:
        if not matched.mismatched:
            lacks = "parameters that the file lacks keep their initial values" if matched.missing else ""
            extra = "tensors that only the file has are ignored" if matched.unexpected else ""
            lenient = f"with --no-strict, {' and '.join(filter(None, (lacks, extra)))}"
            help = f"{help}; {lenient}" if help is not None else lenient
        raise Error("NS708", "the file's tensors do not fit the network's parameters", help, notes=lines)
    message = f"the network has only a part of its weights from {clip(file, 200)}"
    if not matched.missing:
        message = f"only a part of the tensors in {clip(file, 200)} is used"
    return Diagnostic("NS710", message, notes=lines, help=help, severity="warning")
