"""Elaborates the flat spec of an imported network, so that a proof runs exactly what a user gets."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path

from ..checking.spec import Spec
from ..ir import Graph
from ..language.flatten import flat_spec
from ..shapes.sizes import Size


def read_back(graph: Graph, *, double: bool = False, shapes: Mapping[str, tuple[Size, ...]] | None = None) -> Graph:
    """Returns the graph of a graph's flat spec.

    Args:
        graph: the network.
        double: whether to replace float32 by float64.
        shapes: other shapes of inputs, by name.

    Raises:
        SpecError: NS713, a flat spec cannot express the graph; or any problem at the other shapes.
    """
    text = flat_spec(graph)
    if double:
        text = text.replace("float32", "float64")
        if graph.dtype == "float32":
            text = text.replace("netspec: 1\n", "netspec: 1\ndtype: float64\n", 1)
    return Spec("the flat spec", text, folder=Path()).elaborate(shapes=shapes).require_graph()
