"""The figures of a whole network, labelled, as every report for people shows them."""

from __future__ import annotations

from typing import NamedTuple

from ..shapes.types import TensorType, shown
from .amounts import memory, short
from .view import View


class Total(NamedTuple):
    """One line."""

    label: str
    value: str
    note: str = ""
    number: bool = True


def totals(view: View) -> list[Total]:
    """Parameters, MACs, FLOPs, activations, connections, bytes, and the shapes of inputs and outputs."""
    a = view.analysis
    count, work = a.count, view.totals
    batch = f", for {view.batch:,} examples" if view.batch is not None and view.batch > 1 else ""
    out = [
        Total("parameters", f"{count.params:,}", _trained(count.trainable, count.frozen)),
        Total("MACs", f"{work.macs:,}", _short(work.macs, batch)),
        Total("FLOPs", f"{work.flops:,}", _short(work.flops, batch, "2 × MACs")),
        Total("activations", f"{work.activations:,}",
              f"{work.weighted_activations:,} of convolutions and dense layers{batch}"),
        Total("connections", f"{work.connections:,}", _short(work.connections, "")),
    ]
    if count.buffers:
        out.insert(1, Total("buffers", f"{count.buffers:,}", "not trained, not counted as parameters"))
    types = ", ".join(
        d if len(a.parameters.weight_bytes) == 1 else f"{memory(n)} {d}" for d, n in a.parameters.weight_bytes
    )
    buffers = f"{memory(a.parameters.buffer_bytes)} of buffers besides" if a.parameters.buffer_bytes else ""
    out.append(Total("weights", memory(work.weight_bytes), "; ".join(t for t in (types, buffers) if t)))
    out += _shapes(view, "input", a.inputs) + _shapes(view, "output", a.outputs)
    return out


def _trained(trainable: int, frozen: int) -> str:
    if not frozen:
        return "all trainable" if trainable else ""
    return f"{trainable:,} trainable, {frozen:,} frozen"


def _short(n: int, batch: str, more: str = "") -> str:
    text = f"{short(n)}{batch}" if n >= 1000 else batch.removeprefix(", ")
    return "; ".join(t for t in (text, more) if t)


def _shapes(view: View, label: str, types: dict[str, TensorType]) -> list[Total]:
    out: list[Total] = []
    for name, t in types.items():
        notes = [name] if name != label else []
        if t.dtype != "float32":
            notes.append(t.dtype)
        out.append(Total(label, shown(view.shape(t.shape)), " ".join(notes), number=False))
    return out
