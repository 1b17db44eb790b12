"""Rows for choice and order, and for operations along an axis."""

# Rows take functions of one to five tensors:
# pyright: reportUnknownLambdaType=false, reportUnknownArgumentType=false
# pyright: reportUnknownMemberType=false, reportUnknownVariableType=false

from __future__ import annotations

from itertools import product
from typing import Any

import torch
from torch import Tensor
from torch.nn import functional as F

from .case import Case, case, several
from .support import Input


def ordering(op: str, shape: tuple[int, ...], reference: Any, /, **args: Any) -> Case:
    """A row for an operation on values that are all different, also in half precision."""
    return Case(op, args, (Input(shape, apart=True),), lambda w, x: reference(x))


def chosen(x: Tensor, k: int, axis: int) -> tuple[Tensor, Tensor, Tensor]:
    """By a sorted order."""
    order = (-x.double()).argsort(axis)
    index = order.narrow(axis, 0, k)
    rank = order.argsort(axis)
    return torch.gather(x, axis, index), index, rank < k


def summed(x: Tensor, index: Tensor, axis: int, size: int) -> Tensor:
    """By a product with a matrix of zeros and ones for each position."""
    x, index = torch.broadcast_tensors(x, index)  # type: ignore[no-untyped-call]  # torch has no type for it
    parts = [(x * (index == i)).sum(axis, keepdim=True, dtype=x.dtype) for i in range(size)]
    return torch.cat(parts, axis)


def taken(x: Tensor, index: Tensor, axis: int) -> Tensor:
    """By comparison with each position."""
    parts = [
        x.select(axis, i).unsqueeze(axis).where(index == i, torch.zeros((), dtype=x.dtype))
        for i in range(x.shape[axis])
    ]
    return torch.stack(parts).sum(0, dtype=x.dtype) if x.dtype != torch.bool else torch.stack(parts).any(0)


def states(a: Tensor, b: Tensor, axis: int) -> Tensor:
    """One after the other."""
    a, b = torch.broadcast_tensors(a, b)  # type: ignore[no-untyped-call]  # torch has no type for it
    state, out = torch.zeros_like(b.select(axis, 0)), list[Tensor]()
    for t in range(b.shape[axis]):
        state = a.select(axis, t) * state + b.select(axis, t)
        out.append(state)
    return torch.stack(out, axis)


ALONG = [
    case("cumsum", (7, 5), lambda x: x.cumsum(1), axis="sequence"),
    Case("cumsum", {"axis": 0}, (Input((7,), "bool"),), lambda w, x: x.cumsum(1)),
    case("flip", (7, 5), lambda x: x[:, list(range(6, -1, -1))], axis="sequence"),
    case("flip", (2, 3, 5), lambda x: x.rot90(2, (2, 3)), axis=[1, 2]),
    several("recurrence", [(7, 5), (7, 5)], lambda a, b: states(a, b, 1), axis="sequence"),
    several("recurrence", [(3, 8), (3, 8)], lambda a, b: states(a, b, 2), axis=1),
    several("recurrence", [(1, 5), (6, 5)], lambda a, b: states(a, b, 1), axis=0),
    several("recurrence", [(6, 1), (1, 4)], lambda a, b: states(a, b, 1), axis=0),
    several("recurrence", [(9,), (9,)], lambda a, b: states(a, b, 1), axis=0),
]


