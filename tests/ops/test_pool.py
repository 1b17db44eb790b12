from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np
import pytest
import torch
from hypothesis import given, settings
from hypothesis import strategies as st
from torch import nn

from netspec.ops.weight import Init
from netspec.shapes.reads import SAME_POSITION, WHOLE, Along
from netspec.shapes.types import TensorType

from .function import assert_reads, results
from .support import argument_errors, dependence, make, shape_error

torch.set_num_threads(1)

ROWS: list[tuple[str, dict[str, Any], tuple[int, ...], nn.Module]] = [
    ("max_pool1d", {"size": 3}, (4, 11), nn.MaxPool1d(3)),
    ("max_pool2d", {"size": 2}, (4, 11, 9), nn.MaxPool2d(2)),
    ("max_pool2d", {"size": 3, "stride": 2, "padding": 1}, (4, 11, 9), nn.MaxPool2d(3, 2, 1)),
    (
        "max_pool2d",
        {"size": [3, 2], "stride": [2, 1], "padding": [1, 0]},
        (4, 8, 9),
        nn.MaxPool2d((3, 2), (2, 1), (1, 0)),
    ),
    ("max_pool2d", {"size": 3, "stride": 2, "ceil_mode": True}, (4, 12, 9), nn.MaxPool2d(3, 2, ceil_mode=True)),
    ("max_pool2d", {"size": 2, "ceil_mode": True}, (4, 1, 1), nn.MaxPool2d(2, ceil_mode=True)),
    ("max_pool2d", {"size": 3, "stride": 2, "dilation": 2}, (4, 12, 9), nn.MaxPool2d(3, 2, dilation=2)),
    ("max_pool3d", {"size": [1, 2, 2]}, (4, 3, 8, 9), nn.MaxPool3d((1, 2, 2))),
    ("avg_pool1d", {"size": 3, "stride": 1, "padding": 1}, (4, 11), nn.AvgPool1d(3, 1, 1)),
    ("avg_pool2d", {"size": 3, "stride": 2, "padding": 1, "ceil_mode": True}, (4, 12, 9), nn.AvgPool2d(3, 2, 1, True)),
    ("avg_pool2d", {"size": 2, "padding": "valid", "count_include_pad": False}, (4, 5, 5), nn.AvgPool2d(2)),
    ("avg_pool3d", {"size": 2}, (4, 3, 8, 9), nn.AvgPool3d(2)),
    ("lp_pool2d", {"size": 2}, (4, 7, 8), nn.LPPool2d(2, 2)),
    ("lp_pool2d", {"size": 3, "stride": 2, "p": 3, "ceil_mode": True}, (4, 8, 8), nn.LPPool2d(3, 3, 2, ceil_mode=True)),
    ("adaptive_avg_pool1d", {"size": 5}, (4, 12), nn.AdaptiveAvgPool1d(5)),
    ("adaptive_avg_pool2d", {"size": 6}, (4, 6, 13), nn.AdaptiveAvgPool2d(6)),
    ("adaptive_avg_pool2d", {"size": [1, 7]}, (4, 3, 3), nn.AdaptiveAvgPool2d((1, 7))),
    ("adaptive_avg_pool3d", {"size": 2}, (4, 3, 8, 9), nn.AdaptiveAvgPool3d(2)),
    ("adaptive_max_pool1d", {"size": 1}, (4, 12), nn.AdaptiveMaxPool1d(1)),
    ("adaptive_max_pool2d", {"size": [4, 3]}, (4, 6, 13), nn.AdaptiveMaxPool2d((4, 3))),
    ("adaptive_max_pool3d", {"size": [2, 1, 4]}, (4, 3, 8, 9), nn.AdaptiveMaxPool3d((2, 1, 4))),
]


@pytest.mark.parametrize(("name", "args", "shape", "module"), ROWS, ids=lambda v: v if isinstance(v, str) else "")
def test_shapes_are_pytorchs(name: str, args: dict[str, Any], shape: tuple[int, ...], module: nn.Module) -> None:
    built = make(name, shape, **args)
    assert (2, *built.shape) == tuple(module(torch.rand(2, *shape)).shape)
    assert built.axes == ("channels", *(built.inputs[0].axes[1:] if len(shape) > 2 else ("sequence",)))
    assert (built.weights, built.macs, built.connections) == ((), 0, 0)


@pytest.mark.parametrize(("size", "small", "large"), [(2, (3, 4, 3), (3, 8, 7)), ([4, 3], (3, 2, 2), (3, 8, 7))])
def test_unpooling_is_pytorchs(size: Any, small: tuple[int, ...], large: tuple[int, ...]) -> None:
    def unpooled(x: torch.Tensor, like: torch.Tensor) -> torch.Tensor:
        places = nn.functional.max_pool2d(like, size, return_indices=True)[1]
        return nn.functional.max_unpool2d(x, places, size, output_size=like.shape[2:])

    built = make("max_unpool2d", small, large, size=size, like=True)
    assert results(unpooled, built) == [built.shape]
    assert (built.axes, built.weights, built.macs) == (("channels", "height", "width"), (), 0)
    # Which value a position has depends on all of the window: more than the Jacobian at one point shows.
    assert_reads(unpooled, built, exact=False)


