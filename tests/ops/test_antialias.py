"""Interpolation with antialias: what it reads, and which modes have it."""

from __future__ import annotations

import pytest
import torch
from torch.nn import functional as F

from .support import dependence, make, shape_error


@pytest.mark.parametrize("mode", ["bilinear", "bicubic"])
@pytest.mark.parametrize("size", [[3, 4], [5, 13], [2, 5]])
def test_reads_are_those_of_pytorch(mode: str, size: list[int]) -> None:
    built = make("upsample", (1, 7, 9), size=size, mode=mode, antialias=True)
    x = torch.randn(1, 1, 7, 9, requires_grad=True)
    y = F.interpolate(x, size=tuple(size), mode=mode, antialias=True)
    seen = dependence(built)
    for i in range(size[0]):
        for j in range(size[1]):
            (gradient,) = torch.autograd.grad(y[0, 0, i, j], x, retain_graph=True)
            assert (seen[0, i, j] >= (abs(gradient[0].numpy()) > 1e-6)).all()
    assert not seen.all()


def test_modes() -> None:
    message = "NS553: antialias of 'upsample' is for modes bilinear and bicubic, without align_corners; found "
    assert shape_error("upsample", (1, 4, 4), scale=2, antialias=True) == f"{message}mode nearest"
    arguments = {"mode": "bilinear", "align_corners": True}
    assert shape_error("upsample", (1, 4, 4), scale=2, antialias=True, **arguments) == f"{message}align_corners"  # type: ignore[arg-type]  # arguments of several types
