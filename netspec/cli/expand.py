"""``netspec expand``: the flat spec of a network, with every block, table and expression worked out."""

from __future__ import annotations

import argparse

from . import spec_arguments
from .output_files import print_text


def add(parser: argparse.ArgumentParser) -> None:
    """The arguments of the command."""
    parser.add_argument(
        "spec", metavar="SPEC", help="a file, FILE@variant, a network of the zoo, or - for standard input"
    )
    spec_arguments.add_set_option(parser)
    spec_arguments.add_strict_option(parser)


def run(args: argparse.Namespace) -> int:
    """Print the flat spec."""
    from ..diagnostics import clean
    from ..language.flatten import flat_expectations, flat_spec

    settings = dict(args.set)
    loaded = spec_arguments.load_one(args.spec, settings, strict=args.strict)
    assert loaded.graph is not None
    expect = {} if settings else flat_expectations(loaded.expect, loaded.graph)
    print_text(flat_spec(loaded.graph, remark=f"{clean(args.spec)}, laid out flat", expect=expect))
    return 0
