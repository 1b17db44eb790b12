"""Weights of torchvision load unchanged, and give the same outputs and gradients: one network of each family; outputs:
also the others of moderate size.

``python -m tests.zoo.values`` compares all of them, says how far apart they are, and takes inputs of full size, too.
"""

from __future__ import annotations

from collections.abc import Iterator

import pytest
import torch

from .values import LIMIT, SHAPES, SMALL, Case, cases, compared, difference, outputs, pair
from .vision import FAMILIES, SEGMENTATION
from .vision_networks import NETWORKS, WITH_AUXILIARY, published

pytestmark = pytest.mark.slow

PARAMETERS = {figures.builder: figures.params for figures in published()}
MODERATE = [c for c in cases() if c.auxiliary or (c.builder not in FAMILIES and PARAMETERS[c.builder] < 30_000_000)]
OUTPUTS = {"googlenet": 3, "inception_v3": 2}
"""With the auxiliary classifiers."""


IN_DOUBLE = {"maxvit_t", "mvit_v1_b", "mvit_v2_s"}
"""Networks through whose attention rounding grows so much on the way back that single precision does not tell."""


@pytest.fixture(autouse=True)
def _one_thread() -> Iterator[None]:
    before = torch.get_num_threads()
    torch.set_num_threads(1)
    yield
    torch.set_num_threads(before)


@pytest.mark.parametrize("case", MODERATE, ids=lambda c: c.reference)
def test_outputs(case: Case) -> None:
    actual = compared(case)
    assert actual.largest < LIMIT
    assert actual.outputs == (
        OUTPUTS[case.builder] if case.auxiliary else 2 if case.builder.startswith(SEGMENTATION) else 1
    )


@pytest.mark.parametrize("builder", FAMILIES)
def test_outputs_and_gradients(builder: str) -> None:
    case = Case(builder, NETWORKS[builder], SHAPES.get(builder, SMALL))
    theirs, ours = pair(case)
    batch = 1 if builder == "s3d" or builder in IN_DOUBLE else 2
    x = torch.randn(batch, *case.shape, generator=torch.Generator().manual_seed(2))
    if builder in IN_DOUBLE:
        theirs, ours, x = theirs.double(), ours.double(), x.double()
    got, want = outputs(ours(x)), outputs(theirs(x))
    assert difference([t.detach() for t in got], [t.detach() for t in want]) < LIMIT
    for actual in (got, want):
        torch.stack([t.square().mean() for t in actual]).sum().backward()  # type: ignore[no-untyped-call]  # torch has no type for it
    gradients = {name: p.grad for name, p in ours.named_parameters()}
    largest = max(float(p.grad.abs().max()) for p in theirs.parameters() if p.grad is not None)
    for name, p in theirs.named_parameters():
        mine, g = gradients.pop(name), p.grad
        assert (mine is None) == (g is None), name
        if mine is not None and g is not None:
            # Sums that cancel (keys' biases, where softmax follows) are noise beside the others.
            assert float((mine - g).abs().max()) <= 1e-5 * max(float(g.abs().max()), 1e-6 * largest), name
    assert not gradients


def test_all_are_there() -> None:
    """Every network and variant whose state dict is torchvision's."""
    assert len(cases()) == 100
    assert {c.builder for c in cases()} == NETWORKS.keys()
    assert {c.builder for c in cases() if c.auxiliary} == WITH_AUXILIARY.keys()
