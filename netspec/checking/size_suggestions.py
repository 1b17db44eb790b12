"""Suggestions of other input sizes: the nearest that satisfy the conditions of the network, each verified."""

from __future__ import annotations

from collections.abc import Mapping
from itertools import product
from typing import NamedTuple

from ..analysis.legal_sizes import requirements, solve
from ..analysis.size_set import SizeSet
from ..shapes.sizes import is_named
from ..shapes.types import is_known
from .named_inputs import NamedInputs, name_inputs
from .recheck import Recheck

_MAX_COMBINATIONS = 16
"""Maximum number of combinations of sizes to try."""


class _Wrong(NamedTuple):
    """A dimension with an illegal size."""

    name: str
    what: str
    """A description: ``height``, or its name in the spec."""
    size: int
    legal: SizeSet
    near: tuple[int, ...]
    """The nearest legal sizes below and above."""


def other_sizes(recheck: Recheck) -> str | None:
    """Returns the nearest input sizes that fix a problem, and the pattern that they follow."""
    inputs = name_inputs(
        recheck.spec, recheck.result.variant, recheck.settings, tolerant=True, sizes=recheck.result.sizes
    )
    if inputs is None or not inputs.named.dims:
        return None
    recheck.run(shapes=inputs.shapes, named=inputs.named)
    asked = requirements([c for c in inputs.named.conditions if c.reason == "shape"])
    wrong: list[_Wrong] = []
    for dim in inputs.named.dims.values():
        legal = solve(asked, dim, inputs.named.dims)
        if dim.default not in legal:
            wrong.append(_Wrong(dim.name, _words(inputs, dim.name), dim.default, legal, legal.nearest(dim.default)))
    wrong = _one_for_each_axis(wrong)
    if not wrong or not all(w.near for w in wrong):
        return None
    fitting: list[tuple[int, ...]] = []
    for sizes in list(product(*(w.near for w in wrong)))[:_MAX_COMBINATIONS]:
        values = {name: n for w, n in zip(wrong, sizes, strict=True) for name in w.name.split()}
        if _fixes(recheck, inputs, values):
            fitting.append(sizes)
    near = [tuple(dict.fromkeys(sizes[i] for sizes in fitting)) for i in range(len(wrong))]
    if not fitting or len(fitting) != _count(near):
        return None
    return ("" if inputs.shapes is None else "an input ") + _text(wrong, near)


def _count(near: list[tuple[int, ...]]) -> int:
    count = 1
    for sizes in near:
        count *= len(sizes)
    return count


def _words(inputs: NamedInputs, name: str) -> str:
    axes = inputs.axes.get(name)
    if axes is None:
        return name
    role = axes[0].role if is_known(axes[0].role) else f"size in axis {axes[0].axis}"
    several = len({axis.input for all_axes in inputs.axes.values() for axis in all_axes}) > 1
    return f"{role} of '{axes[0].input}'" if several else role


def _one_for_each_axis(wrong: list[_Wrong]) -> list[_Wrong]:
    """Joins height and width into one size if they are equal and have the same legal sizes."""
    if len(wrong) == 2 and wrong[0][2:] == wrong[1][2:] and {w.what for w in wrong} == {"height", "width"}:
        return [wrong[0]._replace(name=f"{wrong[0].name} {wrong[1].name}", what="size")]
    return wrong


def _fixes(recheck: Recheck, inputs: NamedInputs, values: Mapping[str, int]) -> bool:
    numbers = {**inputs.named.defaults, **values}
    if inputs.shapes is None:
        return recheck.fixes(sizes=numbers)
    shapes = {
        name: tuple([n.at(numbers) if is_named(n) else n for n in shape]) for name, shape in inputs.shapes.items()
    }
    return recheck.fixes(shapes=shapes)


def _text(wrong: list[_Wrong], near: list[tuple[int, ...]]) -> str:
    steps = {w.legal.step for w in wrong if list(w.legal.bounds) == [0] and w.legal.step > 1}
    is_multiple = [list(w.legal.bounds) == [0] and w.legal.step > 1 for w in wrong]
    listed = " by ".join(" or ".join(map(str, sizes)) for sizes in near)
    if len(wrong) == 1:
        w = wrong[0]
        if is_multiple[0]:
            return f"{w.what} that is a multiple of {w.legal.step} fits: {listed}"
        if w.legal.step == 1 and near[0] == (w.legal.least,) and w.legal.greatest is None:
            return f"{w.what} of {listed} or more fits"
        return f"{w.what} of {listed} fits"
    words = " and ".join(w.what for w in wrong)
    if all(is_multiple) and len(steps) == 1:
        return f"{words} that are multiples of {steps.pop()} fit: {listed}"
    parts = [f"{w.what} of {' or '.join(map(str, sizes))}" for w, sizes in zip(wrong, near, strict=True)]
    return f"{' and '.join(parts)} fits"
