"""Nodes for the steps of formulas, and constants computed from sizes in double precision."""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence
from typing import Any, Protocol

from netspec.ops.formulas.program import Program
from netspec.ops.formulas.steps import LOGIC, ROUNDING, FormulaStep
from netspec.shapes.sizes import Size, is_named
from netspec.shapes.types import FLOATS

from ..builder.runtime_sizes import RuntimeSizes
from ..builder.value_info import ELEMENT, Attribute, GraphValue, broadcast

NAMES = {
    "+": "Add",
    "-": "Sub",
    "*": "Mul",
    "/": "Div",
    "**": "Pow",
    "==": "Equal",
    "<": "Less",
    "<=": "LessOrEqual",
    ">": "Greater",
    ">=": "GreaterOrEqual",
    "and": "And",
    "or": "Or",
    "not": "Not",
    "neg": "Neg",
    "min": "Min",
    "max": "Max",
    "abs": "Abs",
    "sign": "Sign",
    "sqrt": "Sqrt",
    "log": "Log",
    "exp": "Exp",
    "sin": "Sin",
    "cos": "Cos",
    "tan": "Tan",
    "erf": "Erf",
}
"""Equivalent ONNX operators."""
TRUTH_VALUES = ("==", "!=", "<", "<=", ">", ">=", *LOGIC)
NOT_IN_DOUBLE = ("erf",)
"""Operators that ONNX Runtime only supports in single precision."""
COMPOSED = ("!=", "square", "log2", "stop_gradient", *ROUNDING, "//", "%")
"""Steps that require several nodes."""


class Target(Protocol):
    """Receives the nodes of steps."""

    def add(self, kind: str, inputs: Sequence[GraphValue], dtype: str, **attributes: Attribute) -> GraphValue:
        """Adds a node with broadcast inputs."""
        ...

    def number(self, number: Any, dtype: str) -> GraphValue:
        """Returns a scalar."""
        ...


Write = Callable[..., GraphValue]


def operator_nodes(target: Target, kind: str, inputs: Sequence[GraphValue], dtype: str, write: Write) -> GraphValue:
    """Adds the nodes of an operator or function; ``write`` adds the last one.

    Args:
        target: receives helper nodes.
        kind: the kind of the step.
        inputs: its operands, of one type.
        dtype: type of the result.
        write: adds the last node, given its kind, inputs and type.
    """
    x = inputs[0]
    if kind in NAMES:
        return write(NAMES[kind], inputs, dtype)
    if kind == "!=":
        return write("Not", [target.add("Equal", inputs, "bool")], dtype)
    if kind == "square":
        return write("Mul", [x, x], dtype)
    if kind == "log2":
        return write("Div", [target.add("Log", inputs, dtype), target.number(math.log(2), dtype)], dtype)
    if kind == "stop_gradient":
        return write("Identity", inputs, dtype)
    if kind in ROUNDING:
        rounded = target.add(kind.capitalize(), inputs, x.dtype)
        return write("Cast", [rounded], dtype, to=ELEMENT[dtype])
    if kind == "//" and dtype in FLOATS:
        return write("Floor", [target.add("Div", inputs, dtype)], dtype)
    if kind == "//":
        multiple = target.add("Sub", [x, target.add("Mod", inputs, dtype)], dtype)
        return write("Div", [multiple, inputs[1]], dtype)
    assert kind == "%", kind
    if dtype not in FLOATS:
        return write("Mod", inputs, dtype)
    rest, zero = target.add("Mod", inputs, dtype, fmod=1), target.number(0.0, dtype)  # with the sign of x
    signs = [target.add("Less", [value, zero], "bool") for value in (rest, inputs[1])]
    differs = target.add("And", [target.add("Xor", signs, "bool"), _is_not(target, rest, zero)], "bool")
    return write("Where", [differs, target.add("Add", [rest, inputs[1]], dtype), rest], dtype)


