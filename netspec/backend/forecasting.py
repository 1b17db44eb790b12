"""Forecasts of memory, which the package ``netspec_fit`` makes. It is imported when it is first used."""

from __future__ import annotations

from collections.abc import Mapping
from importlib import import_module
from typing import Any

from ..devices import Device, find_device
from ..ir import Graph
from .memory import Memory
from .roofline import Roofline

PACKAGE = "netspec_fit"


def forecast_memory(graph: Graph, settings: Mapping[str, Any], *, moments: bool = False) -> Memory:
    """The memory that a network takes in PyTorch.

    Args:
        graph: the network; named dimensions have their defaults.
        settings: the fields of ``netspec_fit.Settings``.
        moments: whether memory over time is a part of the result.

    Raises:
        Error: NS820 to NS826.
        UnsupportedError: NS701, operations that the PyTorch backend has no rule for.
    """
    package: Any = import_module(PACKAGE)
    trace: Any = package.Trace() if moments else None
    memory: Memory = package.forecast(graph, package.Settings(**settings), trace=trace)
    return memory


def bound_time(graph: Graph, settings: Mapping[str, Any], device: Device | str) -> Roofline:
    """The least time that a network takes on a device.

    Args:
        graph: the network; named dimensions have their defaults.
        settings: the fields of ``netspec_fit.Settings``, but for the device.
        device: a device, or the name of one.

    Raises:
        Error: NS821 to NS829.
        UnsupportedError: NS701, operations that the PyTorch backend has no rule for.
    """
    package: Any = import_module(PACKAGE)
    known = find_device(device) if isinstance(device, str) else device
    bound: Roofline = package.roofline(graph, package.Settings(**settings, device=known.backend), known)
    return bound
