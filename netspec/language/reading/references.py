"""References to layers as written: one or several names, the outputs of a scope, the names of its inputs."""

from __future__ import annotations

from typing import Any, NamedTuple

from ... import limits
from ...diagnostics import LocatedError, clip
from ...ops.argument import as_list
from ...text.yaml_reader import List, Map, Text, Tree
from .evaluation import Environment
from .expression_functions import describe_value, is_list
from .records import Report, check_name, describe, is_name, plain_value
from .written_values import WrittenValue, read_value

_NEEDED = "the name of a layer is needed here"


class Reference:
    """The name of a layer as written, or an expression for one name, a list of names, or none.

    Args:
        text: the name, or a text with expressions.
        location: its location.
        when: the condition under which it refers to a layer.
    """

    __slots__ = ("_value", "location", "text", "when")

    def __init__(self, text: str, location: int, when: WrittenValue | None = None) -> None:
        self.text = text
        self.location = location
        self.when = when
        value = read_value(Text(text, location, True)) if "$" in text else None
        self._value = None if value is None or value.constant else value

    @property
    def constant(self) -> bool:
        """Whether its text is the name: it contains no expression and has no condition."""
        return self._value is None and self.when is None

    def evaluate(self, environment: Environment) -> str | list[str]:
        """Returns the name, or a list of names. ``false`` is an empty list, and is skipped within one.

        Raises:
            LocatedError: NS203, the value is anything else; NS413, the condition is not true or false; or an expression
                cannot be evaluated.
        """
        if self.when is not None and not is_true(self.when, environment):
            return []
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
    keys: tuple[str, ...] = ()
    """For each of them the name of the block's input, if inputs are given by name."""


class OutputDeclaration(NamedTuple):
    """An output of a network or block."""

    name: str | None
    """Its public name; None in a list of layers."""
    source: Reference
    """The layer."""
    when: WrittenValue | None
    """The condition under which it is an output."""
    location: int


def is_true(condition: WrittenValue, environment: Environment) -> bool:
    """Returns the value of ``when``. Raises LocatedError NS413."""
    result = condition.evaluate(environment)
    if type(result) is not bool:
        raise LocatedError("NS413", f"when must be true or false; found {describe_value(result)}", condition.location)
    return result


def check_layer_name(text: str, location: int) -> str:
    """Checks and returns the name of a layer, which may be dotted. Raises LocatedError."""
    for part in text.split("."):
        check_name(part or text, location, "a layer's name")
    return text


def read_reference(node: Tree) -> Reference:
    """Read a reference to a layer: a name, or ``{from: name, when: condition}``.

    Raises LocatedError NS203, or NS907 if it is too long for any layer.
    """
    if type(node) is Text and node.value is not None and node.raw:
        if node.value is False:
            return Reference("$(false)", node.location)
        reference = Reference(node.raw, node.location)
        if reference.constant and len(node.raw) > limits.REFERENCE:
            message = f"a reference is longer than {limits.REFERENCE:,} characters: {clip(node.raw)}"
            raise LocatedError("NS907", message, node.location)
        return reference
    if type(node) is Map and is_conditional(node):
        reference, condition = read_reference(node.entries["from"][1]), node.get("when")
        if condition is None or reference.when is not None:
            return reference
        return Reference(reference.text, reference.location, read_value(condition))
    raise LocatedError("NS203", f"{_NEEDED}; found {describe(node)}", node.location)


def is_conditional(node: Map) -> bool:
    """Whether a mapping is a name with a condition: ``{from: layer, when: condition}``."""
    return "from" in node.entries and node.entries.keys() <= {"from", "when"}


def read_references(node: Tree) -> References:
    """Read a reference, or a list of them. Raises LocatedError NS203."""
    if type(node) is not List:
        return References((read_reference(node),), False, node.location)
    if not node.items:
        raise LocatedError("NS203", "at least one name of a layer is needed here", node.location)
    return References(tuple([read_reference(n) for n in node.items]), True, node.location)


def read_sources(node: Tree) -> References:
    """Read the value of ``from``: references, or a mapping from the inputs of a block to them. Raises LocatedError."""
    if type(node) is not Map or is_conditional(node):
        return read_references(node)
    names: list[Reference] = []
    keys: list[str] = []
    for key, (_, inner, _) in node.entries.items():
        references = read_references(inner).names
        names += references
        keys += [key] * len(references)
    if not names:
        raise LocatedError("NS203", "at least one name of a layer is needed here", node.location)
    return References(tuple(names), True, node.location, tuple(keys))


def read_input_names(node: Tree) -> tuple[str, ...]:
    """Read the names of the inputs of a block; the last one may be ``name.*``, for any number of tensors.

    Raises LocatedError, NS203 unless it is a list of distinct names.
    """
    names: list[Any] = as_list(plain_value(node)) if type(node) is List else [None]
    stems: list[Any] = [
        n.removesuffix(STAR) if i == len(names) - 1 and isinstance(n, str) else n for i, n in enumerate(names)
    ]
    if not all(isinstance(n, str) and is_name(n) for n in stems) or len(set(stems)) != len(stems):
        message = f"inputs must be a list of names, each once; found {describe(node)}"
        help = "only the last one takes any number of tensors" if any(str(n).endswith(STAR) for n in stems) else None
        raise LocatedError("NS203", message, node.location, help=help)
    for stem in stems:
        check_name(stem, node.location, "an input's name")
    return tuple(names)


STAR = ".*"
"""The suffix of the name of an input that accepts any number of tensors."""


def read_outputs(single: Tree | None, several: Tree | None, report: Report) -> tuple[OutputDeclaration, ...] | None:
    """Read ``output`` (single) or ``outputs`` (several): a name, a list or a mapping of public names; else None.

    Raises:
        LocatedError: NS203 or NS204, a name or an output is malformed. If both are given, NS212 is reported.
    """
    node = single if single is not None else several
    if node is None:
        return None
    if single is not None and several is not None:
        report(LocatedError("NS212", "'output' and 'outputs' mean the same: give one of them", several.location))
    if type(node) is Map:
        return tuple([_read_output(name, location, n) for name, (location, n, _) in node.entries.items()])
    return tuple([_declared(None, name) for name in read_references(node).names])


def _declared(name: str | None, source: Reference) -> OutputDeclaration:
    """Returns an output with the condition of its reference."""
    without = Reference(source.text, source.location) if source.when is not None else source
    return OutputDeclaration(name, without, source.when, source.location)


def _read_output(name: str, location: int, node: Tree) -> OutputDeclaration:
    check_name(name, location, "an output's name")
    if type(node) is Map and not is_conditional(node):
        message = "an output is a layer's name, or {from: layer, when: condition}"
        raise LocatedError("NS203", message, node.location)
    return _declared(name, read_reference(node))._replace(location=location)
