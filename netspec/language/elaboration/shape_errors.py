"""Shape errors of operations, with the shapes of all inputs and the origin of the sizes that do not fit."""

from __future__ import annotations

from ...diagnostics import LocatedError, clip
from ...ir.size_history import history_text, size_history
from ...shapes.shape_error import ShapeError
from ...shapes.types import TensorType, shape_text
from .draft_graph import DraftGraph

_LISTED = 4
"""Maximum number of inputs in the label."""


def located(
    error: ShapeError, names: list[str], values: tuple[int, ...], graph: DraftGraph, location: int
) -> LocatedError:
    """The error at a location, for an operation whose inputs have these names and values."""
    types = graph.types_of(values)
    label = ", ".join(f"{clip(n)} is {_type_text(t)}" for n, t in list(zip(names, types, strict=True))[:_LISTED])
    label += ", …" if len(names) > _LISTED else ""
    histories: list[tuple[str, str]] = []
    for number, axis in error.at:
        if axis >= types[number].rank:
            continue
        axis_name = types[number].axes[axis] or f"axis {axis}"
        changes = size_history(values[number], axis, graph.producers.__getitem__, graph.types.__getitem__)
        histories.append((f"{axis_name} of {clip(names[number])}:", history_text(changes)))
    width = max((len(size) for size, _ in histories), default=0)
    notes = [f"{size:{width}} {history}" for size, history in histories]
    message = error.message if error.naming is None else error.naming([clip(n) for n in names])
    return LocatedError(error.code, message, location, help=error.help, notes=notes, label=label or None)


def _type_text(x: TensorType) -> str:
    """``(3, 8, 8)``, or for elements other than float32 ``int64 (3, 8, 8)``."""
    return shape_text(x.shape) if x.dtype == "float32" else f"{x.dtype} {shape_text(x.shape)}"
