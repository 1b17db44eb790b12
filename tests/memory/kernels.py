"""Kernels of CUDA for attention, called by name: without a GPU PyTorch itself chooses ``math``."""

# torch is typed in part:
# mypy: disable-error-code="no-untyped-call"
# pyright: reportUnknownMemberType=false, reportUnknownVariableType=false, reportUnknownArgumentType=false

from __future__ import annotations

import math
from typing import Any

import torch
from torch import Tensor
from torch.nn import functional as F

HALVES = (torch.bfloat16, torch.float16)


class Attend(torch.overrides.TorchFunctionMode):
    """``scaled_dot_product_attention`` by a kernel, prepared as ATen prepares it."""

    def __init__(self, kernel: str) -> None:
        super().__init__()
        self.kernel = kernel

    def __torch_function__(self, func: Any, types: Any, args: Any = (), kwargs: Any = None) -> Any:
        kwargs = kwargs or {}
        if func is not F.scaled_dot_product_attention or self.kernel == "math" or args[0].dim() != 4:
            return func(*args, **kwargs)
        q, k, v = args
        mask = kwargs.get("attn_mask")
        if mask is not None and mask.dim() < 4:
            mask = mask[(None,) * (4 - mask.dim())]
        if torch.is_autocast_enabled("cuda"):
            q, k, v = (x.to(torch.get_autocast_dtype("cuda")) for x in (q, k, v))
            if mask is not None and mask.is_floating_point():
                mask = mask.to(q.dtype)
        return self._called(q, k, v, mask, kwargs)

    def _called(self, q: Tensor, k: Tensor, v: Tensor, mask: Tensor | None, kwargs: dict[str, Any]) -> Tensor:
        dropout, causal = kwargs.get("dropout_p", 0.0), kwargs.get("is_causal", False)
        scale = kwargs.get("scale")
        if self.kernel == "flash" and mask is None and q.shape[-1] == v.shape[-1] and q.dtype in HALVES:
            size = q.shape[-1]
            if size % 8:
                scale = scale or size**-0.5
                q, k, v = (F.pad(x, (0, -size % 8)) for x in (q, k, v))
            call = torch.ops.aten._scaled_dot_product_flash_attention
            return call(q, k, v, dropout, causal, scale=scale)[0][..., :size]  # type: ignore[no-any-return]  # torch has no type for it
        if q.shape[1] != k.shape[1]:
            k, v = (x.repeat_interleave(q.shape[1] // x.shape[1], 1) for x in (k, v))
        if mask is not None:
            if mask.dtype == torch.bool:
                mask = torch.zeros_like(mask, dtype=q.dtype).masked_fill_(~mask, -math.inf)
            size = mask.shape[-1]
            if size % 8:
                mask = F.pad(mask, (0, -size % 8))[..., :size]
            mask = mask.expand(*q.shape[:-1], k.shape[-2])
        keep = torch.is_grad_enabled() and any(t.requires_grad for t in (q, k, v))
        call = torch.ops.aten._scaled_dot_product_efficient_attention
        return call(q, k, v, mask, keep, dropout, causal, scale=scale)[0]  # type: ignore[no-any-return]  # torch has no type for it
