"""Every rule of every operation, over sizes that depend on named dimensions.

A size here knows sums, differences, products and floor division by a positive integer, and nothing else: a rule that
compares it, counts to it or makes a number of it fails. What comes out at the defaults is set against what the same
rule says of plain numbers.
"""

from __future__ import annotations

from collections.abc import Callable
from itertools import count
from typing import Any, NoReturn

import pytest

from netspec.ops import TABLE, create
from netspec.shapes.dims import Dim
from netspec.shapes.named_sizes import NamedDim, NamedSizes
from netspec.shapes.shape_error import ShapeError
from netspec.shapes.sizes import (
    Size,
    broadcast,
    ceil_div,
    equals,
    exact_div,
    is_named,
    is_same,
    maximum,
    minimum,
    product,
    require_at_least,
    require_equal,
    require_known,
    scale,
)
from netspec.shapes.types import TensorType, axis_names, learned_type

from ..formula_programs import program


class Unseen(NamedSizes):
    """Named dimensions whose numbers no rule may ask for."""

    def number(self, size: Dim) -> NoReturn:
        raise AssertionError("a rule looked at a size")

    def compare(self, sign: str, a: Size, b: float) -> NoReturn:
        raise AssertionError("a rule looked at a size")

    def is_zero(self, size: Dim) -> NoReturn:
        raise AssertionError("a rule looked at a size")


UNSEEN = Unseen([])
_numbers = count()


def hidden(number: int) -> Size:
    """A size of which only the arithmetic is known: a named dimension of its own with that default."""
    name = f"n{next(_numbers)}"
    UNSEEN.dims[name], UNSEEN.defaults[name] = NamedDim(name, number), number
    return UNSEEN.size(name)


def reveal(size: Size) -> int:
    """The number behind a size."""
    return size.value if is_named(size) else size


Entry = int | str
Shape = tuple[Entry, ...]
Case = tuple[list[Shape | TensorType], dict[str, Any]]

IMAGE: Shape = (8, "9", "12")
VOLUME: Shape = (8, "9", "12", "10")
SERIES: Shape = (8, "9")
"""Channels by length: what windows over one axis work on."""
TOKENS: Shape = ("6", 8)
ANY: Shape = ("4", "6", "9")
INDEX = TensorType((hidden(5),), "int64", ("sequence",))
ROWS = TensorType((hidden(4), 1, hidden(9)), "int64", ("", "", ""))

SLIDING = {"kernel": 3, "stride": 2, "padding": 1, "dilation": 2}
POOLING = {"size": 3, "stride": 2, "padding": 1}
BY_RANK = {1: SERIES, 2: IMAGE, 3: VOLUME}
STATE = learned_type((4, 5))


def over(stem: str, ranks: tuple[int, ...], *args: dict[str, Any]) -> dict[str, list[Case]]:
    return {f"{stem}{n}d": [([BY_RANK[n]], a) for a in args] for n in ranks}


