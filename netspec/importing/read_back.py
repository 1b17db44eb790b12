"""The flat spec of an imported network, read back: what a proof runs is what a user gets."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path

from ..checking.spec import Spec
from ..ir import Graph
from ..language.flatten import flat_spec
from ..shapes.sizes import Size


def read_back(graph: Graph, *, double: bool = False, shapes: Mapping[str, tuple[Size, ...]] | None = None) -> Graph:
    """The graph of the flat spec of a graph.

    Args:
        graph: the network.
        double: whether everything that is float32 becomes float64.
        shapes: other shapes of inputs, by name.

    Raises:
        SpecError: NS713, the flat spec cannot say it; or what is wrong with it at the other shapes.
    """
    text = flat_spec(graph)
    if double:
        text = text.replace("float32", "float64")
        if graph.dtype == "float32":
            text = text.replace("netspec: 1\n", "netspec: 1\ndtype: float64\n", 1)
    return Spec("the flat spec", text, folder=Path()).elaborate(shapes=shapes).require_graph()
