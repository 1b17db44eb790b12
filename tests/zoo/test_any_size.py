"""Ours take the sizes that torchvision's networks take, with equal values: a few; the command compares all."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
import torch

from .any_size import compare_vision, disagreements
from .values import LIMIT


@pytest.fixture(autouse=True)
def _one_thread() -> Iterator[None]:
    before = torch.get_num_threads()
    torch.set_num_threads(1)
    yield
    torch.set_num_threads(before)


@pytest.mark.parametrize("builder", ["resnet18", "squeezenet1_1", "swin_t", "vgg11_bn", "vit_b_32"])
def test_the_same_sizes(builder: str) -> None:
    assert disagreements(builder) == []


@pytest.mark.parametrize("builder", ["squeezenet1_1", "swin_t"])
def test_equal_values(builder: str) -> None:
    """One module, one class of the source and one ONNX file for all sizes."""
    assert max(compare_vision(builder)) < LIMIT
