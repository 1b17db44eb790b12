"""What attention over windows and pooled tokens is made of: filters that heads share, and tables."""

# torch is typed in part:
# pyright: reportUnknownMemberType=false, reportUnknownVariableType=false, reportUnknownArgumentType=false

from __future__ import annotations

from typing import Any

import pytest
import torch
from torch.nn import functional as F

import netspec_torch

from .support import from_text, loads

CONV: dict[int, Any] = {1: F.conv1d, 2: F.conv2d, 3: F.conv3d}


@pytest.mark.parametrize("rank", [1, 2, 3])
@pytest.mark.parametrize(
    ("args", "pads", "stride"),
    [("padding: 1", (1, 1), 1), ("padding: same, stride: 2", (0, 1), 2), ("padding: valid", (0, 0), 1)],
)
def test_heads_share_their_filters(rank: int, args: str, pads: tuple[int, int], stride: int) -> None:
    sizes = [4, 6, 8][:rank]
    graph = loads(f"input: {[6, *sizes]}\nlayers: {{p: {{depthwise_conv{rank}d: 3, heads: 3, multiplier: 2, {args}}}}}")
    (node,) = graph.nodes
    assert [(name, p.shape) for name, p in node.weights] == [("weight", (4, 1, *[3] * rank)), ("bias", (4,))]
    model, x = netspec_torch.build(graph), torch.randn(2, 6, *sizes)
    w = model.state_dict()
    padded = F.pad(x, pads * rank)
    want = torch.cat([CONV[rank](part, w["p.weight"], w["p.bias"], stride, groups=2) for part in padded.chunk(3, 1)], 1)
    torch.testing.assert_close(model(x), want)
    assert node.op.macs((graph.values[node.inputs[0]],), node.outputs) == want[0].numel() * 3**rank


@pytest.mark.parametrize(
    ("shape", "init"),
    [
        ([6, 6], "{relative_position_index: [2, 3]}"),
        ([8, 8], "{relative_position_index: [2, 2, 2]}"),
        ([4, 8], "{relative_position_index: [[4, 8]]}"),
        ([12, 6], "{relative_position_index: [2, [6, 3]]}"),
        ([6, 1, 4, 4], "{shifted_window_mask: {size: [4, 6], window: 2, shift: 1}}"),
        ([8, 1, 12, 12], "{shifted_window_mask: {size: [4, 4, 6], window: [2, 2, 3], shift: [1, 0, 1]}}"),
        ([4, 1, 3, 3], "{shifted_window_mask: {size: [12], window: [3], shift: [1]}}"),
        ([3, 5, 7, 3], "{log_relative_coordinates: [2, 3, 4]}"),
    ],
)
def test_a_file_has_the_tables_that_weights_have(shape: list[int], init: str) -> None:
    layers = f"{{t: {{buffer: {shape}, init: {init}, persistent: false}}, a: {{relu, from: input}}}}"
    graph = loads(f"input: [1]\nlayers: {layers}\noutputs: [t, a]")
    (actual,), (want,) = from_text(graph).buffers(), netspec_torch.build(graph).buffers()
    torch.testing.assert_close(actual, want, rtol=3e-7, atol=0)
