"""Problems with operations and arguments, with help on words of other frameworks. Loaded only for an invalid spec."""

from __future__ import annotations

from collections.abc import Collection
from functools import partial

from ...diagnostics import LocatedError, clip, did_you_mean, suggestion
from ...ops import TABLE, argument_of, find
from ...ops.layer_keys import LAYER_KEYS
from ...text.yaml_reader import List, Map, Text, Tree
from ...words import help_texts, lookup, mistaken_forms
from ...words.calls import callee
from .records import Report, describe, plain_value
from .written_values import WrittenValue

_ARGUMENTS = 8
"""Maximum number of arguments in a list to read."""
UNKNOWN_BLOCK = "there is no block"
"""Start of the message about an unknown block."""


def unknown_operation(name: str, blocks: Collection[str], location: int) -> LocatedError:
    """NS206: there is no operation or block of that name."""
    is_block = name[:1].isupper() and name.isidentifier() and not lookup.is_known(name)
    message = f"{UNKNOWN_BLOCK if is_block else 'there is no operation'} '{clip(name)}'"
    return LocatedError("NS206", message, location, help=partial(unknown_operation_help, name, blocks))


def unknown_operation_help(name: str, blocks: Collection[str]) -> str | None:
    """Help for an unknown operation or block: what the word is here, then the nearest name.

    Of a call in Python, the function counts.
    """
    called = mistaken_forms.called_block_help(name, blocks)
    if called is not None:
        return called
    name = callee(name)
    if not any(name.lower() == block.lower() for block in blocks):
        known = help_texts.operation_word_help(name)
        if known is not None:
            return known
        kinds = [operation for operation in TABLE if operation.endswith(f"_{name.lower()}")]
        kinds = [operation for operation in kinds if TABLE[operation].family == TABLE[kinds[0]].family]
        if len(kinds) > 1:
            return f"'{clip(name)}' is one of {', '.join(kinds)}"
        if lookup.is_argument(name):
            return f"'{clip(name)}' is an argument: it stands in the layer of its operation"
    otherwise = suggestion(name, lambda: [*TABLE, *blocks], "`netspec ops` lists the operations")
    return suggestion(name, blocks if name[:1].isupper() else TABLE, otherwise)()


def no_operation(node: Map) -> LocatedError:
    """NS210: a mapping has keys that any layer may have, and no operation."""
    written = help_texts.activation_as_layer(plain_value(node))
    help = f"an activation by itself is a layer: write {written}" if written is not None else None
    return LocatedError("NS210", "a layer names an operation or a block", node.location, help=help)


def two_operations(names: list[str], node: Map) -> LocatedError:
    """NS209: a mapping has several keys that name an operation or a block."""
    first, second = names[:2]
    message = f"a layer is one operation; found '{clip(first)}' and '{clip(second)}'"
    help = partial(_two_operations_help, first, second, node)
    return LocatedError("NS209", message, node.entries[second][0], help=help)


def _two_operations_help(first: str, second: str, node: Map) -> str:
    """Returns the likely meaning of one of two operations: an argument, its activation, or another layer."""
    pairs = [(a, b) for a, b in ((first, second), (second, first)) if a in TABLE]
    for operation, word in pairs:
        meaning = lookup.argument(operation, word)
        if meaning is not None and meaning.argument in find(operation).arguments:
            return f"'{clip(word)}' is called '{meaning.argument}' in '{operation}'"
    for operation, word in pairs:
        if find(operation).further is not None:
            return f"'{clip(word)}' is an operation: give the axis another name, or make this a layer of its own"
    for operation, word in pairs:
        value = plain_value(node.entries[word][1])
        written = help_texts.activation_text(word, value) if not find(operation).is_activation else None
        if written is not None:
            return f"write {written} beside '{operation}'"
    return f"make '{clip(second)}' a layer of its own, after this one"


def arguments_in_a_list(node: List) -> LocatedError:
    """NS205: a list that names an operation and its arguments, ``[max_pool2d, 3, 2]``."""
    first, *arguments = [plain_value(item) for item in node.items[:_ARGUMENTS]]
    number = next(item for item in node.items if type(item) is Text and type(item.value) is not str)
    message = f"a list in place of a layer is a list of layers; found {describe(number)}"
    written = help_texts.called_help(first, arguments) if isinstance(first, str) else None
    help = written or "arguments stand beside the operation: {conv2d: 64, kernel: 3}"
    return LocatedError("NS205", message, number.location, help=help)


def not_an_activation(name: str, location: int) -> LocatedError:
    """NS214: an operation cannot be the value of ``activation``."""
    message = f"'{clip(name)}' is not an activation without weights"
    return LocatedError("NS214", message, location, help=partial(_activation_help, name))


def several_activations(node: Tree) -> LocatedError:
    """NS203: the value of ``activation`` is not one activation."""
    names = [clip(n.raw) for n in node.items[:3] if type(n) is Text] if type(node) is List else []
    quoted = ", ".join(f"'{name}'" for name in names)
    help = f"make each a layer of its own, after this one: {quoted}" if len(names) > 1 else None
    message = f"activation must be an activation, or {{name: argument}}; found {describe(node)}"
    return LocatedError("NS203", message, node.location, help=help)


