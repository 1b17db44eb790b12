"""Curves: the share of zeros over the depth of a network, and an objective that rises."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np
from numpy.typing import NDArray

from netspec.diagnostics import clip

from .grids import Picture

LABELS = 24
"""Layers that are named below the axis; of more, every n-th."""


def sparsity(names: Sequence[str], zeros: Sequence[float], width: float = 8.0, height: float = 3.2) -> Picture:
    """The share of zeros in each layer's answer, in the network's order."""
    figure, axes = _figure(width, height)
    at = np.arange(len(names))
    percent = np.asarray(zeros) * 100
    axes.bar(at, percent, width=0.72, color="#4c72b0")
    every = max(1, -(-len(names) // LABELS))
    axes.set_xticks(at[::every], [_plain(n) for n in names[::every]], rotation=45, ha="right")
    axes.set_ylim(0, 100)
    axes.set_ylabel("zeros in the answer, %")
    axes.grid(axis="y", alpha=0.3)
    return _pixels(figure)


def objective(filters: Sequence[int], values: NDArray[np.float32], width: float = 6.0, height: float = 2.6) -> Picture:
    """Mean answers of filters, step by step: (steps, filters)."""
    figure, axes = _figure(width, height)
    for i, f in enumerate(filters[:10]):
        axes.plot(values[:, i], label=f"{f}", linewidth=1.4)
    axes.set_xlabel("step")
    axes.set_ylabel("mean answer")
    axes.grid(alpha=0.3)
    if len(filters) > 1:
        axes.legend(title="filter", ncols=2, fontsize=8, loc="center left", bbox_to_anchor=(1.0, 0.5), frameon=False)
    return _pixels(figure)


def _figure(width: float, height: float) -> tuple[Any, Any]:
    """A figure of so many inches and its axes, without the state that pyplot keeps."""
    from matplotlib.backends.backend_agg import FigureCanvasAgg
    from matplotlib.figure import Figure

    figure = Figure(figsize=(width, height), dpi=100, layout="constrained")
    FigureCanvasAgg(figure)
    axes: Any = figure.add_subplot()  # pyright: ignore[reportUnknownMemberType] - matplotlib's types are partial
    for side in ("top", "right"):
        axes.spines[side].set_visible(False)
    return figure, axes


def _plain(name: str) -> str:
    """A name without what matplotlib takes for mathematics."""
    return clip(name, 24).replace("$", r"\$")


def _pixels(figure: Any) -> Picture:
    figure.canvas.draw()
    return np.ascontiguousarray(np.asarray(figure.canvas.buffer_rgba())[:, :, :3])
