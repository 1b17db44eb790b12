"""Analyses of a graph. :func:`analyze` combines them into the figures of the network and of each layer.

Each analysis is one module with one function: :func:`count_parameters`, :func:`layer_costs`, :func:`receptive_fields`,
:func:`legal_sizes`. The origin of the size of an axis is in :mod:`netspec.ir.size_history`, because shape checks need
it.
"""

from typing import TYPE_CHECKING, Any

from .cost import Cost, layer_costs
from .figures import Figures
from .network_figures import Analysis, Row, analyze
from .parameter_counts import ParameterCount, Parameters, count_parameters

if TYPE_CHECKING:
    from .collapse import collapse_blocks
    from .legal_sizes import legal_sizes
    from .receptive_field import Field, ReceptiveFields, receptive_fields
    from .size_set import SizeSet

__all__ = [
    "Analysis",
    "Cost",
    "Field",
    "Figures",
    "ParameterCount",
    "Parameters",
    "ReceptiveFields",
    "Row",
    "SizeSet",
    "analyze",
    "collapse_blocks",
    "count_parameters",
    "layer_costs",
    "legal_sizes",
    "receptive_fields",
]


def __getattr__(name: str) -> Any:
    """Imports on first use the names that a plain check does not need."""
    if name == "collapse_blocks":
        from .collapse import collapse_blocks

        return collapse_blocks
    if name in ("Field", "ReceptiveFields", "receptive_fields"):
        from . import receptive_field

        return getattr(receptive_field, name)
    if name == "legal_sizes":
        from .legal_sizes import legal_sizes

        return legal_sizes
    if name == "SizeSet":
        from .size_set import SizeSet

        return SizeSet
    raise AttributeError(f"module '{__name__}' has no attribute '{name}'")
