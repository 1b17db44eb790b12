"""The networks of the zoo, compiled once for all tests, and what tests ask of them."""

from __future__ import annotations

from collections.abc import Iterator
from functools import cache
from pathlib import Path

from netspec import zoo
from netspec.analysis import analyze
from netspec.analysis.network_figures import Analysis
from netspec.checking.spec import Spec, SpecResult
from netspec.ir import Graph

DATA = Path(__file__).parents[1] / "data"


@cache
def spec(name: str) -> Spec:
    """A spec of the zoo, read once."""
    return Spec(str(zoo.path(name)))


def references() -> Iterator[str]:
    """``name@variant`` of every network; ``name`` where a spec has no variants."""
    for name in zoo.names():
        variants = spec(name).variants
        yield from (f"{name}@{v}" for v in variants) if variants else (name,)


@cache
def loaded(reference: str) -> SpecResult:
    """A network by ``name@variant`` and, after it, parameters and sizes to set: ``vit@b_16 size=64``, ``unet H=64``."""
    where, *settings = reference.split(" ")
    name, _, variant = where.partition("@")
    chosen = dict(s.split("=", 1) for s in settings)
    document = spec(name).document
    assert document is not None
    sizes = {d.name: int(chosen.pop(d.name)) for d in document.dims or () if d.name in chosen}
    return spec(name).elaborate(variant or None, chosen, sizes=sizes)


def graph(reference: str) -> Graph:
    """Its graph, with the names of its dimensions. Raises AssertionError with what is wrong with it."""
    actual = loaded(reference)
    assert actual.graph is not None, [str(d) for d in actual.diagnostics]
    return actual.graph


@cache
def analysis(reference: str) -> Analysis:
    """Its figures."""
    return analyze(graph(reference))
