"""Formulas as PyTorch expressions. Constants are computed in double precision and rounded once."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from typing import Any

from netspec.ops.formulas import Formula
from netspec.ops.formulas.elementwise_functions import operation
from netspec.ops.formulas.program import Program
from netspec.ops.formulas.steps import (
    ARITHMETIC,
    COMPARISONS,
    ROUNDING,
    FormulaStep,
    is_float,
)
from netspec.shapes.sizes import Size, is_same
from netspec.shapes.types import TensorType

from ..syntax.literals import brief
from .lowered import Expr, Lowered, Site, batchless, lower

batchless(Formula)

ATOMIC = 10
LEVELS = {"|": 5.5, "&": 5.7, "+": 6, "-": 6, "*": 7, "/": 7, "//": 7, "%": 7, "**": 9}
UNARY = 8
COMPARISON = 5
CASTS = {"float32": "float", "float64": "double", "int64": "long", "int32": "int", "bool": "bool"}
"""Methods that convert to a type."""
METHODS = ("abs", "square", "sqrt", "exp", "log", "log2", "sin", "cos", "tan", "erf", "sign")
"""Functions that exist as tensor methods with the same name."""


@lower.rule(Formula)
def formula(op: Formula, site: Site) -> Lowered:
    """A constant is a buffer, unless its sizes are only known at run time; other formulas are expressions."""
    if site.node.weights:
        return Lowered(None, Expr("{self}"))
    if op.is_constant:
        return Lowered(None, constant(op.expression, site.y.shape, site.y.dtype, computed=True))
    writer = TensorWriter(op.expression, site)
    text = writer.text()
    shape = _broadcast([x.shape for x in site.xs])
    if not _same(shape, site.y.shape):
        sizes = [writer.hole("size", n) for n in site.y.shape]
        text = f"({text}).expand({', '.join(sizes if site.lead == '0' else ['-1', *sizes])})"
    return Lowered(None, Expr(text, writer.holes))


def constant(
    program: Program, shape: Sequence[Size], dtype: str, *, computed: bool = False, learned: bool = False
) -> Expr:
    """Returns the expression for a constant tensor.

    Args:
        program: the constant.
        shape: its shape.
        dtype: type of its elements.
        computed: whether it is computed in ``forward``, on the device of the input.
        learned: whether it is the initial value of a parameter, whose elements must not share memory.
    """
    writer = ConstantWriter(program, computed)
    text = writer.text()
    result_dtype = program.dtype(())
    result_dtype = "float64" if writer.double and result_dtype != "bool" else result_dtype
    sizes = [writer.hole("size", n) for n in shape] if not _same(writer.shapes[-1], shape) else []
    if writer.scalar[-1]:
        text = writer.as_tensor(text)
    if result_dtype != dtype:
        text = f"({text}).{_cast(dtype)}"
    if sizes:
        text = f"({text}).expand({', '.join(sizes)}){'.contiguous()' if learned else ''}"
    return Expr(text, writer.holes)


def number_text(program: Program) -> str:
    """Returns a constant as text with its numbers, in double precision or as integers."""
    writer = ConstantWriter(program, computed=False)
    text = writer.text()
    text = writer.as_tensor(text) if writer.scalar[-1] else text
    return text.format(**{name: brief(value) for name, value in writer.holes.items()})


def _cast(dtype: str) -> str:
    return f"{CASTS[dtype]}()" if dtype in CASTS else f"to(torch.{dtype})"


class Writer:
    """Writes a program step by step."""

    def __init__(self, program: Program, inputs: Sequence[str]) -> None:
        self.steps = program.steps
        self.types = program.types(inputs)
        self.holes: dict[str, Any] = {}
        self.texts: list[tuple[str, float]] = []
        """The text of each step and its precedence."""

    def text(self) -> str:
        """The text of the whole program."""
        for i, step in enumerate(self.steps):
            self.texts.append(self.step(i, step))
        return self.texts[-1][0]

    def step(self, i: int, step: FormulaStep) -> tuple[str, float]:
        """The text of one step."""
        raise TypeError(step.kind)

    def hole(self, name: str, value: Any) -> str:
        """Adds a hole for a number."""
        count = sum(other.rstrip("0123456789") == name for other in self.holes)
        self.holes[f"{name}{count}"] = value
        return f"{{{name}{count}}}"

    def operand(self, i: int, least: float = 0) -> str:
        """Returns the text of a step, in parentheses if its precedence is below ``least``."""
        text, level = self.texts[i]
        return f"({text})" if level < least else text

    def binary(self, sign: str, a: int, b: int) -> tuple[str, float]:
        """An operator between two operands."""
        level = LEVELS.get(sign, COMPARISON)
        left, right = (level + 1, level) if sign == "**" else (level, level + 0.1)
        if sign in COMPARISONS:
            left = level + 0.1
        return f"{self.operand(a, left)} {sign} {self.operand(b, right)}", level

    def common(self, i: int, step: FormulaStep) -> tuple[str, float]:
        """Returns the text of a step that is the same for tensors and constants."""
        kind, args = step.kind, step.args
        if kind in (*ARITHMETIC, *COMPARISONS):
            return self.binary(kind, *args)
        if kind in ("and", "or"):
            return self.binary("&" if kind == "and" else "|", *args)
        if kind in ("not", "neg"):
            return f"{'~' if kind == 'not' else '-'}{self.operand(args[0], UNARY)}", UNARY
        if kind in ("min", "max"):
            return self.extreme(kind, *args), ATOMIC
        if kind == "where":
            return f"torch.where({', '.join(self.operand(a) for a in args)})", ATOMIC
        if kind in METHODS:
            return f"{self.operand(args[0], ATOMIC)}.{kind}()", ATOMIC
        raise TypeError(f"no text for a step of '{kind}'")

    def extreme(self, kind: str, a: int, b: int) -> str:
        """Returns the minimum or maximum of two operands; with a number, a clamp."""
        if self.steps[a].kind == "number":
            a, b = b, a
        if self.steps[b].kind == "number":
            return f"{self.operand(a, ATOMIC)}.clamp({'max' if kind == 'min' else 'min'}={self.operand(b)})"
        return f"torch.{kind}imum({self.operand(a)}, {self.operand(b)})"


class TensorWriter(Writer):
    """Writes a program over tensors; its steps have element types."""

    def __init__(self, program: Program, site: Site) -> None:
        super().__init__(program, [x.dtype for x in site.xs])
        self.site = site

    def step(self, i: int, step: FormulaStep) -> tuple[str, float]:
        """The text of one step."""
        kind, args = step.kind, step.args
        if kind == "input":
            return self.site.aligned(step.value, self.site.y.rank), ATOMIC
        if kind == "number":
            return self.hole("number", step.value), ATOMIC
        if kind == "cast":
            return f"{self.operand(args[0], ATOMIC)}.{_cast(self.types[i])}", ATOMIC
        if kind == "where" and step.value is not None:
            return f"{self.common(i, step)[0]}.{_cast(step.value)}", ATOMIC
        if kind in ROUNDING:
            return f"{self.operand(args[0], ATOMIC)}.{kind}().long()", ATOMIC
        if kind == "stop_gradient":
            return f"{self.operand(args[0], ATOMIC)}.detach()", ATOMIC
        try:
            return self.common(i, step)
        except TypeError:
            return function_text(kind, self.operand(args[0], ATOMIC), self.site, self.types[i]), ATOMIC


def function_text(name: str, argument: str, site: Site, dtype: str) -> str:
    """Applies an elementwise operation to a text, using the rule of the operation."""
    op, type = operation(name), TensorType(site.y.shape, dtype, site.y.axes)
    node = replace(site.node, op=op, inputs=(0,), outputs=(type,), weights=())
    lowered = lower(op, Site(node, (type,), (site.lead,)))
    call = lowered.alone if lowered.make is not None and lowered.alone is not None else lowered.call
    assert not call.holes, name
    return call.text.replace("{0}", argument)


class ConstantWriter(Writer):
    """Writes a constant: in double precision if any step is floating-point, otherwise as integers.

    Args:
        program: the constant.
        computed: whether it is computed in ``forward``, on the device of the input.
    """

    def __init__(self, program: Program, computed: bool) -> None:
        super().__init__(program, ())
        self.double = any(map(is_float, self.types))
        self.device = ", device=device_of_input" if computed else ""
        self.scalar: list[bool] = []
        """Which steps are Python numbers."""
        self.shapes: list[tuple[Size, ...]] = []

    def as_tensor(self, text: str) -> str:
        """Converts a Python number to a tensor."""
        return f"torch.tensor({text}{', dtype=torch.float64' if self.double else ''}{self.device})"

    def step(self, i: int, step: FormulaStep) -> tuple[str, float]:
        """The text of one step."""
        args = step.args
        self.scalar.append(step.kind == "number")
        if step.kind == "position":
            self.shapes.append((step.value[1], *(1,) * (-step.value[0] - 1)))
            return self._position(*step.value), ATOMIC
        self.shapes.append(_broadcast([self.shapes[a] for a in args]))
        if step.kind == "number":
            return self.hole("number", step.value), ATOMIC
        numbers = args[1:] if step.kind == "where" else args
        if all(self.scalar[a] for a in numbers):  # operators work on Python numbers, methods do not
            self.texts[numbers[0]] = self.as_tensor(self.texts[numbers[0]][0]), ATOMIC
        return self._operation(i, step)

    def _position(self, axis: int, size: Size) -> str:
        dtype = ", dtype=torch.float64" if self.double else ""
        text = f"torch.arange({self.hole('size', size)}{dtype}{self.device})"
        return text if axis == -1 else f"{text}[:{', None' * (-axis - 1)}]"

    def _operation(self, i: int, step: FormulaStep) -> tuple[str, float]:
        kind, args = step.kind, step.args
        first = self.operand(args[0], ATOMIC)
        if kind == "cast":
            return f"{first}.{'double' if self.double else 'long'}()", ATOMIC
        if kind == "stop_gradient":
            return self.texts[args[0]]
        if kind in ROUNDING:
            return f"{first}.{kind}()", ATOMIC
        if kind == "table":
            values = self.hole("values", step.value)
            to = f", dtype=torch.float64{self.device}" if self.double else self.device
            return f"torch.tensor({values}{to})[{first}{'.long()' if self.double else ''}]", ATOMIC
        try:
            return self.common(i, step)
        except TypeError:
            return CONSTANT_FUNCTIONS[kind].replace("{0}", first), ATOMIC


CONSTANT_FUNCTIONS = {
    "relu": "F.relu({0})",
    "relu6": "F.relu6({0})",
    "leaky_relu": "F.leaky_relu({0})",
    "elu": "F.elu({0})",
    "celu": "F.celu({0})",
    "selu": "F.selu({0})",
    "gelu": "F.gelu({0})",
    "silu": "F.silu({0})",
    "mish": "F.mish({0})",
    "sigmoid": "torch.sigmoid({0})",
    "hard_sigmoid": "F.hardsigmoid({0})",
    "hard_swish": "F.hardswish({0})",
    "tanh": "torch.tanh({0})",
    "scaled_tanh": "scaled_tanh({0})",
    "softplus": "F.softplus({0})",
    "softsign": "F.softsign({0})",
}
"""Elementwise operations applied to a constant."""


def _broadcast(shapes: Sequence[Sequence[Size]]) -> tuple[Size, ...]:
    """Returns the broadcast shape of compatible values."""
    rank = max(map(len, shapes), default=0)
    out: list[Size] = [1] * rank
    for shape in shapes:
        for axis, n in enumerate(shape, rank - len(shape)):
            if type(n) is not int or n != 1:
                out[axis] = n
    return tuple(out)


def _same(a: Sequence[Size], b: Sequence[Size]) -> bool:
    return len(a) == len(b) and all(map(is_same, a, b))
