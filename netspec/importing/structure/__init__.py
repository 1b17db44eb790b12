"""Finds the blocks of an imported network in its flat graph and writes a spec that uses them."""

from .structured import structured_spec

__all__ = ["structured_spec"]
