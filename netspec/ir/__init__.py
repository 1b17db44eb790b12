"""The graph: what a spec means, without its text and without a target."""

from ..diagnostics.location import Location
from .graph import Graph, Node, Parameter, Scope, Trace

__all__ = ["Graph", "Location", "Node", "Parameter", "Scope", "Trace"]
