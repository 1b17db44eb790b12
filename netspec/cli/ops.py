"""``netspec ops``: the operations, all in a list or one in full."""

from __future__ import annotations

import argparse

FORMATS = ("text", "json", "markdown")


def add(parser: argparse.ArgumentParser) -> None:
    """The arguments of the command."""
    parser.add_argument("name", nargs="?", metavar="NAME", help="an operation; by default all are listed")
    parser.add_argument("--format", choices=FORMATS, default="text", help="output format (default: text)")


def run(args: argparse.Namespace) -> int:
    """Print the list, or one operation."""
    import sys

    from ..ops import TABLE
    from ..report import operations
    from .terminal import terminal_width, use_colour

    if args.name is not None and args.name not in TABLE:
        from ..diagnostics import Error, clip, did_you_mean

        help_ = did_you_mean(args.name, TABLE) or "`netspec ops` lists the operations"
        raise Error("NS206", f"there is no operation '{clip(args.name)}'", help_)
    if args.format == "json":
        print(operations.as_json(args.name), end="")
    elif args.format == "markdown":
        print(operations.as_markdown(args.name), end="")
    else:
        columns, painted = min(terminal_width(sys.stdout), 100), use_colour(sys.stdout)
        show = operations.listed if args.name is None else operations.shown
        print(show(*([args.name] if args.name else []), width=columns, colour=painted), end="")
    return 0
