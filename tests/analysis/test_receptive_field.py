"""Receptive fields: published tables, and whole random networks against the dependence that PyTorch shows."""

from __future__ import annotations

import csv
from collections.abc import Callable
from fractions import Fraction
from functools import cache
from pathlib import Path
from typing import Any, NamedTuple

import pytest
import torch
from hypothesis import given, settings
from hypothesis import strategies as st

from netspec.analysis import Analysis, Field, analyze
from netspec.analysis.coverage import Moving
from netspec.analysis.periodic_interval import PeriodicInterval
from netspec.ir import Graph
from tests.analysis.networks import alexnet_v2, resnet, unet, vgg
from tests.drafts import Draft

TABLE = Path(__file__).parent.parent / "data" / "receptive_fields.csv"

NETWORKS: dict[str, Callable[[], Graph]] = {
    "alexnet_v2": alexnet_v2,
    "vgg_a": lambda: vgg("vgg_a", (1, 1, 2, 2, 2), head=False),
    "vgg_16": lambda: vgg("vgg_16", (2, 2, 3, 3, 3), head=False),
    "vgg_d torch pads": lambda: vgg("vgg_d", (2, 2, 3, 3, 3), prefix="", head=False),
    "resnet18 v1.5 stride on 3x3 (torchvision)": lambda: resnet("resnet18", "BasicBlock", (2, 2, 2, 2)),
    "resnet50 v1.5 stride on 3x3 (torchvision)": lambda: resnet("resnet50", "Bottleneck", (3, 4, 6, 3)),
    "unet_original": unet,
}
DEPTHS = {"18": (2, 2, 2, 2), "50": (3, 4, 6, 3)}


def rows() -> list[dict[str, str]]:
    with TABLE.open(encoding="utf-8", newline="") as file:
        actual = list(csv.DictReader(file))
    return list({tuple(r.values()): r for r in actual}.values())


@cache
def analysis_of(name: str) -> Analysis:
    return analyze(NETWORKS[name]())


def layer_of(row: dict[str, str]) -> str:
    """The layer that an end point of the table stands for: of a ResNet's block the last addition."""
    name, point = row["cnn"], row["end_point"]
    if name.startswith("resnet"):
        stage = int(point.removeprefix("block"))
        return f"layer{stage}.{DEPTHS[name[6:8]][stage - 1] - 1}.add"
    return point


@pytest.mark.parametrize("row", rows(), ids=lambda r: f"{r['cnn'].split()[0]}-{r['end_point']}")
def test_published(row: dict[str, str]) -> None:
    a = analysis_of(row["cnn"])
    fields = a.receptive_fields.of(a.layer(layer_of(row)).value)
    assert fields is not None
    assert [f.axis for f in fields] == ["height", "width"]
    for f in fields:
        assert str(f) == row["rf"]
        if row["effective_stride"]:
            assert f.stride == int(row["effective_stride"])
            assert f.padding == int(row["effective_padding"])


class Step(NamedTuple):
    """One layer of a random network; numbers mean what ``kind`` makes of them."""

    kind: str
    size: int
    stride: int
    dilation: int
    before: int
    after: int


steps = st.builds(
    Step,
    kind=st.sampled_from(("conv", "conv", "pool", "transposed", "upsample", "crop", "pad", "join", "join")),
    size=st.integers(1, 5),
    stride=st.integers(1, 3),
    dilation=st.integers(1, 3),
    before=st.integers(0, 3),
    after=st.integers(0, 3),
)
LENGTH = 120
LONGEST = 600


def one_hot() -> torch.Tensor:
    """For each input position an example that is one there alone."""
    return torch.eye(LENGTH, dtype=torch.float64)[:, None]


