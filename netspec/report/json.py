"""The report as JSON, for programs: a list with an object for each spec and variant.

Version 1 (``"report": 1``). An object has ``spec``, ``name``, ``variant``, ``ok``, ``batch``, ``totals``, ``inputs``,
``outputs``, ``layers`` and ``diagnostics``; where the network could not be made, ``totals`` is null and the lists of
it are empty. A new key may come within a version; a key that changes its meaning or goes makes a new one.
"""

from __future__ import annotations

import json
from collections.abc import Iterable
from fractions import Fraction
from typing import TYPE_CHECKING, Any, cast

from ..analysis.summary import Row
from ..diagnostics import as_data
from ..shapes.types import TensorType
from .result import Result
from .view import View

if TYPE_CHECKING:
    from ..analysis.receptive import Field

VERSION = 1


def render(results: Iterable[Result]) -> str:
    """The report of these results, as JSON text that ends in a newline; a layer or diagnostic to a line."""
    objects = [",\n".join(f"  {json.dumps(key)}: {_lines(value)}" for key, value in data(r).items()) for r in results]
    return "[" + ",\n".join(f"{{\n{text}\n}}" for text in objects) + "]\n"


def _lines(value: Any) -> str:
    """A value in one line, a list of objects with a line for each."""
    if not isinstance(value, list) or not value:
        return json.dumps(value, ensure_ascii=False)
    items = cast("list[object]", value)
    return "[\n" + ",\n".join(f"    {json.dumps(v, ensure_ascii=False)}" for v in items) + "\n  ]"


def data(result: Result) -> dict[str, Any]:
    """One result as JSON's types."""
    view = result.view
    return {
        "report": VERSION,
        "spec": result.spec,
        "name": result.name,
        "variant": result.variant,
        "ok": result.ok,
        "batch": view.batch if view is not None else None,
        "totals": _totals(view) if view is not None else None,
        "inputs": _types(view, view.analysis.inputs) if view is not None else [],
        "outputs": _types(view, view.analysis.outputs) if view is not None else [],
        "layers": [_layer(view, row) for row in view.rows] if view is not None else [],
        "diagnostics": [as_data(d, result.sources) for d in result.diagnostics],
    }


def _totals(view: View) -> dict[str, int]:
    return view.totals._asdict()


def _types(view: View, types: dict[str, TensorType]) -> list[dict[str, Any]]:
    return [{"name": name, "shape": list(view.shape(t.shape)), "dtype": t.dtype} for name, t in types.items()]


def _layer(view: View, row: Row) -> dict[str, Any]:
    work = view.times(row.work)
    files = view.analysis.graph.files
    location = row.location
    fields = view.fields(row)
    return {
        "name": row.name,
        "op": row.op,
        "inputs": list(row.inputs),
        "output_shape": list(view.shape(row.output.shape)),
        "params": row.count.params,
        "trainable_params": row.count.trainable,
        "buffers": row.count.buffers,
        "macs": work.macs,
        "flops": work.flops,
        "activations": work.activations,
        "connections": work.connections,
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
    """A whole number, or a fraction as text: ``1/2``."""
    if stride is None:
        return None
    return stride.numerator if stride.denominator == 1 else str(stride)
