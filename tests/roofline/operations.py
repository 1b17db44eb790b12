"""The operations of a step, as PyTorch's FlopCounterMode counts them on fake tensors."""

# torch is typed in part:
# mypy: disable-error-code="no-untyped-call"
# pyright: reportUnknownMemberType=false, reportUnknownVariableType=false, reportUnknownArgumentType=false

from __future__ import annotations

from typing import Any

import torch
from torch.nn.attention import SDPBackend, sdpa_kernel
from torch.utils.flop_counter import FlopCounterMode, conv_flop_count

from netspec_fit.forecast import forecast
from netspec_fit.settings import Settings
from netspec_fit.simulated.work import Tally
from netspec_fit.simulation import Network
from tests.memory.oracle import prepared, tensors_in

SETTINGS = Settings(batch=2, device="cpu", attention="math")


def _convolution_backward(
    grad: Any, x: Any, weight: Any, _bias: Any, _stride: Any, _padding: Any, _dilation: Any, transposed: bool,
    _output_padding: Any, _groups: int, mask: Any, **_: Any,
) -> int:  # fmt: skip
    """Operations of both gradients; PyTorch's own formula counts a weight's as if there were no groups."""
    return int(mask[0] + mask[1]) * int(conv_flop_count(x, weight, grad, transposed=transposed))


def counted_operations(network: Network) -> int:
    """Operations of a forward and a backward pass, as PyTorch counts them."""
    formulas: Any = {torch.ops.aten.convolution_backward: _convolution_backward}
    counter = FlopCounterMode(display=False, custom_mapping=formulas)
    with prepared(network, SETTINGS) as (model, inputs), sdpa_kernel([SDPBackend.MATH]), counter:
        result = model(*inputs)
        loss: Any = sum(t.sum() for t in tensors_in(result) if t.requires_grad)
        if isinstance(loss, torch.Tensor):
            loss.backward()
    return int(counter.get_total_flops())


def forecast_operations(network: Network) -> int:
    """The same, as netspec counts them."""
    tally = Tally()
    forecast(network, SETTINGS, tally=tally)
    return sum(call.work.operations * times for call, times in tally.calls.items())
