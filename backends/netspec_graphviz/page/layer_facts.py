"""Facts about a layer for the details panel of the page: arguments, initial values, receptive field."""

from __future__ import annotations

from typing import Any

from netspec.analysis.coverage import Moving
from netspec.analysis.network_figures import Analysis
from netspec.diagnostics import clip
from netspec.ops.base import Op, Types
from netspec.ops.common.shortest_form import plain, shortest_arguments
from netspec.ops.weight import Init
from netspec.text.writer import flow_style

MAX_PERIOD = 64
"""Maximum period of a receptive field that is included in full; for longer periods, only the middle position is."""
MAX_VALUE = 200
"""Maximum length of a value."""


def value_text(value: Any) -> str:
    """A value in the notation of a spec: ``[2, 2]``, ``true``, ``1e-05``."""
    return clip(flow_style(plain(value)), MAX_VALUE)


def argument_rows(op: Op, inputs: Types) -> list[list[Any]]:
    """Name, value, and whether it is the default, for each argument with a value."""
    explicit = shortest_arguments(op, inputs)
    out: list[list[Any]] = []
    for name, argument in op.arguments.items():
        value = getattr(op, name)
        if value is None or argument.validator.kind == "layer" or (name == "init" and name not in explicit):
            continue
        text = flow_style(explicit[name] if name in explicit else plain(value))
        out.append([name, clip(text, MAX_VALUE), name not in explicit])
    return out + [[name, value_text(size), False] for name, size in op.given_sizes]


def initial_values(init: Init) -> str:
    """Describes the distribution of initial values: ``uniform ±0.0681``."""
    numbers = [f"{a:.3g}" for a in init.args if isinstance(a, int | float)]
    name = init.kind.replace("_", " ")
    if init.kind == "uniform" and numbers:
        return f"uniform ±{numbers[0]}"
    if init.kind in ("normal", "truncated_normal") and numbers:
        return f"{name} σ {numbers[0]}"
    return " ".join([name, *numbers]) if len(numbers) <= 2 else name


def coverage_rows(analysis: Analysis, value: int) -> list[list[Any]] | None:
    """Returns the range along each axis of each input that a value depends on, in the order of its receptive field.

    Per axis ``[axis of the value or None, size of that axis, step, low, high]``, where position ``q * len(low) + r``
    depends on ``low[r] + q * step`` to ``high[r] + q * step``; or one word (``all``, ``varies``).
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
        n = 1 if s.axis is None else analysis.graph.at_default.values[value].shape[s.axis]
        if s.interval.period <= MAX_PERIOD:
            out.append([s.axis, n, s.interval.step, list(s.interval.low), list(s.interval.high)])
        else:
            low, high = s.interval.at(n // 2) or (None, None)
            out.append([s.axis, 1, 0, [low], [high]])
    return out
