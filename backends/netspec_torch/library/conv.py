"""Convolutions missing from torch.nn. The text of what a network uses is copied into its file."""

# For one and three axes "2d" is replaced in the text, so that nothing here may depend on there being two.

# The text is copied: docstrings and names are those of a network's file, not of this package. torch is typed in part.
# mypy: disable-error-code="no-untyped-call, no-any-return"
# pyright: reportUnknownMemberType=false, reportUnknownVariableType=false, reportUnknownArgumentType=false
# pyright: reportPrivateUsage=false

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import torch
from torch import Tensor, nn
from torch.nn import functional as F

from .windows import same_padding


class CausalConv1d(nn.Conv1d):
    """Convolution that sees only what came before: all padding stands at the start."""

    def forward(self, input: Tensor) -> Tensor:
        before = self.dilation[0] * (self.kernel_size[0] - 1)
        return super().forward(F.pad(input, (before, 0)))


class PaddedConv2d(nn.Conv2d):
    """Convolution with padding of its own at every edge, in the order of ``F.pad``."""

    def __init__(
        self,
        in_channels: int,
        out_channels: int,
        kernel_size: int | tuple[int, ...],
        pads: tuple[int, ...],
        padding_mode: str = "zeros",
        **kwargs: Any,
    ) -> None:
        even = pads[::2] == pads[1::2]
        if even:
            kwargs |= {"padding": pads[-2::-2], "padding_mode": padding_mode}
        super().__init__(in_channels, out_channels, kernel_size, **kwargs)  # type: ignore[arg-type]  # one size for each axis, as PyTorch takes it
        self.pads = None if even else pads
        self.pad_mode = "constant" if padding_mode == "zeros" else padding_mode

    def forward(self, input: Tensor) -> Tensor:
        if self.pads is not None:
            input = F.pad(input, self.pads, self.pad_mode)
        return super().forward(input)


class SameConv2d(nn.Conv2d):
    """Convolution to ``ceil(n / stride)`` positions; the odd one of the padding goes at the end."""

    def __init__(
        self,
        in_channels: int,
        out_channels: int,
        kernel_size: int | tuple[int, ...],
        padding_mode: str = "zeros",
        **kwargs: Any,
    ) -> None:
        super().__init__(in_channels, out_channels, kernel_size, **kwargs)  # type: ignore[arg-type]  # one size for each axis, as PyTorch takes it
        self.pad_mode = "constant" if padding_mode == "zeros" else padding_mode

    def forward(self, input: Tensor) -> Tensor:
        pads = same_padding(
            input.shape[2:], self.kernel_size, self.stride, self.dilation
        )
        return super().forward(F.pad(input, pads, self.pad_mode))


class SeparableConv2d(nn.Module):
    """Convolution of each channel, then of size 1 over all of them (Chollet 2016)."""

    def __init__(
        self,
        in_channels: int,
        out_channels: int,
        kernel_size: int | tuple[int, ...],
        stride: int | tuple[int, ...] = 1,
        padding: int | tuple[int, ...] = 0,
        dilation: int | tuple[int, ...] = 1,
        multiplier: int = 1,
        bias: bool = True,
        padding_mode: str = "zeros",
    ) -> None:
        super().__init__()
        self.depthwise = nn.Conv2d(
            in_channels,
            in_channels * multiplier,
            kernel_size,  # type: ignore[arg-type]  # one size for each axis, as PyTorch takes it
            stride=stride,  # type: ignore[arg-type]  # one size for each axis, as PyTorch takes it
            padding=padding,  # type: ignore[arg-type]  # one size for each axis, as PyTorch takes it
            dilation=dilation,  # type: ignore[arg-type]  # one size for each axis, as PyTorch takes it
            groups=in_channels,
            bias=False,
            padding_mode=padding_mode,  # type: ignore[arg-type]  # pyright: ignore[reportArgumentType] - one of its words
        )
        self.pointwise = nn.Conv2d(in_channels * multiplier, out_channels, 1, bias=bias)

    def forward(self, x: Tensor) -> Tensor:
        return self.pointwise(self.depthwise(x))


