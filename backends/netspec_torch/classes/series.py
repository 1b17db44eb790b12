"""Chains of any length of uses of one class: ``for i in range(depth)``."""

from __future__ import annotations

import re
from collections.abc import Hashable, Sequence

from netspec.blocks import DifferentError, Filled, Progression, progression, unify

from ..structure.body import Body, Use
from ..syntax.expression_trees import ValueHole
from .shared_body import Column, CountedNames, Series, SharedBody
from .uses import Uses


def counted_names(names: Sequence[str]) -> CountedNames | None:
    """Returns the common stem and first number of numbered names, or None."""
    matches = [re.fullmatch(r"(\w*?[A-Za-z_])(\d+)", name, re.ASCII) for name in names]
    if not names or not all(matches):
        return None
    stem, start = next((match[1], int(match[2])) for match in matches if match is not None)
    return CountedNames(stem, start) if list(names) == [f"{stem}{start + i}" for i in range(len(names))] else None


def series_key(body: Body, uses: Uses) -> Hashable:
    """Returns a key that is equal for chains, of any length, of uses of one class; None for anything else."""
    chain = body.chain
    if chain is None or chain.count is not None or body.block is None or body.frozen:
        return None
    names = counted_names([name for name, _ in chain.items])
    templates = {uses.calls[item.body].template if isinstance(item, Use) else None for _, item in chain.items}
    return (names, *templates) if names is not None and len(templates) == 1 and None not in templates else None


def merge_series(bodies: Sequence[Body], uses: Uses) -> SharedBody:
    """Merges bodies with the same :func:`series_key`; the arguments of their items must grow evenly.

    Raises:
        DifferentError: an argument does not.
    """
    first = bodies[0]
    assert first.chain is not None
    names = counted_names([name for name, _ in first.chain.items])
    assert names is not None
    counts: list[int] = []
    grown: list[list[Progression]] = []
    for body in bodies:
        assert body.chain is not None
        items = [uses.calls[item.body] for _, item in body.chain.items if isinstance(item, Use)]
        counts.append(len(items))
        progressions = [progression(column) for column in unify(items).values]
        if None in progressions:
            raise DifferentError
        grown.append([p for p in progressions if p is not None])
    template = uses.calls[next(iter(first.uses()))].template
    out = SharedBody(first.title, first.block, first.doc, first.outputs, public=first.public)
    out.inputs, out.frozen = first.inputs, first.frozen
    by_argument = list(zip(*grown, strict=True))
    out.chain = Series(
        names,
        Column(ValueHole("repeat"), tuple(counts)),
        Filled(template, tuple(tuple(p.first for p in each) for each in by_argument)),
        tuple(Column(ValueHole("step"), tuple(p.step for p in each)) for each in by_argument),
    )
    return out
