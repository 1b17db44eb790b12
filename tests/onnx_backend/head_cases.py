"""Rows of the conformance table on heads: attention score by score, rotation as multiplication of complex numbers."""

# Rows take functions of one to five tensors:
# pyright: reportUnknownLambdaType=false, reportUnknownArgumentType=false, reportUnknownMemberType=false
# pyright: reportUnknownVariableType=false

from __future__ import annotations

from typing import Any

import torch
import torch.nn.functional as F
from torch import Tensor

from .case import Case
from .support import Input


def attention(
    q: Tensor,
    k: Tensor,
    v: Tensor,
    heads: int,
    kv_heads: int,
    *,
    causal: bool = False,
    window: int | None = None,
    cap: float | None = None,
    mask: Tensor | None = None,
    sinks: Tensor | None = None,
    scale: float | None = None,
) -> Tensor:
    """The sum over the keys that a position reads of exp(score) v, divided by the sum of exp(score): one at a time."""
    size, width = q.shape[-1] // heads, v.shape[-1] // kv_heads
    out = torch.zeros(*q.shape[:-1], heads * width, dtype=torch.float64)
    q, k, v = q.double(), k.double(), v.double()
    ones = (1,) * (q.ndim - 3)
    for h in range(heads):
        g = h * kv_heads // heads
        own, shared = slice(h * size, (h + 1) * size), slice(g * size, (g + 1) * size)
        for i in range(q.shape[-2]):
            below = sinks[..., h].double().exp().reshape(-1, *ones) if sinks is not None else 0
            above = torch.zeros(*q.shape[:-2], width, dtype=torch.float64)
            for j in range(k.shape[-2]):
                if (causal and j > i) or (window is not None and abs(i - j) >= window):
                    continue
                score = (q[..., i, own] * k[..., j, shared]).sum(-1) * (size**-0.5 if scale is None else scale)
                score = score if cap is None else cap * torch.tanh(score / cap)
                weight = (score if mask is None else score + mask.double()[..., h, i, j].reshape(-1, *ones)).exp()
                below = below + weight
                above = above + weight[..., None] * v[..., j, g * width : (g + 1) * width]
            below = torch.as_tensor(below, dtype=torch.float64).expand(q.shape[:-2])
            out[..., i, h * width : (h + 1) * width] = torch.where(below[..., None] > 0, above / below[..., None], 0.0)
    return out.float()


def turned(
    x: Tensor, angles: Tensor, heads: int, *, first: int = 0, interleaved: bool = False, front: int = 0
) -> Tensor:
    """Pairs of features as complex numbers times e^(i a); angles are (…, positions, heads or 1, pairs)."""
    y = x.reshape(*x.shape[:-1], heads, -1).double()
    dims = 2 * angles.shape[-1]
    part = y[..., first : first + dims]
    halves = part.reshape(*part.shape[:-1], 2, -1).transpose(-1, -2)
    pairs = part.reshape(*part.shape[:-1], -1, 2) if interleaved else halves
    numbers = torch.view_as_complex(pairs.contiguous())
    after = torch.view_as_real(numbers * torch.exp(1j * angles.double().reshape(-1, *(1,) * front, *angles.shape[-3:])))
    after = after if interleaved else after.transpose(-1, -2)
    y[..., first : first + dims] = after.flatten(-2)
    return y.flatten(-2).float()


def standard(n: int, dims: int, theta: float = 10_000.0) -> Tensor:
    """The usual angles."""
    rate = torch.tensor([theta ** (-2 * i / dims) for i in range(dims // 2)], dtype=torch.float64)
    return torch.arange(n)[:, None, None] * rate


def attending(
    heads: int, kv_heads: int, n: int, m: int, *more: Input, front: tuple[int, ...] = (), **args: Any
) -> Case:
    """A row of attention with heads of 4 features, and of 3 for the values."""
    inputs = Input((*front, n, 4 * heads)), Input((*front, m, 4 * kv_heads)), Input((*front, m, 3 * kv_heads))
    names = [name for name in ("mask", "sinks") if args.get(name)]
    rest = {k: v for k, v in args.items() if k not in names}

    def reference(w: Any, q: Tensor, k: Tensor, v: Tensor, *given: Tensor) -> Tensor:
        tensors: dict[str, Any] = dict(zip(names, given, strict=True))
        return attention(q, k, v, heads, kv_heads, **rest, **tensors)

    given = {"heads": heads, **args} | ({"kv_heads": kv_heads} if kv_heads != heads else {})
    return Case("dot_product_attention", given, (*inputs, *more), reference)


def turning(x: tuple[int, ...], heads: int, dims: int | None = None, *angles: tuple[int, ...], **args: Any) -> Case:
    """A row of rotary embedding with standard angles, or with given ones."""
    size = x[-1] // heads
    count = size if dims is None else abs(dims)
    first = size - count if (dims or 0) < 0 else 0
    interleaved, front = args.get("pairs") == "interleaved", len(x) - 2

    def reference(w: Any, x: Tensor, *given: Tensor) -> Tensor:
        a = standard(x.shape[-2], count, args.get("theta", 10_000.0))
        if given:
            a = given[0][..., None, :] if given[0].ndim == 3 else given[0].transpose(-2, -3)
        return turned(x, a, heads, first=first, interleaved=interleaved, front=front)

    given = {"heads": heads, **args, **({"dims": dims} if dims else {}), **({"angles": True} if angles else {})}
    return Case("rotary", given, (Input(x), *(Input(s, named=False) for s in angles)), reference)


HEADS = [
    attending(4, 2, 5, 5, causal=True),
    attending(4, 1, 5, 7),
    attending(4, 2, 5, 7, Input((4, 5, 7)), mask=True, causal=True),
    attending(2, 2, 6, 6, causal=True, window=3),
    attending(2, 1, 6, 4, window=2),
    attending(2, 1, 7, 3, front=(2,), window=2, scale=0.3),
    attending(4, 2, 5, 5, Input((4,), named=False), sinks=True, causal=True, window=2),
    attending(2, 2, 4, 6, Input((2, 4, 6)), Input((2,), named=False), front=(3,), mask=True, sinks=True),
    attending(4, 2, 5, 5, cap=0.5, causal=True),
    attending(4, 2, 6, 4, Input((4, 6, 4)), Input((4,), named=False), cap=1.5, mask=True, sinks=True, window=2),
    turning((5, 16), 2),
    turning((2, 5, 12), 3, -2, theta=100.0),
    turning((5, 16), 2, 4, pairs="interleaved", theta=100.0),
    turning((5, 16), 2, None, (5, 4)),
    turning((5, 16), 2, -6, (2, 5, 3), pairs="interleaved"),
    turning((2, 5, 16), 2, 4, (5, 2)),
    Case("layer_norm", {"heads": 3, "init": {"normal": 1.0}}, (Input((5, 12)),),
         lambda w, x: F.layer_norm(x.unflatten(-1, (3, 4)), (4,), w["weight"], w["bias"]).flatten(-2)),
    Case("rms_norm", {"heads": 2, "init": {"normal": 1.0}}, (Input((5, 12)),),
         lambda w, x: F.rms_norm(x.unflatten(-1, (2, 6)), (6,), w["weight"]).flatten(-2)),
    Case("rms_norm", {"heads": 3, "axis": 0, "affine": False}, (Input((12, 4, 5)),),
         lambda w, x: F.rms_norm(x.movedim(1, -1).unflatten(-1, (3, 4)), (4,)).flatten(-2).movedim(-1, 1)),
]  # fmt: skip
