"""Imports PyTorch modules, or archives of ``torch.export``, as drafts of netspec's operations.

The module is exported once, with its first example input repeated. The walk over the program tracks the batch axis,
evaluates constants, and converts every node to an operation by the rules in :mod:`.rules`.
"""
