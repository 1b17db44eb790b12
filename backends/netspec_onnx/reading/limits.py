"""Limits on an ONNX file, which is untrusted."""

from __future__ import annotations

from typing import Final

FILE_BYTES: Final = 2**31 - 1
"""NS861: maximum size of the file without external data, in bytes; the limit of protocol buffers."""
NODES: Final = 100_000
"""NS861: maximum number of nodes, counting those of functions per call, and those of taken branches."""
FUNCTION_DEPTH: Final = 32
"""NS846: maximum nesting depth of function calls."""
RANK: Final = 32
"""NS846: maximum number of axes of a tensor."""
TENSOR_BYTES: Final = 2**36
"""NS861: maximum size of an initialiser, in bytes."""
COMPUTED: Final = 2**24
"""NS874: maximum number of elements of a computed constant."""
COMPUTED_IN_ALL: Final = 2**28
"""NS874: maximum number of elements of all computed constants and their inputs."""
MULTIPLIED: Final = 2**26
"""NS874: maximum number of multiplications in a product of constants."""
NAME: Final = 400
"""NS846: maximum length of a name."""
PREFIX: Final = 1000
"""NS846: maximum length of the prefix of function names for a node."""
