"""Plots: sparsity over the depth of a network, and the objective over the steps of an ascent."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np
from numpy.typing import NDArray

from netspec.diagnostics import clip

from .tiles import Picture

MAX_LABELS = 24
"""Layers that are labelled on the axis; of more, every n-th one."""


def sparsity(names: Sequence[str], zeros: Sequence[float], width: float = 8.0, height: float = 3.2) -> Picture:
    """The fraction of zeros among each layer's activations, in the network's order."""
    figure, axes = _figure(width, height)
    at = np.arange(len(names))
    percent = np.asarray(zeros) * 100
    axes.bar(at, percent, width=0.72, color="#4c72b0")
    every = max(1, -(-len(names) // MAX_LABELS))
    axes.set_xticks(at[::every], [_escape(n) for n in names[::every]], rotation=45, ha="right")
    axes.set_ylim(0, 100)
    axes.set_ylabel("zero activations, %")
    axes.grid(axis="y", alpha=0.3)
    return _pixels(figure)


def objective(filters: Sequence[int], values: NDArray[np.float32], width: float = 6.0, height: float = 2.6) -> Picture:
    """Mean activations of filters, (steps, filters), over the steps."""
    figure, axes = _figure(width, height)
    for i, f in enumerate(filters[:10]):
        axes.plot(values[:, i], label=f"{f}", linewidth=1.4)
    axes.set_xlabel("step")
    axes.set_ylabel("mean activation")
    axes.grid(alpha=0.3)
    if len(filters) > 1:
        axes.legend(title="filter", ncols=2, fontsize=8, loc="center left", bbox_to_anchor=(1.0, 0.5), frameon=False)
    return _pixels(figure)


def _figure(width: float, height: float) -> tuple[Any, Any]:
    """A figure, with its size in inches, and its axes, without the global state of pyplot."""
    from matplotlib.backends.backend_agg import FigureCanvasAgg
    from matplotlib.figure import Figure

    figure = Figure(figsize=(width, height), dpi=100, layout="constrained")
    FigureCanvasAgg(figure)
    axes: Any = figure.add_subplot()  # pyright: ignore[reportUnknownMemberType] - matplotlib's types are partial
    for side in ("top", "right"):
        axes.spines[side].set_visible(False)
    return figure, axes


def _escape(name: str) -> str:
    """A name in which Matplotlib finds no mathematics."""
    return clip(name, 24).replace("$", r"\$")


def _pixels(figure: Any) -> Picture:
    figure.canvas.draw()
    return np.ascontiguousarray(np.asarray(figure.canvas.buffer_rgba())[:, :, :3])
