"""The names that an expression on a layer may use: columns and counters, parameters, and tensors of its scope."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, TypeAlias

from ...diagnostics import clip, did_you_mean
from ...shapes.types import AXIS_NAMES, TensorType
from ..reading.evaluation import ALL_OTHERS, Charge, FailedInputError, charge_nothing, parameter_value
from ..reading.lexer import ExpressionError
from .names import Absent, Entry, LexicalScope

Cells: TypeAlias = dict[str, Any]
"""Values bound by ``each`` and ``repeat``: the columns of tables, ``row`` and ``index``."""
Incoming: TypeAlias = Entry | Callable[[], Entry | None] | None
"""The first input of a layer, or a function that determines it if an expression uses it."""


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
        """Receives the steps of an evaluation."""
        self._charge(steps, location)

    def lookup(self, name: str) -> Any:
        """The value of a name.

        Raises:
            KeyError: there is none of that name.
            FailedInputError: it is a tensor that failed.
            ExpressionError: NS304, it is a layer that is left out, and no input can stand for it.
        """
        if name in self.cells:
            return self.cells[name]
        if name in self.scope.parameters:
            return parameter_value(self.scope.parameters, name)
        if name == "incoming":
            incoming = self.incoming() if callable(self.incoming) else self.incoming
            if incoming is not None:
                return TensorView(incoming, self.types, name)
        entry = self.scope.lookup(name)
        if entry is None:
            if ALL_OTHERS in self.scope.parameters or self.scope.has_unknown_names:
                raise FailedInputError
            raise KeyError(name)
        return TensorView(entry, self.types, name)

    def known(self) -> list[str]:
        """All names, for suggestions."""
        return [*self.cells, *self.scope.parameters, *self.scope.visible_names()]


class TensorView:
    """A tensor as expressions see it: ``shape``, sizes by the names of axes, and the layers inside."""

    __slots__ = ("_entry", "_name", "_types")

    def __init__(self, entry: Entry, types: list[TensorType], name: str) -> None:
        if entry.value is None:
            if isinstance(entry, Absent):
                error = entry.error()
                raise ExpressionError(error.code, error.message, help=error.find_help)
            raise FailedInputError
        self._entry = entry
        self._types = types
        self._name = name

    def attribute(self, name: str) -> Any:
        """The shape as a list, the size of a named axis, or a view of an output or layer inside.

        Raises:
            ExpressionError: NS408, there is none of that name.
        """
        if name not in ("shape", *AXIS_NAMES):
            inner = self._entry.find([name])
            if inner is not None:
                return TensorView(inner, self._types, f"{self._name}.{name}")
        assert self._entry.value is not None
        type = self._types[self._entry.value]
        if name == "shape":
            return list(type.shape)
        axis = type.axis(name)
        if axis is None:
            raise self._no_attribute(name, type)
        return type.shape[axis]

    def _no_attribute(self, name: str, type: TensorType) -> ExpressionError:
        named = ", ".join(a for a in type.axes if a) or "none that is known by name"
        help: str | None
        if name in AXIS_NAMES:
            help = "'.shape[i]' is the size of an axis by its number"
        else:
            help = did_you_mean(name, ["shape", *AXIS_NAMES])
        return ExpressionError("NS408", f"'{clip(self._name)}' has no '{clip(name)}': its axes are {named}", 0, help)
