"""``netspec sizes``: the sizes of its inputs at which a network works with the same stored weights."""

from __future__ import annotations

import argparse

from . import spec_arguments
from .output_files import print_report, print_text


def add(parser: argparse.ArgumentParser) -> None:
    """The arguments of the command."""
    parser.add_argument(
        "spec", metavar="SPEC", help="a file, FILE@variant, a network of the zoo, or - for standard input"
    )
    spec_arguments.add_set_option(parser)
    spec_arguments.add_strict_option(parser)
    parser.add_argument("--format", choices=("text", "json"), default="text", help="what to print")


def run(args: argparse.Namespace) -> int:
    """Print the legal sizes."""
    from ..checking.size_report import SizeReport, report_sizes
    from ..diagnostics import SpecError
    from ..report.legal_sizes_text import sizes_json, sizes_text

    settings = dict(args.set)
    argument = spec_arguments.parse_specs(args.spec)[0]
    spec = spec_arguments.read_spec(argument)
    loaded = next(spec_arguments.elaborate_spec(spec, argument.variant, settings))
    spec_arguments.require_valid(loaded, strict=args.strict)
    report = report_sizes(spec, argument.variant, settings)
    if not isinstance(report, SizeReport):
        raise SpecError(report.diagnostics, report.sources, report.hidden)
    if args.format == "json":
        print_text(sizes_json(report))
    else:
        print_report(sizes_text(report))
    return 0
