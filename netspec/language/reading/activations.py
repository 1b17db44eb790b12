"""The value of ``activation``."""

from __future__ import annotations

from ...text.yaml_reader import Map, Text, Tree
from .argument_checks import check_activation, check_argument
from .written_values import WrittenValue, read_value


def read_activation(node: Tree) -> tuple[WrittenValue, WrittenValue | None]:
    """Returns the name of an activation, and its argument. Raises LocatedError."""
    argument: WrittenValue | None = None
    if type(node) is Map and len(node.entries) == 1:
        name, (location, value, _) = next(iter(node.entries.items()))
        argument = read_value(value)
    elif type(node) is Text and type(node.value) is str:
        name, location = node.value, node.location
    else:
        from .layer_errors import several_activations

        raise several_activations(node)
    head = read_value(Text(name, location, True, name))
    if head.constant:
        check_activation(name, location)
        if argument is not None and type(argument.node) is Map:
            for key, (at, _, _) in argument.node.entries.items():
                check_argument(name, key, at)
    return head, argument


def activation_text(activation: tuple[WrittenValue, WrittenValue | None] | None) -> str | None:
    """The name of an activation as it is written; None if there is none."""
    node = activation[0].node if activation is not None else None
    return node.raw if type(node) is Text else None
