"""Options of a check that name what the document declares: ``--set`` of parameters, ``--at`` of named dimensions."""

from __future__ import annotations

from argparse import ArgumentTypeError
from collections.abc import Sequence
from random import Random
from typing import NamedTuple

from netspec.cli.size_arguments import parse_sizes
from netspec.cli.spec_arguments import parse_setting
from netspec.language.reading.document import Document

VALUES = (
    "0", "1", "2", "3", "8", "-1", "1.5", "0.29", "1e400", "-.inf", ".nan", "1099511627775", "1_000", "0x10", "1e2",
    "true", "no", "null", "~", "", " ", "relu", "float16", "input", "same", "a b", "x" * 5_000, "é", "\u202e", "\x1b[2J",
    "\udc80", "\x85", "[]", "[1, 2]", "[[1], [2, [3]]]", "[" * 200, "{}", "{a: 1}", "{relu: null}", "[relu, {dense: 2}]",
    "$(1)", "$x", "$(", "'", '"a', "#", "a: b: c", "- 1", "|\n text", "!!python/object:os.system", "! relu", "&a 1", "*a",
    "---", "--- 1\n--- 2", "%TAG", "\ta", "@", "<<", "=", "2001-01-01", "1:30", "0o17", "9" * 5_000,
)  # fmt: skip
"""Values of parameters, as they are written on a command line."""
SIZES = (
    "1",
    "2",
    "3",
    "7",
    "8",
    "12",
    "32",
    "33",
    "224",
    "0",
    "99999",
    "1099511627775",
    "1,2,8",
    "16,32",
    " 4",
    "-1",
    "",
)
"""Sizes of named dimensions, some of which are not valid."""
UNKNOWN = ("nowhere", "n", "x y", "\x1b[31m", "N")


class Options(NamedTuple):
    """Values of ``--set`` and ``--at``, as the parser of the command line returns them."""

    settings: Sequence[tuple[str, str]] = ()
    sizes: Sequence[tuple[str, tuple[int, ...]]] = ()


NO_OPTIONS = Options()


def options(document: Document, choice: int) -> Options:
    """Options drawn for a document, which depend on ``choice`` alone."""
    r = Random(choice)
    parameters = [p.name for p in document.params]
    dimensions = [d.name for d in document.dims or ()]
    settings = [(_name(r, parameters), r.choice(VALUES)) for _ in range(r.choice((0, 1, 1, 2)) if parameters else 0)]
    sizes: list[tuple[str, tuple[int, ...]]] = []
    for _ in range(r.choice((0, 1, 1, 2)) if dimensions else 0):
        try:
            sizes.append(parse_sizes(f"{_name(r, dimensions)}={r.choice(SIZES)}"))
        except ArgumentTypeError:  # the command says so, and ends
            continue
    return Options([parse_setting(f"{name}={value}") for name, value in settings], sizes)


def _name(r: Random, names: Sequence[str]) -> str:
    return r.choice(UNKNOWN if r.random() < 0.05 else names)
