"""The sizes that a network accepts: computed from its conditions, and verified by checking it with numbers."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from random import Random
from time import monotonic
from typing import Any, NamedTuple

from .. import limits
from ..analysis.joint_sizes import counterexample
from ..analysis.legal_sizes import Requirement, joint_requirements, legal_sizes
from ..analysis.lossless import lossless_sizes
from ..analysis.size_set import SizeSet
from ..diagnostics import Diagnostic
from ..ir import Graph
from ..shapes.named_sizes import NamedDim
from ..shapes.sizes import is_named
from ..shapes.types import is_known
from .named_inputs import NamedAxis, NamedInputs, name_inputs
from .numeric_check import NumericCheck
from .spec import Spec, SpecResult

SECONDS = 5.0
"""Time limit for checking a dimension with numbers."""
RANDOM_SIZES = 6
"""Number of random sizes of each dimension to check with numbers, besides those at the ends."""


class Refusal(NamedTuple):
    """A size that a network does not accept, with the reason."""

    size: int
    reason: str


class DimensionReport(NamedTuple):
    """The legal sizes of one dimension, with the others at their defaults."""

    dim: NamedDim
    axes: tuple[NamedAxis, ...]
    """The axes of inputs that have this dimension; empty if the spec names it."""
    legal: SizeSet
    lossless: SizeSet
    """The legal sizes at which no pooling drops a row."""
    refusals: tuple[Refusal, ...]
    """The nearest illegal sizes."""
    other_results: tuple[int, ...]
    """Sizes that are illegal for one graph, but work with the same weights, as a decision has another result there."""


class SizeReport(NamedTuple):
    """The sizes that a network accepts."""

    graph: Graph
    """The network with named dimensions."""
    dimensions: tuple[DimensionReport, ...]
    joint: tuple[Requirement, ...]
    """Requirements on several dimensions at once that do not follow from those on each."""
    checked: int
    """Number of checks of the network with numbers."""


def report_sizes(spec: Spec, variant: str | None, settings: Mapping[str, Any] | None = None) -> SizeReport | SpecResult:
    """Returns the sizes that a network accepts; for an invalid spec, the result with its problems."""
    base = spec.elaborate(variant, settings)
    inputs = name_inputs(spec, variant, settings)
    if base.graph is None or inputs is None:
        return base
    result = spec.elaborate(variant, settings, inputs.shapes, named=inputs.named)
    if result.graph is None:
        return result
    graph = result.graph

    def elaborate(values: Mapping[str, int]) -> tuple[Graph | None, Sequence[Diagnostic]]:
        if inputs.shapes is None:
            at_values = spec.elaborate(variant, settings, sizes=values)
        else:
            shapes = {
                name: tuple([n.at(values) if is_named(n) else n for n in shape])
                for name, shape in inputs.shapes.items()
            }
            at_values = spec.elaborate(variant, settings, shapes)
        return at_values.graph, at_values.diagnostics

    numbers = NumericCheck(elaborate, base.graph.at_default, inputs.named.defaults)
    legal, lossless = legal_sizes(graph), lossless_sizes(graph)
    dimensions: list[DimensionReport] = []
    for name, dim in graph.dims.items():
        if _is_guess(inputs, name) and legal[name].greatest == legal[name].least == dim.default:
            continue
        refusals, others, wrong = _verify(numbers, dim, legal[name])
        legal[name] = legal[name].without(wrong)
        lossless[name] = lossless[name].without(wrong)
        axes = inputs.axes.get(name, ())
        dimensions.append(DimensionReport(dim, axes, legal[name], lossless[name], refusals, others))
    joint = tuple([r for r in joint_requirements(graph) if counterexample(r, legal) is not None])
    return SizeReport(graph, tuple(dimensions), joint, numbers.count)


def _is_guess(inputs: NamedInputs, name: str) -> bool:
    """Whether the spec does not state the meaning of the axes of a name."""
    return name in inputs.axes and not any(axis.role and is_known(axis.role) for axis in inputs.axes[name])


def _verify(
    numbers: NumericCheck, dim: NamedDim, legal: SizeSet
) -> tuple[tuple[Refusal, ...], tuple[int, ...], frozenset[int]]:
    """Returns refused sizes with reasons, sizes that work although illegal, and legal sizes that fail.

    The last are products with a scale such as 0.29 that PyTorch rounds down, as no binary fraction is equal to it.
    """
    wrong: set[int] = set()
    refusals: list[Refusal] = []
    others: list[int] = []
    edges = _nearest_refused(dim, legal)
    until = monotonic() + SECONDS
    for size in sorted({*edges, *_sizes_to_check(dim, legal)}):
        if monotonic() > until:
            break
        objection = numbers.objection({dim.name: size})
        if size in legal and objection is not None and not objection.beyond_limits:
            wrong.add(size)
            refusals.append(Refusal(size, objection.reason))
        elif size not in legal and objection is None:
            if legal.tested is None or size <= legal.tested:
                others.append(size)
        elif objection is not None and size in edges:
            refusals.append(Refusal(size, objection.reason))
    return tuple(refusals), tuple(others), frozenset(wrong)


def _nearest_refused(dim: NamedDim, legal: SizeSet) -> set[int]:
    """Returns the declared but illegal sizes next to the legal ones and nearest to the default."""
    sizes: list[int] = []
    if legal.least is not None:
        sizes.append(legal.least - 1)
    if legal.greatest is not None:
        sizes.append(legal.greatest + 1)
    elif legal.step > 1:
        sizes.append(next((n for n in range(dim.default + 1, dim.default + legal.step + 1) if n not in legal), 0))
    return {n for n in sizes if 0 < n < limits.SIZE and dim.allows(n) and n not in legal}


def _sizes_to_check(dim: NamedDim, legal: SizeSet) -> Iterator[int]:
    """Yields the legal sizes at the ends, the default, and some random sizes, legal and illegal."""
    yield dim.default
    yield from [n for n in (legal.least, legal.greatest) if n is not None and n < limits.SIZE]
    random = Random(dim.default)
    most = min(2 * dim.default + 64, legal.tested if legal.tested is not None else 2 * dim.default + 64)
    for _ in range(RANDOM_SIZES):
        n = random.randint(1, max(most, 2))
        yield from [near for near in legal.nearest(n)[:1] if near < limits.SIZE]
        if dim.allows(n):
            yield n
