"""What a layer reads: its inputs by ``from`` or by its position, and whether ``when`` leaves it out."""

from __future__ import annotations

import re

from ...diagnostics import LocatedError
from ...ops import TABLE, find
from ...text.reader import Text
from ..reading.evaluation import NO_NAMES, Environment
from ..reading.functions import describe_value
from ..reading.layers import Layer
from ..reading.references import References, read_references
from ..reading.values import Value
from .copies import Copy
from .environment import Cells
from .names import Entry, LexicalScope
from .resolver import Resolver


def is_true(condition: Value, environment: Environment) -> bool:
    """The value of ``when``. Raises LocatedError NS413."""
    result = condition.evaluate(environment)
    if type(result) is not bool:
        raise LocatedError("NS413", f"when must be true or false; found {describe_value(result)}", condition.location)
    return result


def replaces_previous(names: References) -> bool:
    """Whether a merge joins exactly these names (a list or a star), rather than one name to the previous layer."""
    return names.listed or ".*" in names.names[0].text


def inputs_by_name(names: tuple[str, ...], entries: list[Entry], what: str, location: int) -> dict[str, Entry]:
    """The inputs of a block (``what``) by their names in it. Raises LocatedError NS305 if their number differs."""
    if len(entries) != len(names):
        expected = f"{len(names)} input{'s' if len(names) > 1 else ''} ({', '.join(names)})"
        help = "'from' names them" if len(entries) < len(names) else None
        raise LocatedError("NS305", f"{what} takes {expected}; found {len(entries)}", location, help=help)
    return dict(zip(names, entries, strict=True))


def condition_parameter(layer: Layer, scope: LexicalScope) -> str:
    """The first parameter in the condition of a layer; empty if there is none."""
    node = layer.when.node if layer.when is not None else None
    words: list[str] = re.findall(r"[A-Za-z_]\w*", node.raw) if isinstance(node, Text) else []
    return next((word for word in words if word in scope.parameters), "")


class Wiring:
    """Determines the inputs of layers. ``previous`` is always the entry of the layer before, if there is one."""

    def __init__(self, resolver: Resolver) -> None:
        self.resolver = resolver

    def is_present(self, layer: Layer, scope: LexicalScope, cells: Cells, previous: Entry | None) -> bool:
        """Whether ``when`` keeps the layer."""
        if layer.when is None:
            return True
        incoming = None if layer.when.constant else self.first_input(layer, scope, cells, previous)
        return is_true(layer.when, self.resolver.environment(scope, cells, incoming))

    def inputs(self, layer: Layer, scope: LexicalScope, copy: Copy, previous: Entry | None) -> list[Entry]:
        """The inputs that ``from`` names, else the previous layer.

        The first input of a further copy is the copy before it.
        """
        if layer.source is None:
            return [previous] if previous is not None else []
        entries = self.resolver.resolve(layer.source, scope, copy.cells)
        if copy.number > 0 and previous is not None:
            return [previous, *entries[1:]]
        return entries

    def first_input(self, layer: Layer, scope: LexicalScope, cells: Cells, previous: Entry | None) -> Entry | None:
        """The first input that a layer has, or would have if it were not left out; None if it has no inputs."""
        names = layer.source
        if layer.head is not None and layer.head.constant:
            head = layer.head.evaluate(NO_NAMES)
            if head in TABLE:
                operation = find(head)
                if operation.arity == (0, 0):
                    return None
                if operation.primary == "from" and layer.primary is not None:
                    merged = read_references(layer.primary.node)
                    names = merged if replaces_previous(merged) else names
        if names is None:
            return previous
        first = References(names.names[:1], True, names.location)
        return self.resolver.resolve(first, scope, cells)[0]

    def merged_inputs(
        self, layer: Layer, names: References, scope: LexicalScope, copy: Copy, inputs: list[Entry]
    ) -> list[Entry]:
        """The inputs of a merge that joins these names; ``inputs`` are those it would have otherwise.

        A list replaces the previous layer, except that a further copy joins the copy before it in place of the
        first name. A single name is joined to the previous layer. Raises LocatedError.
        """
        entries = self.resolver.resolve(names, scope, copy.cells)
        if not replaces_previous(names):
            return [*inputs[:1], *entries]
        if layer.source is not None:
            message = "'from' and the names it merges say the same: give one"
            raise LocatedError("NS211", message, layer.source.location)
        return [*inputs[:1], *entries[1:]] if copy.number > 0 else entries
