from __future__ import annotations

from typing import Any

import numpy as np
import pytest
import torch
from torch import nn
from torch.utils.flop_counter import FlopCounterMode

from netspec.ops.weight import Init
from netspec.shapes.reads import WHOLE
from netspec.shapes.types import TensorType, input_type

from .support import argument_errors, dependence, make, shape_error
from .torch_support import assert_same_state, depends

ROWS: list[tuple[str, dict[str, Any], tuple[tuple[int, ...], ...], nn.Module]] = [
    ("dense", {"units": 40}, ((30,),), nn.Linear(30, 40)),
    ("dense", {"units": 4, "bias": False}, ((5, 30),), nn.Linear(30, 4, bias=False)),
    ("dense", {"units": 4, "axis": -1}, ((2, 3, 30),), nn.Linear(30, 4)),
    ("bilinear", {"units": 6}, ((5,), (7,)), nn.Bilinear(5, 7, 6)),
    ("bilinear", {"units": 3, "bias": False}, ((4, 5), (4, 2)), nn.Bilinear(5, 2, 3, bias=False)),
]


@pytest.mark.parametrize(("name", "args", "shapes", "module"), ROWS, ids=lambda v: v if isinstance(v, str) else "")
def test_agrees_with_pytorch(
    name: str, args: dict[str, Any], shapes: tuple[tuple[int, ...], ...], module: nn.Module
) -> None:
    built = make(name, *shapes, **args)
    out = module(*(torch.rand(2, *s) for s in shapes))
    assert (2, *built.shape) == tuple(out.shape)
    assert_same_state(built, module)
    biases = 0 if args.get("bias", True) is False else out[0].numel()
    assert built.connections == built.macs + biases
    for number in range(len(shapes)):
        assert (dependence(built, number=number) == depends(module, *shapes, number=number)).all()


@pytest.mark.parametrize(("args", "shape", "module"), [(a, s[0], m) for n, a, s, m in ROWS if n == "dense"])
def test_macs_are_pytorchs(args: dict[str, Any], shape: tuple[int, ...], module: nn.Module) -> None:
    with FlopCounterMode(display=False) as counter:
        module(torch.rand(1, *shape))
    assert 2 * make("dense", shape, **args).macs == counter.get_total_flops()


def test_macs_of_bilinear() -> None:
    """One for each weight at each position."""
    built = make("bilinear", (4, 5), (4, 7), units=6)
    assert built.macs == 4 * 6 * 5 * 7


def test_the_axis_of_units_is_the_channel_axis() -> None:
    unknown = TensorType((30, 7), "float32", ("", ""))
    assert make("dense", unknown, units=4).outputs == (TensorType((30, 4), "float32", ("", "channels")),)
    assert make("rbf", unknown, units=4).axes == ("", "channels")
    assert make("dense", (3, 8, 9), units=4, axis="channels").shape == (4, 8, 9)
    assert make("bilinear", (7, 5), (7, 2), units=3).axes == ("sequence", "channels")


def test_lenet5_output() -> None:
    """LeCun et al. 1998, page 8: 84 inputs and 10 Euclidean radial basis units."""
    built = make("rbf", (84,), units=10)
    assert (built.shape, built.shapes, built.connections, built.macs) == ((10,), {"weight": (10, 84)}, 840, 0)
    assert dependence(built).all()
    bitmaps = [[1, -1], [-1, 1], [1, 1]]
    chosen = make("rbf", (2,), units=3, init=bitmaps)
    assert chosen.inits == {"weight": Init("values", (((1, -1), (-1, 1), (1, 1)),))}


# -- look-ups ----------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("shape", [(), (9,), (3, 4)])
def test_embedding(shape: tuple[int, ...]) -> None:
    tokens = input_type(shape, "int64")
    built = make("embedding", tokens, vocabulary=50, width=8)
    module = nn.Embedding(50, 8)
    out = module(torch.zeros(2, *shape, dtype=torch.int64))
    assert (2, *built.shape) == tuple(out.shape)
    assert built.outputs == (TensorType((*shape, 8), "float32", (*tokens.axes, "channels")),)
    assert_same_state(built, module)
    assert (built.macs, built.connections) == (0, int(np.prod(shape)) * 8)
    grid = np.arange(int(np.prod(shape))).reshape(shape)
    assert (dependence(built) == (grid.reshape((*shape, *(1,) * (1 + grid.ndim))) == grid)).all()


