"""netspec from Python: load a spec, analyze it, build it, write it, draw it."""

from __future__ import annotations

import os
from collections.abc import Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Any

from . import zoo
from .checking.load import Spec, chosen
from .diagnostics import Error, clip, did_you_mean
from .ir import Graph

if TYPE_CHECKING:
    from .analysis.network import Analysis


def located(spec: str | os.PathLike[str]) -> tuple[str, str | None]:
    """File and variant of ``FILE``, ``FILE@variant``, or a name of the zoo with or without a variant.

    Raises:
        Error: NS109, neither a file nor a network of the zoo.
    """
    text = os.fspath(spec)
    file, variant = text, None
    if not Path(text).exists() and "@" in text:
        file, _, after = text.rpartition("@")
        variant = after or None
    if not Path(file).exists():
        known = zoo.path(file)
        if known is not None:
            return str(known), variant
        if not file.endswith((".yaml", ".yml")):
            help_ = did_you_mean(file, zoo.names()) or "`netspec zoo` lists the networks that come with netspec"
            message = f"'{clip(file)}' is neither a file nor a network of the zoo"
            raise Error("NS109", message, help_)
    return file, variant


def load(spec: str | os.PathLike[str], variant: str | None = None, **params: Any) -> Graph:
    """The graph of a spec.

    Args:
        spec: a file, ``file@variant``, or the name of a network of the zoo.
        variant: name of a variant; None for the defaults.
        params: values of the spec's parameters, over those of the variant.

    Raises:
        SpecError: with everything that is wrong; ``str()`` of it is what ``netspec check`` prints.

    >>> load("vgg16").outputs
    {'predictions': 38}
    >>> load("resnet@resnet18", classes=10).values[-1].shape
    (10,)
    """
    file, named = located(spec)
    return chosen(Spec(file).graph(variant or named, params))


def loads(text: str, variant: str | None = None, *, name: str = "<text>", **params: Any) -> Graph:
    """The graph of a spec given as text. Files that it uses are looked for in the current folder.

    Raises:
        SpecError: with everything that is wrong.

    >>> graph = loads("{netspec: 1, input: [3, 8, 8], layers: {conv: {conv2d: 4, kernel: 3}}}")
    >>> graph.values[-1].shape
    (4, 6, 6)
    """
    return chosen(Spec(name, text, folder=Path()).graph(variant, params))


def analyze(graph: Graph) -> Analysis:
    """Parameters, cost, activations, connections and receptive fields of every layer, and their totals.

    >>> analyze(load("vgg16")).macs
    15470264320
    """
    from .report.printable import printable_analysis

    return printable_analysis(graph)


def as_graph(spec: Graph | str | os.PathLike[str], variant: str | None = None,
             params: Mapping[str, Any] | None = None) -> Graph:
    """A graph, or the graph of a spec."""
    return spec if isinstance(spec, Graph) else load(spec, variant, **(params or {}))


def build(spec: Graph | str | os.PathLike[str], variant: str | None = None, **options: Any) -> Any:
    """The network as a ``torch.nn.Module``; see ``netspec_torch.build`` for the options (seed, weights, device).

    Raises:
        SpecError: something is wrong with the spec.
        netspec.backend.BackendError: PyTorch is not installed.
    """
    from .backend import find, require

    backend = find("torch")
    require(backend)
    return backend.build(as_graph(spec, variant), **options)  # type: ignore[attr-defined]  # pyright: ignore


def export(spec: Graph | str | os.PathLike[str], path: str | os.PathLike[str], *, to: str | None = None,
           variant: str | None = None, seed: int = 0, weights: str | os.PathLike[str] | None = None,
           options: Mapping[str, Any] | None = None) -> None:
    """Write the network to a file, by its ending or ``to``: PyTorch source, ONNX, weights, or a drawing.

    Args:
        spec: a graph, or a spec as :func:`load` takes it.
        path: the file; an old one stays whole until the new one is.
        to: name of a backend, whatever the ending.
        variant: name of a variant.
        seed: where weights are drawn from, when no file gives them.
        weights: a file of weights.
        options: the backend's own (``{"opset": 17}``).

    Raises:
        SpecError: with what is in the way.
    """
    from .backend.export import export as write

    write(as_graph(spec, variant), Path(path), to=to, seed=seed, weights=weights, options=options)


def draw(spec: Graph | str | os.PathLike[str], variant: str | None = None, **options: Any) -> Any:
    """A drawing of the network, shown inline in notebooks; see ``netspec_graphviz.draw`` for the options."""
    from .backend import find, require

    backend = find("graphviz")
    require(backend)
    return backend.draw(as_graph(spec, variant), **options)  # type: ignore[attr-defined]  # pyright: ignore
