"""The options of a drawing."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, fields
from typing import Any, get_args

from netspec.backend import BackendError, CostColumn, Direction, Style
from netspec.diagnostics import clip, nearest
from netspec.report import find_column

FIGURES = (
    "params",
    "trainable",
    "active",
    "buffers",
    "macs",
    "macs_needed",
    "flops",
    "activations",
    "connections",
    "receptive_field",
)
"""Figures that ``show`` accepts: columns of the report."""


@dataclass(frozen=True, slots=True)
class Options:
    """The options of a drawing; :func:`netspec_graphviz.draw` describes them.

    Raises:
        BackendError: NS721, an invalid value.
    """

    style: Style = "graph"
    depth: int | None = None
    show: tuple[str, ...] = ()
    direction: Direction = "down"
    dark: bool = False
    shade_by: CostColumn | None = None
    width_by: CostColumn | None = None
    opened: frozenset[str] | None = None
    legend: bool = True

    def __post_init__(self) -> None:
        _check_choice("style", self.style, get_args(Style))
        _check_choice("direction", self.direction, get_args(Direction))
        for figure in self.show:
            _check_choice("show", figure, FIGURES)
        for name in ("shade_by", "width_by"):
            if getattr(self, name) is not None:
                _check_choice(name, getattr(self, name), get_args(CostColumn))
        if self.depth is not None and (type(self.depth) is not int or self.depth < 0):
            raise BackendError("NS721", f"depth must be a non-negative integer; found {clip(self.depth)}")


def parse_options(given: Mapping[str, Any]) -> Options:
    """The options from keywords or from the command line; ``show`` may be a list or a text with commas.

    Raises:
        BackendError: NS721, an unknown option or an invalid value.
    """
    known = [f.name for f in fields(Options)]
    values = dict(given)
    for name in values:
        if name not in known:
            similar = nearest(name, known)
            raise BackendError(
                "NS721",
                f"drawings have no option '{clip(name)}'",
                f"did you mean '{similar}'?" if similar else "available options: " + ", ".join(known),
            )
    values["show"] = _split(values.get("show") or ())
    for name in ("shade_by", "width_by"):
        if isinstance(values.get(name), str):
            values[name] = _column(values[name])
    if values.get("opened") is not None:
        opened = values["opened"]
        values["opened"] = frozenset(opened.split(",") if isinstance(opened, str) else opened)
    return Options(**values)


def _split(value: str | Iterable[str]) -> tuple[str, ...]:
    words = value.split(",") if isinstance(value, str) else list(value)
    return tuple(_column(w) for w in words if w.strip())


def _column(word: str) -> str:
    """The name of a column, which may be given by its heading; another word as it is."""
    return find_column(word) or word.strip().lower().replace("-", "_")


def _check_choice(name: str, value: object, choices: tuple[str, ...]) -> None:
    if value in choices:
        return
    similar = nearest(str(value), choices)
    raise BackendError(
        "NS721",
        f"{name} must be {', '.join(choices[:-1])} or {choices[-1]}; found '{clip(value)}'",
        f"did you mean '{similar}'?" if similar else None,
    )
