"""Networks over tokens have no feature maps: they are rejected."""

from __future__ import annotations

from collections.abc import Sequence

from netspec.analysis.network_figures import Analysis
from netspec.backend import BackendError
from netspec.diagnostics import clip
from netspec.shapes.types import CHANNELS, SEQUENCE

from .maps import Map


def check_has_maps(analysis: Analysis, maps: Sequence[Map]) -> None:
    """Rejects a network with as many sequences of tokens as maps, copies counted, or without any map.

    Raises:
        BackendError: NS761.
    """
    tokens = sum([m.copies for m in maps if _is_tokens(m)])
    others = sum([m.copies for m in maps if m.sides and not _is_tokens(m)])
    if tokens < others or (not tokens and len(maps) > 1):
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
    return (t.rank == 2 and t.axes != (CHANNELS, SEQUENCE)) or t.axes == (SEQUENCE,)
