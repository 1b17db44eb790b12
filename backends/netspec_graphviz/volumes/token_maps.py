"""Networks over tokens have no feature maps: they are rejected."""

from __future__ import annotations

from collections.abc import Sequence

from netspec.analysis.network_figures import Analysis
from netspec.backend import BackendError
from netspec.diagnostics import clip
from netspec.shapes.types import CHANNELS, SEQUENCE

from .maps import Map

MOST_TOKENS = 1.5
"""Number of sequences of tokens for each map from which a network is one over tokens."""


def check_has_maps(analysis: Analysis, maps: Sequence[Map]) -> None:
    """Rejects a network with more sequences of tokens than maps, copies counted, or without any map.

    Inputs do not count.

    Raises:
        BackendError: NS761.
    """
    computed = [m for m in maps if m.sources]
    tokens = sum([m.copies for m in computed if _is_tokens(m)])
    others = sum([m.copies for m in computed if m.sides and not _is_tokens(m)])
    if tokens < MOST_TOKENS * others or (not tokens and len(maps) > 1):
        return
    what = "works on tokens" if tokens else "has no layer with a feature map"
    raise BackendError(
        "NS761",
        f"'{clip(analysis.graph.name)}' cannot be drawn as volumes: it {what}",
        "--style graph draws any network",
    )


def _is_tokens(m: Map) -> bool:
    """Whether a map is a sequence of vectors: one that no window runs over, which leaves the channels first."""
    t = m.type
    return not m.window and ((t.rank == 2 and t.axes != (CHANNELS, SEQUENCE)) or t.axes == (SEQUENCE,))