def test_unpooling_needs_what_was_pooled() -> None:
    assert shape_error("max_unpool2d", (3, 4, 4), (3, 8, 7), size=2, like=True) == (
        "NS512: the input of 'max_unpool2d' must have the shape of its pooled 'like'; they differ in width: 4 and 3"
    )
    assert shape_error("max_unpool2d", (3, 4, 4), (5, 8, 8), size=2, like=True) == (
        "NS512: the input of 'max_unpool2d' must have the shape of its pooled 'like'; they differ in channels: 3 and 5"
    )


@pytest.mark.parametrize(
    ("name", "args", "shape", "module"),
    [r for r in ROWS if np.prod(r[2]) <= 600],
    ids=lambda v: v if isinstance(v, str) else "",
)
def test_reads_what_pytorch_reads(name: str, args: dict[str, Any], shape: tuple[int, ...], module: nn.Module) -> None:
    """One example for each input element, which is one and all others zero: what it reaches is not zero."""
    built = make(name, shape, **args)
    n = int(np.prod(shape))
    reached = module(torch.eye(n).reshape(n, *shape)).ne(0).reshape(n, -1).T.numpy()
    assert (dependence(built).reshape(-1, n) == reached).all()


windows = st.fixed_dictionaries(
    {"size": st.integers(1, 5), "stride": st.integers(1, 6), "padding": st.integers(0, 2), "ceil_mode": st.booleans()}
)


