"""The networks of the zoo, compiled once for all tests, and what tests ask of them."""

from __future__ import annotations

from collections.abc import Iterator
from functools import cache
from pathlib import Path

from netspec.analysis import analyze
from netspec.analysis.network_figures import Analysis
from netspec.checking.spec import Spec, SpecResult
from netspec.ir import Graph

SPECS = Path(__file__).parents[2] / "specs"
DATA = Path(__file__).parents[1] / "data"


@cache
def spec(name: str) -> Spec:
    """A spec of the zoo, read once."""
    return Spec(str(SPECS / f"{name}.yaml"))


def references() -> Iterator[str]:
    """``name@variant`` of every network; ``name`` where a spec has no variants."""
    for file in sorted(SPECS.glob("*.yaml")):
        variants = spec(file.stem).variants
        yield from (f"{file.stem}@{v}" for v in variants) if variants else (file.stem,)


@cache
def loaded(reference: str) -> SpecResult:
    """A network by ``name@variant`` and, after it, parameters to set: ``vit@b_16 size=64``."""
    where, *settings = reference.split(" ")
    name, _, variant = where.partition("@")
    return spec(name).elaborate(variant or None, dict(s.split("=", 1) for s in settings))


def graph(reference: str) -> Graph:
    """Its graph. Raises AssertionError with what is wrong with it."""
    actual = loaded(reference)
    assert actual.graph is not None, [str(d) for d in actual.diagnostics]
    return actual.graph


@cache
def analysis(reference: str) -> Analysis:
    """Its figures."""
    return analyze(graph(reference))
