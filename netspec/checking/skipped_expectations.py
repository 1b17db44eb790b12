"""Finds expectations about another network than the given one, because parameters were set from outside."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from functools import partial
from typing import Any, NamedTuple

from ..analysis.network_figures import Analysis, analyze
from ..diagnostics import Diagnostic, LocatedError, unpack
from ..language.reading.evaluation import ParameterEnvironment
from ..language.reading.written_values import WrittenValue, read_value
from ..text.yaml_reader import List, Map, Text, Tree
from .spec import SpecResult

FIGURES = ("NS601", "NS604")
"""Codes of expectations that can be read but are not met."""


class Expectation(NamedTuple):
    """One figure that a spec states."""

    name: str
    """The key ``params``, or a path such as ``shapes.fc``."""
    node: Tree
    """Its value."""


def split_by_settings(
    failures: Iterable[LocatedError],
    tree: Map,
    result: SpecResult,
    check: Callable[[Analysis], Iterable[LocatedError]],
    is_bound: Callable[[str], bool],
) -> tuple[list[LocatedError], list[str]]:
    """Returns the failures to report, and the names of the expectations to skip.

    An expectation is skipped if its figure depends on a parameter that was set: if it differs in the network without
    the
    settings. Bounds hold for every network, and so does a value that is computed from all parameters that were set.

    Args:
        failures: the expectations that are not met, or cannot be read.
        tree: the value of ``expect``.
        result: the network with the settings.
        check: finds the failures for the figures of another network.
        is_bound: whether an expected value is a bound such as ``<= 5M``.
    """
    expectations = dict(_expectations(tree))
    reference = result.without_settings() if result.without_settings is not None else None
    graph = reference.graph if reference is not None else None
    before = {_identity(f) for f in check(analyze(graph))} if graph is not None else set[object]()
    reported: list[LocatedError] = []
    skipped: list[str] = []
    for failure in failures:
        expectation = expectations.get(failure.location)
        if (
            failure.code not in FIGURES
            or expectation is None
            or _identity(failure) in before
            or _holds_for_every_network(expectation.node, result, is_bound)
        ):
            reported.append(failure)
        else:
            skipped.append(expectation.name)
    return reported, list(dict.fromkeys(skipped))


def skipped_note(skipped: list[str], tree: Map, result: SpecResult) -> Diagnostic:
    """Returns the note (NS603) that names the skipped expectations of ``tree``."""
    names, were = " and ".join(result.changed), "was" if len(result.changed) == 1 else "were"
    message = f"not checked, because they depend on {names}, which {were} set: {', '.join(skipped)}"
    if len(skipped) == 1:
        message = message.replace("they depend", "it depends")
    return Diagnostic("NS603", message, unpack(tree.location), severity="note")


def _expectations(tree: Map, prefix: str = "") -> Iterator[tuple[Any, Expectation]]:
    """Yields the expectations, including nested ones, by every location at which their failures may be reported."""
    for key, (location, node, _) in tree.entries.items():
        for at in (location, node.location):
            yield unpack(at), Expectation(f"{prefix}{key}", node)
        if type(node) is Map:
            yield from _expectations(node, f"{prefix}{key}.")


def _identity(failure: LocatedError) -> object:
    return failure.code, failure.message, failure.location


def _holds_for_every_network(node: Tree, result: SpecResult, is_bound: Callable[[str], bool]) -> bool:
    """Whether an expected value is a bound, or is computed from all parameters that were set."""
    assert isinstance(node, (Text, List, Map))
    assert result.graph is not None
    environment = _Recording(result.graph.arguments)
    expected = read_value(node).evaluate(environment)
    if isinstance(expected, str) and is_bound(expected):
        return True
    defaults = {p.name: p.default for p in result.document.params} if result.document is not None else {}
    return environment.names_with_defaults(defaults, result.changed).issuperset(result.changed)


class _Recording(ParameterEnvironment):
    """An environment that records which parameters are looked up."""

    def __init__(self, values: Any) -> None:
        super().__init__(values)
        self.names: set[str] = set()

    def lookup(self, name: str) -> Any:
        value = super().lookup(name)
        self.names.add(name)
        return value

    def names_with_defaults(self, defaults: dict[str, WrittenValue | None], changed: Iterable[str]) -> set[str]:
        """Returns the parameters that were looked up, and those from which their defaults are computed."""
        pending = [*self.names]
        while pending:
            name = pending.pop()
            default = defaults.get(name)
            if default is None or name in changed:
                continue
            before = set(self.names)
            default.evaluate(self)
            pending += self.names - before
        return self.names


def skipped_expectations(
    result: SpecResult,
    analysis: Analysis,
    check: Callable[[Map, Analysis], Iterable[LocatedError]],
    is_bound: Callable[[str], bool],
) -> list[str]:
    """Returns the names of the skipped expectations; ``check`` finds the failures of one value of ``expect``."""
    names: list[str] = []
    for tree in result.expect:
        if result.changed and type(tree) is Map:
            failures = check(tree, analysis)
            names += split_by_settings(failures, tree, result, partial(check, tree), is_bound)[1]
    return names
