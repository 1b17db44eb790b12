"""The options of a drawing."""

from __future__ import annotations

import os
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, fields, replace
from typing import Any, get_args

from netspec.backend import BackendError, CostColumn, Direction, Engine, Style, VolumeForm
from netspec.diagnostics import clip, nearest
from netspec.report import find_column
from netspec_picture.lengths import NAMED_WIDTHS, POINTS, parse_length
from netspec_picture.paint import contrast, is_dark

from .palettes import COLOUR, FAINT, LEAST_CONTRAST

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
"""Values of ``show``: columns of the report."""
TRANSPARENT = "transparent"
NO_TITLE = "none"
DEFAULT_DPI = 144.0
DPI_RANGE = (10, 2400)

_OF_ALL_STYLES = ("style", "dark", "background", "title", "palette", "font", "dpi")
OF_STYLE: Mapping[str, tuple[str, ...]] = {
    "graph": (
        *_OF_ALL_STYLES, "legend", "depth", "opened", "show", "direction", "shade_by", "width_by", "engine", "width",
        "height", "min_text",
    ),
    "volumes": (*_OF_ALL_STYLES, "legend", "depth", "opened", "form", "width", "height", "min_text", "image", "maps"),
    "neurons": _OF_ALL_STYLES,
}  # fmt: skip
"""The options of each style; others are rejected."""
_OF_PICTURES = tuple(sorted({name for names in OF_STYLE.values() for name in names} - {"dpi"}))
_OF_DOT = ("style", "depth", "opened", "show", "direction", "width_by", "dark", "background", "palette")
_OF_PAGE = ("style", "depth", "direction", "shade_by", "dark", "palette")
OF_FORMAT: Mapping[str, tuple[str, ...]] = {
    "svg": _OF_PICTURES,
    "png": (*_OF_PICTURES, "dpi"),
    "pdf": _OF_PICTURES,
    "tex": tuple(name for name in _OF_PICTURES if name != "font"),
    "dot": _OF_DOT,
    "gv": _OF_DOT,
    "html": _OF_PAGE,
    "htm": _OF_PAGE,
}
"""The options of each format."""
ONLY_GRAPH = ("dot", "gv", "html", "htm")
"""Formats that only the style ``graph`` supports."""


NOT_IN_FIGURES = ("depth", "show", "direction", "shade_by", "width_by", "opened", "engine", "legend")
"""Options that have no effect on a figure of a given width."""
MAX_LENGTH = 100 * POINTS["in"]
"""Maximum width or height of a figure, in points."""


@dataclass(frozen=True, slots=True)
class Room:
    """The space available for a figure, in points."""

    width: float
    height: float
    enlarge: bool = False
    """Whether the figure may be enlarged, as on a slide."""
    min_text: float = 6.0


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
    dark: bool | None = None
    shade_by: CostColumn | None = None
    width_by: CostColumn | None = None
    opened: frozenset[str] | None = None
    legend: bool = True
    form: VolumeForm | None = None
    width: str | float | None = None
    height: str | float | None = None
    min_text: str | float | None = None
    engine: Engine = "bundled"
    title: str | None = None
    background: str | None = None
    palette: str | os.PathLike[str] = "default"
    font: tuple[str, ...] = ()
    dpi: float = DEFAULT_DPI
    image: str | None = None
    maps: str | None = None

    def __post_init__(self) -> None:
        _check_choice("style", self.style, get_args(Style))
        _check_choice("direction", self.direction, get_args(Direction))
        _check_choice("engine", self.engine, get_args(Engine))
        if self.background not in (None, TRANSPARENT) and not COLOUR.match(str(self.background)):
            raise BackendError(
                "NS721",
                f"background must be {TRANSPARENT} or a colour such as #f5f8fb; found '{clip(self.background)}'",
            )
        low, high = DPI_RANGE
        dpi: Any = self.dpi
        if isinstance(dpi, bool) or not isinstance(dpi, int | float) or not low <= dpi <= high:
            raise BackendError("NS721", f"dpi must be a number from {low} to {high:,}; found '{clip(self.dpi)}'")
        for figure in self.show:
            _check_choice("show", figure, FIGURES)
        for name in ("shade_by", "width_by"):
            if getattr(self, name) is not None:
                _check_choice(name, getattr(self, name), get_args(CostColumn))
        if self.depth is not None and (type(self.depth) is not int or self.depth < 0):
            raise BackendError("NS721", f"depth must be a non-negative integer; found {clip(self.depth)}")
        if self.form is not None:
            _check_choice("form", self.form, get_args(VolumeForm))
        self._check_room()

    def _check_room(self) -> None:
        """Checks the options of a figure of a given width."""
        _ = self.room
        if self.width is None:
            for name in ("height", "min_text"):
                if getattr(self, name) is not None:
                    raise BackendError("NS721", f"{name} has no meaning without a width", "--width page, for example")
            return
        for name in NOT_IN_FIGURES if self.style == "graph" else ():
            default = next(f.default for f in fields(self) if f.name == name)
            if getattr(self, name) != default:
                raise BackendError(
                    "NS726",
                    f"a figure of a given width has no option {name}",
                    "what a figure shows follows from its width; leave out one of the two",
                )

    @property
    def room(self) -> Room | None:
        """The space available for a figure; None without a width."""
        if self.width is None:
            return None
        named = NAMED_WIDTHS.get(self.width) if isinstance(self.width, str) else None
        if named is not None:
            width, height = (inch * POINTS["in"] for inch in named)
        else:
            width = parse_length("width", self.width, 36, MAX_LENGTH, "page, column, slide or ")
            height = NAMED_WIDTHS["page"][1] * POINTS["in"]
        if self.height is not None:
            height = parse_length("height", self.height, 36, MAX_LENGTH)
        min_text = 6.0 if self.min_text is None else parse_length("min_text", self.min_text, 3, 24)
        return Room(width, height, self.width == "slide", min_text)


