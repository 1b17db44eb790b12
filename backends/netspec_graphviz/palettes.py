"""Palettes: a colour for every kind of layer, and the kinds that are additionally hatched.

In the default palette, families of layers that are adjacent in most networks differ by eight to ten steps of lightness
(CIE L*), so that they remain distinct in grey prints. Attention and recurrent layers, and pooling and merging, are
equally light: recurrent layers are hatched, and in the palette ``grey`` merging is, too. In each palette, dark text has
a contrast of at least 4.5 on every colour.
"""

from __future__ import annotations

import os
import re
from collections.abc import Generator, Mapping
from contextlib import contextmanager
from contextvars import ContextVar
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Final

from netspec.backend import BackendError
from netspec.diagnostics import LocatedError, clip, did_you_mean, unpack
from netspec.files import read_input
from netspec.text.yaml_reader import List, Map, Text, Tree, read
from netspec_picture.paint import contrast, mix

TEXT: Final = "#14181d"
"""Text on the colour of a kind."""
FAINT: Final = ("#4c5763", "#9daab8")
"""Secondary text outside of boxes, on a light and on a dark background."""
DARKENED: Final = 0.05
"""Share of black in the colours of kinds on a dark background."""
LEAST_CONTRAST: Final = 4.5
"""Minimum contrast of text (WCAG 2, level AA)."""
COLOUR: Final = re.compile(r"#[0-9a-fA-F]{6}\Z")
MAX_BYTES: Final = 100_000
"""Maximum size of a palette file."""
PER_KIND: Final = ("conv", "pool", "dense", "norm", "activation", "merge", "attention", "recurrent", "learned", "shape")
REGULARISE: Final = "regularise"
HATCHED: Final = "hatched"
"""The key in a palette file for the list of hatched kinds."""


@dataclass(frozen=True, slots=True)
class Palette:
    """Colours by kind of layer."""

    colours: Mapping[str, str]
    hatched: frozenset[str]
    """Kinds whose boxes are hatched."""
    grey: bool = False
    """Whether all colours of the picture are converted to greys of the same lightness."""


def _palette(colours: str, *hatched: str) -> Palette:
    """Builds a palette from colours in the order of :data:`PER_KIND`, followed by that of regularisation."""
    return Palette(dict(zip((*PER_KIND, REGULARISE), colours.split(), strict=True)), frozenset(hatched))


# L*:     67      77      87      96      97      77      57      57      76      100     86
_COLOURS = "#67aad8 #8accb8 #f4d88f #fff4c5 #defadc #f6ab8f #b177a0 #8882c2 #c7bd7c #ffffff #cfd6f5"
# Adapted from Okabe and Ito: sky blue, bluish green, orange, yellow, yellow, vermilion, reddish purple, blue, black;
# most are lightened so that dark text is readable.
_OKABE_ITO = "#56b4e9 #66c9ac #f3c76b #fbf6c4 #f0e442 #eba074 #cc79a7 #5b9fd0 #bdbdbd #ffffff #e0e0e0"
PALETTES: Final[Mapping[str, Palette]] = {
    "default": _palette(_COLOURS, "recurrent"),
    "okabe-ito": _palette(_OKABE_ITO, "recurrent"),
    "grey": replace(_palette(_COLOURS, "recurrent", "merge", "activation"), grey=True),
}

_in_use: ContextVar[Palette | None] = ContextVar("palette", default=None)


def palette_in_use() -> Palette:
    """Returns the current palette: the default one, or that of :func:`use_palette`."""
    return _in_use.get() or PALETTES["default"]


@contextmanager
def use_palette(palette: Palette) -> Generator[None]:
    """Makes a palette current."""
    token = _in_use.set(palette)
    try:
        yield
    finally:
        _in_use.reset(token)


def find_palette(name: str | os.PathLike[str]) -> Palette:
    """Returns the palette of that name, or the default palette with the changes in a YAML file.

    Raises:
        BackendError: NS721, there is no such palette; NS796, the file cannot be read or does not describe one.
    """
    if isinstance(name, str) and name in PALETTES:
        return PALETTES[name]
    path = Path(name)
    if not path.suffix and not os.path.exists(path):  # os.path.exists also returns False for names that are too long
        help_ = did_you_mean(str(name), list(PALETTES)) or f"palettes: {', '.join(PALETTES)}, or a YAML file"
        raise BackendError("NS721", f"there is no palette '{clip(path)}'", help_)
    return _read_palette(path)


def _read_palette(path: Path) -> Palette:
    """Reads a palette file: colours by kind, and a list of kinds under ``hatched``."""
    name = clip(path, 200)
    try:
        data = read_input(path, MAX_BYTES + 1)
        if len(data) > MAX_BYTES:
            raise _invalid(name, f"it has more than {MAX_BYTES:,} bytes")
        tree = read(data.decode("utf-8-sig"))
    except UnicodeDecodeError:
        raise _invalid(name, "it is not UTF-8") from None
    except (OSError, ValueError) as error:
        reason = error.strerror if isinstance(error, OSError) else None
        raise _invalid(name, f"it cannot be read: {(reason or str(error)).lower()}") from None
    except LocatedError as error:
        where = f"line {error.location.line}: " if error.location is not None else ""
        raise _invalid(name, f"{where}{error.message}") from None
    if not isinstance(tree, Map):
        raise _invalid(name, "it must be a mapping of kinds to colours")
    colours = dict(PALETTES["default"].colours)
    hatched = PALETTES["default"].hatched
    for key, (location, value, _) in tree.entries.items():
        where = f"line {unpack(location).line}"
        if key == HATCHED:
            hatched = _hatched_kinds(name, where, value)
        elif key not in colours:
            help_ = did_you_mean(key, [*colours, HATCHED]) or f"kinds: {', '.join(colours)}"
            raise _invalid(name, f"{where}: there is no kind '{clip(key)}'", help_)
        else:
            colours[key] = _colour(name, where, value)
    for kind in hatched:
        if same := [k for k in colours if k not in hatched and colours[k] == colours[kind]]:
            raise _invalid(
                name, f"{kind}, which is hatched, has the colour of {same[0]}", "another colour for one of them"
            )
    return Palette(colours, hatched)


def _hatched_kinds(name: str, where: str, value: Tree) -> frozenset[str]:
    known = PALETTES["default"].colours
    items = value.items if isinstance(value, List) else [value]
    kinds = [item.raw if isinstance(item, Text) else "" for item in items]
    for kind in kinds:
        if kind not in known:
            help_ = did_you_mean(kind, list(known)) or f"kinds: {', '.join(known)}"
            raise _invalid(name, f"{where}: there is no kind '{clip(kind)}'", help_)
    return frozenset(kinds)


def _colour(name: str, where: str, value: Tree) -> str:
    text = value.raw if isinstance(value, Text) else ""
    if not COLOUR.match(text):
        help_ = "a colour is quoted: '#67aad8' (# begins a comment of YAML)"
        what = f"'{clip(text)}' is not a colour such as '#67aad8'" if text else "there is no colour"
        raise _invalid(name, f"{where}: {what}", help_)
    ratio = contrast(mix(text, "#000000", DARKENED), TEXT)
    if ratio < LEAST_CONTRAST:
        message = f"{where}: text on {text} would have a contrast of {ratio:.1f}; the least is {LEAST_CONTRAST}"
        raise _invalid(name, message, "a lighter colour")
    return text.lower()


def _invalid(name: str, reason: str, help_: str | None = None) -> BackendError:
    return BackendError("NS796", f"'{name}' is not a palette: {reason}", help_)
