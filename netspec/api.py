"""netspec from Python: load a spec, analyze it, build it as a module, export it to a file, draw it.

Every function takes a spec in the same way: a file, ``file@variant``, the name of a network of the zoo with or without
a variant, the name of a variant alone (``resnet50``), or a :class:`~netspec.ir.Graph`. Values of the spec's
parameters are further keywords. A parameter that is named like an argument of the function (``seed``, ``depth``,
``sizes``, …) is passed in ``params``:
``netspec.build("my.yaml", seed=0, params={"seed": 1})``.
"""

from __future__ import annotations

import os
from collections.abc import Iterable, Mapping, Sequence
from operator import index
from pathlib import Path
from typing import TYPE_CHECKING, Any, SupportsIndex, TypeAlias

from .checking.spec import Spec
from .checking.spec_names import find_spec
from .ir import Graph

if TYPE_CHECKING:
    import torch
    from torch import nn

    from .analysis.network_figures import Analysis
    from .backend import CostColumn, Direction, Drawing, Engine, ExportOptions, Style, VolumeForm

__all__ = ["ParameterValue", "analyze", "as_graph", "build", "draw", "export", "load", "loads"]

ParameterValue: TypeAlias = (
    "bool | SupportsIndex | float | str | Sequence[ParameterValue] | Mapping[str, ParameterValue] | None"
)
"""The value of a spec's parameter. A text is parsed as YAML: ``"64"`` is an integer."""


def load(
    spec: str | os.PathLike[str],
    variant: str | None = None,
    *,
    params: Mapping[str, ParameterValue] | None = None,
    sizes: Mapping[str, SupportsIndex] | None = None,
    **parameters: ParameterValue,
) -> Graph:
    """Return the graph of a spec.

    Args:
        spec: a file, ``file@variant``, or a network of the zoo, with or without ``@variant``.
        variant: name of a variant; None for the defaults.
        params: values of the spec's parameters, which override those of the variant.
        sizes: numbers for named dimensions of the spec: ``{"H": 256, "W": 192}``.
        parameters: the same as keywords, for parameters whose names differ from the arguments.

    Raises:
        SpecError: all problems of the spec; its ``str()`` is the output of ``netspec check``.
        Error: NS109, neither a file nor a network of the zoo.
        TypeError: a parameter or the variant is given twice.

    >>> load("vgg16").outputs
    {'predictions': 38}
    >>> load("resnet@18", classes=10).values[-1].shape
    (10,)
    """
    file, named = find_spec(spec)
    if variant is not None and named is not None:
        raise TypeError(f"the variant is given twice: '{named}' and '{variant}'")
    return _graph(Spec(file), variant or named, merge_parameters(params, parameters), sizes)


def loads(
    text: str,
    variant: str | None = None,
    *,
    name: str = "<text>",
    params: Mapping[str, ParameterValue] | None = None,
    sizes: Mapping[str, SupportsIndex] | None = None,
    **parameters: ParameterValue,
) -> Graph:
    """Return the graph of a spec given as text. Files that it uses are read relative to the current folder.

    Args:
        text: the spec.
        variant: name of a variant; None for the defaults.
        name: name of the text in messages.
        params: values of the spec's parameters, which override those of the variant.
        sizes: numbers for named dimensions of the spec: ``{"H": 256, "W": 192}``.
        parameters: the same as keywords, for parameters whose names differ from the arguments.

    Raises:
        SpecError: all problems of the spec.
        TypeError: a parameter is given twice, or ``text`` is not a text.

    >>> graph = loads("{netspec: 1, input: [3, 8, 8], layers: {conv: {conv2d: 4, kernel: 3}}}")
    >>> graph.values[-1].shape
    (4, 6, 6)
    """
    if not isinstance(text, str):  # pyright: ignore[reportUnnecessaryIsInstance] - of a caller without type checks
        raise TypeError(f"the text of a spec is a str; found {type(text).__name__}")
    return _graph(Spec(name, text, folder=Path()), variant, merge_parameters(params, parameters), sizes)


