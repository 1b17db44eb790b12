"""Interactive pages of networks, in a notebook or as a file: :func:`explore`."""

from __future__ import annotations

import os
from collections.abc import Mapping, Sequence
from html import escape
from typing import TYPE_CHECKING, SupportsIndex

from .api import ParameterValue, as_graph, merge_parameters
from .backend import BackendError
from .files import replace_file
from .ir import Graph

if TYPE_CHECKING:
    from .backend import CostColumn, Direction

__all__ = ["Exploration", "explore"]

HEIGHTS = (120, 4000)
"""Minimum and maximum height of a page in a notebook, in pixels."""


class Exploration:
    """An interactive page of a network, shown in a notebook or saved as a file; see :func:`netspec.explore`.

    In a notebook the page is a document of its own, in a frame that may run its script and save files, and reaches
    neither the notebook nor the network.

    Args:
        html: the page.
        height: its height in a notebook, in pixels.

    Raises:
        BackendError: NS721, a height that is not an integer from 120 to 4,000.
    """

    def __init__(self, html: str, height: int = 640) -> None:
        low, high = HEIGHTS
        if type(height) is not int or not low <= height <= high:
            raise BackendError("NS721", f"height must be an integer from {low} to {high:,}; found {height!r:.80}")
        self.html = html
        self.height = height

    def save(self, path: str | os.PathLike[str]) -> None:
        """Writes the page to a file, which is replaced atomically.

        Raises:
            FileWriteError: NS705, the file cannot be written.
        """
        with replace_file(path) as file:
            file.write(self.html.encode())

    def _repr_html_(self) -> str:
        return (
            f'<iframe srcdoc="{escape(self.html)}" sandbox="allow-scripts allow-downloads" title="netspec" '
            f'style="width: 100%; height: {self.height}px; border: 1px solid #9aa7b5; border-radius: 6px"></iframe>'
        )

    def __repr__(self) -> str:
        return f"<page to explore, {len(self.html.encode()):,} bytes>"


def explore(
    spec: Graph | str | os.PathLike[str],
    variant: str | None = None,
    *,
    depth: int | None = None,
    direction: Direction = "down",
    dark: bool | None = None,
    shade_by: CostColumn | None = None,
    palette: str | os.PathLike[str] = "default",
    height: int = 640,
    weights: str | os.PathLike[str] | None = None,
    rename: Sequence[str] = (),
    in_order: bool = False,
    strict: bool = True,
    params: Mapping[str, ParameterValue] | None = None,
    sizes: Mapping[str, SupportsIndex] | None = None,
    **parameters: ParameterValue,
) -> Exploration:
    """Make an interactive page of the network for a notebook: pan and zoom, search, and the figures of each layer.

    Args:
        spec: a graph, or a spec as accepted by :func:`netspec.load`.
        variant: name of a variant; None for the defaults.
        depth: number of levels of blocks that are open at first; None opens as many as fit on a screen.
        direction: the direction in which the graph runs at first, ``down`` or ``right``.
        dark: whether the page is dark at first; None follows the reader's system.
        shade_by: a column of the report that layers are shaded by at first.
        palette: colours of the kinds of layers: ``default``, ``okabe-ito``, ``grey``, or a YAML file.
        height: height in a notebook, in pixels.
        weights: a file of weights; the page shows their histograms and filters.
        rename: rules ``OLD=NEW`` for the names in that file.
        in_order: assign the remaining tensors to the parameters that lack one, by order and shape.
        strict: whether every tensor of the file must belong to a parameter, and every parameter must have one. If not,
            a Python warning lists both.
        params: values of the spec's parameters, which override those of the variant.
        sizes: numbers for named dimensions of the spec: ``{"H": 256, "W": 192}``.
        parameters: the same as keywords, for parameters whose names differ from the arguments.

    Raises:
        Error: as :func:`netspec.load`; NS707, NS708: the weights do not fit the network.
        BackendError: NS721, an invalid option; NS704, NumPy is not installed and there are weights; NS711, ``rename``,
            ``in_order`` or ``strict`` without ``weights``.
        FileError: NS706, the weights cannot be read.
        TypeError: a variant, parameters or sizes for a graph, or a parameter or variant given twice.

    >>> explore("lenet5", depth=1).height
    640
    """
    from .backend import PageBackend, find

    graph = as_graph(spec, variant, merge_parameters(params, parameters), sizes)
    backend = find("graphviz")
    assert isinstance(backend, PageBackend)
    page = backend.page(
        graph,
        weights=weights,
        rename=rename,
        in_order=in_order,
        strict=strict,
        depth=depth,
        direction=direction,
        dark=dark,
        shade_by=shade_by,
        palette=palette,
    )
    return Exploration(page, height)
