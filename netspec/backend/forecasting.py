"""Forecasts of memory, which the package ``netspec_fit`` makes. It is imported when it is first used."""

from __future__ import annotations

from collections.abc import Mapping
from importlib import import_module
from typing import Any

from ..ir import Graph
from .memory import Memory

PACKAGE = "netspec_fit"


def forecast_memory(graph: Graph, settings: Mapping[str, Any]) -> Memory:
    """The memory that a network takes in PyTorch.

    Args:
        graph: the network; named dimensions have their defaults.
        settings: the fields of ``netspec_fit.Settings``.

    Raises:
        Error: NS820 to NS826.
        UnsupportedError: NS701, operations that the PyTorch backend has no rule for.
    """
    package: Any = import_module(PACKAGE)
    memory: Memory = package.forecast(graph, package.Settings(**settings))
    return memory