@settings(deadline=None, max_examples=150)
@given(n=st.integers(1, 15), dilation=st.integers(1, 3), w=windows)
def test_any_window_is_pytorchs(n: int, dilation: int, w: dict[str, Any]) -> None:
    w["padding"] = min(w["padding"], w["size"] // 2)
    module = nn.MaxPool1d(w["size"], w["stride"], w["padding"], dilation, ceil_mode=w["ceil_mode"])
    _agree("max_pool1d", n, {**w, "dilation": dilation}, module)
    _agree("avg_pool1d", n, w, nn.AvgPool1d(w["size"], w["stride"], w["padding"], w["ceil_mode"]))


def _agree(name: str, n: int, args: dict[str, Any], module: Callable[[torch.Tensor], torch.Tensor]) -> None:
    try:
        expected = module(torch.zeros(2, 3, n))
    except RuntimeError:
        assert shape_error(name, (3, n), **args).startswith("NS510: ")
        return
    if expected.isfinite().all():
        assert (2, *make(name, (3, n), **args).shape) == tuple(expected.shape)
    else:  # the greatest of no numbers
        assert shape_error(name, (3, n), **args).startswith("NS525: every window")


@settings(deadline=None, max_examples=60)
@given(n=st.integers(1, 20), m=st.integers(1, 20))
def test_any_adaptive_window_is_pytorchs(n: int, m: int) -> None:
    reached = nn.AdaptiveAvgPool1d(m)(torch.eye(n).reshape(n, 1, n)).ne(0).reshape(n, m).T.numpy()
    assert (dependence(make("adaptive_avg_pool1d", (1, n), size=m)).reshape(m, n) == reached).all()


@pytest.mark.parametrize(("n", "size", "stride", "out"), [(7, 2, 2, 4), (8, 3, 2, 4), (5, 3, 1, 5), (1, 4, 3, 1)])
def test_same_padding_is_keras(n: int, size: int, stride: int, out: int) -> None:
    """ceil(n / stride), as keras.layers.MaxPooling1D(padding="same") has it."""
    assert make("max_pool1d", (3, n), size=size, stride=stride, padding="same").shape == (3, out)


def test_padding_on_both_sides() -> None:
    """The pairs of Inception's asymmetric pools: nn.ZeroPad2d((0, 1, 0, 1)), then MaxPool2d(3, 2)."""
    built = make("max_pool2d", (3, 8, 8), size=3, stride=2, padding=[[0, 1], [0, 1]])
    assert built.shape == tuple(nn.MaxPool2d(3, 2)(nn.ZeroPad2d((0, 1, 0, 1))(torch.zeros(3, 8, 8))).shape)


def test_channels_last() -> None:
    built = make("max_pool2d", (9, 8, 3), size=2, channels_last=True)
    assert (built.shape, built.axes) == ((4, 4, 3), ("height", "width", "channels"))
    seen = dependence(make("adaptive_max_pool2d", (4, 4, 2), size=2, channels_last=True))[1, 0, 1]
    assert np.argwhere(seen).tolist() == [[2, 0, 1], [2, 1, 1], [3, 0, 1], [3, 1, 1]]


# -- the whole input ---------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("name", ["global_avg_pool", "global_max_pool"])
def test_global_pools(name: str) -> None:
    built = make(name, (5, 7, 6))
    assert (built.shape, built.axes, built.reads()) == ((5,), ("channels",), ((Along(0, SAME_POSITION), WHOLE, WHOLE),))
    built = make(name, (5, 7, 6), keepdims=True)
    assert (built.shape, built.axes) == ((5, 1, 1), ("channels", "height", "width"))
    n = 5 * 7 * 6
    reached = nn.AdaptiveAvgPool2d(1)(torch.eye(n).reshape(n, 5, 7, 6)).ne(0).reshape(n, -1).T.numpy()
    assert (dependence(built).reshape(-1, n) == reached).all()


def test_global_pools_find_the_channels() -> None:
    assert make("global_avg_pool", (7, 6, 5), channels_last=True).shape == (5,)
    assert make("global_avg_pool", (50, 16)).shape == (16,), "a sequence of features"
    moved = TensorType((7, 6, 5), "float32", ("height", "width", "channels"))
    assert make("global_max_pool", moved, keepdims=True).shape == (1, 1, 5)
    unknown = TensorType((30, 7), "float32", ("", ""))
    assert shape_error("global_avg_pool", unknown) == (
        "NS520: 'global_avg_pool' needs the channel axis, which is unknown in (30, 7)"
    )
    assert shape_error("global_max_pool", (10,)) == (
        "NS501: 'global_max_pool' pools every axis but the channels; in (10) there is no other"
    )


# -- of the papers -----------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(("shape", "params", "connections"), [((6, 28, 28), 12, 5880), ((16, 10, 10), 32, 2000)])
def test_lenet5_subsampling(shape: tuple[int, ...], params: int, connections: int) -> None:
    """S2 and S4 of LeCun et al. 1998, page 8: 12 and 32 trainable parameters, 5,880 and 2,000 connections."""
    built = make("subsample2d", shape, size=2)
    assert built.shape == (shape[0], shape[1] // 2, shape[2] // 2)
    assert sum(n for (n,) in built.shapes.values()) == params
    assert (built.connections, built.macs) == (connections, 0)
    assert built.inits == {"weight": Init("constant", (0.25,)), "bias": Init("zeros")}
    chosen = make("subsample2d", shape, size=2, init={"bias": {"constant": 0.5}})
    assert chosen.inits["bias"] == Init("constant", (0.5,))


def test_stochastic_pool() -> None:
    """Zeiler & Fergus 2013, section 4: windows of 3 at a stride of 2."""
    built = make("stochastic_pool2d", (64, 31, 31), size=3, stride=2)
    assert (built.shape, built.weights) == ((64, 15, 15), ())


def test_what_is_refused() -> None:
    assert argument_errors("max_pool2d", (3, 8, 8)) == ["'max_pool2d' needs 'size'"]
    assert argument_errors("max_pool2d", (3, 8, 8), size=0) == [
        "size must be a positive integer, or a list of one per axis"
    ]
    assert argument_errors("max_pool2d", (3, 8, 8), size=[2, 2, 2]) == [
        "size must be a positive integer, or a list of 2 of them; it has 3"
    ]
    assert argument_errors("avg_pool2d", (3, 8, 8), size=2, padding="causal") == [
        "padding must be valid, same, a number, one per axis, or [[before, after], …]"
    ]
    assert argument_errors("lp_pool2d", (3, 8, 8), size=2, p=0) == ["p must be a number above 0, at most 1,000"]
    assert argument_errors("avg_pool2d", (3, 8, 8), size=2, dilation=2) == ["'avg_pool2d' has no argument 'dilation'"]
    assert shape_error("max_pool2d", (3, 8), size=2) == (
        "NS501: 'max_pool2d' works on 3 axes (channels, height, width); found 2: (3, 8)"
    )
    assert shape_error("max_pool2d", (3, 8, 1), size=2) == (
        "NS510: the window of 'max_pool2d' is larger than its input in width: 2 over 1"
    )
    assert shape_error("max_pool2d", (3, 8, 8), size=2, padding=2) == (
        "NS525: padding of 'max_pool2d' must be smaller than its window; found 2 and 2"
    )
    assert shape_error("max_pool2d", (3, 8, 2), size=2, padding=[0, 2], dilation=[1, 3], stride=1) == (
        "NS525: every window of 'max_pool2d' must contain more than padding; found elements 3 apart in width, over 2"
    )
    assert shape_error("adaptive_avg_pool2d", (8, 8), size=2) == (
        "NS501: 'adaptive_avg_pool2d' works on 3 axes (channels, height, width); found 2: (8, 8)"
    )
    assert shape_error("adaptive_avg_pool2d", (3, 8, 0), size=2) == (
        "NS511: 'adaptive_avg_pool2d' has nothing to pool in width"
    )
