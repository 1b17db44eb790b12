"""From a document to a graph: :func:`elaborate`.

Elaboration is one pass over the layers (:mod:`~.scopes`). What it needs, each in a module of its own: names and what
they refer to, scopes, copies, wiring, nodes, sharing of weights, a budget, and the problems that it reports.
"""

from .top_level import Elaboration, elaborate, input_shape

__all__ = ["Elaboration", "elaborate", "input_shape"]