def _activation_help(name: str) -> str | None:
    known = [n for n, e in TABLE.items() if e.family in ("activation", "elementwise") and find(n).is_activation]
    return help_texts.activation_help(name) or suggestion(name, known, f"there are {', '.join(known)}")()


def unknown_argument(operation: str, argument: str, location: int, value: Tree | None = None) -> LocatedError:
    """NS213: an operation has no argument of that name, which has a value if that is known."""
    message = f"'{operation}' has no argument '{clip(argument)}'"
    return LocatedError("NS213", message, location, help=partial(_argument_help, operation, argument, value))


def _argument_help(operation: str, argument: str, value: Tree | None) -> str | None:
    if argument in LAYER_KEYS:
        return f"'{argument}' is a key of the layer: it stands beside '{operation}', not in its value"
    known = list(find(operation).arguments)
    if find(operation).further is not None:
        return _further_key_help(operation, argument)
    help = help_texts.argument_help(operation, argument, plain_value(value) if value is not None else None)
    if help is None and argument not in known and lookup.operation(argument) is not None:
        written = help_texts.activation_text(argument, None)
        if written is not None and not find(operation).is_activation:
            return f"write {written} beside '{operation}'"
        return f"'{clip(argument)}' is an operation: make it a layer of its own"
    help = help or did_you_mean(argument, (*known, *LAYER_KEYS))
    if help is not None:
        return help
    near = lookup.near_argument(operation, argument)
    if near is not None:
        return f"did you mean '{near.argument}'?"
    return f"its arguments are {', '.join(known)}" if known else "it takes none"


def _further_key_help(operation: str, key: str) -> str:
    """Returns why a word cannot be a further key."""
    if key in TABLE:
        return f"'{clip(key)}' is the name of an operation: give the axis of the pattern another name"
    if key == "by":
        return f"'{operation}' sums over the axes that are not on the right"
    return f"keys of '{operation}' are names of axes: ASCII letters, digits and '_', not beginning with a digit"


def not_a_layer(name: str | None, node: Tree, location: int) -> LocatedError:
    """NS205: a layer is neither an operation nor a block nor a list of layers."""
    message = f"a layer is an operation, a block or a list of layers; found {describe(node)}"
    help = "`identity` passes its input on"
    if name in TABLE:
        help = f"write the operation after the name of the layer: `{name}: {name}`"
    return LocatedError("NS205", message, location, help=help)


def without_bare_inputs(
    operation: str, primary: Tree, arguments: dict[str, tuple[int, WrittenValue]], report: Report
) -> dict[str, tuple[int, WrittenValue]]:
    """Returns the arguments of a merge without inputs that are written as keys, ``{add: a, b}``, which are reported.

    Args:
        operation: the merge.
        primary: the value after its name.
        arguments: its arguments.
        report: receives NS213.
    """
    bare = [
        name
        for name, (_, value) in arguments.items()
        if type(value.node) is Text and not value.node.raw and argument_of(operation, name) is None
    ]
    if not bare or type(primary) is not Text:
        return arguments
    message = f"'{operation}' has no argument '{clip(bare[0])}'"
    help = f"several inputs are a list: write {{{operation}: [{', '.join(map(clip, [primary.raw, *bare]))}]}}"
    report(LocatedError("NS213", message, arguments[bare[0]][0], help=help))
    return {name: entry for name, entry in arguments.items() if name not in bare}


def missing_argument(operation: str, argument: str, location: int) -> LocatedError:
    """NS220: a required argument of an operation is missing."""
    declared, is_primary = find(operation).arguments[argument], find(operation).primary == argument
    added = f"write `{{{operation}: …}}`" if is_primary else f"add `{argument}: …`"
    help = f"{added} ({declared.doc}): {declared.validator.description}"
    return LocatedError("NS220", f"'{operation}' needs '{argument}'", location, help=help)


def unexpected_primary(operation: str, node: Tree) -> LocatedError:
    """NS213: an operation accepts no value after its name."""
    message = f"'{operation}' takes no argument; found {describe(node)}"
    return LocatedError(
        "NS213", message, node.location, help=partial(help_texts.unexpected_primary_help, operation, plain_value(node))
    )


def invalid_value(
    operation: str, argument: str, node: Tree, expected: str, parameters: Collection[str]
) -> LocatedError:
    """NS221: the value of an argument is invalid.

    Args:
        operation: the operation.
        argument: the argument.
        node: its value.
        expected: description of valid values.
        parameters: parameters that the value may have meant.
    """
    message = f"{argument} must be {expected}; found {describe(node)}"
    help = partial(_written_value_help, operation, argument, node, parameters)
    return LocatedError("NS221", message, node.location, help=help)


def _written_value_help(operation: str, argument: str, node: Tree, parameters: Collection[str]) -> str | None:
    """Returns help for an invalid value as written, such as a list of arguments: ``conv2d: [64, 3]``."""
    if type(node) is List and argument == find(operation).primary:
        help = help_texts.positional_help(operation, [plain_value(item) for item in node.items[:_ARGUMENTS]])
        if help is not None:
            return help
    return invalid_value_help(operation, argument, plain_value(node), parameters)


def invalid_value_help(
    operation: str, argument: str, value: object, parameters: Collection[str] = (), rank: int | None = None
) -> str | None:
    """Returns help for an invalid value of an argument, for an input of that rank."""
    return help_texts.value_help(argument, argument_of(operation, argument), value, parameters, rank)
