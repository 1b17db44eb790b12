"""Divided layers that ``torch.distributed.tensor.parallel`` has no style for. The text is copied into users' files."""

# The text is copied: docstrings and names are those of a network's file, not of this package. torch is typed in part.
# mypy: disable-error-code="no-untyped-call, no-any-return"
# pyright: reportUnknownMemberType=false, reportUnknownVariableType=false, reportUnknownArgumentType=false
# pyright: reportPrivateUsage=false

from __future__ import annotations

from functools import partial
from typing import Any

import torch
from torch import Tensor, nn
from torch.distributed.device_mesh import DeviceMesh
from torch.distributed.tensor import (
    DTensor,
    Partial,
    Replicate,
    Shard,
    distribute_tensor,
)
from torch.distributed.tensor.parallel import ParallelStyle
from torch.nn import functional as F

from netspec_torch.library.attention import attend


def local(x: Tensor | None) -> Any:
    """The part of a tensor that this device has."""
    return x.to_local() if isinstance(x, DTensor) else x


@torch.no_grad()
def interleave(module: nn.Module, parts: int, devices: int) -> None:
    """Sorts the rows of a projection by the device that gets them, in place.

    The rows are those of several tensors, one after the other, such as query, key and
    value: each device gets its share of each.
    """
    for weight in module.parameters(recurse=False):
        rows = weight.unflatten(0, (parts, devices, -1)).transpose(0, 1)
        weight.copy_(rows.flatten(0, 2))


def attend_to_own_heads(attention: Any, x: Tensor) -> Tensor:
    """The ``forward`` of ``Attention``, with the heads that this device has."""
    weight, bias = local(attention.in_proj_weight), local(attention.in_proj_bias)
    q, k, v = F.linear(x, weight, bias).chunk(3, dim=-1)
    x = attend(
        q,
        k,
        v,
        attention.num_heads,
        is_causal=attention.is_causal,
        dropout=attention.dropout if attention.training else 0.0,
    )
    return attention.out_proj(x)


class HeadParallel(ParallelStyle):
    """Divides the heads of ``Attention``; its output projection is divided by rows."""

    def _apply(self, module: nn.Module, device_mesh: DeviceMesh) -> nn.Module:
        def gathered(module: nn.Module, args: tuple[Tensor, ...]) -> tuple[Tensor, ...]:
            x = args[0]
            if not isinstance(x, DTensor):
                x = DTensor.from_local(x, device_mesh, [Replicate()], run_check=False)
            return (x.to_local(grad_placements=[Partial()]), *args[1:])

        interleave(module, 3, device_mesh.size())
        for name, weight in list(module.named_parameters(recurse=False)):
            rows = nn.Parameter(distribute_tensor(weight, device_mesh, [Shard(0)]))
            module.register_parameter(name, rows)
        module.num_heads //= device_mesh.size()  # type: ignore[operator, assignment]  # a number of Attention
        module.forward = partial(attend_to_own_heads, module)
        module.register_forward_pre_hook(gathered)
        return module
