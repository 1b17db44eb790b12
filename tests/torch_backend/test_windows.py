"""Every combination of window arguments, by value against PyTorch's own functions."""

# torch is typed in part:
# pyright: reportUnknownMemberType=false, reportUnknownVariableType=false, reportUnknownArgumentType=false

from __future__ import annotations

from typing import Any

import torch
from hypothesis import HealthCheck, assume, given, settings
from hypothesis import strategies as st
from torch import Tensor
from torch.nn import functional as F

import netspec_torch
from netspec.ir import Graph
from tests.onnx_backend.support import parameter_tensors
from tests.onnx_backend.test_windows import (
    ADAPTIVE,
    AVG,
    CONV,
    MAX,
    TRANSPOSED,
    Axis,
    axes,
    graph_of,
    image,
    per_axis,
    sides,
)

SEED = 3
few = settings(max_examples=60, deadline=None, suppress_health_check=[HealthCheck.filter_too_much])


def compare(graph: Graph, x: Tensor, reference: Tensor) -> None:
    """The module gives what PyTorch's function gave."""
    with torch.no_grad():
        actual = netspec_torch.build(graph, seed=SEED).eval()(x)
    torch.testing.assert_close(actual, reference, rtol=1e-5, atol=1e-5)


@few
@given(axes, st.sampled_from([1, 2, 4]), st.sampled_from(["zeros", "reflect", "replicate", "circular"]), st.booleans())
def test_convolution(windows: list[Axis], groups: int, mode: str, even: bool) -> None:
    rank = len(windows)
    shape, x = image(windows, 4)
    windows = [w._replace(after=w.before) for w in windows] if even else windows
    assume(mode == "zeros" or all(max(w.before, w.after) < w.n for w in windows))
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
    compare(graph, x, CONV[rank](padded, w["op.weight"], w["op.bias"], args["stride"], 0, args["dilation"], groups))


@few
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
    compare(graph, x, full)


@few
@given(axes, st.booleans(), st.booleans(), st.booleans())
def test_pooling(windows: list[Axis], ceil: bool, mean: bool, include: bool) -> None:
    rank = len(windows)
    shape, x = image(windows, 2)
    # PyTorch pads both sides alike and by half a window at most.
    windows = [w._replace(before=min(w.before, w.size // 2), after=min(w.before, w.size // 2)) for w in windows]
    before = [w.before for w in windows]
    args: dict[str, Any] = {"size": [w.size for w in windows], "ceil_mode": ceil, **per_axis(windows)}
    if mean:
        assume(rank < 3 or all(w.n >= w.size for w in windows))  # which PyTorch wants of volumes
        graph = graph_of(f"avg_pool{rank}d", shape, args | {"count_include_pad": include})
        expected = AVG[rank](x, args["size"], args["stride"], before, ceil, include)
    else:
        dilation = [w.dilation for w in windows]
        graph = graph_of(f"max_pool{rank}d", shape, args | {"dilation": dilation})
        expected = MAX[rank](x, args["size"], args["stride"], before, dilation, ceil)
    compare(graph, x, expected)


@few
@given(axes, st.booleans(), st.booleans())
def test_pooling_of_uneven_padding(windows: list[Axis], mean: bool, ceil: bool) -> None:
    """Without a last window that reaches over, padding first and pooling then is the same."""
    rank = len(windows)
    shape, x = image(windows, 2)
    args = {"size": [w.size for w in windows], "ceil_mode": ceil, **per_axis(windows)}
    graph = graph_of(f"{'avg' if mean else 'max'}_pool{rank}d", shape, args)
    assume(all(w.n + w.before + w.after >= w.size for w in windows))
    padded = F.pad(x, sides(windows), value=0.0 if mean else float("-inf"))
    expected = (AVG if mean else MAX)[rank](padded, args["size"], args["stride"])
    assume(tuple(expected.shape[2:]) == graph.values[-1].shape[1:])
    compare(graph, x, expected)


@few
@given(axes)
def test_average_without_the_padding(windows: list[Axis]) -> None:
    """The mean of what is there, as the sum over it by the number of positions."""
    rank = len(windows)
    shape, x = image(windows, 2)
    assume(all(w.before < w.size and w.after < w.size for w in windows))
    assume(all((w.n + w.before + w.after - w.size) % w.stride == 0 for w in windows))
    args = {"size": [w.size for w in windows], "count_include_pad": False, **per_axis(windows)}
    graph = graph_of(f"avg_pool{rank}d", shape, args)
    each = [F.pad(t, sides(windows)) for t in (x, torch.ones_like(x))]
    total, count = (AVG[rank](t, args["size"], args["stride"]) for t in each)
    assume(bool((count > 0).all()))
    compare(graph, x, total / count)


@few
@given(
    st.lists(st.tuples(st.integers(1, 12), st.integers(1, 9)), min_size=1, max_size=3), st.sampled_from(["avg", "max"])
)
def test_adaptive_pooling(sizes: list[tuple[int, int]], kind: str) -> None:
    rank = len(sizes)
    shape, x = image([Axis(n, 1, 1, 1, 0, 0) for n, _ in sizes], 2)
    size = [m for _, m in sizes]
    compare(graph_of(f"adaptive_{kind}_pool{rank}d", shape, {"size": size}), x, ADAPTIVE[kind, rank](x, size))
