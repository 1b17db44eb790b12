"""Rotary position embedding: pairs of features of each head, turned by angles that grow with the position."""

from __future__ import annotations

from collections.abc import Mapping
from functools import partial
from typing import Literal, TypeAlias

from ..shapes.reads import SAME_POSITION, WHOLE, Along, AxisRead, ComputedRows, ReadPattern, Reads, equal_rows
from ..shapes.shape_error import ShapeError
from ..shapes.sizes import require_equal
from ..shapes.types import FULL_PRECISION, TensorType, shape_text
from .argument import LayerValidator, Validator, argument
from .attention import HEADS
from .base import Example, Op, Types
from .common.sequence import features, head_size
from .common.validators import COUNT, INTEGER, numbers, one_of, optional

Pairs: TypeAlias = Literal["halves", "interleaved"]
PAIRS: Validator[Pairs] = one_of("halves", "interleaved")
BASE = numbers("a number of at least 1", {"minimum": 1}, least=1.0)
ANGLES = LayerValidator(*FULL_PRECISION, code="NS587")
"""In half precision the angles of far positions would be off by whole turns."""


class Rotary(Op):
    """Turns pairs of features of each head by ``position * theta ** (-2 i / dims)`` (Su et al. 2021).

    Of pair i, with the angle a, (x, y) becomes (x cos a - y sin a, y cos a + x sin a). ``angles`` names a layer with
    other angles, of shape (positions, dims / 2) or (heads, positions, dims / 2).
    """

    primary = "heads"
    examples = (Example("[197, 64]", "{rotary: 4}"),)

    heads: int = argument(COUNT, HEADS, default=1)
    theta: float = argument(BASE, "base of the angles; not used with `angles`", default=10_000.0)
    dims: int | None = argument(
        optional(INTEGER),
        "how many features of each head turn: the first ones, or with a negative number the last",
        default=None,
        default_doc="all",
    )
    pairs: Pairs = argument(
        PAIRS,
        "which features form a pair: `halves`, i and i + dims / 2; `interleaved`, 2 i and 2 i + 1",
        default="halves",
    )
    angles: bool = argument(
        ANGLES,
        "a layer with the angle of each position and pair, perhaps of each head",
        default=False,
        default_doc="those that follow from theta",
    )

    def head(self, x: TensorType) -> int:
        """Features of a head. Raises ShapeError NS560, NS562 and NS590."""
        return head_size(self.name, features(self.name, x, rank=None), self.heads, 0, x.rank - 1)

    def turned(self, x: TensorType) -> tuple[int, int]:
        """The first feature of each head that turns, and how many do. Raises ShapeError NS588."""
        head = self.head(x)
        dims = head if self.dims is None else self.dims
        if dims == 0 or dims % 2 or abs(dims) > head:
            raise ShapeError(
                "NS588",
                f"'{self.name}' turns pairs of features: dims must be even and not 0, at most the {head} features of a "
                f"head; found {dims}",
                at=((0, x.rank - 1),),
            )
        return (0, dims) if dims > 0 else (head + dims, -dims)

    def infer(self, *inputs: TensorType) -> Types:
        """The same type. Raises ShapeError NS560, NS562, NS587, NS588 and NS590."""
        x = inputs[0]
        _, dims = self.turned(x)
        if self.angles:
            self._check_angles(inputs[-1], x, dims // 2)
        return (x,)

    def _check_angles(self, angles: TensorType, x: TensorType, pairs: int) -> None:
        n = x.shape[-2]

        def fault(*axes: int) -> ShapeError:
            return ShapeError(
                "NS587",
                f"the angles of '{self.name}' must be {shape_text((n, pairs))}, positions by pairs of features, or "
                f"{shape_text((self.heads, n, pairs))}; found {shape_text(angles.shape)}",
                at=tuple((1, a) for a in axes),
            )

        if angles.rank not in (2, 3):
            raise fault()
        expected = (self.heads, n, pairs)[3 - angles.rank :]
        for a, (size, size_of_table) in enumerate(zip(angles.shape, expected, strict=True)):
            require_equal(size, size_of_table, partial(fault, a))

    def works_on_parts(self, inputs: Types) -> bool:
        """Unless the angles differ between heads."""
        return not self.angles or inputs[1].rank == 2

    def head_counts(self) -> Mapping[str, int]:
        """The heads whose features turn."""
        return {"heads": self.heads}

    def reads(self, inputs: Types, outputs: Types, output: int = 0) -> Reads:
        """The feature and the other one of its pair, position by position."""
        x = inputs[0]
        head, (first, dims) = self.head(x), self.turned(x)
        half, last, row = dims // 2, x.rank - 1, Along(x.rank - 2, SAME_POSITION)

        def pair(r: int) -> tuple[int, ...]:
            t = r - first
            if not 0 <= t < dims:
                return (r,)
            other = t ^ 1 if self.pairs == "interleaved" else (t + half if t < half else t - half)
            return tuple(sorted((r, first + other)))

        front: list[AxisRead] = [Along(a, SAME_POSITION) for a in range(x.rank - 2)]
        out: list[tuple[AxisRead, ...]] = [(*front, row, Along(last, ReadPattern(head, ComputedRows(head, pair))))]
        if self.angles:
            of_heads = Along(last, ReadPattern(1, equal_rows(head, (0,))))
            out.append((of_heads, row, WHOLE)[3 - inputs[1].rank :])
        return tuple(out)
