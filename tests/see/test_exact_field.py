"""The exact receptive field of one position, compared with gradients and with the analysis for unbounded inputs."""

from __future__ import annotations

from random import Random

import numpy as np
import pytest
from hypothesis import assume, given, settings
from hypothesis import strategies as st

import netspec
import netspec_see as see
from netspec import Error
from netspec.analysis.coverage import Moving
from netspec_see.layer_lookup import find_layer

from .support import graph_of, positive, seen_by_gradient

NETWORKS = {
    "padding and strides": """
  a: {conv2d: 2, kernel: [5, 3], stride: [2, 1], padding: [2, 1], activation: relu}
  b: {avg_pool2d: 3, stride: 2, padding: 1}
  last: {conv2d: 3, kernel: 3, padding: 1}
""",
    "dilation: what the clipped interval holds is not all seen": """
  last: {conv2d: 2, kernel: 3, dilation: 3, padding: 3}
""",
    "a stride above the kernel": """
  a: {conv2d: 2, kernel: 1, stride: 3}
  last: {conv2d: 2, kernel: 3, padding: 1}
""",
    "cropped, then padded again": """
  a: {conv2d: 2, kernel: 3}
  b: {crop: [[2, 1], [0, 3]]}
  last: {conv2d: 2, kernel: 5, padding: 2}
""",
    "branches": """
  a: {conv2d: 2, kernel: 3, padding: 1}
  b: {conv2d: 2, kernel: 5, padding: 2, from: a}
  c: {conv2d: 3, kernel: 1, from: a}
  d: {conv2d: 1, kernel: 7, padding: 3, from: input}
  last: {concat: [b, c, d]}
""",
    "a shortcut": """
  a: {conv2d: 4, kernel: 3, stride: 2, padding: 1}
  b: {conv2d: 4, kernel: 3, padding: 1}
  c: {conv2d: 4, kernel: 1, stride: 2, from: input}
  last: {add: [b, c], activation: relu}
""",
    "groups, each with channels of its own": """
  a: {conv2d: 2, kernel: 3, padding: 1}
  b: {conv2d: 2, kernel: 1, from: input}
  c: {concat: [a, b]}
  last: {conv2d: 4, kernel: 1, groups: 2}
""",
    "channels shuffled, then one by one": """
  a: {conv2d: 2, kernel: 3, padding: 1}
  b: {conv2d: 2, kernel: 1, from: input}
  c: {concat: [a, b]}
  d: {channel_shuffle: 2}
  last: {depthwise_conv2d: 3, padding: same}
""",
    "a table of connections": """
  a: {conv2d: 1, kernel: 1}
  b: {conv2d: 1, kernel: 5, padding: 2, from: input}
  c: {concat: [a, b]}
  last: {conv2d: 3, kernel: 3, connections: [[0], [1], [0, 1]]}
""",
    "up again": """
  a: {conv2d: 2, kernel: 3, stride: 2, padding: 1}
  b: {conv_transpose2d: 2, kernel: 3, stride: 2, padding: 1}
  c: {upsample: 2, mode: bilinear}
  last: {avg_pool2d: 2}
""",
    "transposed, in groups": """
  a: {conv2d: 2, kernel: 5, padding: 2}
  b: {conv2d: 2, kernel: 1, from: input}
  c: {concat: [a, b]}
  last: {conv_transpose2d: 4, kernel: 2, stride: 3, groups: 2}
""",
    "edges reflected": """
  a: {conv2d: 2, kernel: 5, padding: 2, padding_mode: reflect}
  last: {conv2d: 2, kernel: 3, padding: 1, padding_mode: circular}
""",
    "edges repeated": """
  a: {pad: [3, 2], axis: height, mode: replicate}
  b: {pad: 1, axis: width}
  last: {conv2d: 2, kernel: 3, padding: 1}
""",
    "halves, one of them delayed": """
  a: {conv2d: 4, kernel: 3, padding: 1}
  b: {split: 2}
  c: {conv2d: 2, kernel: 3, padding: 1, from: b.1}
  last: {concat: [b.0, c]}
""",
    "pixels to channels and back": """
  a: {pixel_unshuffle: 2}
  b: {depthwise_conv2d: 3, padding: 1}
  last: {pixel_shuffle: 2}
""",
    "axes exchanged": """
  a: {conv2d: 2, kernel: [5, 1], padding: [2, 0]}
  b: {permute: [0, 2, 1]}
  c: {conv2d: 2, kernel: [1, 3], padding: [0, 1]}
  last: relu
""",
    "flattened": """
  a: {conv2d: 2, kernel: 3}
  last: flatten
""",
    "everything": """
  a: {conv2d: 2, kernel: 3, padding: 1}
  b: {global_avg_pool, keepdims: true}
  last: {multiply: [a, b]}
""",
}


@pytest.mark.parametrize("name", list(NETWORKS))
def test_mask_is_where_the_gradient_is(name: str) -> None:
    graph = graph_of(NETWORKS[name], "[3, 13, 12]" if "pixels" not in name else "[3, 12, 12]")
    net = positive(graph)
    value = find_layer(graph, "last").value
    shape = graph.values[value].shape
    places = np.random.default_rng(0).integers(0, shape, (12, len(shape))).tolist()
    corners = [[0] * len(shape), [n - 1 for n in shape]]
    for place in [*corners, *places]:
        result = see.influence(graph, value, place, 0)
        assert (result == seen_by_gradient(net, value, tuple(place))).all(), place


