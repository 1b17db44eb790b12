"""Statistics, histograms and pictures of trained weights for the page."""

from __future__ import annotations

import base64
from collections.abc import Iterator, Sequence
from typing import Any

import numpy as np
from numpy.typing import NDArray

from netspec.ir import Node, Parameter
from netspec.weights import FileSource, WeightSource

BINS = 40
"""Number of bars of a histogram."""
MAX_FILTERS = 64
"""Maximum number of filters, and of channels of a filter, in a picture."""
MAX_GRID = 16
"""Maximum number of filters and channels in a picture of kernels larger than 1×1."""
MAX_NUMBERS = 1 << 14
"""Maximum number of values in the picture of a layer, one byte each."""
MAX_PAGE_NUMBERS = 1_000_000
"""Maximum number of values in all pictures of a page."""


class WeightFigures:
    """Statistics of the tensors of a network, each computed once, and pictures of a limited size.

    Args:
        source: the weights.
    """

    def __init__(self, source: WeightSource) -> None:
        self._source = source
        self._room = MAX_PAGE_NUMBERS
        self._numbers: dict[str, int | None] = {}
        self.tensors: list[dict[str, Any]] = []
        """For each tensor, its statistics. Infinities and NaNs are only counted, as ``strange``."""

    def number(self, parameter: Parameter) -> int | None:
        """Returns the index of a tensor in ``tensors``, or None if its values are not in the given weights."""
        if parameter.name not in self._numbers:
            self._numbers[parameter.name] = self._add(parameter) if self._has(parameter) else None
        return self._numbers[parameter.name]

    def _has(self, parameter: Parameter) -> bool:
        if isinstance(self._source, FileSource) and parameter.name not in self._source.match.assignments:
            return False
        return parameter.persistent and parameter.elements > 0

    def _add(self, parameter: Parameter) -> int:
        self.tensors.append(_figures(lambda: self._pieces(parameter)))
        return len(self.tensors) - 1

    def _pieces(self, parameter: Parameter) -> Iterator[NDArray[np.float64]]:
        for piece in self._source.pieces(parameter):
            yield piece.astype(np.float64).reshape(-1)

    def filters(self, nodes: Sequence[Node]) -> dict[str, Any] | None:
        """Returns the kernels of a convolution as a picture, or None for other layers.

        The picture has ``shape`` (filters, channels, height, width of what it shows), ``of`` (the same for the layer),
        ``colour`` (whether the channels are those of a colour image), ``scale``, and ``data`` with one byte per number:
        128 represents 0, and 255 represents ``scale``. If there is no space left, it has ``of`` only.
        """
        node = next((n for n in nodes if n.op.window_rank > 0 and any(len(p.shape) > 2 for _, p in n.weights)), None)
        if node is None:
            return None
        weight = next(p for _, p in node.weights if len(p.shape) > 2)
        if not self._has(weight):
            return None
        kernels = _filter_planes(node, self._source.values(weight).astype(np.float32))
        count, channels, high, wide = kernels.shape
        colour = channels == 3
        largest = MAX_FILTERS if high * wide == 1 or channels <= 3 else MAX_GRID
        visible = kernels[:largest, : channels if colour else min(channels, largest)]
        visible = visible[: max(1, MAX_NUMBERS // max(1, visible[0].size))]
        picture: dict[str, Any] = {"of": [count, channels, high, wide]}
        if visible.size > min(MAX_NUMBERS, self._room):
            return picture
        self._room -= visible.size
        finite = np.nan_to_num(visible, nan=0.0, posinf=0.0, neginf=0.0)
        scale = float(np.abs(finite).max(initial=0.0))
        levels = np.rint(128 + 127 * (finite / scale if scale else finite)).astype(np.uint8)
        data = base64.b64encode(levels.tobytes()).decode()
        return {**picture, "shape": list(visible.shape), "colour": colour, "scale": _short(scale), "data": data}


def _filter_planes(node: Node, kernels: NDArray[np.float32]) -> NDArray[np.float32]:
    """Kernels as (filters, channels, height, width): a 1-D kernel has height 1; depth is merged into the channels."""
    axes = node.op.filter_axes()
    if axes is not None and axes.weight == 1:  # a transposed convolution
        groups = axes.groups
        kernels = kernels.reshape(groups, kernels.shape[0] // groups, *kernels.shape[1:]).swapaxes(1, 2)
        kernels = kernels.reshape(-1, *kernels.shape[2:])
    if kernels.ndim == 3:
        return kernels[:, :, None, :]
    return kernels.reshape(kernels.shape[0], -1, *kernels.shape[-2:])


def _figures(pieces: Any) -> dict[str, Any]:
    """Returns minimum, maximum, mean, deviation, zeros and histogram of a tensor, reading it twice, piece by piece."""
    low, high = np.inf, -np.inf
    count = zeros = strange = 0
    total = squares = 0.0
    for piece in pieces():
        finite = piece[np.isfinite(piece)]
        strange += piece.size - finite.size
        if finite.size:
            low, high = min(low, float(finite.min())), max(high, float(finite.max()))
            count += finite.size
            zeros += int(np.count_nonzero(finite == 0))
            total += float(finite.sum())
            squares += float(np.square(finite).sum())
    if not count:
        return {"elements": strange, "strange": strange}
    bins = np.zeros(BINS, np.int64)
    if high > low:
        for piece in pieces():
            bins += np.histogram(piece[np.isfinite(piece)], BINS, (low, high))[0]
    mean = total / count
    return {
        "elements": count + strange,
        "min": _short(low),
        "max": _short(high),
        "mean": _short(mean),
        "deviation": _short(max(0.0, squares / count - mean * mean) ** 0.5),
        "zeros": zeros,
        "strange": strange,
        "bins": bins.tolist() if high > low else [],
    }


def _short(number: float) -> float:
    """Rounds a number to four significant digits."""
    return float(f"{number:.4g}")
