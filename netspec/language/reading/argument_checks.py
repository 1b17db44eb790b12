"""Checks of operations and their arguments that need no shapes; they raise a LocatedError or return nothing."""

from __future__ import annotations

from collections.abc import Collection, Mapping

from ...diagnostics import LocatedError
from ...ops import TABLE, argument_of, find
from ...text.yaml_reader import List, Map, Text, Tree
from .records import Report, plain_value
from .written_values import WrittenValue

Arguments = dict[str, tuple[int, WrittenValue]]
"""Arguments as written: locations and values by name."""


def check_exists(name: str, blocks: Collection[str], location: int) -> None:
    """Raises LocatedError NS206 unless there is an operation or block of that name.

    An operation of another package is loaded; NS230 if it cannot be used.
    """
    if name not in TABLE and name not in blocks and not _is_loaded(name, location):
        from .layer_errors import unknown_operation  # loaded only where something is wrong

        raise unknown_operation(name, blocks, location)


def plugin_keys(keys: list[str]) -> list[str]:
    """Returns the keys that name an operation of another package; none if one of them may name a block."""
    if any(key[:1].isupper() for key in keys):
        return []
    from ...ops.plugins import is_offered  # loaded only for layers without an operation of netspec

    return [key for key in keys if is_offered(key)]


def _is_loaded(name: str, location: int) -> bool:
    """Loads the operation of another package with a name; returns whether there is one. Raises LocatedError NS230."""
    if name[:1].isupper():
        return False  # a block
    from ...ops.plugins import PluginError, exists  # loaded only for names that netspec lacks

    try:
        return exists(name)
    except PluginError as error:
        problem = error.diagnostics[0]
        raise LocatedError(problem.code, problem.message, location, help=problem.help) from None


def check_activation(name: str, location: int) -> None:
    """Raises LocatedError NS214 unless an operation can be the value of ``activation``."""
    if not (name in TABLE or _is_loaded(name, location)) or not find(name).is_activation:
        from .layer_errors import not_an_activation

        raise not_an_activation(name, location)


def check_argument(operation: str, argument: str, location: int, value: Tree | None = None) -> None:
    """Raises LocatedError NS213, with help that knows the value, unless an operation has an argument of that name."""
    if argument_of(operation, argument) is None and not (argument == "from" and find(operation).primary == "from"):
        from .layer_errors import unknown_argument

        raise unknown_argument(operation, argument, location, value)


def names_constant(node: Tree) -> bool:
    """Whether the value of ``init`` may name a constant, for the layer or for one of its weights."""
    from ...ops.common.init_argument import NAMED, ONE_NUMBER, TABLES  # few layers give one

    if type(node) is Map and not any(key in ONE_NUMBER + TABLES for key in node.entries):
        return any(type(n) is Text and names_constant(n) for _, n, _ in node.entries.values())
    return type(node) is Text and isinstance(node.value, str) and node.value not in NAMED + ONE_NUMBER


def check_constant(operation: str, argument: str, value: WrittenValue, parameters: Collection[str] = ()) -> None:
    """Raises LocatedError NS221 if the constant value of an argument is invalid.

    ``parameters`` are the names that a value may have meant.
    """
    declared = argument_of(operation, argument)
    if declared is None or declared.validator.kind != "value":
        return
    if not value.constant:
        if type(value.node) is List and declared.validator.schema.get("type") in ("integer", "number"):
            from .layer_errors import invalid_value

            raise invalid_value(operation, argument, value.node, declared.validator.description, parameters)
        return
    if argument == "init" and names_constant(value.node):
        return  # known only together with the preceding layers
    try:
        declared.validator.validate(plain_value(value.node), TABLE[operation].window_rank)
    except ValueError as error:
        from .layer_errors import invalid_value

        raise invalid_value(operation, argument, value.node, str(error), parameters) from None


def check_arguments(
    operation: str,
    primary: WrittenValue | None,
    written: Mapping[str, tuple[int, WrittenValue]],
    first: Mapping[str, tuple[int, WrittenValue]] | None,
    location: int,
    report: Report,
    parameters: Collection[str] = (),
) -> None:
    """Check all arguments of a layer, and report every one that does not exist, is given twice, is missing or has an
    invalid constant value.

    Args:
        operation: name of the operation.
        primary: its primary argument.
        written: its other arguments.
        first: arguments of its first copy.
        location: where the operation is named.
        report: receives the problems.
        parameters: names of parameters, which a value may have meant.
    """
    cls = find(operation)
    arguments = dict(written)
    complete = True
    """Whether no argument is unknown, and the value after the name is not a list of several: which of the required ones
    these mean is not known."""
    if primary is not None:
        if cls.primary is None:
            from .layer_errors import unexpected_primary

            report(unexpected_primary(operation, primary.node))
        elif cls.primary in arguments:
            report(LocatedError("NS211", f"'{cls.primary}' is given twice", arguments[cls.primary][0]))
        else:
            arguments[cls.primary] = (primary.location, primary)
    is_valid = True
    if cls.primary == "from" and primary is not None and len(arguments) > 1:
        from .layer_errors import without_bare_inputs  # loaded only for a merge with further arguments

        arguments = without_bare_inputs(operation, primary.node, arguments, report)
    for name, (at, value) in [*arguments.items(), *(first or {}).items()]:
        try:
            check_argument(operation, name, at, value.node)
            check_constant(operation, name, value, parameters)
        except LocatedError as error:
            report(error)
            is_valid = False
            complete = complete and error.code != "NS213" and not (name == cls.primary and type(value.node) is List)
    for name, declared in cls.arguments.items():
        if complete and name not in arguments and declared.required:
            from .layer_errors import missing_argument

            report(missing_argument(operation, name, location))
            complete = False
    if complete and is_valid and cls.further is not None and not first:
        from .further_keys import check_together  # for operations that have further keys

        check_together(operation, arguments, location, report)
