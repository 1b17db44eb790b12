"""References to layers as they are written: one name or several, the outputs of a scope, the names of its inputs."""

from __future__ import annotations

from typing import Any, NamedTuple

from ... import limits
from ...diagnostics import LocatedError, clip
from ...ops.argument import as_list
from ...text.reader import List, Map, Text, Tree
from .evaluation import Environment
from .functions import describe_value, is_list
from .records import Report, check_name, describe, is_name, plain_value
from .values import Value, read_value

_NEEDED = "the name of a layer is needed here"


class Reference:
    """The name of a layer as it is written, or an expression for one name, for a list of names, or for none."""

    __slots__ = ("_value", "location", "text")

    def __init__(self, text: str, location: int) -> None:
        self.text = text
        self.location = location
        value = read_value(Text(text, location, True)) if "$" in text else None
        self._value = None if value is None or value.constant else value

    @property
    def constant(self) -> bool:
        """Whether it contains no expression, so that its text is the name."""
        return self._value is None

    def evaluate(self, environment: Environment) -> str | list[str]:
        """The name, or a list of names. ``false`` is an empty list, and is skipped within one.

        Raises:
            LocatedError: NS203, the value is anything else; or the expression cannot be evaluated.
        """
        if self._value is None:
            return self.text
        value = self._value.evaluate(environment)
        if value is False:
            return []
        if is_list(value):
            return [self._name(item) for item in value if item is not False]
        return self._name(value)

    def _name(self, value: Any) -> str:
        if type(value) is float and value.is_integer():
            value = int(value)
        if type(value) is int or (type(value) is str and value):
            return str(value)
        raise LocatedError("NS203", f"{_NEEDED}; found {describe_value(value)}", self.location)


class References(NamedTuple):
    """References to layers: one, or a list."""

    names: tuple[Reference, ...]
    listed: bool
    location: int


class OutputDeclaration(NamedTuple):
    """An output of a network or block."""

    name: str | None
    """Its public name; None in a list of layers."""
    source: Reference
    """The layer."""
    when: Value | None
    """The condition under which it is an output."""
    location: int


def check_layer_name(text: str, location: int) -> str:
    """The name of a layer, which may consist of several with dots between. Raises LocatedError."""
    for part in text.split("."):
        check_name(part or text, location, "a layer's name")
    return text


def read_reference(node: Tree) -> Reference:
    """Read a reference to a layer. Raises LocatedError NS203, or NS907 if it is too long for any layer."""
    if type(node) is Text and node.value is not None and node.raw:
        reference = Reference(node.raw, node.location)
        if reference.constant and len(node.raw) > limits.REFERENCE:
            message = f"a reference is longer than {limits.REFERENCE:,} characters: {clip(node.raw)}"
            raise LocatedError("NS907", message, node.location)
        return reference
    raise LocatedError("NS203", f"{_NEEDED}; found {describe(node)}", node.location)


def read_references(node: Tree) -> References:
    """Read a reference, or a list of them. Raises LocatedError NS203."""
    if type(node) is not List:
        return References((read_reference(node),), False, node.location)
    if not node.items:
        raise LocatedError("NS203", "at least one name of a layer is needed here", node.location)
    return References(tuple([read_reference(n) for n in node.items]), True, node.location)


def read_input_names(node: Tree) -> tuple[str, ...]:
    """Read the names of the inputs of a block. Raises LocatedError, NS203 unless it is a list of names, each once."""
    names = as_list(plain_value(node)) if type(node) is List else []
    if not names or not all(isinstance(n, str) and is_name(n) for n in names) or len(set(names)) != len(names):
        message = f"inputs must be a list of names, each once; found {describe(node)}"
        raise LocatedError("NS203", message, node.location)
    return tuple([check_name(name, node.location, "an input's name") for name in names])


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