def _is_not(target: Target, x: GraphValue, y: GraphValue) -> GraphValue:
    return target.add("Not", [target.add("Equal", [x, y], "bool")], "bool")


def choice_nodes(target: Target, inputs: Sequence[GraphValue], dtype: str, write: Write) -> GraphValue:
    """Adds ``Where``; for booleans, which it does not always support, ``Or`` of two ``And``."""
    if dtype != "bool":
        return write("Where", inputs, dtype)
    condition, value, other = inputs
    chosen = target.add("And", [condition, value], dtype)
    return write("Or", [chosen, target.add("And", [target.add("Not", [condition], dtype), other], dtype)], dtype)


class ConstantNodes:
    """Adds nodes that compute a constant from sizes, in double precision."""

    def __init__(self, sizes: RuntimeSizes) -> None:
        self.sizes = sizes

    def add(self, kind: str, inputs: Sequence[GraphValue], dtype: str, **attributes: Attribute) -> GraphValue:
        """Adds a node before all layers."""
        shape: tuple[int, ...] = inputs[0].item_shape
        for other in inputs[1:]:
            shape = broadcast(GraphValue("", dtype, shape), GraphValue("", dtype, other.item_shape))
        return self.sizes.add(kind, inputs, f"sizes/formula/{kind.lower()}", shape, dtype, **attributes)

    def number(self, number: Any, dtype: str) -> GraphValue:
        """Returns a scalar, which is computed if it depends on named dimensions."""
        if is_named(number):
            value = self.sizes.scalar(number)
            return value if dtype == "int64" else self.cast(value, dtype)
        return self.sizes.number(number, dtype)

    def cast(self, value: GraphValue, dtype: str) -> GraphValue:
        """Casts a value."""
        return value if value.dtype == dtype else self.add("Cast", [value], dtype, to=ELEMENT[dtype])

    def value(self, step: FormulaStep, type: str, args: Sequence[GraphValue]) -> GraphValue:
        """Returns the value of a step of that type."""
        dtype = {"int": "int64", "float": "float64"}.get(type, type)
        kind = step.kind
        if kind == "number":
            return self.number(step.value, dtype)
        if kind == "position":
            axis, size = step.value
            bounds = [self.number(n, "int64") for n in (0, size, 1)]
            line = self.sizes.add("Range", bounds, "sizes/formula/positions", (size,))
            if axis == -1:
                return line
            axes = self.sizes.constant(tuple(range(1, -axis)))
            return self.sizes.add("Unsqueeze", [line, axes], "sizes/formula/axis", (size, *(1,) * (-axis - 1)))
        if kind == "cast":
            return self.cast(args[0], dtype)
        if kind == "table":
            shape = args[0].item_shape
            numbers = self.sizes.numbers(step.value, dtype)
            return self.sizes.add("Gather", [numbers, args[0]], "sizes/formula/table", shape, dtype, axis=0)
        if kind == "where":
            return choice_nodes(self, [args[0], *(self.cast(a, dtype) for a in args[1:])], dtype, self.add)
        if kind in TRUTH_VALUES:
            meets = "float64" if any(a.dtype == "float64" for a in args) else args[0].dtype
            return operator_nodes(self, kind, [self.cast(a, meets) for a in args], "bool", self.add)
        meets = "float64" if kind in ROUNDING else dtype
        operands = [self.cast(a, meets) for a in args]
        if kind == "tan":
            return self.add("Div", [self.add("Sin", operands, meets), self.add("Cos", operands, meets)], meets)
        if kind in NOT_IN_DOUBLE:
            single = self.add(NAMES[kind], [self.cast(operands[0], "float32")], "float32")
            return self.cast(single, "float64")
        if kind in NAMES or kind in COMPOSED:
            return operator_nodes(self, kind, operands, dtype, self.add)
        return FUNCTIONS[kind](self, operands[0])


