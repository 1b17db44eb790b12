"""Attention: with projections, as PyTorch's MultiheadAttention, and the products alone."""

from __future__ import annotations

from collections.abc import Mapping
from functools import partial

from ..shapes.reads import (
    SAME_POSITION,
    WHOLE,
    Along,
    AxisRead,
    ComputedRows,
    ReadPattern,
    Reads,
    equal_rows,
    whole_reads,
)
from ..shapes.shape_error import ShapeError
from ..shapes.sizes import Size, is_same, minimum, product, require_equal
from ..shapes.types import CHANNELS, FLOATS, TensorType, shape_text
from .argument import LayerValidator, Validator, argument
from .base import Example, Op, Types
from .common.attention_keys import key_reads, twice_excluded
from .common.axes import only_one
from .common.broadcasting import agreed_names, require_same_names
from .common.init_argument import Choice
from .common.sequence import features, head_size
from .common.shared_arguments import BIAS, DROP, INIT, uniform
from .common.validators import COUNT, FLAG, MASK_LAYER, POSITIVE, integer, number, numbers, optional
from .weight import ZEROS, Init, Weight

XAVIER = Init("xavier_uniform")
SCALE = optional(numbers("a number within 1e18", {"minimum": -1e18, "maximum": 1e18}, least=-1e18, most=1e18))
"""With larger factors the scores exceed the range of float32, and their softmax is undefined."""
WINDOW: Validator[int | None] = Validator(
    "a positive integer, or false",
    {"anyOf": [{"type": "integer", "minimum": 1}, {"const": False}]},
    lambda v, window_rank: None if v is None or v is False else integer(v, 1),
)
CAP: Validator[float | None] = Validator(
    "a number above 0, or false",
    {"anyOf": [POSITIVE.schema, {"const": False}]},
    lambda v, window_rank: None if v is None or v is False else number(v, above=0.0),
)
SINKS = LayerValidator(*FLOATS)
HEADS = "number of heads, which divide the features among them"
CAUSAL = argument(FLAG, "whether a position attends only to itself and the positions before it", default=False)
MASK = argument(
    MASK_LAYER,
    "a layer whose values are added to the scores, or that is true where attention is allowed",
    default=False,
    default_doc="none",
)


def one_length(op: str, inputs: Types, key: int, value: int, axis: int) -> None:
    """ShapeError NS563 unless key and value have the same length."""
    k, v = inputs[key].shape[axis], inputs[value].shape[axis]
    require_equal(
        k,
        v,
        lambda: ShapeError(
            "NS563",
            f"key and value of '{op}' must have the same length; found {k} and {v}",
            at=((key, inputs[key].rank + axis), (value, inputs[value].rank + axis)),
        ),
    )


def check_mask(op: str, inputs: Types, scores: tuple[Size, ...]) -> None:
    """Checks that the last input fits the scores; ShapeError NS564."""
    mask, number = inputs[-1], len(inputs) - 1

    def fault(*axes: int) -> ShapeError:
        return ShapeError(
            "NS564",
            f"the mask of '{op}' must fit the scores {shape_text(scores)}; found {shape_text(mask.shape)}",
            at=tuple((number, a) for a in axes),
        )

    if mask.rank > len(scores):
        raise fault()
    for a, (n, expected) in enumerate(zip(mask.shape, scores[len(scores) - mask.rank :], strict=True)):
        if not is_same(n, 1):
            require_equal(n, expected, partial(fault, a))


