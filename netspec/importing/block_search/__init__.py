"""Finds the blocks of an imported network in its flat graph and writes a spec that uses them."""

from .spec_with_blocks import structured_spec

__all__ = ["structured_spec"]
