"""Rows for operations with a pattern; the references are written with indices, not with patterns."""

# Rows take functions of one to five tensors:
# pyright: reportUnknownLambdaType=false, reportUnknownArgumentType=false
# pyright: reportUnknownMemberType=false, reportUnknownVariableType=false

from __future__ import annotations

from typing import Any

import torch
from torch import Tensor
from torch.nn import functional as F

from .case import Case, case
from .support import Input


def windows(x: Tensor) -> Tensor:
    """Windows of 2 by 3, row by row: each window is one position, its pixels another."""
    rows = [x[:, i : i + 2, j : j + 3].flatten(1, 2) for i in range(0, 4, 2) for j in range(0, 6, 3)]
    return torch.stack(rows, 1)


def moves(pattern: str, shape: tuple[int, ...], reference: Any, /, **keys: Any) -> Case:
    """A row for ``rearrange``."""
    return case("rearrange", shape, reference, pattern=pattern, **keys)


def products(pattern: str, shapes: list[tuple[int, ...]], reference: Any, /, **keys: Any) -> Case:
    """A row for ``einsum``."""
    return Case("einsum", {"pattern": pattern, **keys}, tuple(map(Input, shapes)), lambda w, *xs: reference(*xs))


NUMBERS = Input((4, 6), "int32", -3, 4)
TRUTH = Input((4, 6), "bool")
WINDOWS = [
    case("unfold2d", (3, 6, 7), lambda x: F.unfold(x, 3, padding=1, stride=2), kernel=3, padding=1, stride=2),
    case("unfold2d", (2, 6, 7), lambda x: F.unfold(x, (2, 3), dilation=(1, 2), stride=(2, 1)), kernel=[2, 3],
         dilation=[1, 2], stride=[2, 1]),
    case("unfold2d", (2, 5, 6), lambda x: F.unfold(F.pad(x, (0, 1, 1, 1)), 3, stride=2), kernel=3, stride=2, padding="same"),
]  # fmt: skip
FOLDS = [
    case("fold2d", (18, 12), lambda x: F.fold(x, (6, 7), 3, padding=1, stride=2), size=[6, 7], kernel=3, padding=1, stride=2),
    case("fold2d", (12, 12), lambda x: F.fold(x, (5, 7), (2, 3), dilation=(1, 2), stride=(1, 1)), size=[5, 7],
         kernel=[2, 3], dilation=[1, 2]),
    case("fold2d", (9, 9), lambda x: F.fold(x, (7, 7), 3, stride=2)[:, :, 1:6, :6], size=[5, 6], kernel=3, stride=2,
         padding=[[1, 1], [0, 1]]),
]  # fmt: skip
PATTERNS = [
    *WINDOWS,
    *FOLDS,
    moves("c h w -> (h w) c", (3, 4, 5), lambda x: torch.stack([x[:, :, i, j] for i in range(4) for j in range(5)], 1)),
    moves("(y p) (x q) c -> (y x) (p q) c", (4, 6, 5), windows, p=2, q=3),
    moves("(height width) c -> c height width", (12, 2), lambda x: x.mT.reshape(-1, 2, 3, 4), height=3),
    moves("c (h p) (w q) -> c h w", (3, 4, 6), lambda x: F.max_pool2d(x, (2, 3)), p=2, q=3, by="max"),
    moves("c (h p) (w q) -> (h w) c", (3, 4, 6), lambda x: F.avg_pool2d(x, 2).flatten(2).mT, p=2, q=2, by="mean"),
    moves("(c p q) h w -> c (h p) (w q)", (8, 3, 2), lambda x: F.pixel_shuffle(x, 2), p=2, q=2),
    moves("c (h p) (w q) -> (c p q) h w", (3, 4, 6), lambda x: F.pixel_unshuffle(x, 2), p=2, q=2),
    moves("(g c) h w -> (c g) h w", (6, 3, 2), lambda x: F.channel_shuffle(x, 3), g=3),
    moves("n c -> n h c", (4, 6), lambda x: torch.stack([x] * 3, 2), h=3),
    moves("c -> (c d)", (6,), lambda x: x.repeat_interleave(4, 1), d=4),
    moves("h w c -> (h p) (w q) c", (3, 2, 4), lambda x: x.repeat_interleave(2, 1).repeat_interleave(3, 2), p=2, q=3),
    moves("c -> c 1 1", (6,), lambda x: x[..., None, None]),
    moves("1 n c -> c (n 1) 1", (1, 4, 5), lambda x: x[:, 0].mT[..., None]),
    moves("... c -> c ...", (3, 4, 5), lambda x: x.movedim(-1, 1)),
    moves("c ... -> (...) c", (3, 4, 5), lambda x: x.flatten(2).mT),
    moves("c ... -> c", (3, 4, 5), lambda x: x.sum((2, 3)), by="sum"),
    moves("c h w -> h", (3, 2, 4), lambda x: x.permute(0, 2, 1, 3).flatten(2).prod(2), by="prod"),
    moves("c h w -> w", (3, 2, 4), lambda x: x.amin((1, 2)), by="min"),
    moves("a b -> a b", (3, 4), lambda x: x),
    Case("rearrange", {"pattern": "a b -> b", "by": "sum"}, (NUMBERS,), lambda w, x: x.sum(1)),
    Case("rearrange", {"pattern": "a b -> a", "by": "prod"}, (TRUTH,), lambda w, x: x.prod(2)),
    Case("rearrange", {"pattern": "a b -> b", "by": "sum"}, (TRUTH,), lambda w, x: x.sum(1)),
    Case("rearrange", {"pattern": "(a c) b -> b c", "by": "max", "c": 2}, (TRUTH,),
         lambda w, x: torch.stack([x[:, ::2].any(1), x[:, 1::2].any(1)], 2)),
    Case("rearrange", {"pattern": "a b -> b a"}, (TRUTH,), lambda w, x: x.mT),
    products("q (h d), k (h d) -> h q k", [(4, 6), (5, 6)],
             lambda q, k: torch.stack([q[..., i : i + 2] @ k[..., i : i + 2].mT for i in (0, 2, 4)], 1), h=3),
    products("h q k, k (h d) -> q (h d)", [(3, 4, 5), (5, 6)],
             lambda s, v: torch.cat([s[:, i] @ v[..., 2 * i : 2 * i + 2] for i in range(3)], 2)),
    products("h q k, h k d -> h q d", [(3, 4, 5), (3, 5, 2)], lambda s, v: s @ v),
    products("q d, k d -> q k", [(4, 6), (5, 6)], lambda q, k: q @ k.mT),
    products("d q, d k -> q k", [(6, 4), (6, 5)], lambda q, k: q.mT @ k),
    products("q d, k d -> k q", [(4, 6), (5, 6)], lambda q, k: k @ q.mT),
    products("c h w, k c -> h w k", [(3, 4, 5), (6, 3)], lambda x, k: (k @ x.flatten(2)).mT.unflatten(1, (4, 5))),
    products("n c, n c, n s -> n c s", [(4, 3), (4, 3), (4, 5)], lambda a, b, c: (a * b)[..., None] * c[:, :, None]),
    products("n c s, n s -> n c", [(4, 3, 5), (4, 5)], lambda a, b: (a * b[:, :, None]).sum(-1)),
    products("a b, b c, c d -> a d", [(4, 3), (3, 5), (5, 2)], lambda a, b, c: a @ b @ c),
    products("a b, c -> a 1 (b c)", [(4, 3), (5,)], lambda a, b: (a[..., None] * b[:, None, None]).flatten(2)[:, :, None]),
    products("... c, c -> ...", [(4, 3, 5), (5,)], lambda a, b: (a * b[:, None, None]).sum(-1)),
    products("n, n -> 1", [(4,), (4,)], lambda a, b: (a * b).sum(1, keepdim=True)),
    Case("einsum", {"pattern": "a b, b -> a"}, (Input((4, 6), "int64", -3, 4), Input((6,), "int64", -3, 4)),
         lambda w, x, y: (x * y[:, None]).sum(2)),
]  # fmt: skip
