"""Networks over tokens have no feature maps: they are rejected."""

from __future__ import annotations

from collections.abc import Sequence

from netspec.analysis.network_figures import Analysis
from netspec.backend import BackendError
from netspec.diagnostics import clip
from netspec.shapes.types import CHANNELS, SEQUENCE

from .maps import Map


def check_has_maps(analysis: Analysis, maps: Sequence[Map]) -> None:
    """Rejects a network most of whose maps are sequences of tokens. Raises BackendError NS761."""
    tokens = [m for m in maps if _is_tokens(m)]
    if 2 * len(tokens) < len(maps) and len(maps) > 1:
        return
    what = "works on tokens" if tokens else "has no layer with a feature map"
    raise BackendError(
        "NS761",
        f"'{clip(analysis.graph.name)}' cannot be drawn as volumes: it {what}",
        "--style graph draws any network",
    )


def _is_tokens(m: Map) -> bool:
    """Whether a map is a sequence that no window runs over: a window leaves the channels first."""
    t = m.type
    return (SEQUENCE in t.axes and t.axes != (CHANNELS, SEQUENCE)) or t.dtype != "float32"
