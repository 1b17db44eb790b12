"""Interface to the package ``netspec_fit``, which forecasts memory. It is imported on first use."""

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
    """Interface of the package that forecasts. The core passes settings and traces to it unchanged."""

    @property
    def Settings(self) -> Callable[..., Any]:  # noqa: N802 - a class
        """Returns the class of settings, whose keywords are optimizer, element types, batch and device."""
        ...

    @property
    def Trace(self) -> Callable[[], Any]:  # noqa: N802 - a class
        """Returns the class that records memory over time."""
        ...

    def forecast(self, graph: Graph, settings: Any, /, *, trace: Any = None) -> Memory:
        """Returns the memory of a network. Raises Error NS820 to NS826, and UnsupportedError NS701."""
        ...

    def roofline(self, graph: Graph, settings: Any, device: Device, /) -> Roofline:
        """Returns a lower bound of the time on a device. Raises Error NS821 to NS829, and UnsupportedError NS701."""
        ...


def _package() -> ForecastPackage:
    return cast("ForecastPackage", import_module(PACKAGE))


def forecast_memory(graph: Graph, settings: Mapping[str, Any], *, moments: bool = False) -> Memory:
    """Returns the memory that a network uses in PyTorch.

    Args:
        graph: the network; named dimensions have their defaults.
        settings: the fields of ``netspec_fit.Settings``.
        moments: whether the result includes memory over time.

    Raises:
        Error: NS820 to NS826.
        UnsupportedError: NS701, operations that the PyTorch backend does not support.
    """
    package = _package()
    return package.forecast(graph, package.Settings(**settings), trace=package.Trace() if moments else None)


def bound_time(graph: Graph, settings: Mapping[str, Any], device: Device | str) -> Roofline:
    """Returns a lower bound of the time of a network on a device.

    Args:
        graph: the network; named dimensions have their defaults.
        settings: the fields of ``netspec_fit.Settings``, except the device.
        device: a device, or its name.

    Raises:
        Error: NS821 to NS829.
        UnsupportedError: NS701, operations that the PyTorch backend does not support.
    """
    package = _package()
    known = find_device(device) if isinstance(device, str) else device
    return package.roofline(graph, package.Settings(**settings, device=known.backend), known)
