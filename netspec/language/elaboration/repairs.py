"""Elaborates translations of layers that could not be read, so that suggestions can take their inputs into account."""

from __future__ import annotations

from collections.abc import Callable

from ...words.lookup import USUAL_WINDOW_RANK
from ..reading.layers import Layer

_LAYERS = 1_000
"""Maximum number of layers to translate."""


class Repairs:
    """The translations of layers that could not be read, selected by the number of axes of their input."""

    def __init__(self) -> None:
        self._count = 0

    def layer(self, misread: Layer, window_axes: Callable[[Layer], int | None]) -> Layer | None:
        """Returns the translation of a layer that could not be read, or None.

        Args:
            misread: the layer.
            window_axes: returns the number of window axes of a layer's first input, if known.
        """
        assert misread.misread is not None
        self._count += 1
        if self._count > _LAYERS:
            return None
        layers = misread.misread.by_window_rank
        if not layers:
            return None
        layer = next((layer for layer in layers.values() if layer is not None), misread)
        window_rank = window_axes(layer) if len(layers) > 1 else None
        if window_rank is None or window_rank not in layers:
            return layers.get(USUAL_WINDOW_RANK) or layers[next(iter(layers))]
        misread.misread.window_rank = window_rank
        return layers[window_rank]
