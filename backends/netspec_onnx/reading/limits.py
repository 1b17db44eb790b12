"""Limits on an ONNX file, which may be hostile."""

from __future__ import annotations

from typing import Final

FILE_BYTES: Final = 2**31 - 1
"""NS861: bytes of the file without external data; protocol buffers allow no more."""
NODES: Final = 100_000
"""NS861: nodes, with those of functions as often as they are called, and of the branches that are taken."""
FUNCTION_DEPTH: Final = 32
"""NS846: levels to which functions call each other."""
RANK: Final = 32
"""NS846: axes of a tensor."""
TENSOR_BYTES: Final = 2**36
"""NS861: bytes of an initialiser."""
COMPUTED: Final = 2**24
"""NS874: numbers of a constant that is computed."""
COMPUTED_IN_ALL: Final = 2**28
"""NS874: numbers of all of them, with those that they are computed from."""
MULTIPLIED: Final = 2**26
"""NS874: multiplications in a product of constants."""
NAME: Final = 400
"""NS846: characters of a name."""
PREFIX: Final = 1000
"""NS846: characters of the names of functions around a node."""
