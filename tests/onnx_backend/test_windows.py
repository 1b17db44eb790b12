"""Every combination of window arguments, compared with PyTorch's own functions."""

# onnx and torch are typed in part:
# pyright: reportUnknownMemberType=false, reportUnknownVariableType=false, reportUnknownArgumentType=false

from __future__ import annotations

import tempfile
from collections.abc import Callable
from pathlib import Path
from typing import Any, NamedTuple

import numpy as np
import pytest
import torch
from hypothesis import HealthCheck, assume, given, settings
from hypothesis import strategies as st
from torch import Tensor
from torch.nn import functional as F

import netspec_onnx
from netspec.ir import Graph
from netspec.shapes.shape_error import ShapeError

from .support import Input, parameter_tensors, run, single_operation, write_onnx

Function = Callable[..., Tensor]

CONV: dict[int, Function] = {1: F.conv1d, 2: F.conv2d, 3: F.conv3d}
TRANSPOSED: dict[int, Function] = {1: F.conv_transpose1d, 2: F.conv_transpose2d, 3: F.conv_transpose3d}
MAX: dict[int, Function] = {1: F.max_pool1d, 2: F.max_pool2d, 3: F.max_pool3d}
AVG: dict[int, Function] = {1: F.avg_pool1d, 2: F.avg_pool2d, 3: F.avg_pool3d}
ADAPTIVE: dict[tuple[str, int], Function] = {
    ("avg", 1): F.adaptive_avg_pool1d,
    ("avg", 2): F.adaptive_avg_pool2d,
    ("avg", 3): F.adaptive_avg_pool3d,
    ("max", 1): F.adaptive_max_pool1d,
    ("max", 2): F.adaptive_max_pool2d,
    ("max", 3): F.adaptive_max_pool3d,
}


class Axis(NamedTuple):
    """A window along one axis."""

    n: int
    size: int
    stride: int
    dilation: int
    before: int
    after: int


axis = st.builds(
    Axis, st.integers(1, 12), st.integers(1, 4), st.integers(1, 5), st.integers(1, 3), st.integers(0, 4),
    st.integers(0, 4),
)  # fmt: skip
axes = st.integers(1, 3).flatmap(lambda rank: st.lists(axis, min_size=rank, max_size=rank))


def graph_of(op: str, shape: tuple[int, ...], args: dict[str, Any]) -> Graph:
    """A network of one operation; arguments that the language rejects are skipped."""
    try:
        return single_operation(op, (Input(shape),), args)
    except ShapeError:
        assume(False)
        raise


def assert_equals(graph: Graph, x: Tensor, expected: Tensor) -> None:
    """The file's output equals PyTorch's."""
    with tempfile.TemporaryDirectory() as folder:
        (actual,) = run(write_onnx(graph, Path(folder) / "one.onnx"), {"x0": x.numpy()})
    assert actual.shape == tuple(expected.shape)
    np.testing.assert_allclose(actual, expected.numpy(), rtol=1e-4, atol=1e-5)


def image(windows: list[Axis], channels: int) -> tuple[tuple[int, ...], Tensor]:
    shape = (channels, *(w.n for w in windows))
    return shape, torch.rand(2, *shape, generator=torch.Generator().manual_seed(0)) - 0.3


def sides(windows: list[Axis]) -> list[int]:
    """Padding in the order of ``F.pad``: the last axis first."""
    return [n for w in reversed(windows) for n in (w.before, w.after)]


def per_axis(windows: list[Axis]) -> dict[str, list[Any]]:
    return {
        "stride": [w.stride for w in windows],
        "padding": [[w.before, w.after] for w in windows],
    }


@settings(max_examples=60, deadline=None)
@given(axes, st.sampled_from([1, 2, 4]), st.sampled_from(["zeros", "reflect", "replicate", "circular"]))
def test_convolution(windows: list[Axis], groups: int, mode: str) -> None:
    rank = len(windows)
    shape, x = image(windows, 4)
    if mode != "zeros":
        assume(all(max(w.before, w.after) < w.n for w in windows))
    args = {
        "filters": 8,
        "groups": groups,
        "kernel": [w.size for w in windows],
        "dilation": [w.dilation for w in windows],
        "padding_mode": mode,
        **per_axis(windows),
    }
    graph = graph_of(f"conv{rank}d", shape, args)
    w = parameter_tensors(graph)
    padded = F.pad(x, sides(windows), "constant" if mode == "zeros" else mode)
    expected = CONV[rank](padded, w["op.weight"], w["op.bias"], args["stride"], 0, args["dilation"], groups)
    assert_equals(graph, x, expected)


