"""State dicts: names, shapes and types of every tensor are torchvision's, for every network that it has."""

from __future__ import annotations

from typing import Any

import pytest
import torch

from netspec.ops.norm import BatchNorm, LayerNorm
from netspec.ops.regularise import Dropout, DropPath
from tests.vision import torchvision

from .support import graph
from .vision import on_meta
from .vision_networks import FINE_TUNED, NETWORKS, WITH_AUXILIARY

CASES = [
    *((builder, False, None, reference) for builder, reference in NETWORKS.items()),
    *((builder, True, None, reference) for builder, reference in WITH_AUXILIARY.items()),
    *((builder, False, int(size), reference) for (builder, size), reference in FINE_TUNED.items() if "vit" in builder),
]


@pytest.mark.parametrize(("builder", "auxiliary", "size", "reference"), CASES, ids=[c[3] for c in CASES])
def test_state_dict(builder: str, auxiliary: bool, size: int | None, reference: str) -> None:
    theirs = on_meta(builder, auxiliary=auxiliary, size=size)
    want = {name: (tuple(t.shape), t.dtype) for name, t in theirs.state_dict().items()}
    got = {p.name: (p.shape, getattr(torch, p.dtype)) for p in graph(reference).parameters if p.persistent}
    assert got == want
    trainable = {name for name, p in theirs.named_parameters() if p.requires_grad}
    assert {p.name for p in graph(reference).parameters if p.trainable} == trainable


@pytest.mark.parametrize(("builder", "auxiliary", "size", "reference"), CASES, ids=[c[3] for c in CASES])
def test_what_no_tensor_shows(builder: str, auxiliary: bool, size: int | None, reference: str) -> None:
    """Rates of dropout and of whole branches, and what normalisation adds to a variance."""
    theirs: list[tuple[str, float]] = []
    stochastic_depth: Any = torchvision().ops.StochasticDepth
    net = on_meta(builder, auxiliary=auxiliary, size=size)
    # EfficientNet has a module for blocks without a shortcut too, which it does not use.
    unused = [
        part.stochastic_depth
        for part in net.modules()
        if not getattr(part, "use_res_connect", True) and hasattr(part, "stochastic_depth")
    ]
    for part in net.modules():
        if isinstance(part, torch.nn.Dropout):
            theirs.append(("dropout", part.p))
        elif isinstance(part, stochastic_depth) and all(part is not other for other in unused):
            theirs.append(("drop_path", float(str(part.p))))
        elif isinstance(part, (torch.nn.BatchNorm2d, torch.nn.BatchNorm3d)):
            theirs += [("eps", part.eps), ("momentum", part.momentum or 0.0)]
        elif isinstance(part, torch.nn.LayerNorm):
            theirs.append(("eps", part.eps))
    ours: list[tuple[str, float]] = []
    for node in graph(reference).nodes:
        if isinstance(node.op, (Dropout, DropPath)):
            ours.append((node.op.name, node.op.rate))
        elif isinstance(node.op, BatchNorm):
            ours += [("eps", node.op.eps), ("momentum", node.op.momentum)]
        elif isinstance(node.op, LayerNorm):
            ours.append(("eps", node.op.eps))
    assert _listed(ours) == _listed(theirs)


def _listed(actual: list[tuple[str, float]]) -> list[tuple[str, float]]:
    """What is not zero, in one order, with as many digits as the arithmetic of both has.

    Rates of branches are listed once: torchvision's transformers drop both branches of a block by one module.
    """
    listed = [(what, round(x, 12)) for what, x in actual if x]
    branches = {pair for pair in listed if pair[0] == "drop_path"}
    return sorted([*branches, *(pair for pair in listed if pair[0] != "drop_path")])
