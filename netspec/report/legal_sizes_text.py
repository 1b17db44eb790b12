"""The legal sizes of a network as text."""

from __future__ import annotations

import json
from collections.abc import Sequence
from textwrap import wrap

from ..analysis.joint_sizes import equation
from ..checking.size_report import DimensionReport, SizeReport
from ..diagnostics import clip
from ..shapes.sizes import is_named
from ..shapes.types import shape_text

WIDTH = 100
TOGETHER = 6
"""Maximum number of conditions on several dimensions to print."""


def sizes_text(report: SizeReport) -> str:
    """Returns the legal sizes of all dimensions with reasons, joint conditions, and the shapes of the outputs."""
    graph = report.graph
    title = f"{graph.name}@{graph.variant}" if graph.variant else graph.name
    lines = [f"{clip(title)}: sizes at which it works with the same weights", ""]
    groups = _groups(report.dimensions)
    width = max((len(", ".join(d.dim.name for d in group)) for group in groups), default=0)
    for group in groups:
        lines += _dimension_lines(group, width)
    if not groups:
        lines.append("no dimension can have another size than the given one")
    joint = [r for r in report.joint if r.kind == "="] or report.joint
    if joint:
        texts = sorted(map(equation, joint), key=len)
        listed = [text for text in texts if len(text) <= WIDTH][:TOGETHER]
        lines += ["", "together", *(f"  {text}" for text in listed)]
        lines += [f"  and {len(texts) - len(listed)} longer conditions"] if len(listed) < len(texts) else []
    lines.append("")
    for name, type_ in graph.output_types.items():
        lines.append(f"{clip(name)}: {shape_text(type_.shape)}")
    lines.append(f"checked with numbers at {report.checked} sizes")
    return "\n".join(lines) + "\n"


def sizes_json(report: SizeReport) -> str:
    """Returns the same as JSON: the sets by residue, the texts, the reasons, and the outputs' shapes as texts."""
    graph = report.graph
    content = {
        "name": graph.name,
        "variant": graph.variant,
        "dimensions": [_dimension_json(d) for d in report.dimensions],
        "together": list(map(equation, report.joint)),
        "outputs": {name: list(map(_size_json, type_.shape)) for name, type_ in graph.output_types.items()},
        "checked": report.checked,
    }
    return json.dumps(content, indent=2, ensure_ascii=False) + "\n"


def _size_json(size: int) -> int | str:
    return str(size) if is_named(size) else size


def _dimension_json(d: DimensionReport) -> dict[str, object]:
    return {
        "name": d.dim.name,
        "default": d.dim.default,
        "axes": [{"input": axis.input, "axis": axis.axis, "role": axis.role} for axis in d.axes],
        "legal": d.legal.text(d.dim.name),
        "lossless": d.lossless.text(d.dim.name),
        "step": d.legal.step,
        "bounds": {str(r): [low, high] for r, (low, high) in sorted(d.legal.bounds.items())},
        "excluded": sorted(d.legal.excluded),
        "extra": sorted(d.legal.extra),
        "tested": d.legal.tested,
        "refused": [{"size": refusal.size, "reason": refusal.reason} for refusal in d.refusals],
    }


def _groups(dimensions: Sequence[DimensionReport]) -> list[list[DimensionReport]]:
    """Groups the dimensions that share one description."""
    groups: dict[tuple[object, ...], list[DimensionReport]] = {}
    for d in dimensions:
        key = (d.legal.text(), d.lossless.text(), d.dim.default, d.other_results)
        groups.setdefault(key, []).append(d)
    return list(groups.values())


def _dimension_lines(group: list[DimensionReport], width: int) -> list[str]:
    first = group[0]
    names = ", ".join(d.dim.name for d in group)
    indent = " " * (width + 2)
    name = first.dim.name if len(group) == 1 else "n"
    axes = [axis for d in group for axis in d.axes]
    where = ", ".join(f"{axis.role or f'axis {axis.axis}'} of '{clip(axis.input)}'" for axis in axes)
    lines = [f"{names:{width}}  {first.legal.text(name)}"]
    lines.append(f"{indent}default {first.dim.default}" + (f"; {where}" if where else ""))
    lossless = first.lossless.text(name)
    if lossless != first.legal.text(name) and first.lossless.least is not None:
        lines.append(f"{indent}{lossless}: no pooling drops a row")
    for refusal in first.refusals:
        words = f"not {refusal.size}: {refusal.reason}"
        lines += wrap(words, WIDTH - width, initial_indent=indent, subsequent_indent=indent + "  ")
    if first.other_results:
        listed = ", ".join(map(str, first.other_results))
        lines.append(f"{indent}{listed} would work as another network: a size is 1, or a condition comes out otherwise")
    return lines
