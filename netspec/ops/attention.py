"""Attention: with projections, as PyTorch's MultiheadAttention, and the products alone."""

from functools import partial
from typing import ClassVar

from ..shapes.reads import SELF, WHOLE, Along, AxisRead, Reads, Taps, whole
from ..shapes.sizes import ShapeError, Size, equal, product, same
from ..shapes.types import CHANNELS, TensorType, shown
from .base import ZEROS, Init, Op, Types, Weight
from .common.arguments import Count, Flag, Layer, MaybeNumber, Rate
from .common.initial import Choice, InitChoice
from .common.sequence import divided, features
from .conv import uniform
from .merge import one_dtype, only_one

XAVIER = Init("xavier_uniform")


def one_length(op: str, inputs: Types, key: int, value: int, axis: int) -> None:
    """ShapeError NS563 unless key and value are as long."""
    k, v = inputs[key].shape[axis], inputs[value].shape[axis]
    equal(k, v, lambda: ShapeError(
        "NS563", f"key and value of '{op}' must be as long; found {k} and {v}",
        at=((key, inputs[key].rank + axis), (value, inputs[value].rank + axis))))


def check_mask(op: str, inputs: Types, scores: tuple[Size, ...]) -> None:
    """The last input must be numbers added to the scores, or true where one may attend; ShapeError NS564, NS565."""
    mask, number = inputs[-1], len(inputs) - 1
    if mask.dtype not in ("bool", inputs[0].dtype):
        raise ShapeError("NS565", f"the mask of '{op}' must be {inputs[0].dtype} or bool; found {mask.dtype}")

    def fault(*axes: int) -> ShapeError:
        return ShapeError(
            "NS564", f"the mask of '{op}' must fit the scores {shown(scores)}; found {shown(mask.shape)}",
            at=tuple((number, a) for a in axes),
        )

    if mask.rank > len(scores):
        raise fault()
    for a, (n, wanted) in enumerate(zip(mask.shape, scores[len(scores) - mask.rank :], strict=True)):
        if not same(n, 1):
            equal(n, wanted, partial(fault, a))


class Attention(Op):
    """Multi-head attention with its projections: of one input to itself, to a second, or to a key and a value."""

    primary: ClassVar[str | None] = "heads"
    arity: ClassVar[tuple[int, int | None]] = (1, 3)

    heads: Count
    causal: Flag = False
    mask: Layer = False
    drop: Rate = 0.0
    bias: Flag = True
    init: InitChoice = Choice()

    def roles(self, inputs: Types) -> tuple[int, int, int]:
        """Numbers of the inputs that are query, key and value."""
        given = len(inputs) - self.mask
        return 0, min(1, given - 1), given - 1

    def widths(self, inputs: Types) -> tuple[int, int, int]:
        """Features of query, key and value."""
        q, k, v = (features("attention", inputs[i], i) for i in self.roles(inputs))
        divided("attention", q, self.heads, 0, 1)
        return q, k, v

    def infer(self, *inputs: TensorType) -> Types:
        """(query length, query features). Raises ShapeError NS515, NS548 and NS560 to NS565."""
        given = inputs[: len(inputs) - self.mask]
        one_dtype("attention", given)
        width = self.widths(inputs)[0]
        query, key, value = self.roles(inputs)
        one_length("attention", inputs, key, value, -2)
        x = inputs[query]
        if self.mask:
            check_mask("attention", inputs, (self.heads, x.shape[0], inputs[key].shape[0]))
        return (TensorType((x.shape[0], width), x.dtype, (x.axes[0], CHANNELS)),)

    def weights(self, *inputs: TensorType) -> tuple[Weight, ...]:
        """Names, shapes and first values of ``torch.nn.MultiheadAttention``.

        ``in_proj_weight`` (3 * width, width), or ``q_proj_weight``, ``k_proj_weight`` and ``v_proj_weight`` where key
        or value have other features; ``in_proj_bias``, ``out_proj.weight`` and ``out_proj.bias``.
        """
        q, k, v = self.widths(inputs)
        if k == v == q:
            out = [Weight("in_proj_weight", (3 * q, q), XAVIER)]
        else:
            out = [Weight(f"{name}_proj_weight", (q, n), XAVIER) for name, n in zip("qkv", (q, k, v), strict=True)]
        if self.bias:
            out.append(Weight("in_proj_bias", (3 * q,), ZEROS))
        out.append(Weight("out_proj.weight", (q, q), uniform(q)))
        if self.bias:
            out.append(Weight("out_proj.bias", (q,), ZEROS))
        return self.init.applied(tuple(out))

    def macs(self, inputs: Types, outputs: Types) -> Size:
        """The projections, the scores, and the weighted sum of the values."""
        q, k, v = self.widths(inputs)
        query, key, _ = self.roles(inputs)
        n, m = inputs[query].shape[0], inputs[key].shape[0]
        return n * (2 * q * q) + m * (q * (k + v)) + n * m * (2 * q)

    def connection_count(self, inputs: Types, outputs: Types) -> Size:
        """The same, and one for each bias at each position."""
        query, key, _ = self.roles(inputs)
        q = self.widths(inputs)[0]
        extra = (inputs[query].shape[0] + inputs[key].shape[0]) * (2 * q) if self.bias else 0
        return self.macs(inputs, outputs) + extra

    def reads(self, inputs: Types, outputs: Types, output: int = 0) -> Reads:
        """The query position by position, keys and values whole; of a mask the row."""
        out: list[tuple[AxisRead, ...]] = [whole(x) for x in inputs]
        if self.roles(inputs)[1]:
            out[0] = (Along(0, SELF), WHOLE)
        if self.mask:
            m = inputs[-1]
            row: tuple[AxisRead, ...] = (WHOLE, Along(0, SELF), WHOLE)
            out[-1] = tuple(only_one(r, n) for r, n in zip(row[3 - m.rank :], m.shape, strict=True))
        return tuple(out)


