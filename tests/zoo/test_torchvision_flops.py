"""MACs against PyTorch's own counter, running torchvision's network without storage; one network of each family."""

from __future__ import annotations

import pytest
import torch
from torch.utils.flop_counter import FlopCounterMode

from .support import analysis, graph
from .vision import FAMILIES, on_meta
from .vision_networks import NETWORKS


@pytest.mark.parametrize("builder", FAMILIES)
def test_macs(builder: str) -> None:
    net = on_meta(builder)
    # In eval mode nn.MultiheadAttention takes a path that the counter does not know.
    net.train("vit" in builder)
    (shape,) = (t.shape for t in graph(NETWORKS[builder]).at_default.input_types.values())
    x = torch.empty(1, *shape, device="meta")
    with FlopCounterMode(display=False) as counter:
        net(x)
    net.eval()
    assert counter.get_total_flops() == analysis(NETWORKS[builder]).flops