def parse_options(arguments: Mapping[str, Any]) -> Options:
    """Parses options from keywords or from the command line; ``show`` may be a list or comma-separated text.

    Raises:
        BackendError: NS721, an unknown option or an invalid value.
    """
    known = [f.name for f in fields(Options)]
    values = dict(arguments)
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
    for name in ("image", "maps"):
        if values.get(name) is not None:
            values[name] = os.fspath(values[name])
    values["font"] = _font_files(values.get("font"))
    options = Options(**values)
    if options.background not in (None, TRANSPARENT):
        options = replace(options, dark=_text_is_light(options))
    for name in given_names(options):
        if name not in OF_STYLE[options.style]:
            _reject(name, f"the style {options.style}", OF_STYLE[options.style], "style")
    return options


def _text_is_light(options: Options) -> bool:
    """Whether text on the given background must be light.

    Raises:
        BackendError: NS721, text would not be readable on the background.
    """
    background = str(options.background)
    dark = is_dark(background) if options.dark is None else options.dark
    ratio = contrast(FAINT[dark], background)
    if ratio < LEAST_CONTRAST:
        message = (
            f"text on the background {background} would have a contrast of {ratio:.1f}; the least is {LEAST_CONTRAST}"
        )
        raise BackendError("NS721", message, "a lighter or a darker background")
    return dark


def given_names(options: Options) -> list[str]:
    """Returns the names of the options that differ from their defaults."""
    return [f.name for f in fields(Options) if getattr(options, f.name) != f.default]


def check_format(options: Options, format_: str) -> None:
    """Checks that a format supports all options that were given.

    Raises:
        BackendError: NS799, it does not.
    """
    if format_ in ONLY_GRAPH and options.style != "graph":
        message = f"a file of the format {format_} has no style {options.style}"
        raise BackendError("NS799", message, f"{options.style} are drawn as .svg, .png, .pdf or .tex")
    for name in given_names(options):
        if name not in OF_FORMAT[format_]:
            _reject(name, f"a file of the format {format_}", OF_FORMAT[format_], "format")


def _reject(name: str, what: str, available: tuple[str, ...], kind: str) -> None:
    """Raises NS799, which lists the styles or formats that support the option."""
    table = OF_STYLE if kind == "style" else OF_FORMAT
    having = [k for k, names in table.items() if name in names and k not in ("gv", "htm")]
    help_ = f"{kind}s that have it: {', '.join(having)}" if having else "available: " + ", ".join(available)
    raise BackendError("NS799", f"{what} has no option '{name}'", help_)


def _font_files(value: Any) -> tuple[str, ...]:
    """Returns the names of font files; ``value`` is one file or several."""
    files: list[Any] = [value] if isinstance(value, str) or hasattr(value, "__fspath__") else list(value or ())
    return tuple(str(file) for file in files)


def _split(value: str | Iterable[str]) -> tuple[str, ...]:
    words = value.split(",") if isinstance(value, str) else list(value)
    return tuple(_column(w) for w in words if w.strip())


def _column(word: str) -> str:
    """Returns the name of a column given by name or heading; other words are normalised."""
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
