"""Checks of named dimensions: no two must be equal, and their declared sizes must all work."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import TypeAlias

from ..analysis.joint_sizes import counterexample, equation, promised_sizes
from ..analysis.legal_sizes import joint_requirements, legal_sizes, requirements, solve
from ..analysis.size_set import SizeSet
from ..diagnostics import LocatedError, clip, unpack
from ..ir import Graph
from ..language.reading.dimensions import DimensionDeclaration, promise_text
from ..shapes.named_sizes import NamedDim, equal_names
from .numeric_check import Objection

FindObjection: TypeAlias = Callable[[Mapping[str, int]], Objection | None]
"""Returns why a network fails at sizes of some dimensions, with the others at their defaults; None if it works."""


def equal_dimensions(graph: Graph) -> list[LocatedError]:
    """Returns an error for every two names that the network requires to be equal."""
    errors: dict[tuple[str, str], LocatedError] = {}
    for condition in graph.conditions:
        pair = equal_names(condition)
        if pair is not None and pair not in errors:
            first, second = sorted(pair, key=list(graph.dims).index)
            message = f"'{first}' and '{second}' must be equal for the network to work"
            help = f"give both the name '{first}'"
            errors[pair] = LocatedError("NS591", message, condition.location, help=help)
    return list(errors.values())


def weak_promises(
    graph: Graph,
    declarations: tuple[DimensionDeclaration, ...],
    objection: FindObjection,
    unpromised: Callable[[], Graph | None],
) -> list[LocatedError]:
    """Returns an error for every dimension whose declared sizes include some at which the network fails.

    Args:
        graph: the network.
        declarations: its named dimensions as written.
        objection: returns why the network fails at a size.
        unpromised: builds the network without declared restrictions of its dimensions.
    """
    asked = requirements(graph.conditions)
    errors: list[LocatedError] = []
    for d in declarations:
        dim = graph.dims.get(d.name)
        if dim is None or not dim.has_promise:
            continue
        legal = solve(asked, dim, graph.dims)
        size = legal.first_missing(dim.multiple_of, dim.min, dim.max)
        reason = _reason(graph, {d.name: size}, objection) if size is not None else None
        if reason is None:
            continue
        message = f"'{d.name}' is promised to be {promise_text(dim)}, but the network does not work at {size}"
        errors.append(LocatedError("NS592", message, d.location, notes=[reason], help=_help(dim, unpromised())))
    return errors or _weak_together(graph, declarations, objection)


def _weak_together(
    graph: Graph, declarations: tuple[DimensionDeclaration, ...], objection: FindObjection
) -> list[LocatedError]:
    """Returns an error for declarations that suffice with the other dimensions at their defaults, but not together."""
    promised = {name: promised_sizes(dim) for name, dim in graph.dims.items() if dim.has_promise}
    for requirement in joint_requirements(graph):
        if not promised.keys() >= set(requirement.difference.mentions()):
            continue
        values = counterexample(requirement, promised)
        reason = _reason(graph, values, objection) if values is not None else None
        if values is None or reason is None:
            continue
        written = [d for d in declarations if d.name in values]
        promises = " and ".join(f"'{d.name}' to be {promise_text(graph.dims[d.name])}" for d in written)
        sizes = " and ".join(f"{d.name} = {values[d.name]}" for d in written)
        message = f"the spec promises {promises}, but the network does not work at {sizes}"
        last = written[-1]
        help = f"make a promise stricter, or make no promise about '{last.name}': then its size is checked at run time"
        notes = [reason, f"required: {equation(requirement)}"]
        return [LocatedError("NS592", message, last.location, notes=notes, help=help)]
    return []


def _reason(graph: Graph, values: Mapping[str, int], objection: FindObjection) -> str | None:
    """Returns why a network fails at illegal sizes; None if that is unknown."""
    refused = objection(values)
    if refused is not None:
        return refused.reason
    numbers = {name: values.get(name, dim.default) for name, dim in graph.dims.items()}
    for condition in graph.conditions:
        if not condition.holds(condition.difference.at(numbers)):
            place = unpack(condition.location)
            where = f"line {place.line}" + (f" of {clip(graph.files[place.file])}" if place.file else "")
            return f"{where} changes the network at this size"
    return None


def _help(dim: NamedDim, graph: Graph | None) -> str | None:
    if graph is None:
        return None
    legal = legal_sizes(graph)[dim.name]
    promise = _promise(legal)
    return f"it works at {legal.text(dim.name)}" + (f": {promise}" if promise else "")


def _promise(legal: SizeSet) -> str | None:
    """Returns the keys that declare exactly these sizes, if there are any."""
    if legal.excluded or legal.extra or legal.tested is not None or len(legal.bounds) != 1 or 0 not in legal.bounds:
        return None
    low, high = legal.bounds[0]
    keys = [f"multiple_of: {legal.step}"] if legal.step > 1 else []
    keys += [f"min: {low}"] if low > legal.step else []
    keys += [f"max: {high}"] if high is not None else []
    return f"`{', '.join(keys)}`" if keys else None
