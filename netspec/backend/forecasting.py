"""Forecasts of memory, which the package ``netspec_fit`` makes. It is imported when it is first used."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from importlib import import_module
from typing import Any, Protocol, cast, runtime_checkable

from ..devices import Device, find_device
from ..ir import Graph
from .memory import Memory
from .roofline import Roofline

PACKAGE = "netspec_fit"


@runtime_checkable
class ForecastPackage(Protocol):
    """What the package that forecasts offers. The core passes its settings and samples on as they are."""

    @property
    def Settings(self) -> Callable[..., Any]:  # noqa: N802 - a class
        """The class of settings: optimizer, types of elements, batch, device; by keyword."""
        ...

    @property
    def Trace(self) -> Callable[[], Any]:  # noqa: N802 - a class
        """The class that takes samples of memory over time."""
        ...

    def forecast(self, graph: Graph, settings: Any, /, *, trace: Any = None) -> Memory:
        """The memory of a network. Raises Error NS820 to NS826, and UnsupportedError NS701."""
        ...

    def roofline(self, graph: Graph, settings: Any, device: Device, /) -> Roofline:
        """The least time on a device. Raises Error NS821 to NS829, and UnsupportedError NS701."""
        ...


def _package() -> ForecastPackage:
    return cast("ForecastPackage", import_module(PACKAGE))


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
    package = _package()
    return package.forecast(graph, package.Settings(**settings), trace=package.Trace() if moments else None)


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
    package = _package()
    known = find_device(device) if isinstance(device, str) else device
    return package.roofline(graph, package.Settings(**settings, device=known.backend), known)