CASES: dict[str, list[Case]] = {
    **over("conv", (1, 2, 3), {"filters": 4, **SLIDING}, {"filters": 4, "kernel": 3, "stride": 2, "padding": "same"}),
    **over("depthwise_conv", (1, 2, 3), SLIDING, {"kernel": 2, "padding": "valid", "multiplier": 2}),
    **over("separable_conv", (1, 2), {"filters": 4, **SLIDING}),
    **over("conv_transpose", (1, 2, 3), {"filters": 4, **SLIDING}, {"filters": 4, "kernel": 3, "padding": "same"}),
    **over("max_pool", (1, 2, 3), {**POOLING, "dilation": 2}, {**POOLING, "ceil_mode": True}),
    **over("avg_pool", (1, 2, 3), POOLING, {"size": 3, "padding": "same"}),
    **over("lp_pool", (2,), POOLING),
    "max_unpool2d": [([(8, "4", "6"), IMAGE], {"size": 2, "like": True})],
    **over("stochastic_pool", (2,), {"size": 3, "stride": 2}),
    **over("adaptive_avg_pool", (1, 2, 3), {"size": 3}),
    **over("adaptive_max_pool", (1, 2, 3), {"size": 3}),
    **over("subsample", (2,), {"size": 2}),
    "global_avg_pool": [([IMAGE], {}), ([VOLUME], {"keepdims": True})],
    "global_max_pool": [([IMAGE], {})],
    "dense": [([TOKENS], {"units": 4}), ([IMAGE], {"units": 4, "axis": 0})],
    "bilinear": [([("6", 8), ("6", 5)], {"units": 4})],
    "rbf": [([TOKENS], {"units": 4})],
    "embedding": [([INDEX], {"vocabulary": 100, "width": 8})],
    "gather": [([ANY, INDEX], {"axis": 1, "index": True})],
    "batch_norm": [([IMAGE], {})],
    "layer_norm": [([TOKENS], {})],
    "group_norm": [([IMAGE], {"groups": 2})],
    "instance_norm": [([IMAGE], {"affine": True})],
    "rms_norm": [([TOKENS], {}), ([TOKENS], {"heads": 2})],
    "rotary": [([TOKENS], {"heads": 2, "dims": -2}), ([TOKENS, ("2", "6", "2")], {"heads": 2, "angles": True})],
    "local_response_norm": [([IMAGE], {"size": 5})],
    "weight_norm": [([(4, 6, 9)], {"axis": 1})],
    "spectral_norm": [([(4, 6, 9)], {"axis": 1})],
    "l2_normalize": [([ANY], {"axis": 1})],
    **{
        name: [([ANY], {})]
        for name in (
            "relu", "relu6", "leaky_relu", "elu", "celu", "selu", "gelu", "silu", "mish", "sigmoid", "hard_sigmoid",
            "hard_swish", "tanh", "scaled_tanh", "softplus", "softsign", "softmax", "log_softmax", "abs", "square",
            "sqrt", "exp", "log", "sin", "cos", "tan", "erf", "sign", "stop_gradient", "rescale", "dropout", "spatial_dropout", "drop_path", "identity",
        )
    },
    "prelu": [([ANY], {}), ([IMAGE], {"num_parameters": 8})],
    "glu": [([ANY], {"axis": 0})],
    "cast": [([ANY], {"to": "int64"})],
    "clamp": [([ANY], {"low": 0.0})],
    "flatten": [([ANY], {}), ([ANY], {"start": 1})],
    "reshape": [([ANY], {"shape": [-1, 4]}), ([TOKENS], {"shape": [6, 2, 4]}), ([ANY], {"shape": [216]})],
    "permute": [([ANY], {"order": [2, 0, 1]})],
    "squeeze": [([(1, "6", 1)], {}), ([("1", "6")], {"axis": 0})],
    "unsqueeze": [([ANY], {"axis": 1})],
    "split": [([ANY], {"parts": 2}), ([ANY], {"parts": [1, 3]}), ([ANY], {"parts": 3, "axis": 1})],
    "slice": [([ANY], {"axis": [0, 1, 2], "start": [1, -3, None], "stop": [-1, 5, None], "step": [1, 2, 3]})],
    "select": [([ANY], {"index": 2, "axis": 1}), ([ANY], {"index": -2, "axis": 1})],
    "roll": [([ANY], {"shift": 2, "axis": [0, 2]})],
    "expand": [([("1", 1, "5")], {"shape": [3, -1, 7, -1]}), ([("4", "5")], {"shape": [2, -1, -1]})],
    "rearrange": [
        ([("4", "6", 8)], {"pattern": "(y p) (x q) c -> (y x) (p q) c", "p": 2, "q": 3}),
        ([ANY], {"pattern": "a ... -> (... a)"}), ([ANY], {"pattern": "(a b) c d -> c 1 b", "a": 2, "by": "sum"}),
        ([("4", "6")], {"pattern": "a b -> b (a k)", "k": 3}),
    ],
    "einsum": [
        ([("6", 8), ("5", 8)], {"pattern": "q (h d), k (h d) -> h q k", "h": 2}),
        ([("4", "6"), ("6", "9"), ("9",)], {"pattern": "a b, b c, c -> (a c)"}),
    ],
    "unfold2d": [([IMAGE], {"kernel": [3, 2], **{k: v for k, v in SLIDING.items() if k != "kernel"}}),
                 ([IMAGE], {"kernel": 3, "stride": 2, "padding": "same"})],
    "fold2d": [([("12", "15")], {"size": [6, 5], "kernel": [2, 1], "padding": [[0, 0], [0, 0]], "stride": [2, 1]}),
               ([(12, "12")], {"size": [4, 5], "kernel": 2, "stride": [2, 1], "padding": [[1, 1], [0, 0]]})],
    "pad": [([IMAGE], {"amount": [1, 2]}), ([ANY], {"amount": 2, "mode": "reflect"}),
            ([ANY], {"amount": 2, "axis": 0, "mode": "circular"})],
    "crop": [([ANY], {"amount": [1, 2]})],
    "center_crop": [([IMAGE], {"size": 4}), ([IMAGE, (3, "7", "5")], {"like": True})],
    "upsample": [
        ([IMAGE], {"scale": 1.5}), ([IMAGE], {"scale": 2, "mode": "bilinear"}),
        ([IMAGE], {"size": [20, 30], "mode": "bicubic", "align_corners": True}),
        ([IMAGE, (3, "70", "50")], {"like": True}),
    ],
    "pixel_shuffle": [([("8", "3", "4")], {"factor": 2})],
    "pixel_unshuffle": [([("8", "6", "4")], {"factor": 2})],
    "channel_shuffle": [([IMAGE], {"groups": 2}), ([("8", "3")], {"groups": 4, "axis": 0})],
    **{name: [([ANY, ("4", 1, "9")], {})] for name in ("add", "subtract", "multiply", "divide", "maximum", "average")},
    "formula": [([ANY, ("4", 1, "9")], {"expression": program("$(x * y - 1)", x="float32", y="float32")})],
    "concat": [([ANY, ANY, ("5", "6", "9")], {}), ([TOKENS, (1, 8)], {"axis": "sequence"})],
    "stack": [([ANY, ANY], {"axis": 1})],
    "matmul": [([("4", "6", "9"), ("4", "9", "5")], {}), ([("4", "6", "9"), ("9", "5")], {})],
    **{name: [([ANY], {"axis": 1}), ([ANY], {"axis": 0, "keepdims": True})] for name in ("argmax", "argmin")},
    "rfft": [([ANY], {"axis": 1})],
    "irfft": [([("4", "6", 2)], {"axis": 1}), ([("4", 6, "3", 2)], {"axis": 1, "size": 11})],
    "grid_sample": [([IMAGE, ("5", "7", 2)], {})],
    "roi_align": [([IMAGE, ("5", 4)], {"size": [2, 3]})],
    "cumsum": [([ANY], {"axis": 1})],
    "flip": [([ANY], {"axis": [0, 2]})],
    "recurrence": [([ANY, ("4", 1, "9")], {"axis": 0}), ([(1, "6"), ("5", "6")], {"axis": 0})],
    "top_k": [([ANY], {"k": 3, "axis": 1}), ([("5", 8)], {"k": 8})],
    "sort": [([ANY], {"axis": 1})],
    "one_hot": [([INDEX], {"classes": 4})],
    "take_along": [([ANY, ROWS], {"axis": 1, "index": True})],
    "scatter_add": [([ANY, ROWS], {"axis": 1, "index": True, "size": 4})],
    **{name: [([ANY], {"axis": 1}), ([ANY], {"keepdims": True})] for name in ("mean", "sum", "max", "min", "prod", "var")},
    "attention": [
        ([TOKENS], {"heads": 2}),
        ([TOKENS, ("5", 4), ("5", 6), (1, "6", "5")], {"heads": 2, "mask": True, "causal": True}),
    ],
    "dot_product_attention": [
        ([("3", "6", 8), ("3", "5", 8), ("3", "5", 4), ("3", 2, 1, "5")], {"heads": 2, "mask": True}),
        ([("6", 8), ("6", 4), ("6", 4), ("2",)], {"heads": 2, "kv_heads": 1, "window": 3, "causal": True, "sinks": True}),
        ([("6", 8), (5, 8), (5, 4)], {"heads": 2, "window": 3, "cap": 2.0}),
    ],
    "rnn": [([TOKENS, STATE], {"width": 5, "num_layers": 2, "bidirectional": True})],
    "lstm": [([TOKENS], {"width": 5, "output": "last"}), ([TOKENS, ("1", "5"), ("1", "5")], {"width": 5})],
    "gru": [([TOKENS], {"width": 5})],
    "parameter": [([], {"shape": [4, 8]})],
    "buffer": [([], {"shape": [4], "dtype": "int64"})],
    "channel_scale": [([IMAGE], {})],
}  # fmt: skip