def analyze(
    spec: Graph | str | os.PathLike[str],
    variant: str | None = None,
    *,
    params: Mapping[str, ParameterValue] | None = None,
    sizes: Mapping[str, SupportsIndex] | None = None,
    **parameters: ParameterValue,
) -> Analysis:
    """Compute parameters, cost, activations, connections and receptive fields of every layer, and their totals.

    The result is shown as a table, in a notebook and when printed.

    Args:
        spec: a graph, or a spec as accepted by :func:`load`.
        variant: name of a variant; None for the defaults.
        params: values of the spec's parameters, which override those of the variant.
        sizes: numbers for named dimensions of the spec: ``{"H": 256, "W": 192}``.
        parameters: the same as keywords, for parameters whose names differ from the arguments.

    Raises:
        Error: as :func:`load`.
        TypeError: a variant, parameters or sizes for a graph, or a parameter or variant given twice.

    >>> analyze("vgg16").macs
    15470264320
    """
    from .report.printable import printable_analysis

    return printable_analysis(as_graph(spec, variant, merge_parameters(params, parameters), sizes))


def build(
    spec: Graph | str | os.PathLike[str],
    variant: str | None = None,
    *,
    seed: int = 0,
    device: str | torch.device | None = None,
    weights: str | os.PathLike[str] | None = None,
    rename: Sequence[str] = (),
    in_order: bool = False,
    strict: bool = True,
    params: Mapping[str, ParameterValue] | None = None,
    sizes: Mapping[str, SupportsIndex] | None = None,
    **parameters: ParameterValue,
) -> nn.Module:
    """Build the network as a ``torch.nn.Module`` in training mode, which no longer needs netspec.

    Args:
        spec: a graph, or a spec as accepted by :func:`load`.
        variant: name of a variant; None for the defaults.
        seed: seed of the initial weights; each weight depends on the seed and its name, identically in every backend.
        device: device of the module; on ``meta`` it has only shapes. By default PyTorch's default device.
        weights: a file of weights (safetensors, or a PyTorch state dict) instead of initial ones.
        rename: rules ``OLD=NEW`` for the names in that file.
        in_order: assign the remaining tensors to the parameters that lack one, by order and shape.
        strict: whether every tensor of the file must belong to a parameter, and every parameter must have one. If not,
            others are ignored, missing ones come from the seed, and a Python warning lists both.
        params: values of the spec's parameters, which override those of the variant.
        sizes: numbers for named dimensions of the spec: ``{"H": 256, "W": 192}``.
        parameters: the same as keywords, for parameters whose names differ from the arguments.

    Raises:
        Error: as :func:`load`; NS707, NS708: the weights do not fit the network.
        BackendError: NS701, unsupported operations; NS704, PyTorch is not installed; NS711, an invalid seed or
            device, or ``rename``, ``in_order`` or ``strict`` without ``weights``.
        FileError: NS706, the weights cannot be read.
        TypeError: a variant, parameters or sizes for a graph, or a parameter or variant given twice.
    """
    from .backend import ModuleBackend, find, require

    graph = as_graph(spec, variant, merge_parameters(params, parameters), sizes)
    backend = find("torch")
    require(backend)
    assert isinstance(backend, ModuleBackend)
    return backend.build(
        graph, seed=seed, device=device, weights=weights, rename=rename, in_order=in_order, strict=strict
    )


