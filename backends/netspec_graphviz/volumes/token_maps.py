"""Rejects networks over tokens, which have no feature maps."""

from __future__ import annotations

from collections.abc import Sequence

from netspec.analysis.network_figures import Analysis
from netspec.backend import BackendError
from netspec.diagnostics import clip
from netspec.shapes.types import CHANNELS, SEQUENCE

from .maps import Map

MOST_TOKENS = 1.5
"""Minimum ratio of token sequences to maps for a network to be rejected."""


def check_has_maps(analysis: Analysis, maps: Sequence[Map]) -> None:
    """Rejects a network that has many more token sequences than maps (counting copies), or no map at all.

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
    """Whether a map is a sequence of vectors, without a window operation."""
    t = m.type
    return not m.window and ((t.rank == 2 and t.axes != (CHANNELS, SEQUENCE)) or t.axes == (SEQUENCE,))
