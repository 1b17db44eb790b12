"""Passes over drafts: replace decomposed operations by the original ones, and remove operations without effect."""

from __future__ import annotations

from ..draft import DraftNetwork
from .attention import simplify_attention
from .channels_last import prefer_channels_last
from .computed_weights import give_weights
from .constant_layers import simplify_stored
from .einsums import simplify_einsums
from .elementwise import simplify_elementwise, simplify_formulas
from .formula_tables import simplify_tables
from .joins import simplify_joins
from .norm import simplify_norms
from .padded_windows import simplify_windows
from .rearrangements import simplify_patterns
from .rotary import simplify_rotary
from .view_chains import simplify_shapes
from .view_names import name_by_role

PASSES = (
    prefer_channels_last,
    simplify_tables,
    simplify_rotary,
    simplify_norms,
    give_weights,
    simplify_elementwise,
    simplify_attention,
    simplify_formulas,
    simplify_einsums,
    simplify_shapes,
    simplify_windows,
    simplify_joins,
    simplify_patterns,
    simplify_stored,
    name_by_role,
)
"""In order; later passes rely on the results of earlier ones."""


def simplify(network: DraftNetwork) -> None:
    """Runs all passes over a network, which is modified."""
    for run in PASSES:
        run(network)
