"""Operations whose argument is a pattern: a text that names axes, moves, divides, joins and contracts them."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from typing import TYPE_CHECKING, Any, ClassVar, Literal, TypeAlias

from ..limits import PATTERN
from ..shapes.reads import Reads
from ..shapes.shape_error import ShapeError
from ..shapes.sizes import Size, is_same, product
from ..shapes.types import DTYPES, FLOATS, TensorType, type_with_axes
from .argument import UNKNOWN, FurtherKey, Validator, argument
from .base import Example, Op, Types
from .common.pattern_names import output_names
from .common.pattern_reads import pattern_reads
from .common.pattern_sizes import Layout, lay_out, unknown_size
from .common.pattern_text import REST, Pattern, read_pattern
from .common.validators import one_of, optional, size

if TYPE_CHECKING:
    from .derivation import Derivation
    from .rearrangement import Rearrangement

SIZE = Validator(
    "a positive integer",
    {"type": "integer", "minimum": 1},
    lambda value, window_rank: size(value, 1),
)


def _text(value: Any, window_rank: int) -> str:
    if type(value) is not str:
        raise ValueError
    return value


TEXT = Validator("a text that names the axes on both sides of '->'", {"type": "string", "maxLength": PATTERN}, _text)
By: TypeAlias = Literal["sum", "mean", "max", "min", "prod"]
REDUCTION: Validator[By] = one_of("sum", "mean", "max", "min", "prod")


class Patterned(Op):
    """What operations with a pattern share."""

    primary = "pattern"
    further = FurtherKey(SIZE, "the size of an axis of the pattern, where it does not follow")

    pattern: str = argument(TEXT, "the axes of the input, `->`, and those of the output")

    def parsed(self) -> Pattern:
        """The pattern; ShapeError NS425 or NS919."""
        return read_pattern(self.pattern)

    def layout(self, inputs: Types) -> Layout:
        """The axes of the pattern with their sizes; ShapeError NS580 to NS583."""
        return lay_out(self.name, self.parsed(), self.given_sizes, inputs)

    def reads(self, inputs: Types, outputs: Types, output: int = 0) -> Reads:
        """Position by position, through the axes that are divided and joined."""
        layout = self.layout(inputs)
        return tuple(pattern_reads(layout, number) for number in range(len(inputs)))

    def size_derivations(self, inputs: Types, outputs: Types) -> list[Derivation]:
        """The axes that are joined, and those that are repeated."""
        from .derivation import Derivation
        from .derivation import product as text

        layout = self.layout(inputs)
        steps: list[Derivation] = []
        for a, group in enumerate(layout.output):
            if len(group) > 1:
                what, rule = outputs[0].axes[a] or f"axis {a}", f"the sizes of {' and '.join(group)}"
                steps.append(Derivation(what, rule, text(*(layout.sizes[n] for n in group)), outputs[0].shape[a]))
        return steps

    @classmethod
    def check_sizes(cls, pattern: Pattern, keys: Collection[str]) -> None:
        """ShapeError NS427 for a size of an axis that the pattern does not have."""
        known = {**pattern.left, **pattern.right}
        for key in keys:
            if key not in known:
                from ..diagnostics import clip, did_you_mean

                listed = ", ".join(name for name in known if name != REST) or "none"
                message = f"the pattern {pattern.quoted} has no axis '{clip(key)}'"
                help = did_you_mean(key, known) or f"its axes are {listed}"
                raise ShapeError("NS427", message, help=help, argument=key)


class Rearrange(Patterned):
    """Moves, divides, joins, adds, repeats and reduces axes as a pattern says: `c h w -> (h w) c`.

    Each side lists the axes without the batch by names that hold within the pattern. Parentheses stand for an axis
    that is a product, the outer part first; `1` for an axis of size 1; `...` for axes that are left alone. A size that
    does not follow is a further key of the layer. A name on the right alone is repeated, and its size is given; one on
    the left alone is reduced as `by` says.

    An axis that stays alone keeps its name, and a full word (`channels`, `sequence`, `height` …) gives one.
    """

    accepts = DTYPES
    examples = (Example("[56, 56, 96]", '{rearrange: "(y p) (x q) c -> (y x) (p q) c", p: 7, q: 7}'),)
    size_rule = "the sizes on the right of the pattern, multiplied within parentheses"

    by: By | None = argument(
        optional(REDUCTION),
        "how axes on the left alone are reduced",
        default=None,
        default_doc="there are none",
    )

    @classmethod
    def check_together(cls, name: str, arguments: Mapping[str, Any], keys: Collection[str]) -> None:
        """ShapeError NS425 to NS427, NS582 and NS919."""
        if arguments["pattern"] is UNKNOWN:
            return
        pattern = read_pattern(arguments["pattern"])
        if len(pattern.inputs) != 1:
            message = f"'rearrange' has one input; {pattern.quoted} has {len(pattern.inputs)}"
            raise ShapeError("NS426", message, help="'einsum' has several", argument="pattern")
        cls.check_sizes(pattern, keys)
        new = [n for n in pattern.right if n not in pattern.left]
        if REST in new:
            message = f"{pattern.quoted} has '...' on the right only"
            raise ShapeError("NS426", message, help="the axes that it stands for are on the left", argument="pattern")
        for axis in new:
            if axis not in keys:
                raise unknown_size(pattern, [axis])
        gone = [n for n in pattern.left if n not in pattern.right]
        if arguments.get("by") is UNKNOWN:
            return
        if gone and arguments.get("by") is None:
            message = f"{pattern.quoted} has '{gone[0]}' on the left only"
            help = f"`by: sum` (mean, max, min, prod) reduces it; otherwise '{gone[0]}' is missing on the right"
            raise ShapeError("NS426", message, help=help, argument="pattern")
        if not gone and arguments.get("by") is not None:
            message = f"'by' has nothing to reduce: all axes of {pattern.quoted} are on both sides"
            raise ShapeError("NS426", message, help="remove `by`, or an axis on the right", argument="by")

    def infer(self, *inputs: TensorType) -> Types:
        """The sizes on the right; integers are added and multiplied in int64, as in PyTorch."""
        x = inputs[0]
        self.check_together(self.name, vars(self), [name for name, _ in self.given_sizes])
        dtype = x.dtype
        if self.by == "mean" and dtype not in FLOATS:
            from .common.dtypes import AS_FLOATS

            message = f"`by: mean` works on floating-point numbers; found {dtype}"
            raise ShapeError("NS548", message, help=AS_FLOATS)
        if self.by in ("sum", "prod") and dtype not in FLOATS:
            dtype = "int64"
        layout = self.layout(inputs)
        shape = layout.shape(layout.output)
        return (type_with_axes(shape, dtype, output_names(layout, inputs), self.channels_last),)

    def reduced(self, layout: Layout) -> list[str]:
        """The names on the left alone, in order."""
        order = layout.order
        return [name for group in layout.inputs[0] for name in group if name not in order]

    @property
    def keeps_values(self) -> bool:
        """Unless it reduces."""
        return self.by is None

    def rearrangement(self, x: TensorType) -> Rearrangement | None:
        """The order of the parts, unless axes are repeated or reduced."""
        from .rearrangement import Rearrangement

        layout = self.layout((x,))
        before = [name for group in layout.inputs[0] for name in group]
        if sorted(before) != sorted(layout.order):
            return None
        return Rearrangement(tuple(layout.sizes[n] for n in before), tuple(before.index(n) for n in layout.order))


class Einsum(Patterned):
    """Multiplies inputs and adds the products up, as a pattern says: `q (h d), k (h d) -> h q k`.

    The left has a side for each input, with commas between them. An axis is where its name is; products are summed over
    those that are not on the right. Parentheses, `1` and `...` are as in `rearrange`, and so are sizes that do not
    follow.
    """

    arity: ClassVar[tuple[int, int | None]] = (2, None)
    accepts = (*FLOATS, "int64")  # PyTorch adds int32 up as int64
    examples = (
        Example(
            {"query": "[197, 768]", "key": "[197, 768]"},
            '{einsum: "q (h d), k (h d) -> h q k", h: 12, from: [query, key]}',
        ),
    )
    size_rule = "the sizes on the right of the pattern, multiplied within parentheses"
    macs_rule = (
        "two inputs at a time from the left, all sizes multiplied if they are summed over a common axis; an axis that "
        "only one has is summed before"
    )

    @classmethod
    def check_together(cls, name: str, arguments: Mapping[str, Any], keys: Collection[str]) -> None:
        """ShapeError NS425 to NS427 and NS919."""
        if arguments["pattern"] is UNKNOWN:
            return
        pattern = read_pattern(arguments["pattern"])
        if len(pattern.inputs) < 2:
            message = f"'einsum' has two inputs or more; {pattern.quoted} has one"
            help = "a ',' stands between them; 'rearrange' with `by: sum` adds up one"
            raise ShapeError("NS426", message, help=help, argument="pattern")
        cls.check_sizes(pattern, keys)
        for axis in pattern.right:
            if axis not in pattern.left:
                message = f"{pattern.quoted} has '{axis}' on the right only"
                help = "no input has that axis; 'rearrange' repeats"
                raise ShapeError("NS426", message, help=help, argument="pattern")

    def infer(self, *inputs: TensorType) -> Types:
        """The sizes on the right; ShapeError NS426 if the pattern has another number of inputs."""
        self.check_together(self.name, vars(self), [name for name, _ in self.given_sizes])
        pattern = self.parsed()
        if len(pattern.inputs) != len(inputs):
            message = f"{pattern.quoted} has {len(pattern.inputs)} inputs; found {len(inputs)}"
            raise ShapeError("NS426", message, help="`from` lists one for each side", argument="pattern")
        layout = self.layout(inputs)
        shape = layout.shape(layout.output)
        names = output_names(layout, inputs)
        return (type_with_axes(shape, inputs[0].dtype, names, self.channels_last),)

    def sums(self, layout: Layout) -> list[list[str]]:
        """The names of each product of two that is summed over a common axis."""
        sides = [dict.fromkeys(n for group in groups for n in group) for groups in layout.inputs]
        out: list[list[str]] = []
        before = sides[0]
        for number in range(1, len(sides)):
            joined = {**before, **sides[number]}
            needed = {*layout.order, *(n for side in sides[number + 1 :] for n in side)}
            summed = {n for n in joined if n not in needed and n in before and n in sides[number]}
            if not all(is_same(layout.sizes[n], 1) for n in summed):
                out.append([n for n in joined if n in needed or n in summed])
            before = {n: None for n in joined if n in needed}
        return out

    def macs(self, inputs: Types, outputs: Types) -> Size:
        """All sizes of each product in which something is summed."""
        layout = self.layout(inputs)
        return sum(product(layout.sizes[n] for n in names) for names in self.sums(layout))

    def macs_expression(self, inputs: Types, outputs: Types) -> str | None:
        """The sizes, product by product."""
        from .derivation import product as text

        layout = self.layout(inputs)
        return " + ".join(text(*(layout.sizes[n] for n in names)) for names in self.sums(layout)) or None

    def value_formulas(self, inputs: Types, outputs: Types) -> list[str]:
        """``y(h, q, k) = sum over d of a(q, h, d) · b(k, h, d)``."""
        layout = self.layout(inputs)
        if len(inputs) > len(_LETTERS):
            return []
        factors = [
            f"{letter}({', '.join(n for group in groups for n in group)})"
            for letter, groups in zip(_LETTERS, layout.inputs, strict=False)
        ]
        summed = dict.fromkeys(n for groups in layout.inputs for group in groups for n in group)
        over = [n for n in summed if n not in layout.order]
        start = f"sum over {', '.join(over)} of " if over else ""
        return [f"y({', '.join(layout.order)}) = {start}{' · '.join(factors)}"]


_LETTERS = "abcdefgh"
