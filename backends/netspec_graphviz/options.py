"""What can be chosen about a drawing."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, fields
from typing import Any

from netspec.backend import BackendError
from netspec.diagnostics import clip, nearest

STYLES = ("graph", "volumes")
DIRECTIONS = ("down", "right")
FIGURES = ("params", "trainable", "buffers", "macs", "flops", "activations", "connections", "receptive_field")
"""What ``show`` may name: columns of the report."""
COSTS = ("params", "macs", "flops", "activations", "connections")
"""What boxes may be shaded or widened by."""


@dataclass(frozen=True, slots=True)
class Options:
    """What a drawing is to be.

    Args:
        style: ``graph``, or ``volumes``: feature maps as boxes.
        depth: how many levels of blocks are open; None opens all (of ``volumes``: as many as there are boxes for).
        show: figures to write into each layer, by the names of the report's columns, or one text with commas.
        direction: ``down`` or ``right``, in which the graph runs.
        dark: on a dark ground.
        shade_by: a figure that boxes are shaded by.
        width_by: a figure that boxes are widened by.
        opened: names of the blocks that are open, instead of ``depth``.
        legend: whether the colours are explained below.

    Raises:
        BackendError: NS721, a value that there is not.
    """

    style: str = "graph"
    depth: int | None = None
    show: tuple[str, ...] = ()
    direction: str = "down"
    dark: bool = False
    shade_by: str | None = None
    width_by: str | None = None
    opened: frozenset[str] | None = None
    legend: bool = True

    def __post_init__(self) -> None:
        _one_of("style", self.style, STYLES)
        _one_of("direction", self.direction, DIRECTIONS)
        for figure in self.show:
            _one_of("show", figure, FIGURES)
        for name in ("shade_by", "width_by"):
            if getattr(self, name) is not None:
                _one_of(name, getattr(self, name), COSTS)
        if self.depth is not None and (type(self.depth) is not int or self.depth < 0):
            raise BackendError("NS721", f"depth must be a whole number, 0 or more; found {clip(self.depth)}")


def options(given: Mapping[str, Any]) -> Options:
    """Options from what a caller or the command gave; lists and texts with commas as it finds them.

    Raises:
        BackendError: NS721, an option or a value that there is not.
    """
    known = [f.name for f in fields(Options)]
    values = dict(given)
    for name in values:
        if name not in known:
            near = nearest(name, known)
            raise BackendError(
                "NS721", f"drawings have no option '{clip(name)}'",
                f"did you mean '{near}'?" if near else "there is " + ", ".join(known),
            )
    values["show"] = tuple(_listed(values.get("show") or ()))
    if values.get("opened") is not None:
        values["opened"] = frozenset(values["opened"])
    return Options(**values)


def _listed(value: str | Iterable[str]) -> list[str]:
    words = value.split(",") if isinstance(value, str) else list(value)
    return [w.strip().lower().replace("-", "_") for w in words if w.strip()]


def _one_of(name: str, value: object, words: tuple[str, ...]) -> None:
    if value in words:
        return
    near = nearest(str(value), words)
    raise BackendError(
        "NS721", f"{name} must be {', '.join(words[:-1])} or {words[-1]}; found '{clip(value)}'",
        f"did you mean '{near}'?" if near else None,
    )
