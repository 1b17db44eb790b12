"""The graph: what a spec means, without its text and without a target."""

from .graph import Graph, Node, Parameter, Scope, Trace
from .place import Place

__all__ = ["Graph", "Node", "Parameter", "Place", "Scope", "Trace"]
