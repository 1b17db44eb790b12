"""Every rule of every operation, over sizes that are no numbers.

A size here knows sums, differences, products and floor division by a positive integer, and nothing else: a rule that
compares it, counts to it or makes a number of it fails. It carries a number where no rule can see it, so that what
comes out can be set against what the same rule says of plain numbers.
"""

from __future__ import annotations

from typing import Any, NoReturn, cast

import pytest

from netspec.ops import TABLE, create
from netspec.shapes.sizes import (
    ShapeError,
    Size,
    broadcast,
    ceil_div,
    exact_div,
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


class Hidden:
    """A size of which only the arithmetic is known."""

    __slots__ = ("number",)

    def __init__(self, number: int) -> None:
        self.number = number

    def __add__(self, other: Hidden | int) -> Hidden:
        return Hidden(self.number + reveal(other))

    def __sub__(self, other: Hidden | int) -> Hidden:
        return Hidden(self.number - reveal(other))

    def __rsub__(self, other: Hidden | int) -> Hidden:
        return Hidden(reveal(other) - self.number)

    def __mul__(self, other: Hidden | int) -> Hidden:
        return Hidden(self.number * reveal(other))

    def __floordiv__(self, other: int) -> Hidden:
        assert type(other) is int, "a size is divided by integers alone"
        assert other > 0, "a size is divided by positive integers alone"
        return Hidden(self.number // other)

    def __neg__(self) -> Hidden:
        return Hidden(-self.number)

    __radd__ = __add__
    __rmul__ = __mul__

    def __repr__(self) -> str:
        return "?"

    def _refuse(self, *_: object) -> NoReturn:
        raise AssertionError("a rule looked at a size")

    __eq__ = __ne__ = __lt__ = __le__ = __gt__ = __ge__ = _refuse
    __bool__ = __int__ = __index__ = __float__ = __len__ = __iter__ = _refuse
    __mod__ = __rmod__ = __divmod__ = __truediv__ = __pow__ = __rfloordiv__ = __abs__ = _refuse
    __hash__ = _refuse


def reveal(size: Hidden | int) -> int:
    """The number behind a size."""
    return size.number if isinstance(size, Hidden) else size


Entry = int | str
Shape = tuple[Entry, ...]
Case = tuple[list[Shape | TensorType], dict[str, Any]]

IMAGE: Shape = (8, "9", "12")
VOLUME: Shape = (8, "9", "12", "10")
SERIES: Shape = (8, "9")
"""Channels by length: what windows over one axis work on."""
TOKENS: Shape = ("6", 8)
ANY: Shape = ("4", "6", "9")
INDEX = TensorType(cast("tuple[int, ...]", (Hidden(5),)), "int64", ("sequence",))

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
    "rms_norm": [([TOKENS], {})],
    "local_response_norm": [([IMAGE], {"size": 5})],
    "l2_normalize": [([ANY], {"axis": 1})],
    **{
        name: [([ANY], {})]
        for name in (
            "relu", "relu6", "leaky_relu", "elu", "celu", "selu", "gelu", "silu", "mish", "sigmoid", "hard_sigmoid",
            "hard_swish", "tanh", "scaled_tanh", "softplus", "softsign", "softmax", "log_softmax", "abs", "square",
            "sqrt", "exp", "log", "rescale", "dropout", "spatial_dropout", "drop_path", "identity",
        )
    },
    "prelu": [([ANY], {}), ([IMAGE], {"num_parameters": 8})],
    "glu": [([ANY], {"axis": 0})],
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
    "concat": [([ANY, ANY, ("5", "6", "9")], {}), ([TOKENS, (1, 8)], {"axis": "sequence"})],
    "matmul": [([("4", "6", "9"), ("4", "9", "5")], {}), ([("4", "6", "9"), ("9", "5")], {})],
    **{name: [([ANY], {"axis": 1}), ([ANY], {"keepdims": True})] for name in ("mean", "sum", "max")},
    "attention": [
        ([TOKENS], {"heads": 2}),
        ([TOKENS, ("5", 4), ("5", 6), (1, "6", "5")], {"heads": 2, "mask": True, "causal": True}),
    ],
    "dot_product_attention": [
        ([("3", "6", 8), ("3", "5", 8), ("3", "5", 4), ("3", 2, 1, "5")], {"heads": 2, "mask": True}),
    ],
    "rnn": [([TOKENS, STATE], {"width": 5, "num_layers": 2, "bidirectional": True})],
    "lstm": [([TOKENS], {"width": 5, "output": "last"}), ([TOKENS, ("1", "5"), ("1", "5")], {"width": 5})],
    "gru": [([TOKENS], {"width": 5})],
    "parameter": [([], {"shape": [4, 8]})],
    "buffer": [([], {"shape": [4], "dtype": "int64"})],
    "channel_scale": [([IMAGE], {})],
}  # fmt: skip


def typed(x: Shape | TensorType, hidden: bool) -> TensorType:
    """A type; sizes in quotes are hidden, or are plain numbers."""
    if isinstance(x, TensorType):
        return x if hidden else x._replace(shape=tuple(reveal(n) for n in x.shape))
    sizes = tuple(Hidden(int(n)) if isinstance(n, str) and hidden else int(n) for n in x)
    return TensorType(cast("tuple[int, ...]", sizes), "float32", axis_names(len(x)))


def facts(name: str, case: Case, hidden: bool) -> dict[str, Any]:
    """Everything that an operation says of its inputs, in plain numbers."""
    inputs, args = case
    if name.endswith("1d"):
        axes = ("channels", "sequence")
        types = tuple(typed(x, hidden)._replace(axes=axes) for x in inputs)
    else:
        types = tuple(typed(x, hidden) for x in inputs)
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
    assert facts(name, case, hidden=True) == facts(name, case, hidden=False)


def fault() -> ShapeError:
    return ShapeError("NS500", "a rule does not hold")


def size(n: int) -> Size:
    return cast("int", Hidden(n))


def test_words_decide_fornumbers() -> None:
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
    assert (scale(5, 0.6), scale(100, 0.29), scale(7, 1.5)) == (3, 28, 10)
    assert is_same(3, 3)
    assert not is_same(3, 4)


@pytest.mark.parametrize(
    "broken",
    [
        lambda: require_at_least(2, 3, fault),
        lambda: require_equal(2, 3, fault),
        lambda: exact_div(7, 2, fault),
        lambda: broadcast(2, 3, fault),
        lambda: require_known(size(3), fault),
    ],
)
def test_words_raise_what_they_are_given(broken: Any) -> None:
    with pytest.raises(ShapeError, match="a rule does not hold"):
        broken()


def test_words_take_what_is_nonumber_on_trust() -> None:
    n = size(7)
    assert require_at_least(n, 9, fault) is n
    assert require_equal(n, 3, fault) is n
    assert broadcast(1, n, fault) is n
    assert broadcast(n, 1, fault) is n
    assert minimum(n, 3) is n
    assert maximum(n, 9) is n
    assert is_same(n, n)
    assert not is_same(n, size(7))
    assert reveal(exact_div(n, 2, fault)) == 3
    assert reveal(ceil_div(n, 2)) == 4
    assert reveal(scale(n, 1.5)) == 10


def test_a_hidden_size_refuses_what_rules_may_not_do() -> None:
    n: Any = Hidden(3)
    for look in (
        lambda: n == 3,
        lambda: n < 4,
        lambda: bool(n),
        lambda: int(n),
        lambda: range(n),
        lambda: n % 2,
        lambda: {n},
        lambda: n // 0,
        lambda: n // n,
        lambda: 7 // n,
    ):
        with pytest.raises(AssertionError):
            look()