class DotProductAttention(Op):
    """Scaled dot-product attention in heads, of query, key and value, without weights (Vaswani et al. 2017)."""

    primary: ClassVar[str | None] = "heads"
    arity: ClassVar[tuple[int, int | None]] = (3, 3)

    heads: Count = 1
    causal: Flag = False
    mask: Layer = False
    scale: MaybeNumber = None
    drop: Rate = 0.0

    def widths(self, inputs: Types) -> tuple[int, int]:
        """Features of query and key, and those of the value."""
        q, k, v = (features(self.name, x, i, None) for i, x in enumerate(inputs[:3]))
        if q != k:
            raise ShapeError(
                "NS563", f"query and key of '{self.name}' must have the same features; found {q} and {k}",
                at=((0, inputs[0].rank - 1), (1, inputs[1].rank - 1)),
            )
        divided(self.name, q, self.heads, 0, inputs[0].rank - 1)
        divided(self.name, v, self.heads, 2, inputs[2].rank - 1)
        return q, v

    def infer(self, *inputs: TensorType) -> Types:
        """(…, query length, value features). Raises ShapeError NS515, NS548 and NS560 to NS565.

        All axes before the last two are like the batch, and equal in query, key and value; a mask is set against
        (…, heads, query length, key length).
        """
        x, key, _ = inputs[:3]
        one_dtype(self.name, inputs[:3])
        _, width = self.widths(inputs)
        for i in (1, 2):
            y = inputs[i]
            if y.rank != x.rank:
                raise ShapeError("NS560", f"query, key and value of '{self.name}' must have as many axes; "
                                 f"found {shown(x.shape)} and {shown(y.shape)}")
            for a in range(x.rank - 2):
                equal(x.shape[a], y.shape[a], partial(self._differ, inputs, i, a))
        one_length(self.name, inputs, 1, 2, -2)
        if self.mask:
            check_mask(self.name, inputs, (*x.shape[:-2], self.heads, x.shape[-2], key.shape[-2]))
        return (x.with_shape((*x.shape[:-1], width)),)

    def _differ(self, inputs: Types, i: int, a: int) -> ShapeError:
        return ShapeError(
            "NS563", f"query, key and value of '{self.name}' must agree in the axes before the last two; found "
            f"{inputs[0].shape[a]} and {inputs[i].shape[a]}", at=((0, a), (i, a)),
        )

    def macs(self, inputs: Types, outputs: Types) -> Size:
        """The scores, and the weighted sum of the values."""
        q, v = self.widths(inputs)
        return product(inputs[0].shape[:-1]) * inputs[1].shape[-2] * (q + v)

    def reads(self, inputs: Types, outputs: Types, output: int = 0) -> Reads:
        """The query position by position, keys and values whole; features head by head, the value's one by one."""
        rank = outputs[0].rank
        front = tuple(Along(a, SELF) for a in range(rank - 2))
        row, last = Along(rank - 2, SELF), rank - 1
        q, v = (n // self.heads for n in self.widths(inputs))
        block = Along(last, Taps(q, (tuple(range(q)),) * v))
        out: list[tuple[AxisRead, ...]] = [
            (*front, row, block), (*front, WHOLE, block), (*front, WHOLE, Along(last, SELF)),
        ]
        if self.mask:
            m = inputs[3]
            head = Along(last, Taps(1, ((0,),) * v))
            scores: tuple[AxisRead, ...] = (*front, head, row, WHOLE)
            out.append(tuple(only_one(r, n) for r, n in zip(scores[len(scores) - m.rank :], m.shape, strict=True)))
        return tuple(out)
