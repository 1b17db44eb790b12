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
from ..ir import Graph
from ..shapes.sizes import is_named
from ..shapes.types import TensorType
from .check_result import CheckResult
from .figure_formulas import TOTALS, Formulas, formula_texts, formulas_of
from .row_selection import RowSelection

if TYPE_CHECKING:
    from ..analysis.receptive_field import Field

VERSION = 1
LAYER_FORMULAS = ("macs", "macs_needed", "flops", "activations", "activation_bytes", "connections")


def render(results: Iterable[CheckResult]) -> str:
    """Returns the report as JSON text ending in a newline, with one layer or diagnostic per line."""
    objects = [",\n".join(f"  {_dumps(key)}: {_lines(value)}" for key, value in data(r).items()) for r in results]
    return "[" + ",\n".join(f"{{\n{text}\n}}" for text in objects) + "]\n"


def _lines(value: Any) -> str:
    """Returns a value in one line; a non-empty list with one item per line."""
    if not isinstance(value, list) or not value:
        return _dumps(cast("object", value))
    items = cast("list[object]", value)
    return "[\n" + ",\n".join(f"    {_dumps(v)}" for v in items) + "\n  ]"


def _dumps(value: Any) -> str:
    """Returns a value as JSON; hidden characters are escaped, so that the text is safe on a terminal."""
    text = json.dumps(value, ensure_ascii=False)
    return text if text.isprintable() else "".join(json.dumps(c)[1:-1] if is_hidden(c) else c for c in text)


def data(result: CheckResult) -> dict[str, Any]:
    """Returns a result as JSON-compatible values."""
    selection = result.selection
    formulas = formulas_of(selection) if selection is not None and selection.analysis.graph.dims else None
    return {
        "report": VERSION,
        "spec": result.spec,
        "name": result.name,
        "variant": result.variant,
        "ok": result.ok,
        "batch": selection.batch if selection is not None else None,
        "dims": _dimensions(selection.analysis.graph) if selection is not None else [],
        "at": selection.analysis.graph.at_default.sizes if selection is not None else dict(result.sizes),
        "totals": _totals(selection) if selection is not None else None,
        "cache": _cache(selection) if selection is not None else None,
        "formulas": formula_texts(formulas.totals, TOTALS) if formulas is not None else None,
        "inputs": _types(selection, selection.analysis.graph.input_types) if selection is not None else [],
        "outputs": _types(selection, selection.analysis.graph.output_types) if selection is not None else [],
        "layers": [_layer(selection, row, formulas) for row in selection.rows] if selection is not None else [],
        "diagnostics": [as_data(d, result.sources) for d in result.diagnostics],
    }


def _totals(selection: RowSelection) -> dict[str, int | dict[str, int]]:
    total = selection.totals
    return {
        "params": total.params,
        "trainable_params": total.trainable_params,
        "active_params": total.active_params,
        "buffers": total.buffers,
        "macs": total.macs,
        "macs_needed": total.macs_needed,
        "flops": total.flops,
        "activations": total.activations,
        "weighted_activations": total.weighted_activations,
        "activation_bytes": total.activation_bytes,
        "activation_bytes_by_dtype": selection.activation_bytes_by_dtype,
        "connections": total.connections,
        "weight_bytes": selection.analysis.weight_bytes,
        "weight_bytes_by_dtype": dict(selection.analysis.bytes_by_dtype),
    }


def _cache(selection: RowSelection) -> dict[str, int] | None:
    """Returns the key/value cache for the batch; null without causal attention."""
    cache, batch = selection.analysis.cache, selection.batch or 1
    if cache is None:
        return None
    return {
        "layers": cache.layers,
        "token_elements": cache.token_elements * batch,
        "token_bytes": cache.token_bytes * batch,
        "elements": cache.elements * batch,
        "bytes": cache.bytes * batch,
    }


def _dimensions(graph: Graph) -> list[dict[str, Any]]:
    """Returns the named dimensions with their declared sizes."""
    return [
        {"name": d.name, "default": d.default, "multiple_of": d.multiple_of, "min": d.min, "max": d.max}
        for d in graph.dims.values()
    ]


def _types(selection: RowSelection, types: dict[str, TensorType]) -> list[dict[str, Any]]:
    return [
        {"name": name, "shape": _shape(selection, t), "axes": _axes(selection, t), "dtype": t.dtype}
        for name, t in types.items()
    ]


def _shape(selection: RowSelection, x: TensorType) -> list[int | str]:
    """Returns a shape of numbers, and of formulas as texts for sizes that depend on named dimensions."""
    return [str(n) if is_named(n) else n for n in selection.shape(x.shape)]


def _axes(selection: RowSelection, x: TensorType) -> list[str | None]:
    """Returns the name of each axis of a shape, null if it has none."""
    return [*(["batch"] if selection.batch is not None else []), *(name or None for name in x.axes)]


def _layer(selection: RowSelection, row: Row, formulas: Formulas | None) -> dict[str, Any]:
    figures = selection.figures(row)
    in_names = formulas.of(row) if formulas is not None else None
    files = selection.analysis.graph.files
    location = row.location
    fields = selection.fields(row)
    return {
        "name": row.name,
        "op": row.operation,
        "inputs": list(row.inputs),
        "output_shape": _shape(selection, row.output),
        "output_axes": _axes(selection, row.output),
        "output_dtype": row.output.dtype,
        "params": row.params,
        "trainable_params": row.trainable_params,
        "active_params": row.active_params,
        "buffers": row.buffers,
        "macs": figures.macs,
        "macs_needed": figures.macs_needed,
        "flops": figures.flops,
        "activations": figures.activations,
        "activation_bytes": figures.activation_bytes,
        "connections": figures.connections,
        "formulas": None if in_names is None else formula_texts(in_names, LAYER_FORMULAS),
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
    """Returns an integer, or a fraction as text: ``1/2``."""
    if stride is None:
        return None
    return stride.numerator if stride.denominator == 1 else str(stride)
