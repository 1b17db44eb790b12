"""The ``options`` of :func:`netspec.export`, for type checkers and editors. The backends check the values."""

from __future__ import annotations

import os
from collections.abc import Iterable
from dataclasses import dataclass
from typing import Literal, TypeAlias, TypedDict

from .plan import Plan

Style: TypeAlias = Literal["graph", "volumes", "neurons"]
"""The style of a drawing: a graph, feature maps as boxes, or units and connections."""
VolumeForm: TypeAlias = Literal["planes", "levels", "row", "branches", "layers"]
"""How the boxes of feature maps are arranged."""
Direction: TypeAlias = Literal["down", "right"]
"""The direction in which a drawn graph runs."""
Engine: TypeAlias = Literal["bundled", "dot"]
"""The layout program: the one of the package graphviz-pure, or Graphviz's own ``dot``."""
CostColumn: TypeAlias = Literal["params", "macs", "flops", "activations", "connections"]
"""A column of the report by which boxes are shaded or widened."""
OnnxDtype: TypeAlias = Literal["float32", "float16", "bfloat16"]
"""An element type of an ONNX file that replaces the spec's."""


class OnnxOptions(TypedDict, total=False):
    """Options of an ONNX file: ``netspec.export(spec, "net.onnx", options={"opset": 17})``."""

    opset: int | None
    """Version of the operator set, 13 to 23; by default 20, or 22 for bfloat16."""
    ir_version: int | None
    """Version of the file format; by default the one introduced together with the operator set."""
    dtype: OnnxDtype | None
    """Element type in place of the ``dtype`` of the spec."""
    weights: bool
    """Whether the file holds the weights (the default); otherwise they are inputs of the graph."""
    external_data: bool | None
    """Whether weights go into a data file beside the model; by default if it would exceed 2 GiB."""
    optimize: bool
    """Folds batch normalisation into the layer before it, and omits operations without effect in inference."""
    functions: bool
    """Writes blocks as ONNX functions."""
    batch: int | None
    """Number of examples; by default it is known only at run time, the symbol ``N`` of the file."""


class DrawingOptions(TypedDict, total=False):
    """Options of a drawing: the keywords of :func:`netspec.draw`."""

    style: Style
    """``graph``; ``volumes``, feature maps as boxes; ``neurons``, units and connections of a small network."""
    depth: int | None
    """Number of levels of blocks that are open; None opens all (for ``volumes``: as many as fit)."""
    show: str | Iterable[str]
    """Columns of the report to write into each layer, as names or as one text with commas."""
    direction: Direction
    """The direction in which the graph runs."""
    dark: bool | None
    """Whether the background is dark. By default it is light, and SVG and HTML files follow the reader's system."""
    shade_by: CostColumn | None
    """A column of the report by which boxes are shaded."""
    width_by: CostColumn | None
    """A column of the report by which boxes are widened."""
    opened: Iterable[str] | None
    """Names of the blocks to open, instead of ``depth``."""
    legend: bool
    """Whether the colours are explained below the drawing."""
    form: VolumeForm | None
    """The form of ``volumes``: ``planes``, stacked, with windows; ``levels``, rows by size, a U for U-Net; ``row``;
    ``branches``, a row for each; ``layers`` of a directed graph. By default, the first that suits the network."""
    width: str | float | None
    """Makes a figure of the given width: ``page``, ``column``, ``slide``, a length such as ``3.3in``, or points."""
    height: str | float | None
    """Maximum height of the figure: by default 9 in, 7.5 in on a slide."""
    min_text: str | float | None
    """Smallest size of text in the figure; 6 pt by default."""
    engine: Engine
    """The layout program. With ``bundled``, the default, the same spec gives the same file everywhere."""
    title: str | None
    """The title in place of the network's name; ``none`` for a drawing without one."""
    background: str | None
    """``transparent``, or a colour such as ``#f5f8fb``, instead of that of the theme."""
    palette: str | os.PathLike[str]
    """Colours of the kinds of layers: ``default``, ``okabe-ito``, ``grey``, or a YAML file."""
    font: str | os.PathLike[str] | Iterable[str | os.PathLike[str]]
    """Font files instead of Fira Sans Condensed: for plain text, or for plain, bold and italic text."""
    dpi: float
    """Pixels per inch of a PNG file; 144 by default."""
    image: str | os.PathLike[str] | None
    """A PNG, JPEG, WebP, GIF, BMP or TIFF file that ``volumes`` show on the input."""
    maps: str | os.PathLike[str] | None
    """A file of ``netspec see activations``, ``.npz``, whose values ``volumes`` shows on the faces of maps."""


@dataclass(frozen=True, slots=True)
class FigureSummary:
    """The result of fitting a drawing into a given width."""

    width: float
    """In inches."""
    height: float
    smallest_text: float
    """In points."""
    left_out: tuple[str, ...]
    """Descriptions of the parts that did not fit and are not shown."""


class DrawingFileOptions(DrawingOptions, total=False):
    """Options of a file with a drawing: ``netspec.export(spec, "net.svg", options={"depth": 1})``."""

    format: Literal["svg", "png", "pdf", "tex", "dot", "gv", "html"]
    """The format of the file; by default given by its extension."""


class TorchOptions(TypedDict, total=False):
    """Options of PyTorch source: ``netspec.export(spec, "model.py", options={"plan": "plan.yaml"})``."""

    plan: str | os.PathLike[str] | Plan
    """A plan for several devices, or the path of one; ``train.py`` is written next to the file."""


class BackendOptions(dict[str, object]):
    """Options of a backend of another package: ``netspec.export(spec, path, options=BackendOptions(level=2))``."""


ExportOptions: TypeAlias = OnnxOptions | TorchOptions | DrawingFileOptions | BackendOptions
"""The types accepted by ``options`` of :func:`netspec.export`."""
