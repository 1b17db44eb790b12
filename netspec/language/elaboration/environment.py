"""The names available to expressions on a layer: columns and counters, parameters, and tensors of its scope."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, TypeAlias

from ...diagnostics import clip, did_you_mean
from ...shapes.types import AXIS_NAMES, TensorType
from ...text.yaml_reader import List, Text
from ..reading.evaluation import ALL_OTHERS, Charge, FailedInputError, charge_nothing, parameter_value
from ..reading.lexer import ExpressionError
from .names import Absent, Entry, LexicalScope, Several

Cells: TypeAlias = dict[str, Any]
"""Values bound by ``each`` and ``repeat``: the columns of tables, ``row`` and ``index``."""
Incoming: TypeAlias = Entry | Callable[[], Entry | None] | None
"""The first input of a layer, or a function that determines it on demand."""


class LayerEnvironment:
    """The environment of the expressions on one layer."""

    __slots__ = ("_charge", "cells", "incoming", "scope", "types")

    def __init__(
        self,
        scope: LexicalScope,
        cells: Cells,
        types: list[TensorType],
        incoming: Incoming = None,
        charge: Charge = charge_nothing,
    ) -> None:
        self.scope = scope
        self._charge = charge
        self.cells = cells
        self.types = types
        """The types of all values."""
        self.incoming = incoming
        """The first input of the layer."""

    def charge(self, steps: int, location: int) -> None:
        """Charges the steps of an evaluation."""
        self._charge(steps, location)

    def lookup(self, name: str) -> Any:
        """Returns the value of a name.

        Raises:
            KeyError: nothing has that name.
            FailedInputError: it is a tensor that failed.
            ExpressionError: NS304, it is an omitted layer without an input to replace it.
        """
        if name in self.cells:
            return self.cells[name]
        if name in self.scope.parameters:
            return parameter_value(self.scope.parameters, name)
        if name == "incoming":
            incoming = self.incoming() if callable(self.incoming) else self.incoming
            if incoming is not None:
                return self.view(incoming, name)
        entry = self.scope.lookup(name)
        if entry is None:
            if ALL_OTHERS in self.scope.parameters or self.scope.has_unknown_names:
                raise FailedInputError
            if any(dim.name == name for dim in self.scope.document.dims or ()):
                help = f"its size is read from a tensor that has it: $({_tensor_with(self.scope, name)})"
                message = f"'{clip(name)}' is a named dimension, not a parameter"
                raise ExpressionError("NS402", message, help=help)
            raise KeyError(name)
        return self.view(entry, name)

    def view(self, entry: Entry, name: str) -> TensorView | SeveralView:
        """Returns the value of an entry in expressions. Raises FailedInputError, or ExpressionError if it is absent."""
        return SeveralView(entry, self, name) if isinstance(entry, Several) else TensorView(entry, self, name)

    def beginning(self, name: str) -> NameBeginning | None:
        """Returns the common prefix of dotted layer names, or None if no name has this prefix."""
        return NameBeginning(self, name) if self.scope.begins_a_name(name) else None

    def known(self) -> list[str]:
        """Returns all names, for suggestions."""
        return [*self.cells, *self.scope.parameters, *self.scope.visible_names()]


def _tensor_with(scope: LexicalScope, dimension: str) -> str:
    """Returns an expression for a named dimension, as a size of an input that has it; an example inside of a block."""
    top = scope
    while top.parent is not None:
        top = top.parent
    for declaration in () if top.draft.name else scope.document.inputs:
        node = declaration.shape.node if declaration.shape is not None else None
        for axis, size in enumerate(node.items if isinstance(node, List) else ()):
            if isinstance(size, Text) and size.raw == dimension:
                return f"{declaration.name}.shape.{axis}"
    return "input.shape.1"


class NameBeginning:
    """A prefix of dotted layer names that is not a layer itself: ``attn`` of ``attn.proj``."""

    __slots__ = ("_environment", "_name")

    def __init__(self, environment: LayerEnvironment, name: str) -> None:
        self._environment = environment
        self._name = name

    @property
    def description(self) -> str:
        """Returns its form in messages."""
        return f"the names '{clip(self._name)}.…'"

    def attribute(self, name: str) -> TensorView | SeveralView | NameBeginning:
        """Returns the layer of that name, or a longer prefix. Raises KeyError (with the full name) if there is none."""
        full_name = f"{self._name}.{name}"
        entry = self._environment.scope.lookup(full_name)
        if entry is not None:
            return self._environment.view(entry, full_name)
        longer = self._environment.beginning(full_name)
        if longer is None:
            raise KeyError(full_name)
        return longer

    def element(self, number: int) -> TensorView | SeveralView | NameBeginning:
        """The same for a numeric part."""
        return self.attribute(str(number))


class SeveralView:
    """Several tensors under one name, as seen by expressions: ``len(kids)``, ``kids.0``."""

    __slots__ = ("_entry", "_environment", "_name")

    def __init__(self, entry: Several, environment: LayerEnvironment, name: str) -> None:
        self._entry = entry
        self._environment = environment
        self._name = name

    def __len__(self) -> int:
        return len(self._entry.members)

    def element(self, number: int) -> TensorView | SeveralView | None:
        """Returns one of them by number, or None."""
        inner = self._entry.find([str(number)])
        return self._environment.view(inner, f"{self._name}.{number}") if inner is not None else None

    def attribute(self, name: str) -> Any:
        """Returns one of them by name. Raises ExpressionError NS408 if there is none."""
        inner = self._entry.find([name])
        if inner is not None:
            return self._environment.view(inner, f"{self._name}.{name}")
        error = self._entry.error()
        raise ExpressionError(
            "NS408", f"'{clip(self._name)}' has no '{clip(name)}': {error.message}", 0, error.find_help
        )


class TensorView:
    """A tensor as seen by expressions: ``shape``, sizes by the names of axes, and inner layers."""

    __slots__ = ("entry", "environment", "name")

    def __init__(self, entry: Entry, environment: LayerEnvironment, name: str) -> None:
        if entry.value is None:
            if isinstance(entry, Absent):
                error = entry.error()
                raise ExpressionError(error.code, error.message, help=error.find_help)
            raise FailedInputError
        self.entry = entry
        self.environment = environment
        self.name = name

    def attribute(self, name: str) -> Any:
        """Returns the shape as a list, the size of a named axis, or a view of an output or inner layer.

        Raises:
            ExpressionError: NS408, nothing has that name.
        """
        if name not in ("shape", *AXIS_NAMES):
            full_name = f"{self.name}.{name}"
            inner = self.entry.find([name]) or self.environment.scope.lookup(full_name)
            if inner is not None:
                return self.environment.view(inner, full_name)
            if (beginning := self.environment.beginning(full_name)) is not None:
                return beginning
        assert self.entry.value is not None
        type = self.environment.types[self.entry.value]
        if name == "shape":
            return list(type.shape)
        axis = type.axis(name)
        if axis is None:
            raise self._no_attribute(name, type)
        return type.shape[axis]

    def element(self, number: int) -> TensorView | SeveralView | None:
        """Returns an output or inner layer by number, or None."""
        inner = self.entry.find([str(number)])
        return self.environment.view(inner, f"{self.name}.{number}") if inner is not None else None

    def _no_attribute(self, name: str, type: TensorType) -> ExpressionError:
        named = ", ".join(a for a in type.axes if a) or "none that is known by name"
        help: str | None
        if name in AXIS_NAMES:
            help = "'.shape[i]' is the size of an axis by its number"
        else:
            help = did_you_mean(name, ["shape", *AXIS_NAMES])
        return ExpressionError("NS408", f"'{clip(self.name)}' has no '{clip(name)}': its axes are {named}", 0, help)