@pytest.mark.parametrize("layout", ["channels_first", "channels_last"])
def test_box_is_tight(layout: str) -> None:
    first = layout == "channels_first"
    graph = graph_of(
        """
  a: {conv2d: 2, kernel: [5, 3], stride: 2, padding: same, activation: relu}
  last: {conv2d: 3, kernel: 3, padding: same}
""",
        "[3, 13, 11]" if first else "[13, 11, 3]",
        layout=layout,
    )
    net = positive(graph)
    value = find_layer(graph, "last").value
    rows, columns = graph.values[value].shape[slice(1, 3) if first else slice(0, 2)]
    for row in range(rows):
        for column in range(columns):
            place = (1, row, column) if first else (row, column, 1)
            seen = seen_by_gradient(net, value, place).any(axis=0 if first else 2)
            ys, xs = np.nonzero(seen)
            result = see.box(graph, value, place, 0, net.image)
            assert result == see.Box(ys.min(), xs.min(), ys.max() + 1, xs.max() + 1)


windows = st.tuples(
    st.sampled_from(("conv2d", "avg_pool2d", "conv_transpose2d")),
    st.integers(1, 4),
    st.integers(1, 3),
    st.integers(0, 3),
    st.integers(1, 3),
)
"""An operation, its kernel, stride, padding and dilation."""


def layer_of(window: tuple[str, int, int, int, int]) -> str:
    op, kernel, stride, padding, dilation = window
    if op == "avg_pool2d":
        return f"{{avg_pool2d: {kernel}, stride: {stride}, padding: {min(padding, kernel // 2)}}}"
    most = min(padding, dilation * (kernel - 1)) if op == "conv_transpose2d" else padding
    return f"{{{op}: 2, kernel: {kernel}, stride: {stride}, padding: {most}, dilation: {dilation}}}"


@settings(max_examples=25, deadline=None, derandomize=True)
@given(st.lists(windows, min_size=1, max_size=3), st.booleans(), st.randoms(use_true_random=False))
def test_random_chains(chain: list[tuple[str, int, int, int, int]], branch: bool, draw: Random) -> None:
    text = "  first: {conv2d: 2, kernel: 1}\n"
    text += "".join(f"  l{i}: {layer_of(w)}\n" for i, w in enumerate(chain))
    try:
        graph = graph_of(text, "[1, 9, 10]")
        if branch:
            rows, columns = graph.values[-1].shape[1:]
            text += f"  other: {{upsample, size: [{rows}, {columns}], from: first}}\n"
            text += f"  joined: {{add: [l{len(chain) - 1}, other]}}\n"
            graph = graph_of(text, "[1, 9, 10]")
    except Error:
        assume(False)  # a window that is larger than what it slides over
        return
    net = positive(graph)
    value, shape = len(graph.values) - 1, graph.values[-1].shape
    for _ in range(4):
        place = tuple(draw.randrange(n) for n in shape)
        assert (see.influence(graph, value, place, 0) == seen_by_gradient(net, value, place)).all(), (text, place)


def test_greatest_pooling_on_many_inputs() -> None:
    graph = graph_of("""
  a: {conv2d: 2, kernel: 3, padding: 1}
  last: {max_pool2d: 3, stride: 2, padding: 1}
""")
    net = positive(graph)
    value = find_layer(graph, "last").value
    for place in [(0, 0, 0), (1, 3, 4), (0, 5, 5)]:
        assert (see.influence(graph, value, place, 0) == seen_by_gradient(net, value, place, tries=60)).all()


def test_only_padding() -> None:
    graph = graph_of("  last: {conv2d: 1, kernel: 1, padding: 1}\n")
    net = positive(graph)
    assert see.box(graph, 1, (0, 0, 5), 0, net.image) is None
    assert not seen_by_gradient(net, 1, (0, 0, 5)).any()
    assert see.box(graph, 1, (0, 1, 5), 0, net.image) == see.Box(0, 4, 1, 5)


@pytest.mark.parametrize(
    ("spec", "layer"),
    [
        ("lenet", "pool2"),
        ("small_vgg", "block3_conv2"),
        ("vgg16", "block3_conv1"),
        ("resnet@18", "layer2.1.add"),
    ],
)
def test_agrees_with_the_analysis(spec: str, layer: str) -> None:
    """Without crops and gaps, the box is the interval of the analysis, cut off at the borders of the image."""
    graph = netspec.load(spec).at_default
    result = find_layer(graph, layer)
    seen = netspec.analyze(graph).receptive_fields.coverage[result.value]
    assert seen is not None
    height, width = graph.values[0].shape[1:]
    plane = see.network(graph).image
    _, rows, columns = result.type.shape
    for row, column in [(0, 0), (rows // 2, columns // 3), (rows - 1, columns - 1)]:
        ends: list[int] = []
        for key, at, size in (((0, 1), row, height), ((0, 2), column, width)):
            moving = seen[key]
            assert isinstance(moving, Moving)
            interval = moving.interval.at(at)
            assert interval is not None
            ends += [max(interval[0], 0), min(interval[1] + 1, size)]
        assert see.box(graph, result.value, (0, row, column), 0, plane) == see.Box(ends[0], ends[2], ends[1], ends[3])
