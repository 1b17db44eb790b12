"""From a document to a graph: :func:`elaborate`, one pass over the layers.

========================  ===================================================================================
``top_level``             the document: its inputs, all layers, its outputs, the graph
``scopes``                the layers of a scope: lists, mappings, chains of copies; one layer
``block_scopes``          uses of blocks, and blocks in place
``nodes``                 operations: arguments, inputs, activations
``inference``             operations with the types of their outputs and their weights, computed once
``sharing``               ``share`` and ``freeze``: which parameter a weight is
``wiring``                what a layer reads: ``from``, ``when``, merges
``copies``                ``repeat`` and ``each``
``input_layout``          the warning about an input that looks channels-last
``collisions``            layers named like a weight of another
``names``                 the lexical scopes in which names are looked up, and ``entries``: what they lead to
``environment``           the names that expressions may use
``draft_graph``           scopes and nodes under construction, frozen at the end
``budget``                the work that a load may do
``failures``              layers with a problem, from which nothing follows
``repairs``               layers that could not be read, elaborated as what they are translated to
``elaboration_problems``  what is wrong, as diagnostics
========================  ===================================================================================
"""

from .top_level import Elaboration, declared_type, elaborate, input_shape

__all__ = ["Elaboration", "declared_type", "elaborate", "input_shape"]
