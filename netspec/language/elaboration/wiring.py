"""What a layer reads: its inputs by ``from`` or by its position, and whether ``when`` leaves it out."""

from __future__ import annotations

import re

from ...diagnostics import LocatedError, clip
from ...ops import TABLE, find
from ...ops.base import Op
from ...text.reader import Text
from ..reading.evaluation import Environment, FailedInputError
from ..reading.functions import describe_value
from ..reading.layers import Layer
from ..reading.references import References, read_references
from ..reading.values import Value
from .copies import Copy
from .names import FAILED, LEFT_OUT, Absent, Entry, LexicalScope, StandIn
from .resolver import Names, Resolver


def is_true(condition: Value, environment: Environment) -> bool:
    """The value of ``when``. Raises LocatedError NS413."""
    result = condition.evaluate(environment)
    if type(result) is not bool:
        raise LocatedError("NS413", f"when must be true or false; found {describe_value(result)}", condition.location)
    return result


def merged_names(layer: Layer, *, is_first: bool) -> References | None:
    """The names in the primary argument of a layer whose operation merges; None if it has none. Raises LocatedError.

    ``is_first`` is whether the arguments under ``first`` hold for this copy.
    """
    value = layer.primary
    if value is None:
        _, value = ((layer.first or {}) if is_first else {}).get("from") or layer.args.get("from") or (0, None)
    return read_references(value.node) if value is not None else None


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

    def is_present(self, layer: Layer, scope: LexicalScope, copy: Copy, previous: Entry | None) -> bool:
        """Whether ``when`` keeps the layer. Its first input is resolved only if the condition depends on it."""
        if layer.when is None:
            return True
        environment = self.resolver.environment(
            scope, copy.cells, lambda: self.first_input(layer, scope, copy, previous)
        )
        return is_true(layer.when, environment)

    def inputs(self, layer: Layer, scope: LexicalScope, copy: Copy, previous: Entry | None) -> list[Entry]:
        """The inputs that ``from`` names, else the previous layer, which may be absent.

        The first input of a further copy is the copy before it.
        """
        if layer.source is None:
            return [previous] if previous is not None else []
        entries = self.resolver.resolve(layer.source, scope, copy.cells)
        if copy.number > 0 and previous is not None:
            return [previous, *entries[1:]]
        return entries

    def stand_in(
        self, layer: Layer, name: str, scope: LexicalScope, copy: Copy, previous: Entry | None, omission: str = LEFT_OUT
    ) -> Entry:
        """What the name of a layer that is omitted refers to: its first input, if there is one.

        A problem with that input is kept for whatever reads the name.
        """
        try:
            first = self.first_input(layer, scope, copy, previous)
        except LocatedError as error:
            return Absent(name, omission, error)
        except FailedInputError:
            return FAILED
        if first is None:
            return Absent(name, omission)
        if isinstance(first, Absent):
            reason = f"its first input '{clip(first.name)}' {first.omission}, too"
            return Absent(name, omission, LocatedError("NS304", reason))
        return StandIn(name, first, omission)

    def first_input(self, layer: Layer, scope: LexicalScope, copy: Copy, previous: Entry | None) -> Entry | None:
        """The first input that a layer has, or would have if it were not left out; None if it has no inputs.

        Raises:
            LocatedError, FailedInputError: it cannot be determined.
        """
        operation = self._operation(layer, scope, copy)
        if operation is not None and operation.arity == (0, 0):
            return None
        if copy.number > 0 and previous is not None:
            return previous
        if operation is not None and operation.primary == "from":
            merged = merged_names(layer, is_first=copy.is_first)
            names = self.resolver.names(merged, scope, copy.cells) if merged is not None else None
            if names is not None and names.listed:
                return self._first(names, scope)
        if layer.source is None:
            return previous
        return self._first(self.resolver.names(layer.source, scope, copy.cells), scope)

    def _first(self, names: Names, scope: LexicalScope) -> Entry:
        """The first entry of the names, which may be absent. Raises LocatedError."""
        return self.resolver.find(*names.names[0], scope)[0]

    def _operation(self, layer: Layer, scope: LexicalScope, copy: Copy) -> type[Op] | None:
        """The operation of a layer; None for a block, and for a name that is unknown."""
        if layer.head is None:
            return None
        name = layer.head.evaluate(self.resolver.environment(scope, copy.cells))
        return find(name) if isinstance(name, str) and name in TABLE else None

    def merged_inputs(
        self, layer: Layer, references: References, scope: LexicalScope, copy: Copy, inputs: list[Entry]
    ) -> list[Entry]:
        """The inputs of a merge that joins these layers; ``inputs`` are those it would have otherwise.

        A list replaces the previous layer, except that a further copy joins the copy before it in place of the
        first name. A single name is joined to the previous layer. Raises LocatedError.
        """
        names = self.resolver.names(references, scope, copy.cells)
        entries = self.resolver.entries(names, scope)
        if not names.listed:
            return [*inputs[:1], *entries]
        if layer.source is not None:
            message = "'from' and the names it merges say the same: give one"
            raise LocatedError("NS211", message, layer.source.location)
        return [*inputs[:1], *entries[1:]] if copy.number > 0 else entries
