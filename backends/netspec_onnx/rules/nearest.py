"""Nearest neighbours by computed positions, for cases in which ``Resize`` rounds differently from PyTorch."""

from __future__ import annotations

import math
from collections.abc import Sequence

from netspec.shapes.sizes import is_named

from ..builder.common_nodes import add_range
from ..builder.site import Site
from ..builder.value_info import ELEMENT, GraphValue
from .resize_rounding import SourceStep
from .rule_table import Results


def gather_nearest(
    site: Site,
    axes: Sequence[int],
    pairs: Sequence[tuple[int, int]],
    steps: Sequence[SourceStep],
    scales: Sequence[float | None],
) -> Results:
    """Selects nearest neighbours along one axis after another; the model computes their positions.

    Args:
        site: receives the nodes.
        axes: the axes.
        pairs: the sizes of each axis, before and after.
        steps: how neighbours are determined, see :func:`~netspec_onnx.rules.resize_rounding.nearest_steps`.
        scales: the scales of the spec.
    """
    x = site.inputs[0]
    changed: list[tuple[int, int, int, SourceStep, float | None]] = [
        (a, n, m, step, scale)
        for a, (n, m), step, scale in zip(axes, pairs, steps, scales, strict=True)
        if m != n or step not in (None, 1.0)
    ]
    if not changed:
        return site.result("Identity", x)
    for number, (a, n, m, step, scale) in enumerate(changed, 1):
        name = f"rows{a}"
        ratio = accidental_ratio(n, scale) if len(axes) == 2 else None
        rows = _nearest(site, n, m, step, name if ratio is None else f"{name}_by_scale")
        if ratio is not None:
            rows = _exact_if_equal(site, rows, n, m, ratio, name)
        if number == len(changed):
            return site.result("Gather", x, rows, axis=x.axis(a))
        item_shape = [m if b == a else size for b, size in enumerate(x.item_shape)]
        x = site.add("Gather", x, rows, name=f"taken{a}", item_shape=item_shape, axis=x.axis(a))
    raise AssertionError


def accidental_ratio(n: int, scale: float | None) -> int | None:
    """Returns the ratio, 1 or 2, that some small sizes have due to rounding; PyTorch then uses it instead of the scale.

    None if no size has it, or the size is a number.
    """
    return math.floor(scale) if is_named(n) and scale and 1 < scale < 3 and scale != 2 else None


def _nearest(site: Site, n: int, m: int, step: SourceStep, name: str) -> GraphValue:
    """Returns the nearest of n positions for each of m, as PyTorch rounds them (see :func:`nearest_steps`)."""
    positions = add_range(site, m, f"{name}_positions")
    if step is None:
        scaled = site.add("Mul", positions, site.integers(f"{name}_size", n), name=f"{name}_scaled")
        return site.add("Div", scaled, site.integers(f"{name}_count", m), name=name)
    single = _single(site, positions, f"{name}_single")
    factor = _ratio(site, n, m, f"{name}_step") if step == "ratio" else site.floats(f"{name}_step", step)
    scaled = site.add("Mul", single, factor, name=f"{name}_scaled")
    whole = site.add("Cast", scaled, name=f"{name}_floor", dtype="int64", to=ELEMENT["int64"])
    return site.add("Min", whole, site.integers(f"{name}_last", n - 1), name=name)


def _ratio(site: Site, n: int, m: int, name: str) -> GraphValue:
    """Returns the ratio of two sizes in single precision."""
    before, after = (
        _single(site, site.integers(f"{name}_{what}", size), f"{name}_{what}_single")
        for what, size in (("before", n), ("after", m))
    )
    return site.add("Div", before, after, name=name)


def _exact_if_equal(site: Site, rows: GraphValue, n: int, m: int, ratio: int, name: str) -> GraphValue:
    """Returns the positions for an exact ratio if the sizes have it, and the given ones otherwise."""
    multiple = site.integers(f"{name}_multiple", n * ratio)
    is_equal = site.add("Equal", site.integers(f"{name}_count", m), multiple, name=f"{name}_is_exact", dtype="bool")
    positions = add_range(site, m, f"{name}_exact_positions")
    exact = site.add("Div", positions, site.integers(f"{name}_ratio", ratio), name=f"{name}_exact")
    return site.add("Where", is_equal, exact, rows, name=name, item_shape=(m,), dtype="int64")


def _single(site: Site, x: GraphValue, name: str) -> GraphValue:
    return site.add("Cast", x, name=name, dtype="float32", to=ELEMENT["float32"])
