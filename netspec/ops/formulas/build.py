"""Building a program: an expression that is evaluated with :class:`Term` in place of numbers.

Every operator and function that meets a term adds a step, and returns the term of its result. What depends on no
tensor stays a constant; where it meets one, it becomes an input of its own, in the type in which they meet.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence
from functools import partial
from typing import Any, NamedTuple, cast

from ... import limits
from ...diagnostics import Error, clip
from ...diagnostics.errors import Help
from ...shapes.shape_error import ShapeError
from ...shapes.sizes import Size, broadcast, is_named
from ...shapes.types import TensorType, shape_text
from .elementwise_functions import is_function
from .intervals import UNKNOWN, Interval, interval
from .program import Program
from .steps import (
    DEFAULT_FLOAT,
    KEEPS_TYPE,
    MATHS,
    ROUNDING,
    FormulaStep,
    common_type,
    concrete,
    is_float,
    is_integer,
    pruned,
    result_type,
)


class FormulaError(Error):
    """What is wrong with a formula. The expression knows where."""

    def __init__(self, code: str, message: str, help: Help = None) -> None:
        super().__init__(code, message, help)


class Term:
    """A value of a formula while its expression is evaluated."""

    __slots__ = ("formula", "index")

    def __init__(self, formula: Builder, index: int) -> None:
        self.formula = formula
        self.index = index


class Constant(NamedTuple):
    """A constant that a tensor meets."""

    program: Program
    shape: tuple[Size, ...]
    dtype: str


class Builder:
    """Collects the steps of one formula.

    Args:
        default_float: the type of floating-point numbers that meet no other.
    """

    def __init__(self, default_float: str = DEFAULT_FLOAT) -> None:
        self.default_float = default_float
        self.steps: list[FormulaStep] = []
        self.types: list[str] = []
        self.shapes: list[tuple[Size, ...] | None] = []
        """The shapes of constants; None for what depends on a tensor."""
        self.bounds: list[Interval] = []
        """The bounds of constants."""
        self.counts: list[int] = []
        """The number of steps of each as a text, in which nothing is shared."""
        self.depths: list[int] = []
        self.inputs: list[int | Constant] = []
        """The values that are read, and the constants that meet them."""
        self.input_types: list[str] = []
        self._names: dict[str, tuple[Size, ...]] = {}
        """The shapes of constants that other layers hold, by their names."""
        self._stored: dict[int, tuple[int, str]] = {}
        """Steps that are the whole of a constant that another layer holds: its value, and the type of its elements."""

    # -- leaves ------------------------------------------------------------------------------------------------------
    def tensor(self, value: int, type: TensorType) -> Term:
        """The values of a tensor."""
        return Term(self, self._input(value, type.dtype))

    def converted(self, term: Term, dtype: str) -> Term:
        """The values of a tensor in another floating-point type, if they are floating-point numbers."""
        if not is_float(self.types[term.index]):
            return term
        return Term(self, self._fit(term.index, dtype))

    def constant(self, value: int, program: Program, dtype: str, shape: tuple[Size, ...], name: str) -> Term:
        """The values of a constant that another layer holds, whose steps become steps of this formula."""
        self._names[name] = shape
        index: list[int] = []
        for kind, args, content in program.steps:
            index.append(self._add(FormulaStep(kind, tuple(index[a] for a in args), content)))
        self.shapes[index[-1]] = shape
        self._stored.setdefault(index[-1], (value, dtype))
        return Term(self, index[-1])

    def position(self, axis: int, size: Size) -> Term | int:
        """The position along an axis, which is counted from the last one, -1; along an axis of 1 it is the number 0."""
        if type(size) is int and size == 1:
            return 0
        return Term(self, self._add(FormulaStep("position", (), (axis, size))))

    def index_of(self, value: Any, what: str = "a formula") -> int:
        """The step of a term, a tensor or a number. Raises FormulaError NS417 for any other value."""
        if isinstance(value, Term):
            return value.index
        make: Callable[[], Term] | None = getattr(value, "term", None)
        if make is not None:
            return make().index
        if type(value) in (int, float, bool) or is_named(value):
            return self._add(FormulaStep("number", (), value))
        kind = "a list" if isinstance(value, list) else "a text" if isinstance(value, str) else "nothing"
        kind = getattr(cast("Any", value), "description", kind)
        raise FormulaError("NS417", f"{what} takes numbers and tensors; found {kind}")

    def _input(self, value: int | Constant, dtype: str) -> int:
        if value not in self.inputs:
            self.inputs.append(value)
            self.input_types.append(dtype)
        return self._add(FormulaStep("input", (), self.inputs.index(value)))

    # -- operators and functions -------------------------------------------------------------------------------------
    def operator(self, sign: str, a: Any, b: Any) -> Term:
        """The result of ``+ - * / // % **`` or of a comparison."""
        if sign == "-" and type(a) is int and a == 0:
            return Term(self, self._apply("neg", [self._number(self.index_of(b, "'-'"))]))
        args = [self.index_of(x, f"'{sign}'") for x in (a, b)]
        if sign not in ("==", "!=") or {self.types[i] for i in args} != {"bool"}:
            args = [self._number(i) for i in args]
        value = None
        if sign in ("//", "%"):
            self._check_divisor(sign, args[1])
        if sign == "**" and self._may_be_negative(args[1]):
            value = "float"
        common = self._common(args, sign)
        if (sign == "/" or value == "float") and not is_float(common):
            common = self.default_float if self._tensor(args) else "float"
        return Term(self, self._meet(sign, args, common, value))

    def logical(self, sign: str, values: Sequence[Any]) -> Any:
        """``and`` or ``or`` of truth values."""
        return self._fold(sign, [self._condition(v, f"'{sign}'") for v in values])

    def negation(self, value: Any) -> Term:
        """``not``."""
        return Term(self, self._apply("not", [self._condition(value, "'not'")]))

    def choice(self, condition: Any, value: Any, other: Any) -> Term:
        """``value if condition else other``, element by element."""
        test = self._condition(condition, "'if'")
        args = [self.index_of(v, "'if'") for v in (value, other)]
        if len({self.types[i] == "bool" for i in args}) > 1:
            args = [self._number(i) for i in args]
        common = self._common(args, "if")
        if self._tensor([test, *args]):
            common = concrete(common, self.default_float)
            test, args = self._fit(test, "bool"), [self._fit(i, common) for i in args]
            if common != DEFAULT_FLOAT and is_float(common) and all(self.steps[i].kind == "number" for i in args):
                return Term(self, self._add(FormulaStep("where", (test, *args), common)))
        return Term(self, self._add(FormulaStep("where", (test, *args))))

    def call(self, name: str, values: Sequence[Any]) -> Any:
        """The result of a function. Raises FormulaError NS402 or NS407."""
        if name in ("min", "max") and len(values) > 1:
            return self._fold(name, [self._number(self.index_of(v, f"'{name}'")) for v in values])
        if name == "log" and len(values) == 2:
            return self.operator("/", self.call(name, values[:1]), self.call(name, values[1:]))
        if name not in (*KEEPS_TYPE, *ROUNDING, *MATHS) and not is_function(name):
            raise FormulaError("NS417", f"'{name}' takes numbers; found a position or tensor")
        if len(values) != 1:
            raise FormulaError("NS407", f"'{name}' takes one value in a formula; found {len(values)}")
        argument = self._number(self.index_of(values[0], f"'{name}'"))
        if name in ROUNDING and is_integer(self.types[argument]):
            return Term(self, argument)
        if name not in KEEPS_TYPE and not is_float(self.types[argument]) and self._tensor([argument]):
            argument = self._fit(argument, self.default_float)
        return Term(self, self._apply(name, [argument]))

    def element(self, numbers: Sequence[Any], index: Any) -> Any:
        """The number of a list at a position. Raises FormulaError NS406 or NS417."""
        i = self.index_of(index)
        if self.shapes[i] is None or not is_integer(self.types[i]):
            message = "a list is indexed by a position or an integer constant"
            raise FormulaError("NS417", message, "for a tensor of integers: `gather` from a `buffer`")
        if not numbers or not all(type(n) in (int, float, bool) for n in numbers):
            raise FormulaError("NS417", "only a list of numbers is indexed by a position")
        low, high = self.bounds[i]
        if low < 0 or high >= len(numbers):
            beyond = low if low < 0 else high
            place = f"{beyond:,.0f}" if math.isfinite(beyond) else "for every size of named dimensions"
            raise FormulaError("NS406", f"there is no element {place} in a list of {len(numbers)}")
        if self.steps[i].kind == "number":
            return numbers[int(self.steps[i].value)]
        return Term(self, self._add(FormulaStep("table", (i,), tuple(numbers))))

    # -- results -----------------------------------------------------------------------------------------------------
    def finish(self, value: Any, dtype: str | None = None) -> tuple[Program, list[int | Constant], tuple[Size, ...]]:
        """The program of a value, the tensors and constants that it reads in order, and the shape of a constant.

        Args:
            value: what the expression evaluates to.
            dtype: the type of elements that is asked for.
        """
        root = self.index_of(value)
        if dtype is not None and self._tensor([root]):
            root = self._fit(root, dtype)
        steps, read = pruned(self.steps, root)
        return Program(steps), [self.inputs[i] for i in read], self.shapes[root] or ()

    # -- steps -------------------------------------------------------------------------------------------------------
    def _apply(self, kind: str, args: list[int]) -> int:
        return self._add(FormulaStep(kind, tuple(args)))

    def _fold(self, kind: str, args: list[int]) -> Term:
        result = args[0]
        for other in args[1:]:
            result = self._meet(kind, [result, other], self._common([result, other], kind))
        return Term(self, result)

    def _meet(self, kind: str, args: list[int], type: str, value: Any = None) -> int:
        """A step of operands that meet in one type."""
        if self._tensor(args):
            args = [self._fit(i, type) for i in args]
        return self._add(FormulaStep(kind, tuple(args), value))

    def _tensor(self, args: Sequence[int]) -> bool:
        return any(self.shapes[i] is None for i in args)

    def _common(self, args: Sequence[int], what: str) -> str:
        try:
            return common_type([self.types[i] for i in args], self.default_float)
        except ValueError as error:
            message = f"'{what}' meets two floating-point types: {error}"
            raise FormulaError("NS576", message, "`cast` converts one of them") from None

    def _number(self, index: int) -> int:
        """The step as a number: truth values are 0 and 1."""
        if self.types[index] != "bool" or self.steps[index].kind == "number":
            return index
        return self._add(FormulaStep("cast", (index,), "int64" if self._tensor([index]) else "int"))

    def _condition(self, value: Any, what: str) -> int:
        """The step of a truth value. Raises FormulaError NS418."""
        index = self.index_of(value, what)
        if self.types[index] != "bool":
            raise FormulaError("NS418", f"{what} takes truth values; found numbers", "compare them: 'x != 0'")
        return index

    def _fit(self, index: int, type: str) -> int:
        """The step in a type of elements: a constant as an input, unless it is a single number."""
        if self.shapes[index] is None:
            return index if self.types[index] == type else self._add(FormulaStep("cast", (index,), type))
        if self.steps[index].kind == "number" and not self.shapes[index]:
            return index
        value, dtype = self._stored.get(index, (0, ""))
        if dtype == type:
            return self._input(value, type)
        program = Program(pruned(self.steps, index)[0])
        return self._input(Constant(program, self.shapes[index] or (), type), type)

    def _add(self, step: FormulaStep) -> int:
        args = step.args
        is_constant = step.kind != "input" and not self._tensor(args)
        types = [self.types[i] for i in args]
        type = result_type(step, types, self.input_types, tensor=not is_constant, default=self.default_float)
        self.types.append(type)
        self.shapes.append(self._shape(step) if is_constant else None)
        self.bounds.append(interval(step, [self.bounds[i] for i in args], type == "int") if is_constant else UNKNOWN)
        self.counts.append(1 + sum(self.counts[i] for i in args))
        self.depths.append(self._depth(step))
        self.steps.append(step)
        self._check(len(self.steps) - 1)
        return len(self.steps) - 1

    def _shape(self, step: FormulaStep) -> tuple[Size, ...]:
        if step.kind == "position":
            axis, size = step.value
            return (size, *(1,) * (-axis - 1))
        shape: tuple[Size, ...] = ()
        for i in step.args:
            other = self.shapes[i] or ()
            rank = max(len(shape), len(other))
            pairs = zip((1,) * (rank - len(shape)) + shape, (1,) * (rank - len(other)) + other, strict=True)
            shape = tuple([broadcast(a, b, partial(self._mismatch, shape, other)) for a, b in pairs])
        return shape

    def _mismatch(self, a: tuple[Size, ...], b: tuple[Size, ...]) -> ShapeError:
        message = f"constants of a formula meet in the shapes {shape_text(a)} and {shape_text(b)}"
        return ShapeError("NS575", message, help=self.shapes_of_names())

    def shapes_of_names(self) -> str | None:
        """The shapes of the constants that the formula names, for a message."""
        return ", ".join(f"{clip(name)} is {shape_text(shape)}" for name, shape in self._names.items()) or None

    def _depth(self, step: FormulaStep) -> int:
        """How deep a step nests as a text: a sum of many terms is as deep as one of two."""
        depths = [self.depths[i] + 1 for i in step.args]
        if depths and _level(self.steps[step.args[0]].kind) == _level(step.kind):
            depths[0] -= 1
        return max(depths, default=0)

    # -- checks ------------------------------------------------------------------------------------------------------
    def _check(self, index: int) -> None:
        if self.counts[index] > limits.FORMULA_STEPS:
            message = f"a formula takes more than {limits.FORMULA_STEPS:,} steps, with the constants that it names"
            raise FormulaError("NS918", message, "a `buffer` holds the numbers of a constant")
        if self.depths[index] > limits.FORMULA_DEPTH:
            message = f"a formula nests deeper than {limits.FORMULA_DEPTH} levels, with the constants that it names"
            raise FormulaError("NS918", message, "divide it into several layers that name tensors")
        low, high = self.bounds[index]
        if (
            self.types[index] == "int"
            and math.isfinite(low)
            and math.isfinite(high)
            and max(-low, high) >= limits.INTEGER
        ):
            raise FormulaError("NS914", "an integer in a formula reaches 2^63", "as a float: `2.0 ** i`")

    def _check_divisor(self, sign: str, index: int) -> None:
        low, high = self.bounds[index]
        if self.shapes[index] is not None and is_integer(self.types[index]) and low <= 0 <= high:
            message = f"the divisor of '{sign}' may be 0"
            raise FormulaError("NS578", message, "`max(i, 1)`, or a position that is one greater: `i + 1`")

    def _may_be_negative(self, index: int) -> bool:
        return self.shapes[index] is not None and is_integer(self.types[index]) and self.bounds[index][0] < 0


def _level(kind: str) -> str:
    return {"+": "-", "/": "*", "//": "*", "%": "*"}.get(kind, kind)