def spectrum(x: Tensor, axis: int) -> Tensor:
    """By its definition."""
    n = x.shape[axis]
    angles = torch.arange(n // 2 + 1)[:, None] * torch.arange(n).double() * (-2 * torch.pi / n)
    parts = [x.double().movedim(axis, -1) @ f(angles).T for f in (torch.cos, torch.sin)]
    return torch.stack(parts, -1).movedim(-2, axis).to(x.dtype)


def signal(x: Tensor, axis: int, size: int) -> Tensor:
    """By its definition."""
    k = torch.arange(x.shape[axis])
    weight = torch.where((k == 0) | (2 * k == size), 1, 2)[:, None] / size
    angles = k[:, None] * torch.arange(size).double() * (2 * torch.pi / size)
    real, imaginary = x.movedim(axis, -2).unbind(-1)
    matrices = ((weight * f(angles)).to(x.dtype) for f in (torch.cos, torch.sin))
    cosines, sines = matrices
    return (real @ cosines - imaginary @ sines).movedim(-1, axis)


def sampled(image: Tensor, grid: Tensor, **given: Any) -> Tensor:
    options: dict[str, Any] = {"align_corners": False, **given}
    return F.grid_sample(image, grid, **options)


def box_features(
    image: Tensor, boxes: Tensor, size: tuple[int, int], scale: float = 1.0, samples: int = 2, aligned: bool = True
) -> Tensor:
    """Sample by sample, as torchvision's kernel computes them."""
    n, k = boxes.shape[:2]
    out = torch.zeros(n, k, image.shape[1], *size, dtype=image.dtype)
    for e, b, i, j in product(range(n), range(k), range(size[0]), range(size[1])):
        x0, y0, x1, y1 = (boxes[e, b].double() * scale - (0.5 if aligned else 0)).tolist()
        w, h = (x1 - x0, y1 - y0) if aligned else (max(x1 - x0, 1), max(y1 - y0, 1))
        for p, q in product(range(samples), repeat=2):
            y = y0 + h * (i + (p + 0.5) / samples) / size[0]
            x = x0 + w * (j + (q + 0.5) / samples) / size[1]
            out[e, b, :, i, j] += interpolated(image[e], y, x) / samples**2
    return out


def interpolated(image: Tensor, y: float, x: float) -> Tensor:
    """The value at a position, zero where that is more than a pixel outside."""
    _, height, width = image.shape
    if not (-1 <= y <= height and -1 <= x <= width):
        return torch.zeros_like(image[:, 0, 0])
    y, x = min(max(y, 0), height - 1), min(max(x, 0), width - 1)
    top, left = min(int(y), max(height - 2, 0)), min(int(x), max(width - 2, 0))
    below, right = min(top + 1, height - 1), min(left + 1, width - 1)
    v, u = y - top, x - left
    upper = image[:, top, left] * (1 - u) + image[:, top, right] * u
    return upper * (1 - v) + (image[:, below, left] * (1 - u) + image[:, below, right] * u) * v


ROWS_OF_BOXES: list[tuple[dict[str, Any], tuple[Any, ...]]] = [
    ({"size": 2}, ((2, 2),)),
    ({"size": [2, 3], "spatial_scale": 0.5, "sampling_ratio": 3, "aligned": False}, ((2, 3), 0.5, 3, False)),
]
SIGNALS = [
    *(
        Case("roi_align", args, (Input((2, 6, 7)), Input((3, 4), low=-2, high=9, named=False)),
             lambda w, x, b, args=args, given=given: box_features(x, b, *given))
        for args, given in ROWS_OF_BOXES
    ),
    case("rfft", (3, 8), lambda x: spectrum(x, 2), axis=1),
    case("rfft", (9, 4), lambda x: spectrum(x, 1), axis=0),
    Case("irfft", {"axis": 1}, (Input((3, 5, 2), named=False),), lambda w, x: signal(x, 2, 8)),
    Case("irfft", {"axis": 0, "size": 9}, (Input((5, 4, 2), named=False),), lambda w, x: signal(x, 1, 9)),
    Case("irfft", {"axis": 0}, (Input((2, 2), named=False),), lambda w, x: signal(x, 1, 2)),
    *(
        Case("grid_sample", args, (Input((3, 6, 7)), Input((4, 5, 2), low=-1.2, high=1.2, named=False)),
             lambda w, x, g, args=args: sampled(x, g, **args))
        for args in (
            {}, {"mode": "nearest", "padding_mode": "border"}, {"mode": "bicubic", "align_corners": True},
            {"padding_mode": "reflection", "align_corners": True},
        )
    ),
]  # fmt: skip

CHOICES = [
    ordering("top_k", (9,), lambda x: chosen(x, 3, 1), k=3),
    ordering("top_k", (4, 5, 6), lambda x: chosen(x, 2, 2), k=2, axis=1),
    ordering("top_k", (5, 6), lambda x: chosen(x, 6, 2), k=6),
    ordering("sort", (5, 6), lambda x: x.sort(1), axis=0),
    ordering("sort", (4, 5, 6), lambda x: x.sort(1, descending=True), descending=True),
    ordering("argmax", (7, 5), lambda x: x.argmax(2)),
    ordering("argmax", (3, 7, 5), lambda x: x.argmax(2, keepdim=True), axis="height", keepdims=True),
    ordering("argmin", (7, 5), lambda x: x.argmin(1), axis=0),
    Case("one_hot", {"classes": 7}, (Input((5,), "int64", 0, 7),), lambda w, x: torch.eye(7)[x]),
    Case("one_hot", {"classes": 4}, (Input((3, 2), "int32", 0, 4),), lambda w, x: torch.eye(4)[x.long()]),
    *(
        Case("take_along", {"axis": axis, "index": True}, (Input(shape, named=False), Input(index, kind, 0, 4)),
             lambda w, x, i, axis=axis: taken(x, i, axis + 1))
        for axis, shape, index, kind in (
            (0, (4, 5), (3, 5), "int64"), (1, (5, 4, 3), (5, 2, 1), "int32"), (1, (1, 4), (3, 2), "int64"),
        )
    ),
    *(
        Case("scatter_add", {"axis": axis, "index": True, "size": 4}, (Input(shape, named=False), Input(index, kind, 0, 4)),
             lambda w, x, i, axis=axis: summed(x, i, axis + 1, 4))
        for axis, shape, index, kind in (
            (0, (6, 5), (6, 1), "int64"), (1, (5, 6), (5, 6), "int32"), (0, (1, 5), (6, 1), "int64"),
        )
    ),
]  # fmt: skip