@settings(max_examples=60, deadline=None)
@given(axes, st.sampled_from([1, 2, 4]), st.booleans())
def test_transposed_convolution(windows: list[Axis], groups: int, extra: bool) -> None:
    rank = len(windows)
    shape, x = image(windows, 4)
    more = [max(w.stride, w.dilation) - 1 if extra else 0 for w in windows]
    args: dict[str, Any] = {
        "filters": 8,
        "groups": groups,
        "kernel": [w.size for w in windows],
        "dilation": [w.dilation for w in windows],
        "output_padding": more,
        **per_axis(windows),
    }
    graph = graph_of(f"conv_transpose{rank}d", shape, args)
    w = parameter_tensors(graph)
    full = TRANSPOSED[rank](x, w["op.weight"], w["op.bias"], args["stride"], 0, more, groups, args["dilation"])
    for a, p in enumerate(windows, 2):
        full = full.narrow(a, p.before, full.shape[a] - p.before - p.after)
    assert_equals(graph, x, full)


@settings(max_examples=80, deadline=None)
@given(axes, st.booleans())
def test_max_pooling(windows: list[Axis], ceil: bool) -> None:
    rank = len(windows)
    shape, x = image(windows, 2)
    # PyTorch pads both sides equally, by at most half a window.
    windows = [w._replace(before=min(w.before, w.size // 2), after=min(w.before, w.size // 2)) for w in windows]
    args = {
        "size": [w.size for w in windows],
        "dilation": [w.dilation for w in windows],
        "ceil_mode": ceil,
        **per_axis(windows),
    }
    try:
        graph = single_operation(f"max_pool{rank}d", (Input(shape),), args)
    except ShapeError as error:
        assume(error.code == "NS525")
        graph = None
    expected = MAX[rank](x, args["size"], args["stride"], [w.before for w in windows], args["dilation"], ceil)
    assert (graph is not None) == bool(expected.isfinite().all()), "a window that covers only padding is rejected"
    if graph is not None:
        assert_equals(graph, x, expected)


@settings(max_examples=80, deadline=None)
@given(axes, st.booleans(), st.booleans())
def test_average_pooling(windows: list[Axis], ceil: bool, include: bool) -> None:
    rank = len(windows)
    shape, x = image(windows, 2)
    windows = [w._replace(before=min(w.before, w.size // 2), after=min(w.before, w.size // 2)) for w in windows]
    args = {
        "size": [w.size for w in windows],
        "ceil_mode": ceil,
        "count_include_pad": include,
        **per_axis(windows),
    }
    assume(rank < 3 or all(w.n >= w.size for w in windows))  # PyTorch requires this of volumes
    graph = graph_of(f"avg_pool{rank}d", shape, args)
    assert_equals(graph, x, AVG[rank](x, args["size"], args["stride"], [w.before for w in windows], ceil, include))


@settings(max_examples=60, deadline=None, suppress_health_check=[HealthCheck.filter_too_much])
@given(axes, st.booleans(), st.booleans())
def test_pooling_of_uneven_padding(windows: list[Axis], mean: bool, ceil: bool) -> None:
    """If no window reaches beyond the padding, pooling equals padding followed by pooling."""
    rank = len(windows)
    shape, x = image(windows, 2)
    kind = "avg" if mean else "max"
    args = {"size": [w.size for w in windows], "ceil_mode": ceil, **per_axis(windows)}
    graph = graph_of(f"{kind}_pool{rank}d", shape, args)
    assume(all(w.n + w.before + w.after >= w.size for w in windows))
    padded = F.pad(x, sides(windows), value=0.0 if mean else -1e30)
    expected = (AVG if mean else MAX)[rank](padded, args["size"], args["stride"])
    assume(tuple(expected.shape[2:]) == graph.values[-1].shape[1:])
    assert_equals(graph, x, expected)


@settings(max_examples=60, deadline=None)
@given(
    st.lists(st.tuples(st.integers(1, 12), st.integers(1, 9)), min_size=1, max_size=3), st.sampled_from(["avg", "max"])
)
def test_adaptive_pooling(sizes: list[tuple[int, int]], kind: str) -> None:
    rank = len(sizes)
    shape, x = image([Axis(n, 1, 1, 1, 0, 0) for n, _ in sizes], 2)
    expected = [m for _, m in sizes]
    graph = single_operation(f"adaptive_{kind}_pool{rank}d", (Input(shape),), {"size": expected})
    assert_equals(graph, x, ADAPTIVE[kind, rank](x, expected))


@pytest.mark.parametrize("op", ["adaptive_avg_pool1d", "adaptive_max_pool1d"])
def test_the_model_of_an_adaptive_pooling_does_not_grow_with_its_sizes(op: str) -> None:
    sizes = ((10, 7), (10_000, 7), (10, 7_777), (2**30, 2**30 - 1))
    lengths = [netspec_onnx.model(single_operation(op, (Input((2, n)),), {"size": m})).ByteSize() for n, m in sizes]
    assert max(lengths) - min(lengths) < 100