def typed(x: Shape | TensorType, hide: bool) -> TensorType:
    """A type; sizes in quotes are hidden, or are plain numbers."""
    if isinstance(x, TensorType):
        return x if hide else x._replace(shape=tuple(reveal(n) for n in x.shape))
    sizes = tuple(hidden(int(n)) if isinstance(n, str) and hide else int(n) for n in x)
    return TensorType(sizes, "float32", axis_names(len(x)))


def facts(name: str, case: Case, hide: bool) -> dict[str, Any]:
    """Everything that an operation says of its inputs, in plain numbers."""
    inputs, args = case
    if name.endswith("1d"):
        axes = ("channels", "sequence")
        types = tuple(typed(x, hide)._replace(axes=axes) for x in inputs)
    else:
        types = tuple(typed(x, hide) for x in inputs)
    op = create(name, args, types, False)
    outputs = op.infer(*types)
    for k, y in enumerate(outputs):
        reads = op.reads(types, outputs, k)
        assert len(reads) == len(types)
        assert all(r is None or len(r) == x.rank for r, x in zip(reads, types, strict=True))
        assert y.rank == len(y.axes)
    return {
        "shapes": [tuple(map(reveal, y.shape)) for y in outputs],
        "axes": [(y.dtype, y.rank) for y in outputs],
        "weights": op.weights(*types),
        "macs": reveal(op.macs(types, outputs)),
        "connections": reveal(op.connection_count(types, outputs)),
    }


