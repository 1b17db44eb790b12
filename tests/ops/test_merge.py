from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np
import pytest
import torch
from hypothesis import given, settings
from hypothesis import strategies as st
from torch.utils.flop_counter import FlopCounterMode

from netspec.shapes.shape_error import ShapeError
from netspec.shapes.types import TensorType, input_type

from .function import Tensors, assert_reads, results
from .support import make, shape_error

Shapes = list[tuple[int, ...]]
Given = tuple[torch.Tensor, ...]
Row = tuple[str, dict[str, Any], Shapes, Callable[[Given], Tensors]]

ROWS: list[Row] = [
    ("add", {}, [(2, 3, 4)] * 2, lambda x: x[0] + x[1]),
    ("add", {}, [(2, 3, 4)], lambda x: x[0] + 0),
    ("add", {}, [(2, 3, 4)] * 3, lambda x: x[0] + x[1] + x[2]),
    ("add", {}, [(2, 3, 4), (2, 1, 1)], lambda x: x[0] + x[1]),
    ("add", {}, [(1, 3, 4), (2, 1, 4), (1, 1, 1)], lambda x: x[0] + x[1] + x[2]),
    ("subtract", {}, [(5,), (5,)], lambda x: x[0] - x[1]),
    ("multiply", {}, [(2, 3, 1), (2, 1, 4)], lambda x: x[0] * x[1]),
    ("divide", {}, [(2, 3), (2, 1)], lambda x: x[0] / x[1]),
    ("average", {}, [(2, 3)] * 3, lambda x: (x[0] + x[1] + x[2]) / 3),
    ("concat", {}, [(2, 3, 4), (5, 3, 4)], lambda x: torch.cat(x, 1)),
    ("concat", {}, [(4, 2), (4, 3), (4, 1)], lambda x: torch.cat(x, -1)),
    ("concat", {"axis": "sequence"}, [(1, 3), (4, 3)], lambda x: torch.cat(x, 1)),
    ("concat", {"axis": -1}, [(2, 3, 4)], lambda x: x[0] * 1),
    ("matmul", {}, [(3, 4), (4, 5)], lambda x: torch.matmul(x[0], x[1])),
    ("matmul", {}, [(2, 3, 4), (2, 4, 5)], lambda x: torch.matmul(x[0], x[1])),
    ("matmul", {}, [(2, 1, 3, 4), (1, 3, 4, 2)], lambda x: torch.matmul(x[0], x[1])),
    ("matmul", {}, [(1, 3, 4), (2, 4, 2)], lambda x: torch.matmul(x[0], x[1])),
    ("mean", {"axis": 0}, [(2, 3, 4)], lambda x: x[0].mean(1)),
    ("mean", {"axis": ["height", "width"]}, [(2, 3, 4)], lambda x: x[0].mean((2, 3))),
    ("mean", {"axis": ["height", "width"], "keepdims": True}, [(2, 3, 4)], lambda x: x[0].mean((2, 3), keepdim=True)),
    ("mean", {}, [(2, 3)], lambda x: x[0].mean((1, 2))),
    ("sum", {"axis": "sequence"}, [(4, 3)], lambda x: x[0].sum(1)),
    ("sum", {"axis": -1, "keepdims": True}, [(4, 3)], lambda x: x[0].sum(-1, keepdim=True)),
]

CHOOSING: list[Row] = [
    ("maximum", {}, [(2, 3), (2, 1)], lambda x: torch.maximum(x[0], x[1])),
    ("max", {"axis": 1}, [(2, 3, 4)], lambda x: x[0].amax(2)),
    ("max", {"axis": [0, 2], "keepdims": True}, [(2, 3, 4)], lambda x: x[0].amax((1, 3), keepdim=True)),
]


@pytest.mark.parametrize(
    ("name", "args", "shapes", "function"), ROWS + CHOOSING, ids=lambda v: v.__name__ if callable(v) else str(v)[:40]
)
def test_shapes_are_pytorchs(
    name: str, args: dict[str, Any], shapes: Shapes, function: Callable[[Given], Tensors]
) -> None:
    built = make(name, *shapes, **args)
    assert [built.shape] == results(lambda *x: function(x), built)
    assert built.weights == ()
    assert name == "matmul" or (built.macs, built.connections) == (0, 0)


@pytest.mark.parametrize(
    ("name", "args", "shapes", "function"),
    [r for r in ROWS if r[0] != "concat"],
    ids=lambda v: v.__name__ if callable(v) else str(v)[:40],
)
def test_reads_what_pytorch_reads(
    name: str, args: dict[str, Any], shapes: Shapes, function: Callable[[Given], Tensors]
) -> None:
    assert_reads(lambda *x: function(x), make(name, *shapes, **args))