class PaddedSeparableConv2d(SeparableConv2d):
    """The same with padding of its own at every edge, in the order of ``F.pad``."""

    def __init__(
        self,
        in_channels: int,
        out_channels: int,
        kernel_size: int | tuple[int, ...],
        pads: tuple[int, ...],
        padding_mode: str = "zeros",
        **kwargs: Any,
    ) -> None:
        super().__init__(in_channels, out_channels, kernel_size, **kwargs)
        self.pads = pads
        self.pad_mode = "constant" if padding_mode == "zeros" else padding_mode

    def forward(self, x: Tensor) -> Tensor:
        return super().forward(F.pad(x, self.pads, self.pad_mode))


class SameSeparableConv2d(SeparableConv2d):
    """The same to ``ceil(n / stride)`` positions; the odd one of the padding goes at the end."""

    def __init__(
        self,
        in_channels: int,
        out_channels: int,
        kernel_size: int | tuple[int, ...],
        padding_mode: str = "zeros",
        **kwargs: Any,
    ) -> None:
        super().__init__(in_channels, out_channels, kernel_size, **kwargs)
        self.pad_mode = "constant" if padding_mode == "zeros" else padding_mode

    def forward(self, x: Tensor) -> Tensor:
        conv = self.depthwise
        pads = same_padding(x.shape[2:], conv.kernel_size, conv.stride, conv.dilation)
        return super().forward(F.pad(x, pads, self.pad_mode))


class ConnectedConv2d(nn.Module):
    """Convolution whose filters see some channels, by a table (LeCun et al. 1998).

    The weight has a kernel for every connection, filter by filter.
    """

    def __init__(
        self,
        in_channels: int,
        connections: tuple[tuple[int, ...], ...],
        kernel_size: tuple[int, ...],
        stride: int | tuple[int, ...] = 1,
        pads: tuple[int, ...] = (),
        dilation: int | tuple[int, ...] = 1,
        padding_mode: str = "zeros",
        bias: bool = True,
    ) -> None:
        super().__init__()
        self.shape = (len(connections), in_channels, *kernel_size)
        self.filters = [i for i, row in enumerate(connections) for _ in row]
        self.channels = [channel for row in connections for channel in row]
        self.stride = stride
        self.pads = pads
        self.dilation = dilation
        self.pad_mode = "constant" if padding_mode == "zeros" else padding_mode
        self.weight = nn.Parameter(torch.empty(len(self.channels), *kernel_size))
        self.bias = nn.Parameter(torch.empty(len(connections))) if bias else None
        fan_in = max(self.weight.numel() // len(connections), 1)
        nn.init.uniform_(self.weight, -(fan_in**-0.5), fan_in**-0.5)
        if self.bias is not None:
            nn.init.uniform_(self.bias, -(fan_in**-0.5), fan_in**-0.5)

    def forward(self, x: Tensor) -> Tensor:
        where = torch.tensor([self.filters, self.channels], device=x.device)
        kernel = self.weight.new_zeros(self.shape)
        kernel = kernel.index_put((where[0], where[1]), self.weight)
        if self.pads:
            x = F.pad(x, self.pads, self.pad_mode)
        return F.conv2d(
            x, kernel, self.bias, stride=self.stride, dilation=self.dilation
        )


def conv_each(
    convolve: Callable[..., Tensor],
    x: Tensor,
    weight: Tensor,
    stride: int | tuple[int, ...],
    padding: int | tuple[int, ...],
    *options: Any,
) -> Tensor:
    """A convolution whose filters differ between the examples: these are its groups."""
    n = len(weight)
    x = x.expand(n, *x.shape[1:]).reshape(1, -1, *x.shape[2:])
    # what follows: dilation and groups; of a transposed one output_padding, groups and dilation
    before, groups, *after = options or (1, 1)
    weight = weight.flatten(0, 1)
    out = convolve(x, weight, None, stride, padding, before, groups * n, *after)
    return out.reshape(n, -1, *out.shape[2:])


class CroppedConvTranspose2d(nn.ConvTranspose2d):
    """Transposed convolution, cropped at every edge, in the order of ``F.pad``."""

    def __init__(
        self,
        in_channels: int,
        out_channels: int,
        kernel_size: int | tuple[int, ...],
        crop: tuple[int, ...],
        **kwargs: Any,
    ) -> None:
        super().__init__(in_channels, out_channels, kernel_size, **kwargs)  # type: ignore[arg-type]  # one size for each axis, as PyTorch takes it
        self.crop = tuple(-n for n in crop)

    def forward(self, input: Tensor, output_size: list[int] | None = None) -> Tensor:
        return F.pad(super().forward(input, output_size), self.crop)