def test_every_operation_has_a_case() -> None:
    assert set(CASES) == set(TABLE)


@pytest.mark.parametrize(
    ("name", "case"), [(n, c) for n, cases in CASES.items() for c in cases], ids=lambda v: str(v)[:30]
)
def test_rules_do_not_look_at_sizes(name: str, case: Case) -> None:
    assert facts(name, case, hide=True) == facts(name, case, hide=False)


def fault() -> ShapeError:
    return ShapeError("NS500", "a rule does not hold")


def test_functions_decide_for_numbers() -> None:
    assert (
        require_at_least(3, 3, fault),
        require_equal(4, 4, fault),
        exact_div(12, 3, fault),
        require_known(5, fault),
    ) == (3, 4, 4, 5)
    assert [broadcast(a, b, fault) for a, b in ((1, 4), (4, 1), (4, 4), (1, 1))] == [4, 4, 4, 1]
    assert [ceil_div(n, 3) for n in (6, 7, 8, 9)] == [2, 3, 3, 3]
    assert (minimum(2, 3), minimum(3, 2), maximum(2, 3), maximum(3, 2)) == (2, 2, 3, 3)
    assert (product((2, 3, 4)), product(())) == (24, 1)
    assert (scale(5, 0.6, fault), scale(100, 0.29, fault), scale(7, 1.5, fault)) == (3, 28, 10)
    assert is_same(3, 3)
    assert not is_same(3, 4)