def random_network(plan: list[Step]) -> tuple[Draft, list[torch.Tensor]]:
    """A network, and what each of its values is for every one-hot input, with all weights one."""
    net = Draft()
    net.input(1, LENGTH)
    actual = [one_hot()]

    def add(op: str, *inputs: int, result: torch.Tensor, **args: Any) -> None:
        value = net.add(f"l{len(net.nodes)}", op, *inputs, **args)
        assert net.values[value].shape == tuple(result.shape[1:])
        actual.append(result)

    add("conv1d", 0, result=one_hot(), filters=1, kernel=1)  # from here on the axes are channels and length
    for s in plan:
        v, x = len(actual) - 1, actual[-1]
        n = x.shape[2]
        extent = s.dilation * (s.size - 1) + 1
        ones = torch.ones(1, 1, s.size, dtype=torch.float64)
        if s.kind == "conv" and n > 2 * extent:
            padded = torch.nn.functional.pad(x, (s.before, s.after))
            result = torch.nn.functional.conv1d(padded, ones, stride=s.stride, dilation=s.dilation)
            add(
                "conv1d",
                v,
                result=result,
                filters=1,
                kernel=s.size,
                stride=s.stride,
                dilation=s.dilation,
                padding=[[s.before, s.after]],
            )
        elif s.kind == "pool" and n > 2 * s.size:
            result = torch.nn.functional.avg_pool1d(x, s.size, s.stride)
            add("avg_pool1d", v, result=result, size=s.size, stride=s.stride)
        elif s.kind == "transposed" and n * s.stride + extent < LONGEST:
            crop = min(s.before, extent - 1)
            result = torch.nn.functional.conv_transpose1d(x, ones, stride=s.stride, dilation=s.dilation, padding=crop)
            add(
                "conv_transpose1d",
                v,
                result=result,
                filters=1,
                kernel=s.size,
                stride=s.stride,
                dilation=s.dilation,
                padding=crop,
            )
        elif s.kind == "upsample" and n * s.stride < LONGEST:
            add("upsample", v, result=x.repeat_interleave(s.stride, 2), scale=s.stride)
        elif s.kind == "crop" and n > 20:
            add("crop", v, result=x[:, :, s.before : n - s.after], amount=[s.before, s.after], axis=1)
        elif s.kind == "pad":
            result = torch.nn.functional.pad(x, (s.before, s.after))
            add("pad", v, result=result, amount=[s.before, s.after], axis=1)
        elif s.kind == "join":
            other = len(actual) - 1 - s.size
            if other < 0 or actual[other].shape[2] < n:
                continue
            start = (actual[other].shape[2] - n) // 2
            add("slice", other, result=actual[other][:, :, start : start + n], axis=1, start=start, stop=start + n)
            add("add", v, len(actual) - 1, result=x + actual[-1])
    return net, actual


def interval_of(a: Analysis, value: int, axis: int) -> PeriodicInterval:
    """What a value sees along an axis of the first input."""
    seen = a.receptive_fields.coverage[value]
    assert seen is not None
    moving = seen[(0, axis)]
    assert isinstance(moving, Moving)
    return moving.interval


def only(a: Analysis, value: int) -> Field:
    """The receptive field of a value that has one axis of one input."""
    fields = a.receptive_fields.of(value)
    assert fields is not None
    assert len(fields) == 1
    return fields[0]


def shown_by(depends: torch.Tensor, j: int) -> tuple[int, int] | None:
    """First and last input position that output position j depends on."""
    positions = depends[:, j].nonzero()
    return (int(positions.min()), int(positions.max())) if len(positions) else None


@settings(max_examples=300, deadline=None)
@given(st.lists(steps, min_size=1, max_size=7))
def test_random_networks_in_one_dimension(plan: list[Step]) -> None:
    torch.set_num_threads(1)
    net, actual = random_network(plan)
    a = analyze(net.graph())
    for v, result in enumerate(actual):
        field = only(a, v)
        if field.size == "varies":
            assert any(node.op.name == "add" for node in net.nodes[:v])
            continue
        reach = interval_of(a, v, 1)
        depends = result[:, 0] != 0
        for j in range(result.shape[2]):
            interval = reach.at(j)
            # Only away from the edges: there, padding inside the network differs from an infinite input.
            middle = interval or reach.at(j + 1) or reach.at(j + 2) or (0, 0)
            if middle[0] < LENGTH // 3 or middle[1] > LENGTH - LENGTH // 3:
                continue
            assert interval == shown_by(depends, j), (v, j)
        sizes = [i[1] - i[0] + 1 if (i := reach.at(j)) else 0 for j in range(min(result.shape[2], 4000))]
        assert field.size == (min(sizes), max(sizes))


