"""Analyses of a graph: one module, one function, one result each; :func:`analyze` brings them together by layer."""

from .cost import Cost, cost
from .history import Change, history
from .outline import outline
from .parameters import Count, Parameters, count_parameters
from .receptive import Field, ReceptiveFields, receptive_fields
from .summary import Analysis, Row, analyze

__all__ = [
    "Analysis",
    "Change",
    "Cost",
    "Count",
    "Field",
    "Parameters",
    "ReceptiveFields",
    "Row",
    "analyze",
    "cost",
    "count_parameters",
    "history",
    "outline",
    "receptive_fields",
]
