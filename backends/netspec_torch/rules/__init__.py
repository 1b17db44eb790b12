"""How each operation is written in PyTorch: a file for each family of :mod:`netspec.ops`, built on :mod:`.lowered`."""
