"""``netspec schema``: the JSON Schema of specs, for editors."""

from __future__ import annotations

import argparse


def add(parser: argparse.ArgumentParser) -> None:
    """The arguments of the command."""
    parser.add_argument("-o", "--output", metavar="FILE", help="the file to write (default: standard output)")


def run(args: argparse.Namespace) -> int:
    """Print or write the schema."""
    from ..ops.plugins import load_all
    from ..schema import rendered
    from .output_files import print_json, write_text

    load_all()  # editors know the operations of installed packages, too
    if args.output is None:
        print_json(rendered())
        return 0
    write_text(args.output, rendered())
    return 0