def computed_constant(program: Program, shape: tuple[Size, ...], dtype: str, sizes: RuntimeSizes) -> GraphValue:
    """Returns the value of a constant with symbolic sizes; equal ones are computed once."""
    key = ("formula", repr(program), shape, dtype)
    if key not in sizes.tables:
        nodes = ConstantNodes(sizes)
        values: list[GraphValue] = []
        for step, type in zip(program.steps, program.types(()), strict=True):
            values.append(nodes.value(step, type, [values[a] for a in step.args]))
        value = nodes.cast(values[-1], dtype)
        if value.shape != shape:
            value = sizes.add("Expand", [value, sizes.list(shape)], "sizes/formula/whole", shape, dtype)
        sizes.tables[key] = value
    return sizes.tables[key]


def _of(nodes: ConstantNodes, kind: str, *inputs: GraphValue) -> GraphValue:
    return nodes.add(kind, inputs, "float64")


def _sigmoid(nodes: ConstantNodes, x: GraphValue) -> GraphValue:
    return _of(nodes, "Sigmoid", x)


def _single(kind: str, **attributes: Attribute) -> Callable[[ConstantNodes, GraphValue], GraphValue]:
    """Returns a function that applies an operator in single precision, because ONNX Runtime lacks it in double."""

    def write(nodes: ConstantNodes, x: GraphValue) -> GraphValue:
        result = nodes.add(kind, [nodes.cast(x, "float32")], "float32", **attributes)
        return nodes.cast(result, "float64")

    return write


def _times(
    inner: Callable[[ConstantNodes, GraphValue], GraphValue],
) -> Callable[[ConstantNodes, GraphValue], GraphValue]:
    return lambda nodes, x: _of(nodes, "Mul", x, inner(nodes, x))


def _clipped(nodes: ConstantNodes, x: GraphValue) -> GraphValue:
    low = _of(nodes, "Max", x, nodes.number(0.0, "float64"))
    return _of(nodes, "Min", low, nodes.number(6.0, "float64"))


def _hard_sigmoid(nodes: ConstantNodes, x: GraphValue) -> GraphValue:
    shifted = _of(nodes, "Add", x, nodes.number(3.0, "float64"))
    return _of(nodes, "Div", _clipped(nodes, shifted), nodes.number(6.0, "float64"))


def _gelu(nodes: ConstantNodes, x: GraphValue) -> GraphValue:
    curve = _single("Erf")(nodes, _of(nodes, "Div", x, nodes.number(math.sqrt(2), "float64")))
    half = _of(nodes, "Mul", x, nodes.number(0.5, "float64"))
    return _of(nodes, "Mul", half, _of(nodes, "Add", curve, nodes.number(1.0, "float64")))


def _mish(nodes: ConstantNodes, x: GraphValue) -> GraphValue:
    return _of(nodes, "Mul", x, _of(nodes, "Tanh", _single("Softplus")(nodes, x)))


def _scaled_tanh(nodes: ConstantNodes, x: GraphValue) -> GraphValue:
    curve = _of(nodes, "Tanh", _of(nodes, "Mul", x, nodes.number(2 / 3, "float64")))
    return _of(nodes, "Mul", curve, nodes.number(1.7159, "float64"))


FUNCTIONS: dict[str, Callable[[ConstantNodes, GraphValue], GraphValue]] = {
    "relu": lambda nodes, x: _of(nodes, "Relu", x),
    "relu6": _clipped,
    "leaky_relu": _single("LeakyRelu", alpha=0.01),
    "elu": _single("Elu", alpha=1.0),
    "celu": _single("Elu", alpha=1.0),
    "selu": _single("Selu"),
    "gelu": _gelu,
    "silu": _times(_sigmoid),
    "mish": _mish,
    "sigmoid": _sigmoid,
    "hard_sigmoid": _hard_sigmoid,
    "hard_swish": _times(_hard_sigmoid),
    "tanh": lambda nodes, x: _of(nodes, "Tanh", x),
    "scaled_tanh": _scaled_tanh,
    "softplus": _single("Softplus"),
    "softsign": _single("Softsign"),
}
"""Elementwise operations on computed constants."""
