"""The ``defaults`` of a document: arguments of operations, for the layers that do not give them."""

from __future__ import annotations

from collections.abc import Collection, Mapping

from ...diagnostics import LocatedError, clip, nearest
from ...ops import TABLE, find
from ...text.reader import Tree
from .argument_checks import Arguments, check_argument, check_constant, check_exists
from .evaluation import Environment
from .records import Report, require_mapping
from .values import Value, read_value


class Defaults:
    """Default arguments by operation. They apply to the layers and blocks written in the document itself."""

    def __init__(self, by_operation: Mapping[str, Arguments], failed: Collection[str] = ()) -> None:
        self.by_operation = by_operation
        self._failed = failed
        """Operations whose defaults have a problem."""

    def have_failed(self, operation: str) -> bool:
        """Whether a default of an operation has a problem, so that it is not known what its layers compute."""
        return operation in self._failed

    def complete(self, arguments: Arguments, operation: str, environment: Environment) -> Arguments:
        """The arguments of a layer, with the defaults of those that it does not give.

        Args:
            arguments: those that the layer gives.
            operation: its operation.
            environment: has the document's parameters, which defaults may refer to.

        Raises:
            LocatedError: the expression of a default cannot be evaluated.
        """
        completed = dict(arguments)
        for name, (location, value) in self.by_operation.get(operation, {}).items():
            if name not in arguments:
                if not value.constant:
                    value = Value(value.node, True, value.evaluate(environment))  # noqa: PLW2901
                completed[name] = (location, value)
        return completed


def read_defaults(node: Tree, report: Report) -> Defaults:
    """Read the value of ``defaults``. Problems are reported, and nothing follows from them."""
    by_operation: dict[str, Arguments] = {}
    failed: set[str] = set()
    try:
        entries = require_mapping(node, "defaults").entries
    except LocatedError as error:
        report(error)
        return Defaults({}, TABLE)
    for operation, (location, inner, _) in entries.items():
        try:
            check_exists(operation, (), location)
            arguments = require_mapping(inner, f"defaults of '{operation}'").entries
        except LocatedError as error:
            report(error)
            failed.update(_meant(operation))
            continue
        by_operation[operation] = {}
        for name, (at, tree, _) in arguments.items():
            try:
                by_operation[operation][name] = (at, _read_argument(operation, name, at, tree))
            except LocatedError as error:
                report(error)
                failed.add(operation)
    return Defaults(by_operation, failed)


def _meant(word: str) -> list[str]:
    """The operations that an unknown word may mean."""
    from ...words import lookup  # loaded only where something is wrong

    found = lookup.operation(word)
    if found is not None:
        return [found.name(rank) for rank in found.ranks or (None,)]
    near = nearest(word, TABLE)
    return [near] if near is not None else []


def _read_argument(operation: str, name: str, location: int, node: Tree) -> Value:
    check_argument(operation, name, location)
    declared = find(operation).arguments.get(name)
    if declared is None or declared.validator.kind == "layer" or declared.required:
        message = f"'{clip(name)}' of '{operation}' cannot have a default: each layer gives it"
        help = f"remove it here, and give '{clip(name)}' in each '{operation}'"
        raise LocatedError("NS225", message, location, help=help)
    value = read_value(node)
    check_constant(operation, name, value)
    return value
