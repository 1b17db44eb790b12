"""The budget of a load: work is charged to it, and elaboration stops once it is spent."""

from __future__ import annotations

from typing import TYPE_CHECKING

from ... import limits
from ...diagnostics import LocatedError

if TYPE_CHECKING:
    from ...shapes.types import TensorType


_AXES_FREE_OF_CHARGE = 7
"""Values with at most this many axes are charged nothing for them."""
_AXES_PER_STEP = 4
"""All axes of a value with more are charged, at this many per step."""


class LimitError(Exception):
    """A limit of the whole elaboration is exceeded, so that it stops at once."""

    def __init__(self, error: LocatedError) -> None:
        super().__init__(error)
        self.error = error


class SearchEndError(Exception):
    """There is a problem, and further ones have been looked for long enough, so that elaboration stops."""


class Budget:
    """Counts the work done, in steps. One budget is passed to everything that takes part in a load.

    Whatever takes time or memory costs a step: a layer, also if it is left out; a copy or a row of a table; a cell of
    that row; a value that a reference leads to; an input, output or weight of an operation; an input or argument of a
    block. Networks, scopes and nodes cost some more. The steps of expressions are counted by themselves: each takes far
    less time.
    """

    def __init__(self) -> None:
        self.steps = 0
        self._end: int | None = None
        """The steps after which the search for further problems ends; None while there is none."""
        self.expression_steps = 0

    @property
    def is_spent(self) -> bool:
        """Whether a limit was exceeded, so that nothing more can be charged."""
        return self.steps > limits.STEPS or self.expression_steps > limits.ALL_EXPRESSION_STEPS

    def begin_network(self, parameters: int, location: int) -> None:
        """Charge a network, or another variant of it, with its number of parameters: no problem is known in it yet."""
        self._end = None
        self.spend(limits.NETWORK_STEPS + parameters, location)

    def end_soon(self) -> None:
        """There is a problem: further ones are looked for during ``limits.STEPS_AFTER_PROBLEM`` steps."""
        if self._end is None:
            self._end = self.steps + limits.STEPS_AFTER_PROBLEM

    def charge_expression(self, steps: int, location: int) -> None:
        """Charge the steps of an expression. Raises LimitError NS912 beyond ``limits.ALL_EXPRESSION_STEPS``."""
        self.expression_steps += steps
        if self.expression_steps > limits.ALL_EXPRESSION_STEPS:
            message = f"the expressions of a network take more than {limits.ALL_EXPRESSION_STEPS:,} steps together"
            raise LimitError(LocatedError("NS912", message, location))

    def spend(self, steps: int, location: int) -> None:
        """Charge steps.

        Raises:
            LimitError: NS909, beyond ``limits.STEPS``.
            SearchEndError: there is a problem, and enough has been done to find further ones.
        """
        self.steps += steps
        if self._end is not None and self.steps > self._end:
            raise SearchEndError
        if self.steps > limits.STEPS:
            message = f"elaborating the network takes more than {limits.STEPS:,} steps"
            raise LimitError(LocatedError("NS909", message, location))

    def enter_scope(self, depth: int, names: int, location: int) -> None:
        """Charge a scope with ``depth`` scopes around it; ``names`` counts its inputs and parameters.

        Raises LimitError NS908 beyond ``limits.BLOCKS``.
        """
        self.spend(limits.SCOPE_STEPS + names, location)
        if depth > limits.BLOCKS:
            message = f"blocks are nested deeper than {limits.BLOCKS}"
            raise LimitError(LocatedError("NS908", message, location))

    def add_node(
        self, name: str, inputs: int, outputs: tuple[TensorType, ...], weights: int, doc: str | None, location: int
    ) -> None:
        """Charge a node: what it reads, outputs and owns, the axes of its outputs, and the length of its name and doc.

        The name is part of those of its weights.
        """
        count = len(outputs)
        steps = limits.NODE_STEPS + inputs + count + weights
        if count and outputs[0].rank > _AXES_FREE_OF_CHARGE:
            steps += count * (outputs[0].rank // _AXES_PER_STEP)
        if len(name) >= limits.CHARACTERS_PER_STEP:
            steps += (1 + count + weights) * (len(name) // limits.CHARACTERS_PER_STEP)
        if doc is not None:
            steps += len(doc) // limits.CHARACTERS_PER_STEP
        self.spend(steps, location)
