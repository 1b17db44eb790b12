"""Selects sizes at which the file of a network with named dimensions is run."""

from __future__ import annotations

from collections.abc import Iterator

from netspec.analysis.legal_sizes import legal_sizes
from netspec.ir import Graph

FRACTIONS = (0.75, 0.6, 1.2, 0.5, 1.5, 0.9, 2.0)
"""Fractions of the default near which other sizes are searched; smaller ones first, because they run faster."""


def legal_samples(graph: Graph, count: int) -> list[dict[str, int]]:
    """Returns the defaults of the named dimensions, and other legal sizes, at most ``count`` in total.

    Every name gets a size other than its default if possible, and different names get different sizes.
    """
    defaults = {name: dim.default for name, dim in graph.dims.items()}
    samples = [defaults]
    for sizes in _candidates(graph, defaults):
        if len(samples) == count:
            break
        if sizes not in samples and all(c.holds(c.difference.at(sizes)) for c in graph.conditions):
            samples.append(sizes)
    return samples


def _candidates(graph: Graph, defaults: dict[str, int]) -> Iterator[dict[str, int]]:
    """Yields legal sizes: of all names at once, then of single names with the others at their defaults."""
    legal = legal_sizes(graph)
    near: dict[str, list[int]] = {}
    for number, (name, default) in enumerate(defaults.items()):
        order = [FRACTIONS[(k + number) % len(FRACTIONS)] for k in range(len(FRACTIONS))]
        near[name] = [n for f in order for n in legal[name].nearest(max(1, int(default * f)))[:1]]
    for together in zip(*near.values(), strict=False):
        yield dict(zip(near, together, strict=True))
    for name, sizes in near.items():
        yield from ({**defaults, name: n} for n in sizes)
