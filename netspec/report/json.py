"""The report as JSON, for programs: a list with one object for each spec and variant.

``docs/reports.md`` describes the format (version 1, ``"report": 1``) and the rules by which it may change. If the
network could not be built, ``totals`` is null and ``inputs``, ``outputs`` and ``layers`` are empty.
"""

from __future__ import annotations

import json
from collections.abc import Iterable
from fractions import Fraction
from typing import TYPE_CHECKING, Any, cast

from ..analysis.network_figures import Row
from ..diagnostics import as_data
from ..diagnostics.sanitize import is_hidden
from ..shapes.types import TensorType
from .check_result import CheckResult
from .row_selection import RowSelection

if TYPE_CHECKING:
    from ..analysis.receptive_field import Field

VERSION = 1


def render(results: Iterable[CheckResult]) -> str:
    """The report as JSON text ending in a newline, with one layer or diagnostic per line."""
    objects = [",\n".join(f"  {_dumps(key)}: {_lines(value)}" for key, value in data(r).items()) for r in results]
    return "[" + ",\n".join(f"{{\n{text}\n}}" for text in objects) + "]\n"


def _lines(value: Any) -> str:
    """A value in one line; a non-empty list with one item per line."""
    if not isinstance(value, list) or not value:
        return _dumps(cast("object", value))
    items = cast("list[object]", value)
    return "[\n" + ",\n".join(f"    {_dumps(v)}" for v in items) + "\n  ]"


def _dumps(value: Any) -> str:
    """A value as JSON; hidden characters are escaped, so that the text is safe on a terminal."""
    text = json.dumps(value, ensure_ascii=False)
    return text if text.isprintable() else "".join(json.dumps(c)[1:-1] if is_hidden(c) else c for c in text)


def data(result: CheckResult) -> dict[str, Any]:
    """One result as JSON's types."""
    selection = result.selection
    return {
        "report": VERSION,
        "spec": result.spec,
        "name": result.name,
        "variant": result.variant,
        "ok": result.ok,
        "batch": selection.batch if selection is not None else None,
        "totals": _totals(selection) if selection is not None else None,
        "inputs": _types(selection, selection.analysis.graph.input_types) if selection is not None else [],
        "outputs": _types(selection, selection.analysis.graph.output_types) if selection is not None else [],
        "layers": [_layer(selection, row) for row in selection.rows] if selection is not None else [],
        "diagnostics": [as_data(d, result.sources) for d in result.diagnostics],
    }


def _totals(selection: RowSelection) -> dict[str, int]:
    total = selection.totals
    return {
        "params": total.params,
        "trainable_params": total.trainable_params,
        "buffers": total.buffers,
        "macs": total.macs,
        "flops": total.flops,
        "activations": total.activations,
        "weighted_activations": total.weighted_activations,
        "connections": total.connections,
        "weight_bytes": selection.analysis.weight_bytes,
    }


def _types(selection: RowSelection, types: dict[str, TensorType]) -> list[dict[str, Any]]:
    return [
        {"name": name, "shape": list(selection.shape(t.shape)), "axes": _axes(selection, t), "dtype": t.dtype}
        for name, t in types.items()
    ]


def _axes(selection: RowSelection, x: TensorType) -> list[str | None]:
    """The name of each axis of a shape, null if it has none."""
    return [*(["batch"] if selection.batch is not None else []), *(name or None for name in x.axes)]


def _layer(selection: RowSelection, row: Row) -> dict[str, Any]:
    figures = selection.figures(row)
    files = selection.analysis.graph.files
    location = row.location
    fields = selection.fields(row)
    return {
        "name": row.name,
        "op": row.operation,
        "inputs": list(row.inputs),
        "output_shape": list(selection.shape(row.output.shape)),
        "output_axes": _axes(selection, row.output),
        "params": row.params,
        "trainable_params": row.trainable_params,
        "buffers": row.buffers,
        "macs": figures.macs,
        "flops": figures.flops,
        "activations": figures.activations,
        "connections": figures.connections,
        "receptive_field": [_field(f) for f in fields] if fields is not None else None,
        "copies": row.copies,
        "file": files[location.file] if location is not None and location.file < len(files) else None,
        "line": location.line if location is not None else None,
    }


def _field(f: Field) -> dict[str, Any]:
    return {
        "input": f.input,
        "axis": f.axis,
        "size": f.size if isinstance(f.size, str) else list(f.size),
        "stride": _stride(f.stride),
        "offset": f.offset,
    }


def _stride(stride: Fraction | None) -> int | str | None:
    """An integer, or a fraction as text: ``1/2``."""
    if stride is None:
        return None
    return stride.numerator if stride.denominator == 1 else str(stride)
