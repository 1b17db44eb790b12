"""Pooling missing from torch.nn. The text of what a network uses is copied into its file."""

# For one and three axes "2d" is replaced in the text, so that nothing here may depend on there being two.

# The text is copied: docstrings and names are those of a network's file, not of this package. torch is typed in part.
# mypy: disable-error-code="no-untyped-call, no-any-return"
# pyright: reportUnknownMemberType=false, reportUnknownVariableType=false, reportUnknownArgumentType=false
# pyright: reportPrivateUsage=false

from __future__ import annotations

from typing import Any

import torch
from torch import Tensor, nn
from torch.nn import functional as F

from .windows import same_padding


class PaddedMaxPool2d(nn.MaxPool2d):
    """Max pooling with padding of its own at every edge, in the order of ``F.pad``."""

    def __init__(
        self, kernel_size: int | tuple[int, ...], pads: tuple[int, ...], **kwargs: Any
    ) -> None:
        super().__init__(kernel_size, **kwargs)
        self.pads = pads

    def forward(self, input: Tensor) -> Tensor:
        x = F.pad(input, self.pads, value=float("-inf"))
        return F.max_pool2d(x, self.kernel_size, self.stride, dilation=self.dilation)


class SameMaxPool2d(nn.MaxPool2d):
    """Max pooling to ``ceil(n / stride)`` positions; the odd one of the padding goes at the end."""

    def forward(self, input: Tensor) -> Tensor:
        pads = same_padding(
            input.shape[2:], self.kernel_size, self.stride, self.dilation
        )
        x = F.pad(input, pads, value=float("-inf"))
        return F.max_pool2d(x, self.kernel_size, self.stride, dilation=self.dilation)


class SameAvgPool2d(nn.AvgPool2d):
    """Average pooling to ``ceil(n / stride)`` positions; the odd one of the padding goes at the end."""

    def forward(self, input: Tensor) -> Tensor:
        pads = same_padding(input.shape[2:], self.kernel_size, self.stride)
        mean = super().forward(F.pad(input, pads))
        if self.count_include_pad:
            return mean
        return mean / super().forward(F.pad(torch.ones_like(input[:1, :1]), pads))


def padded_avg_pool2d(
    x: Tensor,
    kernel_size: int | tuple[int, ...],
    stride: int | tuple[int, ...],
    pads: tuple[int, ...],
    overhang: tuple[int, ...],
    count_include_pad: bool = True,
) -> Tensor:
    """Average pooling with padding and with windows that hang over the end, in the order of ``F.pad``.

    The overhang never counts, the padding does with ``count_include_pad``.
    """
    count = F.pad(torch.ones_like(x[:1, :1]), pads, value=float(count_include_pad))
    mean = F.avg_pool2d(F.pad(F.pad(x, pads), overhang), kernel_size, stride)
    return mean / F.avg_pool2d(F.pad(count, overhang), kernel_size, stride)


class PaddedAvgPool2d(nn.Module):
    """Average pooling with padding of its own at every edge, in the order of ``F.pad``.

    The overhang never counts, the padding does with ``count_include_pad``.
    """

    def __init__(
        self,
        kernel_size: Any,
        pads: tuple[int, ...],
        stride: Any = None,
        overhang: tuple[int, ...] | None = None,
        count_include_pad: bool = True,
    ) -> None:
        super().__init__()
        self.kernel_size = kernel_size
        self.pads = pads
        self.stride = stride
        self.overhang = overhang or (0,) * len(pads)
        self.count_include_pad = count_include_pad

    def forward(self, x: Tensor) -> Tensor:
        count = F.pad(
            x.new_ones((1, 1, *x.shape[2:])),
            self.pads,
            value=float(self.count_include_pad),
        )
        x = F.pad(F.pad(x, self.pads), self.overhang)
        mean = F.avg_pool2d(x, self.kernel_size, self.stride)
        return mean / F.avg_pool2d(
            F.pad(count, self.overhang), self.kernel_size, self.stride
        )


class LpPool2d(nn.Module):
    """The p-norm of each window, of absolute values."""

    def __init__(
        self,
        norm_type: float,
        kernel_size: int | tuple[int, ...],
        stride: int | tuple[int, ...] | None = None,
        pads: tuple[int, ...] = (0, 0, 0, 0),
    ) -> None:
        super().__init__()
        self.norm_type = norm_type
        self.kernel_size = kernel_size
        self.stride = stride
        self.pads = pads

    def forward(self, x: Tensor) -> Tensor:
        x = F.pad(x, self.pads).abs().pow(self.norm_type)
        x = F.avg_pool2d(x, self.kernel_size, self.stride, divisor_override=1)
        return x.pow(1 / self.norm_type)


class StochasticPool2d(nn.Module):
    """A value of each window, drawn in proportion to its size (Zeiler & Fergus 2013).

    In inference the mean of the window, weighted in the same proportion.
    """

    def __init__(
        self, kernel_size: tuple[int, int], stride: tuple[int, int] | None = None
    ) -> None:
        super().__init__()
        self.kernel_size = kernel_size
        self.stride = stride or kernel_size

    def forward(self, x: Tensor) -> Tensor:
        x = x.unfold(2, self.kernel_size[0], self.stride[0])
        x = x.unfold(3, self.kernel_size[1], self.stride[1]).flatten(4)
        total = x.sum(-1, keepdim=True)
        if not self.training:
            some = total > 0  # a division by zero has no gradient
            mean = (x * x).sum(-1, keepdim=True) / torch.where(some, total, 1.0)
            return torch.where(some, mean, 0.0).squeeze(-1)
        drawn = torch.rand_like(total) * total
        index = (x.cumsum(-1) <= drawn).sum(-1, keepdim=True)
        return x.gather(-1, index.clamp(max=x.shape[-1] - 1)).squeeze(-1)


class Subsample2d(nn.Module):
    """The sum of each window, with gain and bias per channel (LeCun et al. 1998)."""

    def __init__(
        self,
        channels: int,
        kernel_size: int | tuple[int, ...],
        stride: int | tuple[int, ...] | None = None,
    ) -> None:
        super().__init__()
        self.kernel_size = kernel_size
        self.stride = stride
        size = (
            kernel_size
            if isinstance(kernel_size, tuple)
            else (kernel_size, kernel_size)
        )
        self.weight = nn.Parameter(torch.full((channels,), 1 / (size[0] * size[1])))
        self.bias = nn.Parameter(torch.zeros(channels))

    def forward(self, x: Tensor) -> Tensor:
        x = F.avg_pool2d(x, self.kernel_size, self.stride, divisor_override=1)
        return x * self.weight[:, None, None] + self.bias[:, None, None]


class MaxUnpool2d(nn.Module):
    """Max pooling undone: values go where the second tensor has its maxima."""

    def __init__(self, kernel_size: int | tuple[int, ...]) -> None:
        super().__init__()
        self.kernel_size = kernel_size

    def forward(self, x: Tensor, like: Tensor) -> Tensor:
        _, where = F.max_pool2d(like, self.kernel_size, return_indices=True)
        x, where = torch.broadcast_tensors(x, where)  # either may be of one example
        out = x.new_zeros((*x.shape[:2], *like.shape[2:]))
        return out.flatten(2).scatter(2, where.flatten(2), x.flatten(2)).view_as(out)
