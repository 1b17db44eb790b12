"""Formats the minimum time on a device as text and as JSON."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from netspec.backend import Roofline, TimeBound
from netspec.units import scaled, size_text

from .parts_table import Figures, group_modules, merge_equal

NOTE = (
    "A bound, not a forecast: every function reads its inputs and writes its results once, at the device's peak.",
    "Measured times are longer, by launches, by kernels below the peak, and by loading data.",
)


def time_lines(bound: Roofline, *, layers: bool = False) -> list[str]:
    """Returns lines with the bounds of each pass, and of each block or layer."""
    use = "a step" if bound.settings.optimizer else "a batch"
    rate = f"{_count(bound.examples_per_second)} examples"
    if bound.tokens_per_second is not None:
        rate = f"{_count(bound.tokens_per_second)} tokens"
    title = f"Time on {bound.device.title}: at least {seconds_text(bound.seconds)} {use}, at most {rate} per second."
    phases = [("forward", bound.forward)]
    if bound.settings.optimizer:
        phases += [("backward", bound.backward), ("step", bound.step), ("in all", bound.total)]
    lines = [title, "", *_table("", phases)]
    if layers:
        rows = [(layer.name or "(outside of blocks)", layer.total) for layer in bound.layers]
        functions = [", ".join(layer.functions) for layer in bound.layers]
        lines += ["", *_table("layer", rows, functions)]
    elif len(bound.layers) > 1:
        lines += ["", *_table("block", [(name, _bound(row)) for name, row in merge_equal(_blocks(bound))])]
    return [*lines, "", *NOTE]


def _blocks(bound: Roofline) -> list[tuple[str, Figures]]:
    parts: dict[str, Figures] = {part.name: (0, 0, 0.0, 0.0) for part in bound.memory.parts}
    for layer in bound.layers:
        total = layer.total
        parts[layer.name] = (total.operations, total.bytes, total.memory_seconds, total.compute_seconds)
    return group_modules(parts, lambda figures: figures[2] + figures[3])


def _bound(row: Figures) -> TimeBound:
    return TimeBound(int(row[0]), int(row[1]), row[2], row[3])


def _table(head: str, rows: Sequence[tuple[str, TimeBound]], more: Sequence[str] = ()) -> list[str]:
    """Formats rows with their bounds, each with an optional text at the end."""
    width = max(len(head), *(len(name) for name, _ in rows))
    lines = [f"{head:{width}}  {'operations':>10}  {'bytes':>9}  {'per byte':>8}  {'at least':>9}  limited by"]
    for name, bound in rows:
        cells = f"{operations_text(bound.operations):>10}  {size_text(bound.bytes):>9}  {bound.intensity:>8,.1f}"
        lines.append(f"{name:{width}}  {cells}  {seconds_text(bound.seconds):>9}  {_limit(bound)}")
    if more:
        limits = max(map(len, lines))
        lines = [f"{line:{limits}}  {text}".rstrip() for line, text in zip(lines, ["functions", *more], strict=True)]
    return lines


def _limit(bound: TimeBound) -> str:
    share = bound.compute_seconds / (bound.seconds or 1)
    if 0.005 <= share < 0.995:
        first, second = ("compute", "memory") if share > 0.5 else ("memory", "compute")
        return f"{first} {max(share, 1 - share):.0%}, {second} {min(share, 1 - share):.0%}"
    return bound.limited_by


def operations_text(operations: float) -> str:
    """Formats a number of operations to three digits: ``523 G``."""
    return f"{operations:.0f}" if operations < 1000 else scaled(operations, ("k", "M", "G", "T", "P", "E"))


def seconds_text(seconds: float) -> str:
    """Formats a time to three digits: ``6.49 ms``."""
    if seconds >= 1:
        return f"{seconds:,.2f} s" if seconds < 99.95 else f"{seconds:,.0f} s"
    picoseconds = seconds * 1e12
    return f"{picoseconds:.0f} ps" if picoseconds < 1000 else scaled(picoseconds, ("ns", "µs", "ms"))


def _count(number: float) -> str:
    """Formats a rate to three significant digits."""
    if number < 99.95:
        return f"{number:.3g}"
    return f"{float(f'{number:.3g}'):,.0f}"


def time_data(bound: Roofline) -> dict[str, Any]:
    """Returns the bounds for the JSON report, in bytes and seconds."""
    return {
        "device": bound.device.name,
        "title": bound.device.title,
        "source": bound.device.source,
        "forward": _bound_data(bound.forward),
        "backward": _bound_data(bound.backward),
        "step": _bound_data(bound.step),
        "total": _bound_data(bound.total),
        "examples_per_second": bound.examples_per_second,
        "tokens_per_second": bound.tokens_per_second,
        "layers": [
            {
                "name": layer.name,
                "functions": list(layer.functions),
                "forward": _bound_data(layer.forward),
                "backward": _bound_data(layer.backward),
            }
            for layer in bound.layers
        ],
    }


def _bound_data(bound: TimeBound) -> dict[str, Any]:
    return {
        "operations": bound.operations,
        "bytes": bound.bytes,
        "intensity": bound.intensity,
        "seconds": bound.seconds,
        "memory_seconds": bound.memory_seconds,
        "compute_seconds": bound.compute_seconds,
        "limited_by": bound.limited_by,
    }
