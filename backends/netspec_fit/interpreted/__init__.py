"""Running a network's source over tensors without values, without executing it.

The text that ``netspec_torch.source`` writes is parsed, and its tree is interpreted: names stand for what the tables of
``functions`` and ``modules`` have and for a few builtins, so that nothing else can be reached, whatever the text says.
"""
