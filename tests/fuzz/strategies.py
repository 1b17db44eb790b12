"""Hypothesis strategies for documents: random networks, and mutants of them."""

from __future__ import annotations

from random import Random

from hypothesis import strategies as st

from tests.random_networks import SPECS

from .mutators import document_of, is_text_round, mutated_document, mutated_text, written


def _mutant(r: Random, text: str, other: str) -> str:
    document, donor = document_of(text), document_of(other)
    assert document is not None
    assert donor is not None
    if is_text_round(r):
        return mutated_text(r, text, other)
    return written(r, mutated_document(r, document, donor))


MUTANTS: st.SearchStrategy[str] = st.builds(_mutant, st.randoms(use_true_random=False), SPECS, SPECS)
"""Texts made of two random networks; most of them are invalid."""