@pytest.mark.parametrize(
    ("name", "args", "shapes", "function"),
    CHOOSING + [r for r in ROWS if r[0] == "concat"],
    ids=lambda v: v.__name__ if callable(v) else str(v)[:40],
)
def test_reads_all_that_pytorch_may_read(
    name: str, args: dict[str, Any], shapes: Shapes, function: Callable[[Given], Tensors]
) -> None:
    """Which input is the greatest depends on the values; the axis of a concatenation counts as read whole."""
    assert_reads(lambda *x: function(x), make(name, *shapes, **args), exact=False)


@pytest.mark.parametrize("shapes", [r[2] for r in ROWS if r[0] == "matmul"], ids=str)
def test_macs_of_matrix_products_are_pytorchs(shapes: Shapes) -> None:
    with FlopCounterMode(display=False) as counter:
        torch.matmul(*(torch.rand(1, *s) for s in shapes))
    assert 2 * make("matmul", *shapes).macs == counter.get_total_flops()


def unnamed(shape: tuple[int, ...]) -> TensorType:
    return TensorType(shape, "float32", ("",) * len(shape))


@settings(max_examples=100, deadline=None)
@given(st.lists(st.lists(st.integers(1, 3), max_size=4).map(tuple), min_size=1, max_size=4))
def test_broadcasting_is_numpys(shapes: list[tuple[int, ...]]) -> None:
    try:
        expected: tuple[int, ...] | None = np.broadcast_shapes(*shapes)
    except ValueError:
        expected = None
    try:
        assert make("add", *(unnamed(s) for s in shapes)).shape == expected
    except ShapeError as error:
        assert error.code == "NS512"
        assert expected is None
        (i, a), (j, b) = error.at
        assert shapes[i][a] != shapes[j][b]
        assert 1 not in (shapes[i][a], shapes[j][b])


C, S, H, W = "channels", "sequence", "height", "width"
SCORES = TensorType((4, 6, 6), "float32", ("", "", ""))


@pytest.mark.parametrize(
    ("name", "inputs", "axes"),
    [
        ("add", [(8, 4, 6), (8, 1, 1)], (C, H, W)),
        ("add", [SCORES, (4, 6, 6)], (C, H, W)),
        ("add", [TensorType((4, 6), "float32", ("", S)), (4, 6)], ("", S)),
        ("add", [(6,), (4, 6)], (S, C)),
        ("concat", [TensorType((4, 6), "float32", ("", C)), (4, 6)], (S, C)),
        ("matmul", [(4, 6), (6, 2)], (S, C)),
        ("matmul", [SCORES, SCORES], ("", "", "")),
    ],
)
def test_axes_have_the_names_that_the_inputs_agree_on(name: str, inputs: list[Any], axes: tuple[str, ...]) -> None:
    assert make(name, *inputs).axes == axes


def test_reductions_drop_the_axes_and_keep_the_other_names() -> None:
    assert make("mean", (8, 4, 6), axis="height").axes == (C, W)
    assert make("mean", (8, 4, 6), axis="height", keepdims=True).axes == (C, H, W)
    assert make("mean", (8, 4, 6)).shape == ()


def test_whole_numbers_add_up_to_int64_as_in_pytorch() -> None:
    counts = input_type((3,), "int32")
    assert make("sum", counts).outputs[0].dtype == "int64"
    assert str(torch.zeros(3, dtype=torch.int32).sum().dtype) == "torch.int64"
    assert make("max", counts, axis=0).outputs[0].dtype == "int32"


