"""Problems with operations and arguments, with help that knows the words of others. Loaded only for an invalid spec."""

from __future__ import annotations

from collections.abc import Collection
from functools import partial

from ...diagnostics import LocatedError, clip, did_you_mean, suggestion
from ...ops import TABLE, find
from ...ops.layer_keys import LAYER_KEYS
from ...text.reader import Map, Tree
from ...words import explain, lookup
from .records import describe, plain_value

UNKNOWN_BLOCK = "there is no block"
"""How the message about an unknown block begins."""


def unknown_operation(name: str, blocks: Collection[str], location: int) -> LocatedError:
    """NS206: there is no operation or block of that name."""
    is_block = name[:1].isupper() and name.isidentifier() and not lookup.is_known(name)
    message = f"{UNKNOWN_BLOCK if is_block else 'there is no operation'} '{clip(name)}'"
    return LocatedError("NS206", message, location, help=partial(operation_help, name, blocks))


def operation_help(name: str, blocks: Collection[str]) -> str | None:
    """Help for an unknown operation or block: what the word is here, then the nearest name."""
    if not any(name.lower() == block.lower() for block in blocks):
        known = explain.operation_help(name)
        if known is not None:
            return known
        if lookup.is_argument(name):
            return f"'{clip(name)}' is an argument: it stands in the layer of its operation"
    otherwise = suggestion(name, lambda: [*TABLE, *blocks], "`netspec ops` lists the operations")
    return suggestion(name, blocks if name[:1].isupper() else TABLE, otherwise)()


def no_operation(node: Map) -> LocatedError:
    """NS210: a mapping has keys that any layer may have, and no operation."""
    written = explain.activation_as_layer(plain_value(node))
    help = f"an activation by itself is a layer: write {written}" if written is not None else None
    return LocatedError("NS210", "a layer names an operation or a block", node.location, help=help)


def not_an_activation(name: str, location: int) -> LocatedError:
    """NS214: an operation cannot be the value of ``activation``."""
    message = f"'{clip(name)}' is not an activation without weights"
    return LocatedError("NS214", message, location, help=partial(_activation_help, name))


def _activation_help(name: str) -> str | None:
    known = [n for n, e in TABLE.items() if e.family in ("activation", "elementwise") and find(n).is_activation]
    return explain.activation_help(name) or suggestion(name, known, f"there are {', '.join(known)}")()


def unknown_argument(operation: str, argument: str, location: int) -> LocatedError:
    """NS213: an operation has no argument of that name."""
    message = f"'{operation}' has no argument '{clip(argument)}'"
    return LocatedError("NS213", message, location, help=partial(_argument_help, operation, argument))


def _argument_help(operation: str, argument: str) -> str | None:
    if argument in LAYER_KEYS:
        return f"'{argument}' is a key of the layer: it stands beside '{operation}', not in its value"
    known = list(find(operation).arguments)
    help = explain.argument_help(operation, argument) or did_you_mean(argument, (*known, *LAYER_KEYS))
    if help is not None:
        return help
    near = lookup.near_argument(operation, argument)
    if near is not None:
        return f"did you mean '{near.argument}'?"
    return f"its arguments are {', '.join(known)}" if known else "it takes none"


def no_primary(operation: str, node: Tree) -> LocatedError:
    """NS213: an operation takes no value after its name."""
    message = f"'{operation}' takes no argument; found {describe(node)}"
    return LocatedError("NS213", message, node.location, help=partial(explain.no_primary_help, operation))


def invalid_value(
    operation: str, argument: str, node: Tree, expected: str, parameters: Collection[str]
) -> LocatedError:
    """NS221: the value of an argument is invalid.

    Args:
        operation: the operation.
        argument: the argument.
        node: its value.
        expected: what it must be.
        parameters: names that a value may have meant.
    """
    message = f"{argument} must be {expected}; found {describe(node)}"
    help = partial(value_help, operation, argument, plain_value(node), parameters)
    return LocatedError("NS221", message, node.location, help=help)


def value_help(operation: str, argument: str, given: object, parameters: Collection[str] = ()) -> str | None:
    """Help for an invalid value of an argument."""
    return explain.value_help(argument, find(operation).arguments.get(argument), given, parameters)