class Attention(Op):
    """Multi-head attention with its projections: of one input to itself, to a second, or to a key and a value."""

    language_part = "attention"
    primary = "heads"
    arity = (1, 3)
    examples = (Example("[197, 768]", "{attention: 12}"),)
    size_rule = "the query's"
    macs_rule = "query and output projections, key and value projections, scores and weighted sum"
    weights_rule = (
        "`in_proj_weight` (query, key and value; features), or, if key or value have other features, `q_proj_weight` "
        "(features, features), `k_proj_weight` (features, key features), `v_proj_weight` (features, value features); "
        "`in_proj_bias` (query, key and value), `out_proj.weight` (features, features), `out_proj.bias` (features)"
    )

    heads: int = argument(COUNT, HEADS)
    causal: bool = CAUSAL
    mask: bool = MASK
    drop: float = DROP
    bias: bool = BIAS
    init: Choice = INIT

    def roles(self, inputs: Types) -> tuple[int, int, int]:
        """Numbers of the inputs that are query, key and value."""
        count = len(inputs) - self.mask
        return 0, min(1, count - 1), count - 1

    def widths(self, inputs: Types) -> tuple[int, int, int]:
        """Features of query, key and value."""
        q, k, v = (features("attention", inputs[i], i) for i in self.roles(inputs))
        head_size("attention", q, self.heads, 0, 1)
        return q, k, v

    def infer(self, *inputs: TensorType) -> Types:
        """(query length, query features). Raises ShapeError NS560 to NS564."""
        width = self.widths(inputs)[0]
        query, key, value = self.roles(inputs)
        one_length("attention", inputs, key, value, -2)
        x = inputs[query]
        if self.mask:
            check_mask("attention", inputs, (self.heads, x.shape[0], inputs[key].shape[0]))
        return (TensorType((x.shape[0], width), x.dtype, (x.axes[0], CHANNELS)),)

    def weights(self, *inputs: TensorType) -> tuple[Weight, ...]:
        """Names, shapes and initial values of ``torch.nn.MultiheadAttention``."""
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

    def macs_expression(self, inputs: Types, outputs: Types) -> str | None:
        """The three terms, with the lengths and features."""
        from .derivation import factor

        q, k, v = self.widths(inputs)
        query, key, _ = self.roles(inputs)
        n, m = factor(inputs[query].shape[0]), factor(inputs[key].shape[0])
        return f"{n} * 2 * {q} * {q} + {m} * {q} * ({k} + {v}) + {n} * {m} * 2 * {q}"

    def unneeded_macs(self, inputs: Types, outputs: Types) -> Size:
        """Those of the scores ahead of each position, if it is causal."""
        query, key, _ = self.roles(inputs)
        excluded = twice_excluded(inputs[query].shape[0], inputs[key].shape[0], self.causal, None)
        return excluded * self.widths(inputs)[0]

    def cached(self, inputs: Types) -> tuple[Size, Size] | None:
        """Elements of key and value at a position, after their projections, and the number of positions."""
        if not self.causal:
            return None
        return 2 * self.widths(inputs)[0], inputs[self.roles(inputs)[1]].shape[0]

    def connection_count(self, inputs: Types, outputs: Types) -> Size:
        """The multiply-accumulates, and one for each bias at each position."""
        query, key, _ = self.roles(inputs)
        q = self.widths(inputs)[0]
        extra = (inputs[query].shape[0] + inputs[key].shape[0]) * (2 * q) if self.bias else 0
        return self.macs(inputs, outputs) + extra

    def reads(self, inputs: Types, outputs: Types, output: int = 0) -> Reads:
        """The query position by position, all keys and values; the row of a mask."""
        out: list[tuple[AxisRead, ...]] = [whole_reads(x) for x in inputs]
        if self.roles(inputs)[1]:
            out[0] = (Along(0, SAME_POSITION), WHOLE)
        if self.mask:
            m = inputs[-1]
            row: tuple[AxisRead, ...] = (WHOLE, Along(0, SAME_POSITION), WHOLE)
            out[-1] = tuple(only_one(r, n) for r, n in zip(row[3 - m.rank :], m.shape, strict=True))
        return tuple(out)


