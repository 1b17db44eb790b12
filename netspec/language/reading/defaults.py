"""The ``defaults`` of a document: arguments of operations, for layers that do not specify them."""

from __future__ import annotations

from collections.abc import Callable, Collection, Mapping

from ...diagnostics import LocatedError, clip, nearest
from ...ops import TABLE, find
from ...ops.argument import as_list
from ...ops.layer_keys import LAYER_KEYS
from ...text.yaml_reader import List, Map, Tree
from .argument_checks import Arguments, check_argument, check_constant, check_exists
from .evaluation import Environment
from .given_weights import GivenWeight, read_weights
from .layers import Layer
from .records import Report, describe, plain_value, require_mapping
from .written_values import WrittenValue, read_value


class Defaults:
    """Default arguments by operation. They apply to the layers and blocks written in the document itself."""

    def __init__(self, by_operation: Mapping[str, Arguments], failed: Collection[str] = ()) -> None:
        self.by_operation = by_operation
        self._failed = set(failed)
        """Operations whose defaults have a problem."""
        self.weights: dict[str, dict[str, GivenWeight[Layer]]] = {}
        """Layers that provide weights, by operation and name of the weight."""
        self.unparsed_weights: dict[str, Tree] = {}
        """Unparsed ``weights``, by operation."""
        self.freeze: dict[str, tuple[str, ...] | None] = {}
        """Names of weights that are not trained, by operation; None for all of them."""
        self.rejected: set[tuple[str, str]] = set()
        """Operations and arguments whose defaults have a problem, so that missing arguments are not reported."""

    def fail(self, operation: str) -> None:
        """Record that a default of an operation has a problem."""
        self._failed.add(operation)

    def have_failed(self, operation: str) -> bool:
        """Whether a default of an operation has a problem, so that the results of its layers are unknown."""
        return operation in self._failed

    def complete(self, arguments: Arguments, operation: str, environment: Environment) -> Arguments:
        """Returns the arguments of a layer, with defaults for missing ones.

        Args:
            arguments: the arguments of the layer.
            operation: its operation.
            environment: contains the document's parameters, which defaults may use.

        Raises:
            LocatedError: the expression of a default cannot be evaluated.
        """
        completed = dict(arguments)
        for name, (location, value) in self.by_operation.get(operation, {}).items():
            if name not in arguments:
                known = value if value.constant else WrittenValue(value.node, True, value.evaluate(environment))
                completed[name] = (location, known)
        return completed


def read_defaults(node: Tree, report: Report) -> Defaults:
    """Read the value of ``defaults``, except layers that provide weights, as blocks are not known yet.

    Problems are reported, and have no further consequences.
    """
    by_operation: dict[str, Arguments] = {}
    defaults = Defaults(by_operation)
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
            for meant in _meant(operation):
                defaults.fail(meant)
            continue
        by_operation[operation] = {}
        for name, (at, tree, _) in arguments.items():
            if name == "weights":
                defaults.unparsed_weights[operation] = tree
                continue
            if name == "freeze":
                try:
                    _read_freeze(defaults, operation, tree)
                except LocatedError as error:
                    report(error)
                    defaults.fail(operation)
                continue
            if name in LAYER_KEYS and find(operation).primary != name:
                message = f"'{name}' is a key of layers, and cannot have a default"
                report(LocatedError("NS225", message, at, help=f"give '{name}' beside each '{operation}'"))
                defaults.fail(operation)
                continue
            try:
                by_operation[operation][name] = (at, _read_argument(operation, name, at, tree))
            except LocatedError as error:
                report(error)
                defaults.fail(operation)
                defaults.rejected.add((operation, name))
    return defaults


def read_default_weights(
    defaults: Defaults, read_layer: Callable[[Tree, Map | List, int], Layer], report: Report
) -> None:
    """Read the layers that provide weights by ``read_layer``. Problems are reported."""
    for operation, node in defaults.unparsed_weights.items():
        try:
            weights = read_weights(node, read_layer)
            for name, each in weights.items():
                if each.layer is None:
                    message = f"a default of '{clip(name)}' is a layer in place: names are known beside layers only"
                    help = f"{{…}} or […] holds a layer; or give 'weights' beside each '{operation}'"
                    raise LocatedError("NS225", message, each.location, help=help)
            defaults.weights[operation] = weights
        except LocatedError as error:
            report(error)
            defaults.fail(operation)


def _read_freeze(defaults: Defaults, operation: str, node: Tree) -> None:
    """Read ``freeze``. Raises LocatedError NS203 unless it is true, false or names."""
    value = plain_value(node)
    names = [] if type(value) is bool else as_list(value)
    if type(value) is not bool and not (names and all(isinstance(n, str) and "$" not in n for n in names)):
        message = f"a default of freeze must be true, false or names of weights; found {describe(node)}"
        raise LocatedError("NS203", message, node.location)
    if value is not False:
        defaults.freeze[operation] = tuple(names) or None


def _meant(word: str) -> list[str]:
    """Returns the likely operations for an unknown word."""
    from ...words import lookup  # loaded only where something is wrong

    known = lookup.operation(word)
    if known is not None:
        return [known.name(window_rank) for window_rank in known.window_ranks or (None,)]
    near = nearest(word, TABLE)
    return [near] if near is not None else []


def _read_argument(operation: str, name: str, location: int, node: Tree) -> WrittenValue:
    check_argument(operation, name, location)
    declared = find(operation).arguments.get(name)
    if declared is None or declared.validator.kind == "layer" or declared.required:
        message = f"'{clip(name)}' of '{operation}' cannot have a default: each layer gives it"
        help = f"remove it here, and give '{clip(name)}' in each '{operation}'"
        raise LocatedError("NS225", message, location, help=help)
    value = read_value(node)
    check_constant(operation, name, value)
    return value
