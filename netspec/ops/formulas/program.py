"""Programs: elementwise formulas as steps, the last of which is the value. Without inputs it is a *constant*."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any, NamedTuple

from .spec_text import expression
from .steps import DEFAULT_FLOAT, FormulaStep, concrete, result_type


class Program(NamedTuple):
    """The steps of a formula, in an order in which each reads earlier ones; the last one is its value."""

    steps: tuple[FormulaStep, ...]

    @property
    def inputs(self) -> int:
        """The number of tensors that it reads."""
        return 1 + max((s.value for s in self.steps if s.kind == "input"), default=-1)

    @property
    def is_constant(self) -> bool:
        """Whether it reads no tensor."""
        return not self.inputs

    def types(self, inputs: Sequence[str]) -> list[str]:
        """The types of all steps, for inputs of these types."""
        types: list[str] = []
        tensor: list[bool] = []
        for step in self.steps:
            tensor.append(step.kind == "input" or any(tensor[i] for i in step.args))
            types.append(result_type(step, [types[i] for i in step.args], inputs, tensor=tensor[-1]))
        return types

    def expression(self, inputs: Sequence[str], positions: Sequence[str], number: Callable[[Any], str] = str) -> str:
        """The expression that makes this program; arguments as for :func:`.spec_text.expression`."""
        return expression(self.steps, inputs, positions, number)

    def dtype(self, inputs: Sequence[str], default: str = DEFAULT_FLOAT) -> str:
        """The type of the elements of its value; ``default`` is that of a constant of floating-point numbers."""
        return concrete(self.types(inputs)[-1], default)
