"""Converts symbolic sizes of an exported program to sizes of the language."""

# sympy has no types.
# pyright: reportUnknownMemberType=false, reportUnknownVariableType=false, reportUnknownArgumentType=false

from __future__ import annotations

from collections.abc import Callable, Mapping
from functools import reduce
from typing import Any

import torch

from netspec.importing import CannotImportError
from netspec.importing.problems import ARGUMENT, DATA_DEPENDENT
from netspec.shapes.named_sizes import NamedDim, NamedSizes
from netspec.shapes.sizes import Size, minimum

from .values import TensorMeta


class Sizes:
    """The meaning of a program's symbolic sizes.

    Args:
        dims: the named dimensions.
        symbols: for each symbol of the program (``s27``), the dimension and the factor by which it is multiplied.
    """

    def __init__(self, dims: Mapping[str, NamedDim], symbols: Mapping[str, tuple[str, int]]) -> None:
        self.dims = dims
        self.named = NamedSizes(dims.values(), tolerant=True)
        self._symbols = symbols

    def size(self, value: Any) -> Any:
        """Returns a symbolic size as a formula of named dimensions; other values unchanged."""
        if not isinstance(value, torch.SymInt):
            return value
        return self._of_expression(value.node.expr)

    def shape(self, tensor: torch.Tensor) -> tuple[Size, ...]:
        """Returns the shape of a tensor of the program."""
        return tuple(self.size(n) for n in tensor.shape)

    def meta(self, value: Any) -> TensorMeta | None:
        """Returns shape and type of a tensor of the program; None for anything else."""
        return TensorMeta(self.shape(value), value.dtype) if isinstance(value, torch.Tensor) else None

    @staticmethod
    def is_arithmetic(meta: Any) -> bool:
        """Whether a node computes a size, not a tensor."""
        return isinstance(meta, (torch.SymInt, int)) and not isinstance(meta, bool)

    def _of_expression(self, expression: Any) -> Size:
        if expression.is_Integer:
            return int(expression)
        if expression.is_Symbol:
            if str(expression) not in self._symbols:
                raise CannotImportError(
                    DATA_DEPENDENT,
                    "its output shape depends on the values of its inputs",
                    help="instead of selecting elements, multiply by a mask or use `torch.where`",
                )
            name, factor = self._symbols[str(expression)]
            return self.named.size(name) // factor
        combine = _OPERATORS.get(type(expression).__name__)
        if combine is None:
            raise CannotImportError(ARGUMENT, f"the size {expression} has no equivalent")
        return combine([self._of_expression(part) for part in expression.args])


def _power(parts: list[Size]) -> Size:
    base, exponent = parts
    return reduce(lambda a, b: a * b, [base] * exponent, 1)


_OPERATORS: dict[str, Callable[[list[Size]], Size]] = {
    "Add": lambda parts: reduce(lambda a, b: a + b, parts),
    "Mul": lambda parts: reduce(lambda a, b: a * b, parts),
    "FloorDiv": lambda parts: parts[0] // parts[1],
    "CleanDiv": lambda parts: parts[0] // parts[1],
    "Mod": lambda parts: parts[0] % parts[1],
    "PythonMod": lambda parts: parts[0] % parts[1],
    "Min": lambda parts: reduce(minimum, parts),
    "Pow": _power,
}
