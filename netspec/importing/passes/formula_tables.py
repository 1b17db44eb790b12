"""Replaces tables of numbers by formulas of positions."""

from __future__ import annotations

from typing import Any

from ..draft import Draft, DraftNetwork

LEAST = 4
"""Minimum number of values for which a formula replaces a table."""


def simplify_tables(network: DraftNetwork) -> None:
    """Replaces buffers of equidistant integers, such as token positions, by formulas."""
    for draft in network.drafts:
        if draft.operation == "buffer" and not draft.weights:
            _count(draft)


def _count(draft: Draft) -> None:
    """Converts a vector of equidistant integers to ``{formula: $(i), for: {i: 12}}``."""
    values: Any = draft.arguments.get("init")
    dtype = draft.arguments.get("dtype", "int64")
    if not isinstance(values, list) or len(draft.arguments["shape"]) != 1 or dtype not in ("int64", "int32"):
        return
    numbers: list[Any] = [*values]  # pyright: ignore[reportUnknownArgumentType] - of a draft
    if len(numbers) < LEAST or not all(type(n) is int for n in numbers) or draft.arguments["shape"] != [len(numbers)]:
        return
    first, step = numbers[0], numbers[1] - numbers[0]
    if step == 0 or numbers != list(range(first, first + step * len(numbers), step)):
        return
    text = {1: "i", -1: "-i"}.get(step, f"{step} * i")
    if first:
        text = f"{first} - i" if step == -1 else f"{text} {'+' if first > 0 else '-'} {abs(first)}"
    draft.operation = "formula"
    draft.arguments = {"expression": f"$({text})", "for": {"i": len(numbers)}}
    if dtype != "int64":
        draft.arguments["dtype"] = dtype
    draft.stem = draft.stem or "positions"
