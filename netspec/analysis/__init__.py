"""Analyses of a graph. :func:`analyze` combines them: the figures of the network and of each layer.

Each analysis is one module with one function: :func:`count_parameters`, :func:`layer_costs`, :func:`receptive_fields`.
How the size of an axis came about is in :mod:`netspec.ir.size_history`, because shape checks need it.
"""

from typing import TYPE_CHECKING, Any

from .cost import Cost, layer_costs
from .figures import Figures
from .network_figures import Analysis, Row, analyze
from .parameter_counts import ParameterCount, Parameters, count_parameters

if TYPE_CHECKING:
    from .collapse import collapse_blocks
    from .receptive_field import Field, ReceptiveFields, receptive_fields

__all__ = [
    "Analysis",
    "Cost",
    "Field",
    "Figures",
    "ParameterCount",
    "Parameters",
    "ReceptiveFields",
    "Row",
    "analyze",
    "collapse_blocks",
    "count_parameters",
    "layer_costs",
    "receptive_fields",
]


def __getattr__(name: str) -> Any:
    """What a plain check does not need is imported on first use."""
    if name == "collapse_blocks":
        from .collapse import collapse_blocks

        return collapse_blocks
    if name in ("Field", "ReceptiveFields", "receptive_fields"):
        from . import receptive_field

        return getattr(receptive_field, name)
    raise AttributeError(f"module '{__name__}' has no attribute '{name}'")
