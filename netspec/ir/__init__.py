"""The graph: the meaning of a spec, independent of its text and of targets. See ``docs/graph.md``."""

from ..diagnostics.location import Location
from .graph import Graph, UnknownNameError
from .node import Layer, Node, Parameter
from .scope import Scope, Trace

__all__ = ["Graph", "Layer", "Location", "Node", "Parameter", "Scope", "Trace", "UnknownNameError"]
