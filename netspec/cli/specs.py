"""Specs as commands name them: files, patterns, ``-``, names of the zoo, each with ``@variant`` or ``@all``."""

from __future__ import annotations

import argparse
import sys
from collections.abc import Iterator
from glob import glob
from pathlib import Path
from typing import NamedTuple

from ..checking.load import Loaded, Spec
from ..checking.repair import tried
from ..checking.spec_names import find_spec
from ..diagnostics import SpecError
from ..limits import FILE_BYTES


class Named(NamedTuple):
    """A spec that was asked for: its file (``-`` for standard input) and variant."""

    file: str
    variant: str | None


def add_set(parser: argparse.ArgumentParser) -> None:
    """The option ``--set``."""
    parser.add_argument("--set", action="append", default=[], metavar="NAME=VALUE", type=setting,
                        help="set a parameter, after the variant (may be given several times)")


def setting(text: str) -> tuple[str, str]:
    """``name=value``. Raises ArgumentTypeError."""
    name, equals, value = text.partition("=")
    if not equals or not name.strip():
        raise argparse.ArgumentTypeError(f"'{text}' is not NAME=VALUE")
    return name.strip(), value


def named(text: str) -> list[Named]:
    """The specs that a word of the command line stands for. Raises SpecError for what is neither file nor zoo."""
    if text == "-" or text.startswith("-@"):
        return [Named("-", text[2:] or None)]
    file, _, variant = text.rpartition("@") if "@" in text and not Path(text).exists() else (text, "", "")
    if any(c in file for c in "*?[") and not Path(file).exists():
        found = sorted(glob(file))
        if found:
            return [Named(f, variant or None) for f in found]
    where, which = find_spec(text)
    return [Named(where, which)]


def opened(name: Named) -> Spec:
    """The spec, read."""
    if name.file == "-":
        return Spec("<stdin>", sys.stdin.buffer.read(FILE_BYTES + 1), folder=Path())
    return Spec(name.file)


def loaded(name: Named, settings: dict[str, str]) -> Iterator[tuple[Spec, Loaded]]:
    """The spec in its variant (``all``: every one), with help that has been tried."""
    spec = opened(name)
    for one in spec.graphs(name.variant, settings):
        yield spec, tried(spec, one, settings) if one.graph is None else one


def one(text: str, settings: dict[str, str]) -> Loaded:
    """A single spec that a command works on. Raises SpecError where something is wrong with it."""
    names = named(text)
    found = next(loaded(names[0], settings))[1]
    if found.graph is None:
        raise SpecError(found.diagnostics, found.sources, found.hidden)
    return found
