"""``netspec expand``: the flat spec of a network, with every block, table and expression evaluated."""

from __future__ import annotations

import argparse
import sys

from ..output.terminal import character_set
from . import spec_arguments
from .output_files import print_text


def add(parser: argparse.ArgumentParser) -> None:
    """The arguments of the command."""
    parser.add_argument(
        "spec", metavar="SPEC", help="a file, FILE@variant, a network of the zoo, or - for standard input"
    )
    spec_arguments.add_set_option(parser)
    spec_arguments.add_at_option(parser)
    spec_arguments.add_strict_option(parser)


def run(args: argparse.Namespace) -> int:
    """Print the flat spec."""
    from ..diagnostics import clean
    from ..language.flatten import flat_expectations, flat_spec

    settings = dict(args.set)
    loaded = spec_arguments.load_one(args.spec, settings, strict=args.strict, sizes=dict(args.at))
    assert loaded.graph is not None
    expect = flat_expectations(loaded.expect, loaded.graph)
    if loaded.changed and expect:
        from ..analysis.network_figures import analyze
        from ..checking.expectations import check_tree, is_bound
        from ..checking.skipped_expectations import skipped_expectations

        skipped = {
            name.partition(".")[0] for name in skipped_expectations(loaded, analyze(loaded.graph), check_tree, is_bound)
        }
        expect = {key: value for key, value in expect.items() if key not in skipped}
    text = flat_spec(loaded.graph, remark=f"{clean(args.spec)}, laid out flat", expect=expect)
    if character_set(sys.stdout).fit(text) != text:
        from ..formatting.format_text import quote_beyond_ascii  # loaded only where the encoding lacks a character

        text = quote_beyond_ascii(text)
    print_text(text)
    return 0
