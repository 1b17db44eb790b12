from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import pytest
import torch
from torch import nn
from torch.nn.functional import scaled_dot_product_attention as sdpa
from torch.utils.flop_counter import FlopCounterMode

from netspec.shapes.reads import SAME_POSITION, WHOLE, Along, Fixed
from netspec.shapes.types import TensorType, input_type

from .function import assert_reads, results
from .support import make, shape_error

Shapes = list[tuple[int, ...]]

PROJECTED: list[tuple[dict[str, Any], Shapes]] = [
    ({"heads": 2}, [(5, 8)]),
    ({"heads": 4, "bias": False}, [(5, 8)]),
    ({"heads": 1, "causal": True}, [(5, 8)]),
    ({"heads": 2}, [(3, 8), (5, 8)]),
    ({"heads": 2}, [(3, 8), (5, 6)]),
    ({"heads": 2}, [(3, 8), (5, 8), (5, 4)]),
    ({"heads": 2, "bias": False}, [(3, 8), (5, 6), (5, 4)]),
]


def module_of(args: dict[str, Any], shapes: Sequence[tuple[int, ...]]) -> nn.MultiheadAttention:
    q, k, v = shapes[0], shapes[min(1, len(shapes) - 1)], shapes[-1]
    return nn.MultiheadAttention(
        q[1], args["heads"], bias=args.get("bias", True), kdim=k[1], vdim=v[1], batch_first=True
    )


@pytest.mark.parametrize(("args", "shapes"), PROJECTED, ids=str)
def test_weights_and_shapes_are_those_of_multihead_attention(args: dict[str, Any], shapes: Shapes) -> None:
    module, built = module_of(args, shapes), make("attention", *shapes, **args)
    state = module.state_dict()
    assert [(w.name, w.shape) for w in built.weights] == [(k, tuple(v.shape)) for k, v in state.items()]
    x = [torch.rand(2, *s) for s in shapes]
    assert (2, *built.shape) == tuple(module(x[0], x[min(1, len(x) - 1)], x[-1])[0].shape)
    assert built.axes == ("sequence", "channels")


@pytest.mark.parametrize(("args", "shapes"), PROJECTED, ids=str)
def test_first_values_are_those_of_multihead_attention(args: dict[str, Any], shapes: Shapes) -> None:
    wide = [(n, 16 * c) for n, c in shapes]
    built, state = make("attention", *wide, **args), module_of(args, wide).state_dict()
    for name, init in built.inits.items():
        value = state[name]
        if init.kind == "zeros":
            assert value.eq(0).all()
            continue
        rows, columns = value.shape
        bound = (6 / (rows + columns)) ** 0.5 if init.kind == "xavier_uniform" else init.args[0]
        assert init.kind in ("xavier_uniform", "uniform")
        assert 0.97 * bound < value.abs().max().item() <= bound


@pytest.mark.parametrize(("args", "shapes"), PROJECTED, ids=str)
def test_macs_are_pytorchs(args: dict[str, Any], shapes: Shapes) -> None:
    module, built = module_of(args, shapes), make("attention", *shapes, **args)
    x = [torch.rand(1, *s) for s in shapes]
    with FlopCounterMode(display=False) as counter, nn.attention.sdpa_kernel(nn.attention.SDPBackend.MATH):
        module(x[0], x[min(1, len(x) - 1)], x[-1], need_weights=False)
    assert 2 * built.macs == counter.get_total_flops()
    biases = (shapes[0][0] + shapes[min(1, len(shapes) - 1)][0]) * 2 * shapes[0][1]
    assert built.connections == built.macs + (biases if args.get("bias", True) else 0)


PRODUCTS: list[tuple[dict[str, Any], Shapes]] = [
    ({}, [(3, 4), (5, 4), (5, 4)]),
    ({"heads": 2}, [(3, 4), (5, 4), (5, 4)]),
    ({"heads": 2}, [(3, 4), (2, 4), (2, 6)]),
    ({"heads": 2, "scale": 1.0}, [(2, 3, 4), (2, 2, 4), (2, 2, 2)]),
    ({"heads": 4}, [(2, 2, 3, 4), (2, 2, 3, 4), (2, 2, 3, 4)]),
]


def attend(
    heads: int, *inputs: torch.Tensor, mask: torch.Tensor | None = None, scale: float | None = None
) -> torch.Tensor:
    q, k, v = (x.reshape(*x.shape[:-1], heads, -1).transpose(-2, -3) for x in inputs)
    return sdpa(q, k, v, attn_mask=mask, scale=scale).transpose(-2, -3).flatten(-2)


@pytest.mark.parametrize(("args", "shapes"), PRODUCTS, ids=str)
def test_products_are_pytorchs(args: dict[str, Any], shapes: Shapes) -> None:
    built, heads = make("dot_product_attention", *shapes, **args), args.get("heads", 1)

    def function(*x: torch.Tensor) -> torch.Tensor:
        with nn.attention.sdpa_kernel(nn.attention.SDPBackend.MATH):
            return attend(heads, *x, scale=args.get("scale"))

    assert [built.shape] == results(function, built)
    assert built.axes == built.inputs[0].axes
    assert built.weights == ()
    assert_reads(function, built)
    with FlopCounterMode(display=False) as counter:
        function(*(torch.rand(1, *s) for s in shapes))
    assert 2 * built.macs == counter.get_total_flops()


