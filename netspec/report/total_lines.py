"""The figures of a whole network as labelled lines, for every report for human readers."""

from __future__ import annotations

from collections.abc import Mapping
from typing import NamedTuple

from ..ir import Graph
from ..shapes.types import TensorType, shape_text
from .number_format import memory_size, short_number
from .row_selection import RowSelection

SIZES = "sizes"
"""Label of the line with the sizes of named dimensions."""


class TotalLine(NamedTuple):
    """One line."""

    label: str
    value: str
    note: str = ""
    number: bool = True
    """Whether the value is a number; otherwise it is a shape."""


def total_lines(selection: RowSelection) -> list[TotalLine]:
    """Returns parameters, MACs, FLOPs, activations, connections, bytes, and the shapes of inputs and outputs.

    The first line has the sizes of named dimensions used for the counts, if there are any.
    """
    analysis, total = selection.analysis, selection.totals
    batch = f", for {selection.batch:,} examples" if selection.batch is not None and selection.batch > 1 else ""
    out = [
        TotalLine("parameters", f"{total.params:,}", _trainable_note(total.trainable_params, total.frozen_params)),
        TotalLine("MACs", f"{total.macs:,}", _short_note(total.macs, batch)),
        *_attention_lines(selection, batch),
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
    if total.active_params != total.params:
        out.insert(
            1, TotalLine("active params", f"{total.active_params:,}", "of copies, those that a position chooses")
        )
    types = _by_type(analysis.bytes_by_dtype)
    buffers = f"plus {memory_size(analysis.buffer_bytes)} of buffers" if analysis.buffer_bytes else ""
    out.append(TotalLine("weights", memory_size(analysis.weight_bytes), "; ".join(t for t in (types, buffers) if t)))
    sizes = selection.activation_bytes_by_dtype
    if sizes.keys() - {"float32"}:
        out.append(TotalLine("activations", memory_size(total.activation_bytes), _by_type(sizes)))
    graph = analysis.graph
    if graph.dims or graph.sizes:
        out.insert(0, TotalLine(SIZES, sizes_text(graph) + ("" if graph.sizes else " (the defaults)"), number=False))
    return out + _shapes(selection, "input", graph.input_types) + _shapes(selection, "output", graph.output_types)


def _attention_lines(selection: RowSelection, batch: str) -> list[TotalLine]:
    """Returns lines on attention that excludes scores: required MACs and the cache; none for other networks."""
    total, out = selection.totals, list[TotalLine]()
    if total.macs_needed != total.macs:
        words = "without scores that attention excludes"
        out.append(TotalLine("MACs needed", f"{total.macs_needed:,}", _short_note(total.macs_needed, batch, words)))
        cache = selection.analysis.cache
        if cache is not None:
            each = f"{memory_size(cache.token_bytes)} a token ({cache.token_elements:,} elements){batch}"
            out.append(TotalLine("KV cache", memory_size(cache.bytes * (selection.batch or 1)), each))
    return out


def _by_type(sizes: Mapping[str, int]) -> str:
    """Returns ``12 KiB float32, 4 KiB bfloat16``; only the type if there is a single one."""
    return ", ".join(d if len(sizes) == 1 else f"{memory_size(n)} {d}" for d, n in sizes.items())


def sizes_text(graph: Graph) -> str:
    """Returns the sizes of the named dimensions used for the figures: ``H = 224, W = 224``."""
    return ", ".join(f"{name} = {n:,}" for name, n in graph.at_default.sizes.items())


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
