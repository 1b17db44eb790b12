"""The structure of a network from outside: its blocks, found in a flat graph, and the spec that has them."""

from .structured import structured_spec

__all__ = ["structured_spec"]
