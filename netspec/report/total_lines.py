"""The figures of a whole network as labelled lines, as every report for people shows them."""

from __future__ import annotations

from typing import NamedTuple

from ..shapes.types import TensorType, shape_text
from .number_format import memory_size, short_number
from .row_selection import RowSelection


class TotalLine(NamedTuple):
    """One line."""

    label: str
    value: str
    note: str = ""
    number: bool = True
    """Whether the value is a number; otherwise it is a shape."""


def total_lines(selection: RowSelection) -> list[TotalLine]:
    """Parameters, MACs, FLOPs, activations, connections, bytes, and the shapes of inputs and outputs."""
    analysis, total = selection.analysis, selection.totals
    batch = f", for {selection.batch:,} examples" if selection.batch is not None and selection.batch > 1 else ""
    out = [
        TotalLine("parameters", f"{total.params:,}", _trainable_note(total.trainable_params, total.frozen_params)),
        TotalLine("MACs", f"{total.macs:,}", _short_note(total.macs, batch)),
        TotalLine("FLOPs", f"{total.flops:,}", _short_note(total.flops, batch, "2 × MACs")),
        TotalLine(
            "activations",
            f"{total.activations:,}",
            f"{total.weighted_activations:,} of convolutions and dense layers{batch}",
        ),
        TotalLine("connections", f"{total.connections:,}", _short_note(total.connections, "")),
    ]
    if total.buffers:
        out.insert(1, TotalLine("buffers", f"{total.buffers:,}", "not trained, not counted as parameters"))
    sizes = analysis.bytes_by_dtype
    types = ", ".join(d if len(sizes) == 1 else f"{memory_size(n)} {d}" for d, n in sizes.items())
    buffers = f"plus {memory_size(analysis.buffer_bytes)} of buffers" if analysis.buffer_bytes else ""
    out.append(TotalLine("weights", memory_size(analysis.weight_bytes), "; ".join(t for t in (types, buffers) if t)))
    graph = analysis.graph
    return out + _shapes(selection, "input", graph.input_types) + _shapes(selection, "output", graph.output_types)


def _trainable_note(trainable: int, frozen: int) -> str:
    if not frozen:
        return "all trainable" if trainable else ""
    return f"{trainable:,} trainable, {frozen:,} frozen"


def _short_note(n: int, batch: str, more: str = "") -> str:
    text = f"{short_number(n)}{batch}" if n >= 1000 else batch.removeprefix(", ")
    return "; ".join(t for t in (text, more) if t)


def _shapes(selection: RowSelection, label: str, types: dict[str, TensorType]) -> list[TotalLine]:
    out: list[TotalLine] = []
    for name, t in types.items():
        notes = [name] if name != label else []
        if t.dtype != "float32":
            notes.append(t.dtype)
        out.append(TotalLine(label, shape_text(selection.shape(t.shape)), " ".join(notes), number=False))
    return out
