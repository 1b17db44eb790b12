"""Reading PyTorch: a module, or an archive of ``torch.export``, as drafts of netspec's operations.

The module is exported once, with the first of its example inputs repeated; the walk follows where the batch is, works
out what is known, and turns every node into an operation by the rules in :mod:`.rules`.
"""