def test_random_networks_include_merges() -> None:
    """That the comparison above compares something: a plain chain has interior positions at every value."""
    conv, transposed, join = (
        Step("conv", 3, 2, 1, 1, 1),
        Step("transposed", 4, 2, 1, 1, 0),
        Step("join", 2, 1, 1, 0, 0),
    )
    _, actual = random_network([conv, transposed, join])
    assert len(actual) == 6
    assert all(bool((f[LENGTH // 2] != 0).any()) for f in actual)


@settings(max_examples=100, deadline=None)
@given(
    st.lists(
        st.tuples(st.sampled_from(("conv2d", "conv_transpose2d")), *[st.integers(1, 3)] * 4, st.integers(0, 1)),
        min_size=1,
        max_size=4,
    )
)
def test_random_networks_in_two_dimensions(plan: list[tuple[str, int, int, int, int, int]]) -> None:
    torch.set_num_threads(1)
    n = 30
    net = Draft()
    v = net.input(1, n, n)
    x = torch.eye(n, dtype=torch.float64)
    down, across = x[:, None, :, None].expand(n, 1, n, n), x[:, None, None, :].expand(n, 1, n, n)
    for op, kh, kw, sh, sw, pad in plan:
        if max(down.shape[2:]) > 60 or min(down.shape[2:]) < 10:
            continue
        pad = min(pad, kh - 1, kw - 1)
        v = net.add(f"l{len(net.nodes)}", op, v, filters=1, kernel=[kh, kw], stride=[sh, sw], padding=pad)
        apply = torch.nn.functional.conv2d if op == "conv2d" else torch.nn.functional.conv_transpose2d
        weight = torch.ones(1, 1, kh, kw, dtype=torch.float64)
        down, across = (apply(t, weight, stride=(sh, sw), padding=pad) for t in (down, across))
    if not net.nodes:
        return
    a = analyze(net.graph())
    for axis, depends in ((1, (down != 0).any(3)[:, 0]), (2, (across != 0).any(2)[:, 0])):
        reach = interval_of(a, v, axis)
        for j in range(depends.shape[1]):
            interval = reach.at(j)
            if interval is None or (interval[0] >= n // 4 and interval[1] < n - n // 4):
                assert interval == shown_by(depends, j)


def texts(fields: tuple[Field, ...] | None) -> list[str]:
    assert fields is not None
    return [f"{f.input} {f.axis} {f} {f.stride} {f.offset}" for f in fields]


def test_a_transposed_convolution_with_a_large_stride_has_positions_without_a_field() -> None:
    net = Draft()
    x = net.input(4, 10)
    x = net.add("up", "conv_transpose1d", x, filters=4, kernel=2, stride=3)
    assert texts(analyze(net.graph()).receptive_fields.of(x)) == ["input sequence 0-1 1/3 0"]


def test_merging_different_rates_varies_and_a_dense_layer_after_it_reads_all() -> None:
    net = Draft()
    x = net.input(2, 8)
    half = net.add("half", "max_pool1d", x, size=2)
    first = net.add("first", "slice", x, axis=1, start=0, stop=4)
    both = net.add("both", "add", half, first)
    flat = net.add("flat", "flatten", both)
    out = net.add("out", "dense", flat, units=3)
    receptive = analyze(net.graph()).receptive_fields
    assert texts(receptive.of(both)) == ["input sequence varies None None"]
    assert texts(receptive.of(out)) == ["input sequence all None None"]


def test_axes_of_size_one_merge_at_any_rate() -> None:
    net = Draft()
    x = net.input(2, 8)
    whole = net.add("whole", "conv1d", x, filters=2, kernel=8)
    first = net.add("first", "slice", x, axis=1, start=3, stop=4)
    both = net.add("both", "add", whole, first)
    assert texts(analyze(net.graph()).receptive_fields.of(both)) == ["input sequence 8 1 0"]


def test_a_broadcast_position_has_a_constant_field() -> None:
    net = Draft()
    x = net.input(2, 8)
    gate = net.add("gate", "conv1d", x, filters=2, kernel=8)
    wide = net.add("wide", "expand", gate, shape=[2, 5])
    assert texts(analyze(net.graph()).receptive_fields.of(wide)) == ["input sequence 8 0 0"]


def test_global_pooling_reads_all() -> None:
    net = Draft()
    x = net.input(3, 8, 8)
    x = net.add("pool", "global_avg_pool", x)
    assert texts(analyze(net.graph()).receptive_fields.of(x)) == [
        "input height all None None",
        "input width all None None",
    ]


def test_inputs_are_separate_and_learned_tensors_have_no_field() -> None:
    net = Draft()
    left, right = net.input(2, 9, name="left"), net.input(2, 9, name="right")
    narrow = net.add("narrow", "conv1d", left, filters=2, kernel=3, padding="same")
    table = net.add("table", "parameter", shape=[2, 9])
    placed = net.add("placed", "add", narrow, table)
    both = net.add("both", "add", placed, right)
    receptive = analyze(net.graph()).receptive_fields
    assert texts(receptive.of(table)) == []
    assert texts(receptive.of(placed)) == ["left sequence 3 1 -1"]
    assert texts(receptive.of(both)) == ["left sequence 3 1 -1", "right sequence 1 1 0"]


def test_permuted_axes_are_followed() -> None:
    net = Draft()
    x = net.input(3, 8, 6)
    x = net.add("conv", "conv2d", x, filters=4, kernel=[3, 5])
    x = net.add("turned", "permute", x, order=[0, 2, 1])
    assert texts(analyze(net.graph()).receptive_fields.of(x)) == ["input height 3 1 0", "input width 5 1 0"]


def test_upsampling_by_more_than_the_longest_period_varies() -> None:
    net = Draft()
    x = net.input(1, 2)
    for i in range(13):
        x = net.add(f"up{i}", "upsample", x, scale=2)
    receptive = analyze(net.graph()).receptive_fields
    assert texts(receptive.of(12)) == ["input sequence 1 1/4096 0"]
    assert texts(receptive.of(13)) == ["input sequence varies None None"]


def test_the_step_budget_ends_the_analysis(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("netspec.analysis.receptive_field.BASE_WORK", 10)
    monkeypatch.setattr("netspec.analysis.receptive_field.NODE_WORK", 1)
    net = Draft()
    x = net.input(1, 64)
    for i in range(30):
        x = net.add(f"r{i}", "relu", x)
    receptive = analyze(net.graph()).receptive_fields
    assert texts(receptive.of(1)) == ["input sequence 1 1 0"]
    assert receptive.of(x) is None


def test_strides_are_fractions() -> None:
    net = Draft()
    x = net.input(1, 9)
    x = net.add("down", "conv1d", x, filters=1, kernel=3, stride=2)
    x = net.add("up", "upsample", x, scale=3)
    field = only(analyze(net.graph()), x)
    assert field == Field("input", "sequence", (3, 3), Fraction(2, 3), 0)
    assert field.padding == 0


@pytest.mark.parametrize("op", ["conv1d", "conv_transpose1d", "max_pool1d"])
def test_huge_windows_need_little_memory(op: str) -> None:
    huge = 10**9
    net = Draft()
    x = net.input(1, 4)
    args: dict[str, Any] = {"size": huge, "stride": 1} if op == "max_pool1d" else {"filters": 1, "kernel": huge}
    x = net.add("huge", op, x, padding="same", **args)
    field = only(analyze(net.graph()), x)
    assert field.size == (huge, huge)
