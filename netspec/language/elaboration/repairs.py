"""A trial: layers that could not be read are elaborated as what they are translated to, which tells their inputs."""

from __future__ import annotations

from collections.abc import Callable

from ...words.lookup import USUAL_RANK
from ..reading.layers import Layer

_LAYERS = 1_000
"""Layers that are translated, at most."""


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
        forms = misread.misread.by_rank
        if not forms:
            return None
        layer = next((form for form in forms.values() if form is not None), misread)
        rank = window_axes(layer) if len(forms) > 1 else None
        if rank is None or rank not in forms:
            return forms.get(USUAL_RANK) or forms[next(iter(forms))]
        misread.misread.rank = rank
        return forms[rank]
