"""The work budget of a load; elaboration stops when it is exhausted."""

from __future__ import annotations

from typing import TYPE_CHECKING

from ... import limits
from ...diagnostics import LocatedError

if TYPE_CHECKING:
    from ...shapes.types import TensorType


_AXES_FREE_OF_CHARGE = 7
"""Values with at most this many axes are not charged for them."""
_AXES_PER_STEP = 4
"""Values with more axes are charged one step per this many axes."""


class LimitError(Exception):
    """A limit of the whole elaboration has been exceeded; it stops immediately."""

    def __init__(self, error: LocatedError) -> None:
        super().__init__(error)
        self.error = error


class SearchEndError(Exception):
    """A problem has been found, and the search for further ones has ended; elaboration stops."""


class Budget:
    """Counts the work done, in steps. One budget is shared by everything that takes part in a load.

    Anything that takes time or memory costs a step: a layer (even if it is left out); a copy, or a row of a table; a
    cell of that row; a value to which a reference leads; an input, output or weight of an operation; an input or
    argument of a block. Networks, scopes and nodes cost more. Steps of expressions are counted separately, because each
    takes far less time.
    """

    def __init__(self) -> None:
        self.steps = 0
        self._end: int | None = None
        """The step at which the search for further problems ends; None while there is no problem."""
        self.expression_steps = 0

    @property
    def is_spent(self) -> bool:
        """Whether a limit has been exceeded, so that nothing more can be charged."""
        return self.steps > limits.STEPS or self.expression_steps > limits.ALL_EXPRESSION_STEPS

    def begin_network(self, parameters: int, location: int) -> None:
        """Charges a network, or another variant of it, with its number of parameters, and forgets earlier problems."""
        self._end = None
        self.spend(limits.NETWORK_STEPS + parameters, location)

    def end_soon(self) -> None:
        """Records a problem; the search for further ones ends after ``limits.STEPS_AFTER_PROBLEM`` steps."""
        if self._end is None:
            self._end = self.steps + limits.STEPS_AFTER_PROBLEM

    def charge_expression(self, steps: int, location: int) -> None:
        """Charges the steps of an expression. Raises LimitError NS912 beyond ``limits.ALL_EXPRESSION_STEPS``."""
        self.expression_steps += steps
        if self.expression_steps > limits.ALL_EXPRESSION_STEPS:
            message = f"the expressions of a network take more than {limits.ALL_EXPRESSION_STEPS:,} steps together"
            raise LimitError(LocatedError("NS912", message, location))

    def spend(self, steps: int, location: int) -> None:
        """Charges steps.

        Raises:
            LimitError: NS909, beyond ``limits.STEPS``.
            SearchEndError: there is a problem, and the search for further ones has ended.
        """
        self.steps += steps
        if self._end is not None and self.steps > self._end:
            raise SearchEndError
        if self.steps > limits.STEPS:
            message = f"elaborating the network takes more than {limits.STEPS:,} steps"
            raise LimitError(LocatedError("NS909", message, location))

    def enter_scope(self, depth: int, names: int, location: int) -> None:
        """Charges a scope with ``depth`` enclosing scopes; ``names`` counts its inputs and parameters.

        Raises LimitError NS908 beyond ``limits.BLOCKS``.
        """
        self.spend(limits.SCOPE_STEPS + names, location)
        if depth > limits.BLOCKS:
            message = f"blocks are nested deeper than {limits.BLOCKS}"
            raise LimitError(LocatedError("NS908", message, location))

    def add_node(
        self, name: str, inputs: int, outputs: tuple[TensorType, ...], weights: int, doc: str | None, location: int
    ) -> None:
        """Charges a node: its inputs, outputs and weights, the axes of its outputs, and the length of its name and doc.

        The name counts again for each weight.
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
