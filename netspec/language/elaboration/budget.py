"""The budget of a load: work is charged to it, and elaboration stops once it is spent."""

from __future__ import annotations

from ... import limits
from ...diagnostics import LocatedError


class LimitError(Exception):
    """A limit of the whole elaboration is exceeded, so that it stops at once."""

    def __init__(self, error: LocatedError) -> None:
        super().__init__(error)
        self.error = error


class SearchEndError(Exception):
    """There is a problem, and further ones have been looked for long enough, so that elaboration stops."""


class Budget:
    """Counts the work done, in steps. One budget is passed to everything that takes part in a load.

    A layer costs one step, also if it is left out, a copy or a row of a table one more, and a scope
    ``limits.SCOPE_STEPS``. The steps of expressions are counted by themselves: each takes far less time.
    """

    def __init__(self) -> None:
        self.steps = 0
        self._end: int | None = None
        """The steps after which the search for further problems ends; None while there is none."""
        self.expression_steps = 0

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

    def enter_scope(self, depth: int, location: int) -> None:
        """Charge a scope with ``depth`` scopes around it. Raises LimitError NS908 beyond ``limits.BLOCKS``."""
        self.spend(limits.SCOPE_STEPS, location)
        if depth > limits.BLOCKS:
            message = f"blocks are nested deeper than {limits.BLOCKS}"
            raise LimitError(LocatedError("NS908", message, location))
