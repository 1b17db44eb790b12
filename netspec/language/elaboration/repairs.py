"""Layers that could not be read, elaborated as what they are translated to, so that suggestions know their inputs."""

from __future__ import annotations

from collections.abc import Callable

from ...words.lookup import USUAL_WINDOW_RANK
from ..reading.layers import Layer

_LAYERS = 1_000
"""Maximum number of layers to translate."""


class Repairs:
    """The translations of layers that could not be read, each chosen by the number of axes of its input."""

    def __init__(self) -> None:
        self._count = 0

    def layer(self, misread: Layer, window_axes: Callable[[Layer], int | None]) -> Layer | None:
        """What a layer that could not be read stands for; None if that is unknown.

        Args:
            misread: the layer.
            window_axes: the number of window axes of the first input of a layer in its place, if that is known.
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
