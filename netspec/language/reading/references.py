"""References to layers as they are written: one name or several, the outputs of a scope, the names of its inputs."""

from __future__ import annotations

from typing import NamedTuple

from ...diagnostics import LocatedError
from ...ops.argument import as_list
from ...text.reader import List, Map, Text, Tree
from .records import Report, check_name, describe, is_name, plain_value
from .values import NameTemplate, Value, read_value


class References(NamedTuple):
    """Names of layers: one, or a list."""

    names: tuple[NameTemplate, ...]
    listed: bool
    location: int


class OutputDeclaration(NamedTuple):
    """An output of a network or block."""

    name: str | None
    """Its public name; None in a list of layers."""
    source: NameTemplate
    """The layer."""
    when: Value | None
    """The condition under which it is an output."""
    location: int


def check_layer_name(text: str, location: int) -> str:
    """The name of a layer, which may consist of several with dots between. Raises LocatedError."""
    for part in text.split("."):
        check_name(part or text, location, "a layer's name")
    return text


def read_reference(node: Tree) -> NameTemplate:
    """Read the name of one layer. Raises LocatedError NS203."""
    if type(node) is Text and node.value is not None and node.raw:
        return NameTemplate(node.raw, node.location)
    raise LocatedError("NS203", f"the name of a layer is needed here; found {describe(node)}", node.location)


def read_references(node: Tree) -> References:
    """Read the name of a layer, or a list of them. Raises LocatedError NS203."""
    if type(node) is not List:
        return References((read_reference(node),), False, node.location)
    if not node.items:
        raise LocatedError("NS203", "at least one name of a layer is needed here", node.location)
    return References(tuple([read_reference(n) for n in node.items]), True, node.location)


def read_input_names(node: Tree) -> tuple[str, ...]:
    """Read the names of the inputs of a block in place. Raises LocatedError NS203."""
    names = as_list(plain_value(node)) if type(node) is List else []
    if not names or not all(isinstance(n, str) and is_name(n) for n in names) or len(set(names)) != len(names):
        message = f"inputs must be a list of names, each once; found {describe(node)}"
        raise LocatedError("NS203", message, node.location)
    return tuple(names)


def read_outputs(single: Tree | None, several: Tree | None, report: Report) -> tuple[OutputDeclaration, ...] | None:
    """Read ``output`` (single) or ``outputs`` (several): a name, a list or a mapping of public names; else None.

    Raises:
        LocatedError: NS203 or NS204, a name or an output is malformed. If both are given, NS212 is reported.
    """
    node = single if single is not None else several
    if node is None:
        return None
    if single is not None and several is not None:
        report(LocatedError("NS212", "'output' and 'outputs' say the same: give one", several.location))
    if type(node) is Map:
        return tuple([_read_output(name, location, n) for name, (location, n, _) in node.entries.items()])
    return tuple([OutputDeclaration(None, name, None, name.location) for name in read_references(node).names])


def _read_output(name: str, location: int, node: Tree) -> OutputDeclaration:
    check_name(name, location, "an output's name")
    if type(node) is not Map:
        return OutputDeclaration(name, read_reference(node), None, location)
    source = node.get("from")
    if source is None or set(node.entries) - {"from", "when"}:
        message = "an output is a layer's name, or {from: layer, when: condition}"
        raise LocatedError("NS203", message, node.location)
    condition = node.get("when")
    when = read_value(condition) if condition is not None else None
    return OutputDeclaration(name, read_reference(source), when, location)
