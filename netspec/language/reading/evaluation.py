"""The context of the evaluation of an expression: an environment of names, local variables, and a step count."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any, Protocol, TypeAlias

from ... import limits
from .lexer import ExpressionError

Charge: TypeAlias = Callable[[int, int], None]
"""Receives the number of steps of an evaluation and the location of its text, and raises if there are too many."""


UNKNOWN: Any = object()
"""The value of a parameter with a reported problem."""
ALL_OTHERS = "*"
"""The key of ``UNKNOWN`` if any other name may be a parameter, too."""


class FailedInputError(Exception):
    """An input has a reported problem; the reader is omitted without a message."""


def parameter_value(values: Mapping[str, Any], name: str) -> Any:
    """Returns the value of a parameter. Raises KeyError, and FailedInputError if it has a problem."""
    value = values.get(name, UNKNOWN) if ALL_OTHERS in values else values[name]
    if value is UNKNOWN:
        raise FailedInputError
    return value


class Environment(Protocol):
    """The names that an expression may use."""

    def lookup(self, name: str) -> Any:
        """Returns the value of a name. Raises KeyError."""
        ...

    def beginning(self, name: str) -> Any:
        """Returns the object for a prefix of dotted names; None if no name has this prefix."""
        ...

    def known(self) -> list[str]:
        """Returns all names, for suggestions."""
        ...

    def charge(self, steps: int, location: int) -> None:
        """Receives the steps of every evaluation."""
        ...


def charge_nothing(steps: int, location: int) -> None:
    """Ignores the steps of an evaluation that is not part of a load."""


class ParameterEnvironment:
    """An environment of parameters only.

    Args:
        values: their values by name.
        charge: receives the steps of every evaluation.
    """

    def __init__(self, values: Mapping[str, Any], charge: Charge = charge_nothing) -> None:
        self.values = values
        self._charge = charge

    def charge(self, steps: int, location: int) -> None:
        """Receives the steps of an evaluation."""
        self._charge(steps, location)

    def lookup(self, name: str) -> Any:
        """Returns the value of a parameter. Raises KeyError, and FailedInputError if it has a problem."""
        return parameter_value(self.values, name)

    def beginning(self, name: str) -> None:
        """Returns None: the names of parameters have no dots."""

    def known(self) -> list[str]:
        """Returns the names of the parameters."""
        return [name for name in self.values if name != ALL_OTHERS]


NO_NAMES = ParameterEnvironment({})
"""The environment of constants."""


class Evaluation:
    """One evaluation: its environment, the variables of its comprehensions, and the steps taken so far."""

    __slots__ = ("environment", "local", "steps")

    def __init__(self, environment: Environment) -> None:
        self.environment = environment
        self.local: dict[str, Any] = {}
        self.steps = 0

    def step(self, n: int = 1) -> None:
        """Count steps. Raises ExpressionError NS912 above the limit."""
        self.steps += n
        if self.steps > limits.EXPRESSION_STEPS:
            raise ExpressionError("NS912", f"an expression takes more than {limits.EXPRESSION_STEPS:,} steps")


Code: TypeAlias = Callable[[Evaluation], Any]
"""A compiled expression."""