TOKENS = input_type((6,), "int64")
ERRORS: list[tuple[str, dict[str, Any], list[Any], str, tuple[tuple[int, int], ...]]] = [
    ("add", {}, [(256, 28, 28), (256, 27, 27)],
     "NS512: the inputs of 'add' differ in height: 28 and 27", ((0, 1), (1, 1))),
    ("add", {}, [(1, 1, 6), (8, 4, 6), (8, 4, 5)],
     "NS512: the inputs of 'add' differ in width: 6 and 5", ((0, 2), (2, 2))),
    ("add", {}, [(8, 4, 6), (5, 6)],
     "NS516: input 2 has 2 axes, 'sequence' and 'channels', but 'add' would align them with 'height' and 'width' "
     "of input 1", ((0, 1), (1, 0))),
    ("multiply", {}, [(64,), (64, 28, 64)],
     "NS516: input 1 has 1 axis, 'channels', but 'multiply' would align it with 'width' of input 2", ()),
    ("multiply", {}, [(64,), (64, 28, 28)],
     "NS516: input 1 has 1 axis, 'channels', but 'multiply' would align it with 'width' of input 2", ((1, 2), (0, 0))),
    ("add", {}, [(8, 8, 8), TensorType((8, 8, 8), "float32", (H, W, C))],
     "NS516: 'add' combines axes by position, but axis 0 is 'channels' in input 1 and 'height' in input 2", ()),
    ("concat", {}, [(8, 8, 9), TensorType((2, 8, 9), "float32", (C, H, C))],
     "NS516: 'concat' combines axes by position, but axis 2 is 'width' in input 1 and 'channels' in input 2", ()),
    ("concat", {}, [(8, 8, 9), TensorType((2, 8, 8), "float32", (C, H, S))],
     "NS516: 'concat' combines axes by position, but axis 2 is 'width' in input 1 and 'sequence' in input 2",
     ((0, 2), (1, 2))),
    ("matmul", {}, [(8, 5, 6), TensorType((8, 6, 5), "float32", (H, "", ""))],
     "NS516: 'matmul' combines axes by position, but axis 0 is 'channels' in input 1 and 'height' in input 2", ()),
    ("bilinear", {"units": 3}, [TensorType((8, 5), "float32", (H, C)), TensorType((8, 5), "float32", (W, C))],
     "NS516: 'bilinear' combines axes by position, but axis 0 is 'height' in input 1 and 'width' in input 2", ()),
    ("dot_product_attention", {}, [TensorType((8, 5, 6), "float32", (H, S, C))] * 2
     + [TensorType((8, 5, 6), "float32", (W, S, C))],
     "NS516: 'dot_product_attention' combines axes by position, but axis 0 is 'height' in input 1 and 'width' in "
     "input 3", ()),
    ("add", {}, [(1, 6), (4, 6), (3, 6)], "NS512: the inputs of 'add' differ in sequence: 4 and 3", ((1, 0), (2, 0))),
    ("add", {}, [SCORES, SCORES._replace(shape=(4, 6, 5))], "NS512: the inputs of 'add' differ in axis 2: 6 and 5",
     ((0, 2), (1, 2))),
    ("concat", {}, [(8, 28, 28), (8, 27, 28)],
     "NS513: the inputs of 'concat' differ in height: 28 and 27; only channels may differ", ((0, 1), (1, 1))),
    ("concat", {}, [(8, 28), (28,)], "NS513: the inputs of 'concat' must have the same number of axes: (8, 28) and (28)", ()),
    ("matmul", {}, [(4, 6), (5, 2)],
     "NS514: 'matmul' multiplies (…, n, k) by (…, k, m); found (4, 6) and (5, 2)", ((0, 1), (1, 0))),
    ("matmul", {}, [(6,), (6, 2)], "NS514: 'matmul' multiplies (…, n, k) by (…, k, m); found (6) and (6, 2)", ()),
    ("matmul", {}, [(2, 4, 6), (3, 6, 2)],
     "NS512: the inputs of 'matmul' differ in channels: 2 and 3", ((0, 0), (1, 0))),
    ("add", {}, [(6,), TOKENS], "NS515: the inputs of 'add' differ in type: float32 and int64", ()),
    ("concat", {"axis": 0}, [TOKENS, (6,)], "NS515: the inputs of 'concat' differ in type: int64 and float32", ()),
    ("mean", {"axis": 0}, [TOKENS], "NS548: 'mean' works on floating-point numbers; found int64", ()),
    ("divide", {}, [TOKENS, TOKENS], "NS548: 'divide' works on floating-point numbers; found int64", ()),
    ("average", {}, [TOKENS, TOKENS], "NS548: 'average' works on floating-point numbers; found int64", ()),
]  # fmt: skip


@pytest.mark.parametrize(
    ("name", "args", "inputs", "message", "at"), ERRORS, ids=lambda v: v.__name__ if callable(v) else str(v)[:40]
)
def test_rules_that_do_not_hold(
    name: str, args: dict[str, Any], inputs: list[Any], message: str, at: tuple[tuple[int, int], ...]
) -> None:
    assert shape_error(name, *inputs, **args) == message
    with pytest.raises(ShapeError) as caught:
        assert make(name, *inputs, **args).outputs is None
    assert caught.value.at == at