def export(
    spec: Graph | str | os.PathLike[str],
    path: str | os.PathLike[str],
    variant: str | None = None,
    *,
    to: str | None = None,
    seed: int = 0,
    weights: str | os.PathLike[str] | None = None,
    rename: Sequence[str] = (),
    in_order: bool = False,
    strict: bool = True,
    options: ExportOptions | None = None,
    params: Mapping[str, ParameterValue] | None = None,
    sizes: Mapping[str, SupportsIndex] | None = None,
    **parameters: ParameterValue,
) -> None:
    """Write the network to a file: PyTorch source, ONNX, weights, or a drawing.

    Args:
        spec: a graph, or a spec as accepted by :func:`load`.
        path: the file; it is replaced atomically. Its extension determines what is written.
        variant: name of a variant; None for the defaults.
        to: name of a backend, independent of the extension.
        seed: seed of the initial weights, unless a file provides them.
        weights: a file of weights.
        rename: rules ``OLD=NEW`` for the names in that file.
        in_order: assign the remaining tensors to the parameters that lack one, by order and shape.
        strict: whether every tensor of the file must belong to a parameter, and every parameter must have one. If not,
            others are ignored, missing ones come from the seed, and a Python warning lists both.
        options: for ONNX an :class:`~netspec.backend.OnnxOptions`, such as ``{"opset": 17}``; for drawings a
            :class:`~netspec.backend.DrawingFileOptions`; for a backend of another package its
            :class:`~netspec.backend.BackendOptions`.
        params: values of the spec's parameters, which override those of the variant.
        sizes: numbers for named dimensions of the spec: ``{"H": 256, "W": 192}``.
        parameters: the same as keywords, for parameters whose names differ from the arguments.

    Raises:
        Error: as :func:`load`; NS707, NS708: the weights do not fit the network.
        BackendError: NS701 to NS704, NS711, NS712: no backend can write this file, or not with these options.
        FileError: NS705, NS706: a file cannot be written or read.
        TypeError: a variant, parameters or sizes for a graph, or a parameter or variant given twice.
    """
    from .backend.export import export as write

    graph = as_graph(spec, variant, merge_parameters(params, parameters), sizes)
    write(
        graph,
        Path(path),
        to=to,
        seed=seed,
        weights=weights,
        rename=rename,
        in_order=in_order,
        strict=strict,
        options=options,
    )


def draw(
    spec: Graph | str | os.PathLike[str],
    variant: str | None = None,
    *,
    style: Style = "graph",
    depth: int | None = None,
    show: str | Iterable[str] = (),
    direction: Direction = "down",
    dark: bool | None = None,
    shade_by: CostColumn | None = None,
    width_by: CostColumn | None = None,
    opened: Iterable[str] | None = None,
    legend: bool = True,
    form: VolumeForm | None = None,
    width: str | float | None = None,
    height: str | float | None = None,
    min_text: str | float | None = None,
    engine: Engine = "bundled",
    title: str | None = None,
    background: str | None = None,
    palette: str | os.PathLike[str] = "default",
    font: str | os.PathLike[str] | Iterable[str | os.PathLike[str]] = (),
    dpi: float = 144.0,
    image: str | os.PathLike[str] | None = None,
    maps: str | os.PathLike[str] | None = None,
    params: Mapping[str, ParameterValue] | None = None,
    sizes: Mapping[str, SupportsIndex] | None = None,
    **parameters: ParameterValue,
) -> Drawing:
    """Draw the network; the result is shown inline in a notebook.

    Args:
        spec: a graph, or a spec as accepted by :func:`load`.
        variant: name of a variant; None for the defaults.
        style: ``graph``; ``volumes``, feature maps as boxes; ``neurons``, units and connections of a small network.
        depth: number of levels of blocks that are open; None opens all (for ``volumes``: as many as fit).
        show: columns of the report to write into each layer, as names or as one text with commas.
        direction: the direction in which the graph runs, ``down`` or ``right``.
        dark: whether the background is dark; by default it is light.
        shade_by: a column of the report by which boxes are shaded.
        width_by: a column of the report by which boxes are widened.
        opened: names of the blocks that are open, instead of ``depth``.
        legend: whether the colours are explained below the drawing.
        form: how ``volumes`` are arranged: ``planes``, ``levels``, ``row``, ``branches`` or ``layers``; by default the
            first that suits the network.
        width: width of a figure: ``page``, ``column``, ``slide``, a length such as ``3.3in``, or points.
        height: maximum height of the figure: by default 9 in, 7.5 in on a slide.
        min_text: smallest size of text in the figure; 6 pt by default.
        engine: the layout program, ``bundled`` or ``dot``.
        title: the title in place of the network's name; ``none`` for a drawing without one.
        background: ``transparent``, or a colour such as ``#f5f8fb``.
        palette: colours of the kinds of layers: ``default``, ``okabe-ito``, ``grey``, or a YAML file.
        font: font files instead of Fira Sans Condensed.
        dpi: pixels per inch of a PNG file.
        image: a PNG, JPEG, WebP, GIF, BMP or TIFF file that ``volumes`` show on the input.
        maps: a file of ``netspec see activations``, ``.npz``, whose values ``volumes`` show on the faces of maps.
        params: values of the spec's parameters, which override those of the variant.
        sizes: numbers for named dimensions of the spec: ``{"H": 256, "W": 192}``.
        parameters: the same as keywords, for parameters whose names differ from the arguments.

    Raises:
        Error: as :func:`load`.
        Error: NS301, ``opened`` names a block that the network lacks.
        BackendError: NS721, an invalid option.
        TypeError: a variant, parameters or sizes for a graph, or a parameter or variant given twice.
    """
    from .backend import DrawingBackend, find

    graph = as_graph(spec, variant, merge_parameters(params, parameters), sizes)
    backend = find("graphviz")
    assert isinstance(backend, DrawingBackend)
    return backend.draw(
        graph,
        style=style,
        depth=depth,
        show=show,
        direction=direction,
        dark=dark,
        shade_by=shade_by,
        width_by=width_by,
        opened=opened,
        legend=legend,
        form=form,
        width=width,
        height=height,
        min_text=min_text,
        engine=engine,
        title=title,
        background=background,
        palette=palette,
        font=font,
        dpi=dpi,
        image=image,
        maps=maps,
    )