class DotProductAttention(Op):
    """Scaled dot-product attention in heads, of query, key and value, without weights (Vaswani et al. 2017).

    Several heads of the query may share one of key and value (``kv_heads``, Ainslie et al. 2023). A position reads the
    keys that ``causal``, ``window`` and ``mask`` all allow. ``cap`` bounds the scores (Gemma 2), ``sinks`` adds one
    score for each head, whose value is zero, so that the weights of the keys add up to less than one (gpt-oss).
    """

    language_part = "attention"
    primary = "heads"
    arity = (3, 3)
    examples = (
        Example(
            {"query": "[197, 64]", "key": "[50, 32]", "value": "[50, 16]"},
            "{dot_product_attention: 4, kv_heads: 2, from: [query, key, value]}",
        ),
    )
    size_rule = "the query's positions by the heads times the value's features of a head"
    macs_rule = "scores and weighted sum"

    heads: int = argument(COUNT, HEADS, default=1)
    kv_heads: int | None = argument(
        optional(COUNT),
        "number of heads of key and value, each for as many heads of the query in a row",
        default=None,
        default_doc="as many as heads",
    )
    causal: bool = CAUSAL
    window: int | None = argument(
        WINDOW,
        "a position attends only to those less than this many positions away",
        default=None,
        default_doc="false: to all",
    )
    cap: float | None = argument(
        CAP, "the scores become `cap * tanh(scores / cap)`, before the mask", default=None, default_doc="false: none"
    )
    mask: bool = MASK
    sinks: bool = argument(
        SINKS,
        "a layer with a number for each head: one more score, whose value is zero",
        default=False,
        default_doc="none",
    )
    scale: float | None = argument(
        SCALE, "factor of the scores", default=None, default_doc="1 / sqrt(features of a head)"
    )
    drop: float = DROP

    @property
    def key_heads(self) -> int:
        """The number of heads of key and value."""
        return self.heads if self.kv_heads is None else self.kv_heads

    def widths(self, inputs: Types) -> tuple[int, int]:
        """Features of all heads of the query, and those of the values that they take. ShapeError NS562, 563, 585."""
        q, k, v = (features(self.name, x, i, None) for i, x in enumerate(inputs[:3]))
        if self.heads % self.key_heads:
            raise ShapeError(
                "NS585", f"kv_heads must divide the heads of '{self.name}': {self.heads} among {self.key_heads}"
            )
        shared = self.heads // self.key_heads
        if q != k * shared:
            at = ((0, inputs[0].rank - 1), (1, inputs[1].rank - 1))
            if shared == 1:
                message = f"query and key of '{self.name}' must have the same features; found {q} and {k}"
                raise ShapeError("NS563", message, at=at)
            head = head_size(self.name, q, self.heads, 0, inputs[0].rank - 1)
            message = f"the key of '{self.name}' must have {self.key_heads} heads of {head} features; found {k}"
            raise ShapeError("NS563", message, at=at)
        head_size(self.name, q, self.heads, 0, inputs[0].rank - 1)
        head_size(self.name, v, self.key_heads, 2, inputs[2].rank - 1)
        return q, v * shared

    def infer(self, *inputs: TensorType) -> Types:
        """(…, query length, heads by features of a value). Raises ShapeError NS516, NS560 to NS564, NS585 and NS586.

        All axes before the last two are batch axes, equal in query, key and value; a mask is broadcast to
        (…, heads, query length, key length).
        """
        x, key, _ = inputs[:3]
        _, width = self.widths(inputs)
        for i in (1, 2):
            y = inputs[i]
            if y.rank != x.rank:
                raise ShapeError(
                    "NS560",
                    f"query, key and value of '{self.name}' must have the same number of axes; "
                    f"found {shape_text(x.shape)} and {shape_text(y.shape)}",
                )
        require_same_names(self.name, inputs[:3], hidden=2)
        for i in (1, 2):
            for a in range(x.rank - 2):
                require_equal(x.shape[a], inputs[i].shape[a], partial(self._differ, inputs, i, a))
        one_length(self.name, inputs, 1, 2, -2)
        if self.mask:
            check_mask(self.name, inputs[:4], (*x.shape[:-2], self.heads, x.shape[-2], key.shape[-2]))
        if self.sinks:
            self._check_sinks(inputs[-1], len(inputs) - 1)
        before = agreed_names(tuple(TensorType(y.shape[:-2], y.dtype, y.axes[:-2]) for y in inputs[:3]), x.shape[:-2])
        last = tuple(name if name not in before else "" for name in x.axes[-2:])
        return (TensorType((*x.shape[:-1], width), x.dtype, (*before, *last)),)

    def _check_sinks(self, sinks: TensorType, number: int) -> None:
        def fault() -> ShapeError:
            return ShapeError(
                "NS586",
                f"the sinks of '{self.name}' must be one number for each of its {self.heads} heads; "
                f"found {shape_text(sinks.shape)}",
                at=tuple((number, a) for a in range(sinks.rank)),
            )

        if sinks.rank != 1:
            raise fault()
        require_equal(sinks.shape[0], self.heads, fault)

    def _differ(self, inputs: Types, i: int, a: int) -> ShapeError:
        return ShapeError(
            "NS563",
            f"query, key and value of '{self.name}' must agree in the axes before the last two; found "
            f"{inputs[0].shape[a]} and {inputs[i].shape[a]}",
            at=((0, a), (i, a)),
        )

    def macs(self, inputs: Types, outputs: Types) -> Size:
        """The scores, and the weighted sum of the values."""
        q, v = self.widths(inputs)
        return product(inputs[0].shape[:-1]) * inputs[1].shape[-2] * (q + v)

    def unneeded_macs(self, inputs: Types, outputs: Types) -> Size:
        """Those of the scores that ``causal`` and ``window`` exclude."""
        x = inputs[0]
        twice = twice_excluded(x.shape[-2], inputs[1].shape[-2], self.causal, self.window)
        width = sum(self.widths(inputs))
        pairs = product(x.shape[:-2]) * twice
        return pairs * (width // 2) if width % 2 == 0 else pairs * width // 2

    def works_on_parts(self, inputs: Types) -> bool:
        """Unless a mask or sinks differ between heads."""
        return not self.mask and not self.sinks

    def head_counts(self) -> Mapping[str, int]:
        """Heads, and those of key and value if they are fewer."""
        shared = {"heads of key and value": self.key_heads} if self.key_heads != self.heads else {}
        return {"heads": self.heads, **shared}

    def cached(self, inputs: Types) -> tuple[Size, Size] | None:
        """Elements of key and value at a position, and the number of positions that a query may read."""
        if not self.causal:
            return None
        key, value = inputs[1:3]
        each = product(key.shape[:-2]) * (key.shape[-1] + value.shape[-1])
        n = key.shape[-2]
        return each, n if self.window is None else minimum(n, self.window)

    def macs_expression(self, inputs: Types, outputs: Types) -> str | None:
        """The query's positions times the key's times the features of both."""
        from .derivation import product as factors

        q, v = self.widths(inputs)
        return f"{factors(*inputs[0].shape[:-1], inputs[1].shape[-2])} * ({q} + {v})"

    def reads(self, inputs: Types, outputs: Types, output: int = 0) -> Reads:
        """The query position by position, keys and values all or in the window; features head by head."""
        rank = outputs[0].rank
        front = tuple(Along(a, SAME_POSITION) for a in range(rank - 2))
        row, last = Along(rank - 2, SAME_POSITION), rank - 1
        keys = key_reads(rank - 2, inputs[0].shape[-2], inputs[1].shape[-2], self.causal, self.window)
        q, v = (n // self.heads for n in self.widths(inputs))
        shared = self.heads // self.key_heads
        block = ReadPattern(q, equal_rows(v, range(q)))
        keys_block = ReadPattern(q, equal_rows(v * shared, range(q)))
        pattern = SAME_POSITION if shared == 1 else ReadPattern(v, ComputedRows(v * shared, lambda r: (r % v,)))
        head = Along(last, ReadPattern(1, equal_rows(v, (0,))))
        out: list[tuple[AxisRead, ...]] = [
            (*front, row, Along(last, block)),
            (*front, keys, Along(last, keys_block)),
            (*front, keys, Along(last, pattern)),
        ]
        if self.mask:
            m = inputs[3]
            scores: tuple[AxisRead, ...] = (*front, head, row, keys)
            out.append(tuple(only_one(r, n) for r, n in zip(scores[len(scores) - m.rank :], m.shape, strict=True)))
        if self.sinks:
            out.append((head,))
        return tuple(out)
