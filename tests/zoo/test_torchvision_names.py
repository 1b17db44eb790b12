"""State dicts: names, shapes and types of every tensor are torchvision's, for every network that it has."""

from __future__ import annotations

import pytest
import torch

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
