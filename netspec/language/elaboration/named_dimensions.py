"""The named dimensions of a document during elaboration."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from ...diagnostics import LocatedError
from ...shapes.named_sizes import NamedDim, NamedSizes
from ...shapes.sizes import Size, is_named
from ..reading.dimensions import bind_dimensions
from ..reading.document import Document
from .scopes import Elaborator


def dimension_sizes(
    elaborator: Elaborator, document: Document, parameters: Mapping[str, Any], numbers: Mapping[str, int]
) -> dict[str, Size] | None:
    """Returns the sizes of a document's named dimensions, some of them as given numbers; None if there is a problem.

    The other dimensions become those of the elaborator, unless it already has some.
    """
    if document.dims is None:
        return None
    dims: list[NamedDim] = []
    with elaborator.problems.reported(None, document.location):
        dims = bind_dimensions(document.dims, parameters, elaborator.budget.charge_expression)
    if len(dims) < len(document.dims):
        return None
    left = [dim for dim in dims if dim.name not in numbers]
    named = elaborator.named if elaborator.named is not None else NamedSizes(left)
    if left:
        elaborator.named = named
    return {dim.name: numbers[dim.name] if dim.name in numbers else named.size(dim.name) for dim in dims}


def report_unused_dimensions(elaborator: Elaborator, document: Document, *, shapes_given: bool) -> None:
    """Reports named dimensions that no input has. If the caller gives shapes, the network has none."""
    if elaborator.named is None or elaborator.problems.diagnostics:
        return
    graph = elaborator.graph
    used = {name for t in graph.types for n in t.shape if is_named(n) for name in n.mentions()}
    for d in document.dims or ():
        if d.name in elaborator.named.dims and d.name not in used:
            if shapes_given:
                del elaborator.named.dims[d.name]
                continue
            message = f"no input has the named dimension '{d.name}'"
            elaborator.problems.add(LocatedError("NS228", message, d.location), None, d.location)
