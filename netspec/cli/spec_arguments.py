"""Specs on the command line: files, patterns, ``-``, names of the zoo, each with ``@variant`` or ``@all``."""

from __future__ import annotations

import argparse
import sys
from collections.abc import Iterator, Mapping
from glob import glob
from os.path import exists
from pathlib import Path
from typing import NamedTuple

from ..checking.spec import Spec, SpecResult
from ..checking.spec_names import find_spec
from ..checking.verified_suggestions import with_suggestion
from ..diagnostics import Error, SpecError, render, with_warnings_as_errors
from ..limits import FILE_BYTES
from ..output.terminal import character_set, use_colour

__all__ = [
    "SpecArgument",
    "add_at_option",
    "add_no_strict_option",
    "add_set_option",
    "add_strict_option",
    "elaborate_spec",
    "load_one",
    "parse_setting",
    "parse_specs",
    "read_spec",
    "require_valid",
]


class SpecArgument(NamedTuple):
    """A spec given on the command line."""

    file: str
    """The file; ``-`` is standard input."""
    variant: str | None


def add_set_option(parser: argparse.ArgumentParser) -> None:
    """Add the option ``--set``."""
    parser.add_argument(
        "--set",
        action="append",
        default=[],
        metavar="NAME=VALUE",
        type=parse_setting,
        help="set a parameter of the spec, over the variant's value (repeatable)",
    )


def add_at_option(parser: argparse.ArgumentParser, *, lists: bool = False) -> None:
    """Add the option ``--at``, which accepts several sizes for a name if ``lists`` is set."""

    def parse(text: str) -> object:
        from .size_arguments import parse_size, parse_sizes  # loaded only with the option

        return parse_sizes(text) if lists else parse_size(text)

    table = "; several sizes: a table of what the network costs at each" if lists else ""
    parser.add_argument(
        "--at",
        action="append",
        default=[],
        metavar="NAME=SIZE",
        type=parse,
        help=f"give a named dimension of the spec a size (repeatable){table}",
    )


def add_strict_option(parser: argparse.ArgumentParser) -> None:
    """Add the option ``--strict``."""
    parser.add_argument("--strict", action="store_true", help="treat warnings about the spec as errors")


def add_no_strict_option(parser: argparse.ArgumentParser) -> None:
    """Add the option ``--no-strict``."""
    parser.add_argument(
        "--no-strict",
        action="store_true",
        help="use the tensors of the file that fit: ignore others, and initialise what is missing",
    )


def parse_setting(text: str) -> tuple[str, str]:
    """Parses name and value of ``name=value``. Raises ArgumentTypeError."""
    name, equals, value = text.partition("=")
    if not equals or not name.strip():
        raise argparse.ArgumentTypeError(f"'{text}' is not NAME=VALUE")
    return name.strip(), value


def parse_specs(text: str) -> list[SpecArgument]:
    """Returns the specs given by an argument. Raises Error for one that is neither a file nor a network of the zoo."""
    if text == "-" or text.startswith("-@"):
        return [SpecArgument("-", text[2:] or None)]
    file, _, variant = text.rpartition("@") if "@" in text and not exists(text) else (text, "", "")
    if any(c in file for c in "*?[") and not exists(file):
        files = sorted(glob(file))
        if files:
            return [SpecArgument(f, variant or None) for f in files]
    return [SpecArgument(*find_spec(text))]


def read_spec(argument: SpecArgument) -> Spec:
    """Reads the spec of an argument. Raises Error (NS706) if standard input cannot be read."""
    if argument.file == "-":
        try:
            text = sys.stdin.buffer.read(FILE_BYTES + 1)
        except OSError as error:
            from ..files import os_reason

            raise Error("NS706", f"cannot read standard input: {os_reason(error)}") from None
        return Spec("<stdin>", text, folder=Path())
    return Spec(argument.file)


def elaborate_spec(
    spec: Spec, variant: str | None, settings: dict[str, str], sizes: Mapping[str, int] | None = None
) -> Iterator[SpecResult]:
    """Yields the spec in its variant (``all``: in each), with verified suggestions for an invalid one."""
    for result in spec.elaborate_variants(variant, settings, sizes):
        yield result if result.graph is not None else _with_help(spec, result, settings)


def _with_help(spec: Spec, result: SpecResult, settings: dict[str, str]) -> SpecResult:
    result = with_suggestion(spec, result, settings)
    if not settings:
        return result
    from ..checking.settings_at_fault import with_settings_at_fault  # loaded only for an invalid spec

    return with_settings_at_fault(spec, result, settings)


def load_one(
    text: str, settings: dict[str, str], *, strict: bool = False, sizes: Mapping[str, int] | None = None
) -> SpecResult:
    """Loads the only spec of a command and prints its warnings to standard error.

    Raises:
        Error: there is no such spec.
        SpecError: it is invalid, or ``strict`` is set and it has warnings.
    """
    argument = parse_specs(text)[0]
    result = next(elaborate_spec(read_spec(argument), argument.variant, settings, sizes))
    require_valid(result, strict=strict)
    return result


def require_valid(result: SpecResult, *, strict: bool = False) -> None:
    """Print the warnings of a result to standard error.

    Raises SpecError if it is invalid, or ``strict`` is set and it has warnings.
    """
    if result.graph is None:
        raise SpecError(result.diagnostics, result.sources, result.hidden)
    if result.warnings and strict:
        raise SpecError(with_warnings_as_errors(result.warnings), result.sources)
    colour, characters = use_colour(sys.stderr), character_set(sys.stderr)
    for warning in result.warnings:
        print(render(warning, result.sources, colour, characters), file=sys.stderr)
