"""Analyses of a graph: one module, one function, one result each; :func:`analyze` brings them together by layer.

How the size of an axis came about is in :mod:`netspec.ir.size_history`, as the checks of shapes need it.
"""

from typing import TYPE_CHECKING, Any

from .cost import Cost, cost
from .outline import outline
from .parameters import Count, Parameters, count_parameters
from .summary import Analysis, Row, Totals, analyze

if TYPE_CHECKING:
    from .receptive import Field, ReceptiveFields, receptive_fields

__all__ = [
    "Analysis",
    "Cost",
    "Count",
    "Field",
    "Parameters",
    "ReceptiveFields",
    "Row",
    "Totals",
    "analyze",
    "cost",
    "count_parameters",
    "outline",
    "receptive_fields",
]


def __getattr__(name: str) -> Any:
    """Receptive fields, loaded when they are asked for: a plain check needs none."""
    if name in ("Field", "ReceptiveFields", "receptive_fields"):
        from . import receptive

        return getattr(receptive, name)
    raise AttributeError(f"module '{__name__}' has no attribute '{name}'")
