"""``netspec schema``: the JSON Schema of specs, for editors."""

from __future__ import annotations

import argparse


def add(parser: argparse.ArgumentParser) -> None:
    """The arguments of the command."""
    parser.add_argument("-o", "--output", metavar="FILE", help="write it to a file instead of printing it")


def run(args: argparse.Namespace) -> int:
    """Print or write the schema."""
    from ..schema import rendered

    if args.output is None:
        print(rendered(), end="")
        return 0
    from .writing import write

    write(args.output, rendered())
    return 0