@pytest.mark.parametrize(("axis", "index"), [(0, (5,)), (1, (2, 3)), (2, ()), (-1, (1, 1, 4))])
def test_gather_is_numpys_take(axis: int, index: tuple[int, ...]) -> None:
    x = np.arange(24).reshape(2, 3, 4)
    at = np.zeros(index, dtype=np.int64)
    built = make("gather", x.shape, input_type(index, "int64"), axis=axis, index="table")
    assert built.shape == np.take(x, at, axis).shape
    assert built.outputs[0].dtype == "float32"
    # Any position along the axis: what all indices together may reach.
    size = x.shape[axis]
    every = np.stack([np.take(x, np.full(index, i), axis) for i in range(size)])
    seen = (every.reshape(size, *built.shape, 1, 1, 1) == x).any(0)
    assert (dependence(built) == seen).all()
    places = np.arange(at.size).reshape(index)
    taken = np.take(x * 0, at, axis) + places.reshape((*index, *(1,) * (2 - axis % 3)))
    assert (dependence(built, number=1) == (taken.reshape((*built.shape, *(1,) * at.ndim)) == places)).all()


def test_axes_of_gather() -> None:
    words = input_type((50, 8))
    assert make("gather", words, input_type((3,), "int32"), axis="sequence", index="i").axes == ("sequence", "channels")
    assert make("gather", words, input_type((), "int32"), axis=0, index="i").axes == ("channels",)
    assert make("gather", words, input_type((3, 4), "int32"), axis=0, index="i").axes == ("", "", "channels")
    (read, _) = make("gather", words, input_type((3,), "int32"), axis=0, index="i").reads()
    assert read is not None
    assert read[0] is WHOLE


def test_init() -> None:
    tokens = input_type((9,), "int64")
    built = make("embedding", tokens, vocabulary=50, width=8, init={"normal": 0.02})
    assert built.inits == {"weight": Init("normal", (0.02,))}
    assert make("bilinear", (5,), (7,), units=6, init="zeros").inits["weight"] == Init("zeros")


def test_what_is_refused() -> None:
    assert argument_errors("dense", (5,)) == ["'dense' needs 'units'"]
    assert argument_errors("rbf", (5,), units=0) == ["units must be a positive integer"]
    assert argument_errors("rbf", (5,), units=2, bias=True) == ["'rbf' has no argument 'bias'"]
    assert argument_errors("embedding", input_type((5,), "int64"), vocabulary=4) == ["'embedding' needs 'width'"]
    assert argument_errors("gather", (5,), input_type((2,), "int64"), axis=3, index="i") == [
        "axis 3 does not exist: there are 1 axes, 0 to 0"
    ]
    assert argument_errors("gather", (5,), input_type((2,), "int64"), index="i") == ["'gather' needs 'axis'"]
    assert argument_errors("gather", (5,), input_type((2,), "int64"), axis=0) == ["'gather' needs 'index'"]
    assert shape_error("embedding", (5,), vocabulary=4, width=2) == (
        "NS521: 'embedding' needs integers, int64 or int32; found float32"
    )
    assert shape_error("gather", (5,), (2,), axis=0, index="i") == (
        "NS521: 'index' of 'gather' must be integers, int64 or int32; found float32"
    )
    assert shape_error("bilinear", (4, 5), (3, 5), units=2) == (
        "NS512: the inputs of 'bilinear' may differ only in their last axis; found (4, 5) and (3, 5)"
    )
    assert shape_error("bilinear", (4, 5), (5,), units=2) == (
        "NS512: the inputs of 'bilinear' may differ only in their last axis; found (4, 5) and (5)"
    )
    assert shape_error("bilinear", (4, 5, 5), (4, 5, 5), units=2) == (
        "NS502: 'bilinear' takes the last axis as features; in (4, 5, 5) channels are axis 0"
    )
    assert shape_error("bilinear", (4,), (), units=2) == (
        "NS501: 'bilinear' works along the last axis; input 2 has none"
    )
