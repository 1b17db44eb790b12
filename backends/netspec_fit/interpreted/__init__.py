"""Interprets a network's source with tensors without values, instead of executing it.

The source that ``netspec_torch.source`` writes is parsed, and its syntax tree is interpreted. Names resolve only to
entries in the tables of ``functions`` and ``modules`` and to a few builtins, so that no source, whatever it contains,
can reach anything else.
"""
