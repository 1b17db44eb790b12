"""Facts about a layer, in the words and numbers of the page's side panel."""

from __future__ import annotations

from typing import Any

from netspec.analysis.network import Analysis
from netspec.analysis.receptive_field import Moving
from netspec.diagnostics import clip
from netspec.ops.base import Op, Types
from netspec.ops.common.spelling import plain, shortest_arguments
from netspec.ops.weight import Init
from netspec.text.writer import flow_style

LONGEST_PERIOD = 64
"""Longest pattern of a receptive field that the page holds; of a longer one it has the middle position."""
LONGEST_VALUE = 200


def shown(value: Any) -> str:
    """A value as a spec would have it: ``[2, 2]``, ``true``, ``1e-05``."""
    return clip(flow_style(plain(value)), LONGEST_VALUE)


def arguments(op: Op, inputs: Types) -> list[list[Any]]:
    """Name, value, and whether that goes without saying, for each argument that has a value."""
    said = shortest_arguments(op, inputs)
    out: list[list[Any]] = []
    for name, argument in op.arguments.items():
        value = getattr(op, name)
        if value is None or argument.validator.kind == "layer" or (name == "init" and name not in said):
            continue
        text = flow_style(said[name] if name in said else plain(value))
        out.append([name, clip(text, LONGEST_VALUE), name not in said])
    return out


def distribution(init: Init) -> str:
    """How first values come about, in a few words: ``uniform ±0.0681``."""
    numbers = [f"{a:.3g}" for a in init.args if isinstance(a, int | float)]
    words = init.kind.replace("_", " ")
    if init.kind == "uniform" and numbers:
        return f"uniform ±{numbers[0]}"
    if init.kind in ("normal", "truncated_normal") and numbers:
        return f"{words} σ {numbers[0]}"
    return " ".join([words, *numbers]) if len(numbers) <= 2 else words


def seen(analysis: Analysis, value: int) -> list[list[Any]] | None:
    """What a value sees of each axis of each input, in the order of its receptive field.

    Per axis ``[axis of the value or None, positions of the value along it, step, low, high]``, where position
    ``q * len(low) + r`` sees ``low[r] + q * step`` to ``high[r] + q * step``; or a word (``all``, ``varies``).
    """
    fields = analysis.receptive_fields
    coverage = fields.coverage[value]
    if coverage is None:
        return None
    out: list[list[Any]] = []
    for key in sorted(coverage):
        if key not in fields.names:
            continue
        s = coverage[key]
        if not isinstance(s, Moving):
            out.append(["all" if s == "all" else "varies"])
            continue
        n = 1 if s.axis is None else analysis.graph.values[value].shape[s.axis]
        if s.interval.period <= LONGEST_PERIOD:
            out.append([s.axis, n, s.interval.step, list(s.interval.low), list(s.interval.high)])
        else:
            low, high = s.interval.at(n // 2) or (None, None)
            out.append([s.axis, 1, 0, [low], [high]])
    return out
