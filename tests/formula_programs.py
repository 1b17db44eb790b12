"""Programs of formulas from their text, for tests of operations without a spec."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from netspec.language.reading.written_values import read_value
from netspec.ops.formulas.build import Builder, Constant, Term
from netspec.ops.formulas.program import Program
from netspec.shapes.types import TensorType, learned_type
from netspec.text.yaml_reader import Text


class Names:
    """An environment of tensors and positions alone."""

    def __init__(self, tensors: Mapping[str, TensorType], positions: Mapping[str, int]) -> None:
        self.formula = Builder()
        self.tensors = list(tensors.items())
        self.axes = {name: (axis - len(positions), n) for axis, (name, n) in enumerate(positions.items())}

    def lookup(self, name: str) -> Any:
        if name in self.axes:
            return self.formula.position(*self.axes[name])
        for number, (tensor, type) in enumerate(self.tensors):
            if tensor == name:
                return self.formula.tensor(number, type)
        raise KeyError(name)

    def beginning(self, name: str) -> None:
        return None

    def known(self) -> list[str]:
        return []

    def charge(self, steps: int, location: int) -> None:
        pass


def compiled(
    text: str, tensors: Mapping[str, TensorType], positions: Mapping[str, int] | None = None
) -> tuple[Program, tuple[TensorType, ...]]:
    """The program of an expression, and the types of its inputs: tensors, and constants that meet them."""
    names = Names(tensors, positions or {})
    value = read_value(Text(text, 0, True)).evaluate(names)
    assert isinstance(value, Term)
    program, read, _ = names.formula.finish(value)
    kinds = [learned_type(v.shape, v.dtype) if isinstance(v, Constant) else names.tensors[v][1] for v in read]
    return program, tuple(kinds)


def program(text: str, **tensors: str) -> Program:
    """The program of an expression over tensors, whose types of elements are given by name."""
    return compiled(text, {name: TensorType((), dtype, ()) for name, dtype in tensors.items()})[0]
