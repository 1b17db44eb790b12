"""Formulas: every element computed by itself, from the elements of tensors at its position and from the position.

:mod:`.build` makes the program of an expression, :mod:`.program` defines it and its types, :mod:`.spec_text` writes it
as an expression again.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any, ClassVar, TypeAlias

from ...shapes.reads import Reads, pointwise_reads
from ...shapes.shape_error import ShapeError
from ...shapes.sizes import Size, broadcast, is_named
from ...shapes.types import DTYPES, TensorType, learned_type, shape_text
from ..argument import Argument, Validator, argument, as_list
from ..base import Example, Op, Types
from ..common.broadcasting import agreed_names, broadcast_shape, require_same_names
from ..common.validators import FLAG, one_of, optional, size
from ..weight import Init, Weight
from .program import Program

Positions: TypeAlias = "tuple[tuple[str, Size], ...]"


def _program(value: Any, window_rank: int) -> Program:
    if isinstance(value, Program):
        return value
    raise ValueError


def _positions(value: Any, window_rank: int) -> Positions:
    if isinstance(value, tuple):
        return value  # pyright: ignore[reportUnknownVariableType] - of the elaborator
    if not isinstance(value, dict):
        raise ValueError
    names: dict[Any, Any] = value  # pyright: ignore[reportUnknownVariableType] - of any type
    if not all(isinstance(name, str) and name.isidentifier() for name in names):
        raise ValueError
    return tuple((name, size(n, 1)) for name, n in names.items())


EXPRESSION = Validator("an expression of numbers, tensors and positions, $(…)", {"type": "string"}, _program)
POSITIONS = Validator(
    "a mapping of names to sizes, each 1 or more",
    {"type": "object", "additionalProperties": {"type": "integer", "minimum": 1}},
    _positions,
)


class Formula(Op):
    """Computes every element by itself: an expression over tensors by name, numbers, and positions.

    Without a tensor it is a constant, such as a table of sines or a mask: neither trained nor counted.
    """

    has_variables = True
    joins = True
    primary = "expression"
    arity: ClassVar[tuple[int, int | None]] = (0, None)
    accepts = DTYPES
    same_type = False
    elementwise = True
    permutable = True
    examples = (Example({"gate": "[197, 512]", "up": "[197, 512]"}, "{formula: $(silu(gate) * up)}"),)
    size_rule = "the positions of `for` and all tensors, broadcast as in NumPy"
    weights_rule = "the constant, if there is no tensor"

    expression: Program = argument(EXPRESSION, "the expression")
    dtype: str | None = argument(
        optional(one_of(*DTYPES)),
        "type of the elements",
        default=None,
        default_doc="as in Python; that of the tensors where floating-point numbers meet",
    )
    persistent: bool = argument(FLAG, "whether the state dict contains a constant", default=False)
    arguments: ClassVar = {
        **Op.arguments,
        "for": Argument(POSITIONS, "positions by name: the size of an axis for each", (), "none"),
    }

    @property
    def positions(self) -> Positions:
        """The names of positions with the sizes of their axes: the value of ``for``, a keyword of Python."""
        positions: Positions = vars(self)["for"]
        return positions

    @property
    def grid(self) -> tuple[Size, ...]:
        """The sizes of the axes of ``for``."""
        return tuple([n for _, n in self.positions])

    @property
    def is_constant(self) -> bool:
        """Whether it reads no tensor."""
        return self.expression.is_constant

    def infer(self, *inputs: TensorType) -> Types:
        """The broadcast shape, with the names that tensors agree on; ShapeError NS512, NS516 and NS575."""
        dtype = self.dtype or self.expression.dtype([x.dtype for x in inputs], self.weight_type)
        if not inputs:
            return (learned_type(self.grid, dtype),)
        require_same_names(self.name, inputs)
        shape = broadcast_shape(self.name, inputs)
        if self.grid:
            rank = max(len(shape), len(self.grid))
            missing = (1,) * (rank - len(shape))
            inputs = (*inputs, TensorType((*missing, *shape), dtype, ("",) * rank))
            ours = (1,) * (rank - len(self.grid)) + self.grid
            shape = tuple([broadcast(a, b, self._mismatch(shape)) for a, b in zip(missing + shape, ours, strict=True)])
        return (TensorType(shape, dtype, agreed_names(inputs, shape)),)

    def _mismatch(self, shape: tuple[Size, ...]) -> Any:
        named = ", ".join(f"{name}: {n}" for name, n in self.positions)
        message = f"the positions of '{self.name}' are {{{named}}}; its tensors are {shape_text(shape)}"
        return lambda: ShapeError("NS575", message)

    def weights(self, *inputs: TensorType) -> tuple[Weight, ...]:
        """A constant without a name of its own: it has the layer's. None where the network computes it."""
        if inputs or any(map(is_named, self.grid)) or _has_named(self.expression):
            return ()
        init = Init("formula", (self.expression, len(self.grid)))
        dtype = self.dtype or self.expression.dtype((), self.weight_type)
        return (Weight("", self.grid, init, trainable=False, buffer=True, dtype=dtype, persistent=self.persistent),)

    def written(self, argument: str, inputs: Sequence[str], number: Callable[[Any], str]) -> Any:
        """The expression as text, and the positions as a mapping."""
        if argument == "for":
            return dict(self.positions) or None
        if argument != "expression":
            return None
        return f"$({self.expression.expression(inputs, [name for name, _ in self.positions], number)})"

    def reads(self, inputs: Types, outputs: Types, output: int = 0) -> Reads:
        """Position by position."""
        return tuple(pointwise_reads(x, outputs[output]) for x in inputs)


def _has_named(program: Program) -> bool:
    """Whether a program depends on named dimensions."""
    return any(is_named(n) for _, _, value in program.steps for n in as_list(value))
