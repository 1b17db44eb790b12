"""Random whole networks: specs over all operations and arguments, and checks of every one."""

from __future__ import annotations

from random import Random

from hypothesis import strategies as st

from .network_builder import network

__all__ = ["SPECS", "network", "seeded"]

SPECS: st.SearchStrategy[str] = st.builds(network, st.randoms(use_true_random=False), st.integers(1, 8))
"""Texts of specs, which Hypothesis reduces if one fails."""


def seeded(seed: int, number: int) -> str:
    """The spec with that number in the series of a seed."""
    r = Random(f"{seed}:{number}")
    return network(r, r.randint(1, 12))