@pytest.mark.parametrize(
    "mask", [(2, 2, 3, 5), (1, 2, 3, 5), (2, 1, 3, 5), (2, 3, 5), (3, 5), (1, 5), (5,), (1, 1, 1, 1)], ids=str
)
def test_a_mask_is_read_where_pytorch_reads_it(mask: tuple[int, ...]) -> None:
    """The mask of one example is (2, heads, 3, 5) for inputs with a further axis of 2, or broadcast to that."""
    built = make("dot_product_attention", (2, 3, 4), (2, 5, 4), (2, 5, 4), mask, heads=2, mask=True)

    def function(q: torch.Tensor, k: torch.Tensor, v: torch.Tensor, m: torch.Tensor) -> torch.Tensor:
        return attend(2, q, k, v, mask=m.reshape(m.shape[0], *(1,) * (5 - m.ndim), *m.shape[1:]))

    # A mask that is the same for all keys changes nothing in exact arithmetic, and a single key neither.
    assert_reads(function, built, exact=mask[-1] != 1)


def test_reads_of_attention_with_projections() -> None:
    row = Along(0, SAME_POSITION), WHOLE
    assert make("attention", (5, 8), heads=2).reads() == ((WHOLE, WHOLE),)
    assert make("attention", (3, 8), (5, 8), heads=2).reads() == (row, (WHOLE, WHOLE))
    assert make("attention", (3, 8), (5, 8), (3, 5), heads=2, mask=True).reads()[2] == (Along(0, SAME_POSITION), WHOLE)
    assert make("attention", (5, 8), (2, 1, 5), heads=2, mask=True).reads()[1] == (WHOLE, Fixed(0, 0), WHOLE)


def test_masks_of_numbers_and_of_truth_values() -> None:
    for dtype in ("float32", "bool"):
        mask = input_type((2, 5, 5), dtype)
        assert make("attention", (5, 8), mask, heads=2, mask=True).shape == (5, 8)
        assert make("dot_product_attention", (5, 8), (5, 8), (5, 8), mask, heads=2, mask=True).shape == (5, 8)


ERRORS: list[tuple[str, dict[str, Any], list[Any], str]] = [
    ("attention", {"heads": 2}, [(8, 4, 6)],
     "NS560: 'attention' works on two axes, sequence and features; found (8, 4, 6)"),
    ("attention", {"heads": 2}, [TensorType((8, 24), "float32", ("channels", "sequence"))],
     "NS561: 'attention' takes the last axis as features; in (8, 24) the channels are axis 0"),
    ("attention", {"heads": 3}, [(5, 8)], "NS562: heads must divide the features of 'attention': 8 in 3 heads"),
    ("attention", {"heads": 2}, [(5, 8), (4, 8), (3, 8)],
     "NS563: key and value of 'attention' must have the same length; found 4 and 3"),
    ("attention", {"heads": 2, "mask": True}, [(5, 8), (5, 4)],
     "NS564: the mask of 'attention' must fit the scores (2, 5, 5); found (5, 4)"),
    ("attention", {"heads": 2, "mask": True}, [(5, 8), (1, 2, 5, 5)],
     "NS564: the mask of 'attention' must fit the scores (2, 5, 5); found (1, 2, 5, 5)"),
    ("attention", {"heads": 2, "mask": True}, [(5, 8), input_type((5, 5), "int64")],
     "NS565: 'mask' of 'attention' must be float32 or bool; found int64"),
    ("attention", {"heads": 2}, [input_type((5, 8), "int64")],
     "NS548: 'attention' works on floating-point numbers; found int64"),
    ("attention", {"heads": 2}, [(5, 8), input_type((5, 8), "float16")],
     "NS515: the inputs of 'attention' differ in type: float32 and float16"),
    ("dot_product_attention", {}, [(8,), (8,), (8,)],
     "NS560: 'dot_product_attention' works on two axes or more, the last two being sequence and features; found (8)"),
    ("dot_product_attention", {"heads": 3}, [(5, 8)] * 3,
     "NS562: heads must divide the features of 'dot_product_attention': 8 in 3 heads"),
    ("dot_product_attention", {"heads": 2}, [(5, 8), (5, 8), (5, 3)],
     "NS562: heads must divide the features of 'dot_product_attention': 3 in 2 heads"),
    ("dot_product_attention", {}, [(5, 8), (5, 6), (5, 8)],
     "NS563: query and key of 'dot_product_attention' must have the same features; found 8 and 6"),
    ("dot_product_attention", {}, [(5, 8), (4, 8), (3, 8)],
     "NS563: key and value of 'dot_product_attention' must have the same length; found 4 and 3"),
    ("dot_product_attention", {"heads": 2, "mask": True}, [(5, 8)] * 3 + [(2, 4, 5)],
     "NS564: the mask of 'dot_product_attention' must fit the scores (2, 5, 5); found (2, 4, 5)"),
]  # fmt: skip


@pytest.mark.parametrize(("name", "args", "inputs", "message"), ERRORS, ids=lambda v: str(v)[:40])
def test_rules_that_do_not_hold(name: str, args: dict[str, Any], inputs: list[Any], message: str) -> None:
    assert shape_error(name, *inputs, **args) == message


def test_windows_must_be_the_same_for_query_key_and_value() -> None:
    q = TensorType((7, 4, 8), "float32", ("", "", "channels"))
    assert make("dot_product_attention", q, q, q, heads=2).shape == (7, 4, 8)
    k = q._replace(shape=(6, 4, 8))
    assert shape_error("dot_product_attention", q, k, k) == (
        "NS563: query, key and value of 'dot_product_attention' must agree in the axes before the last two; "
        "found 7 and 6"
    )
    assert shape_error("dot_product_attention", q, (4, 8), (4, 8)) == (
        "NS560: query, key and value of 'dot_product_attention' must have the same number of axes; found (7, 4, 8) and (4, 8)"
    )
