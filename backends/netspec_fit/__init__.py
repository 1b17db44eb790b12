"""Forecasts the memory that PyTorch needs to train or run a network, from its spec alone.

The source that ``netspec_torch.source`` writes is interpreted with tensors that have shapes, strides and storages, but
no values (:mod:`netspec_fit.interpreted`). For every function, rules state what it allocates, what autograd saves for
it, and what its backward pass allocates (:mod:`netspec_fit.functions`). Nothing is executed, and PyTorch is not needed.

>>> import netspec
>>> from netspec_fit import Settings, forecast
>>> forecast(netspec.load("lenet5"), Settings(batch=2, device="cpu")).weights
243360
"""

from __future__ import annotations

from netspec.backend import BlockMemory, LayerTime, Memory, MemoryPeak, Roofline, TimeBound

from .device_profile import DeviceProfile, LocalTensor, PartProfile, Profiler
from .forecast import forecast
from .roofline import call_bound, roofline, step_bound
from .settings import OPTIMIZERS, Settings
from .simulated.trace import Trace
from .simulated.work import FunctionCall, Work

__all__ = [
    "OPTIMIZERS",
    "BlockMemory",
    "DeviceProfile",
    "FunctionCall",
    "LayerTime",
    "LocalTensor",
    "Memory",
    "MemoryPeak",
    "PartProfile",
    "Profiler",
    "Roofline",
    "Settings",
    "TimeBound",
    "Trace",
    "Work",
    "call_bound",
    "forecast",
    "roofline",
    "step_bound",
]