@pytest.mark.parametrize(
    "broken",
    [
        lambda: require_at_least(2, 3, fault),
        lambda: require_equal(2, 3, fault),
        lambda: exact_div(7, 2, fault),
        lambda: broadcast(2, 3, fault),
        lambda: require_known(hidden(3), fault),
        lambda: scale(hidden(200), 0.29, fault),  # 57 in floating point
        lambda: scale(hidden(90), 0.7, fault),  # 62
        lambda: scale(hidden(3), 0.123456789, fault),
        lambda: scale(hidden(3), 1e-9, fault),
    ],
)
def test_functions_raise_what_they_are_given(broken: Any) -> None:
    with pytest.raises(ShapeError, match="a rule does not hold"):
        broken()


def test_functions_record_what_depends_on_the_names() -> None:
    sizes = NamedSizes([NamedDim("n", 7), NamedDim("m", 7), NamedDim("one", 1)])
    n, m, single = map(sizes.size, ("n", "m", "one"))
    assert require_at_least(n, 3, fault) is n
    assert require_equal(n, 7, fault) == 7
    assert require_equal(2 * (n // 2), n - 1, fault) == n - 1
    assert broadcast(1, n, fault) is n
    assert broadcast(n, 1, fault) is n
    assert broadcast(single, n, fault) is n
    assert broadcast(n, m, fault) is n
    assert equals(n, m)
    assert not equals(n, single)
    assert [f"{c.difference} {c.kind} 0" for c in sizes.conditions] == [
        "n - 3 >= 0",
        "n - 7 = 0",
        "-n + 2*(n//2) + 1 = 0",
        "one - 1 = 0",
        "-m + n = 0",
        "-m + n = 0",
        "n - one != 0",
    ]


def test_functions_are_exact_for_named_sizes() -> None:
    n = hidden(7)
    assert str(minimum(n, 3)) == f"min({n}, 3)"
    assert (reveal(minimum(n, 3)), reveal(maximum(n, 9)), reveal(maximum(3, n))) == (3, 9, 7)
    assert minimum(n + 2, n) is n
    assert is_same(n, n + 1 - 1)
    assert not is_same(n, hidden(7))
    assert reveal(exact_div(n * 2, 2, fault)) == 7
    assert reveal(ceil_div(n, 2)) == 4
    assert reveal(scale(n, 1.5, fault)) == 10


@pytest.mark.parametrize("by", [1.1, 0.1, 1 / 3, 2 / 3, 0.6, 0.75, 2.5, 3.0])
def test_a_scale_of_a_named_size_is_that_of_numbers(by: float) -> None:
    for number in (*range(1, 2000), *range(10**6, 10**6 + 100)):
        assert reveal(scale(hidden(number), by, fault)) == scale(number, by, fault), number


def test_a_condition_that_fails_at_the_defaults_is_an_error() -> None:
    n = hidden(7)
    checks: list[Callable[[], object]] = [
        lambda: require_at_least(n, 8, fault),
        lambda: require_equal(n, 8, fault),
        lambda: broadcast(n, 8, fault),
        lambda: exact_div(n, 2, fault),
    ]
    for broken in checks:
        with pytest.raises(ShapeError, match="a rule does not hold"):
            broken()


def test_rules_may_not_make_numbers_of_sizes() -> None:
    n: Any = hidden(3)
    for look in (
        lambda: n < 4,
        lambda: bool(n),
        lambda: int(n),
        lambda: range(n),
        lambda: n // (n + 1),
        lambda: 7 // n,
    ):
        with pytest.raises(AssertionError, match="a rule looked at a size"):
            look()