def _graph(
    spec: Spec,
    variant: str | None,
    settings: Mapping[str, ParameterValue],
    sizes: Mapping[str, SupportsIndex] | None,
) -> Graph:
    """Return the graph of a spec with settings. Raises SpecError, with the suggestions of ``netspec check``."""
    result = spec.elaborate(variant, settings, sizes={name: index(n) for name, n in (sizes or {}).items()})
    if result.graph is None:
        from .checking.verified_suggestions import with_suggestion  # loaded only for an invalid spec

        result = with_suggestion(spec, result, settings)
    if result.graph is None and settings:
        from .checking.settings_at_fault import with_settings_at_fault

        result = with_settings_at_fault(spec, result, settings)
    return result.require_graph()


def as_graph(
    spec: Graph | str | os.PathLike[str],
    variant: str | None = None,
    params: Mapping[str, ParameterValue] | None = None,
    sizes: Mapping[str, SupportsIndex] | None = None,
) -> Graph:
    """Return a graph, or that of a spec. Raises TypeError for a variant, parameters or sizes of a graph."""
    if not isinstance(spec, Graph):
        return load(spec, variant, params=params, sizes=sizes)
    if variant is not None or params or sizes:
        raise TypeError("a graph has its variant, parameters and sizes already: pass them where it is loaded")
    return spec


def merge_parameters(
    params: Mapping[str, ParameterValue] | None, parameters: Mapping[str, ParameterValue]
) -> dict[str, Any]:
    """Merge parameter values given as a mapping and as keywords. Raises TypeError for duplicates."""
    for name in params or {}:
        if not isinstance(name, str):  # pyright: ignore[reportUnnecessaryIsInstance] - of a caller without type checks
            raise TypeError(f"names of parameters are texts; found {name!r}")
    twice = [name for name in parameters if name in (params or {})]
    if twice:
        raise TypeError(f"the parameter '{twice[0]}' is given twice")
    return {**(params or {}), **parameters}
